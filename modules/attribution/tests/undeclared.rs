//! Undeclared sources: whose text an answer holds that no declared document explains, and what its author gets.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use cosmwasm_std::Uint256;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::{self as datanet, RightsKind};
use openledger_proto::Message;
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;

/// Authors of contributions 4 and 5, which no version declares.
const EARLY: u8 = 31;
const LATE: u8 = 32;

struct Case {
    world: World,
    settlement: u64,
    settled: Vec<(Answer, Claim)>,
}

/// An answer of 600 bytes: 132 of the first contribution, then 468 of the fourth, which the model version does not declare and the fifth
/// repeats from its 100th byte on.
fn case() -> Case {
    case_with(|world, hidden| {
        world.contribute(EARLY, hidden, RightsKind::Own, false);
    })
}

/// The same, the fourth contribution brought in as the caller says.
fn case_with(contribute: impl FnOnce(&mut World, &[u8])) -> Case {
    let mut world = World::new();
    let hidden = prose(50, 700);
    contribute(&mut world, &hidden);
    world.contribute(LATE, &[&prose(51, 100)[..], &hidden[100..700]].concat(), RightsKind::Own, false);
    let version = world.register_version(1, &[], 0);
    world.deployment = world.deploy(version);
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    let output = [&world.documents[&1][100..232], &hidden[100..568]].concat();
    let mut answer = world.make_answer(1, b"?", &output, 5 * OPEN);
    answer.receipt.model_version = version;
    world.answers.push(answer.clone());
    world.next_block();
    let claim = world.claim_from(&answer, &[1, 2, 3]);
    assert_eq!(claim.segments.len(), 1);
    let settlement = world.settle_with(&answer, &claim, Check::Existence);
    Case { world, settlement, settled: vec![(answer, claim)] }
}

impl Case {
    /// Shows windows `start .. start + count` in a contribution at `offset`.
    fn show(&self, contribution: u64, (start, count): (u32, u32), offset: u32) -> MsgClaimUndeclared {
        let document = &self.world.documents[&contribution];
        let shown = self
            .world
            .with_prover(&self.settled, 0, |prover| prover.open_undeclared(start, count, offset, document).unwrap());
        let segment = |s: &openledger_provenance::claim::Segment| Segment {
            start: s.start,
            count: s.count,
            source: s.source,
            offset: s.offset,
        };
        MsgClaimUndeclared {
            claimant: text(OTHER),
            settlement: self.settlement,
            receipt: self.world.receipt_of(&self.settled, 0),
            segments: self.settled[0].1.segments.iter().map(segment).collect(),
            start,
            count,
            contribution,
            offset,
            transcript: shown.transcript.encode(),
            source: shown.source.encode(),
            credits: Vec::new(),
        }
    }

    fn baseline(&self) -> Uint256 {
        self.world.settlement(self.settlement).rounds[0].baseline.parse().unwrap()
    }

    fn list(&self) -> Vec<Undeclared> {
        let request = QueryUndeclaredSourcesRequest { settlement: self.settlement, pagination: None };
        self.world.ask::<QueryUndeclaredSourcesResponse>("UndeclaredSources", &request).unwrap().undeclared
    }
}

#[test]
fn an_undeclared_author_has_its_windows_share_of_the_receipt_s_baseline_and_nobody_else_loses() {
    let mut case = case();
    // 569 windows; 101 of the first author; of the 468 others, 437 lie wholly in the hidden text.
    let msg = case.show(4, (132, 437), 100);
    let before = case.world.settlement(case.settlement).rounds[0].clone();
    let response: MsgClaimUndeclaredResponse = case.world.answer(&msg).unwrap();
    let expected = case.baseline() * Uint256::from(437u32) / Uint256::from(468u32);
    assert_eq!(response.amount, expected.to_string());
    assert_eq!(case.list()[0].contribution, 4);
    case.world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(case.world.status(case.settlement), SettlementStatus::Paid);
    assert_eq!(case.world.owed(EARLY), expected);
    let after = case.world.settlement(case.settlement).rounds[0].clone();
    let amount = |text: &str| text.parse::<Uint256>().unwrap();
    assert_eq!(amount(&before.baseline) - amount(&after.baseline), expected);
    assert_eq!(after.treasury, before.treasury);
    assert_eq!(case.world.owed(FIRST_AUTHOR), amount(&before.contributions));
    assert!(case.list().is_empty());
    assert_eq!(case.world.bond().1, Uint256::zero(), "nobody is slashed");
}

#[test]
fn of_two_undeclared_sources_the_one_committed_first_has_the_windows() {
    let mut case = case();
    let late = case.show(5, (132, 300), 100);
    case.world.ok(&late);
    assert_eq!(case.world.code(&late), ("attribution", 22), "twice");
    let early = case.show(4, (232, 300), 200);
    case.world.ok(&early);
    assert_eq!(case.list().iter().map(|one| (one.start, one.contribution)).collect::<Vec<_>>(), [(232, 4)]);
    let over = case.show(5, (300, 225), 268);
    assert_eq!(case.world.code(&over), ("attribution", 22), "an earlier one has some of these");
    let touching = case.show(4, (457, 112), 425);
    assert_eq!(case.world.code(&touching), ("attribution", 22), "too short");
    case.world.blocks(WINDOW + REVEAL + 1);
    assert!(case.world.owed(EARLY) > Uint256::zero());
    assert_eq!(case.world.owed(LATE), Uint256::zero());
}

#[test]
fn what_is_too_short_owned_elsewhere_or_other_text_shows_nothing() {
    let mut case = case();
    let good = case.show(4, (132, 225), 100);
    let short = case.show(4, (132, 224), 100);
    assert_eq!(case.world.code(&short), ("attribution", 22));
    let none = MsgClaimUndeclared { count: 0, ..good.clone() };
    assert_eq!(case.world.code(&none), ("attribution", 22));
    let owned = MsgClaimUndeclared { start: 100, ..good.clone() };
    assert_eq!(case.world.code(&owned), ("attribution", 22), "the first author has window 100");
    let beyond = MsgClaimUndeclared { start: u32::MAX, ..good.clone() };
    assert_eq!(case.world.code(&beyond), ("attribution", 22));
    let long = MsgClaimUndeclared { count: 4_066, ..good.clone() };
    assert_eq!(case.world.code(&long), ("attribution", 22));
    let shifted = case.show(4, (132, 225), 101);
    assert_eq!(case.world.code(&shifted), ("attribution", 22));
    let other_chunks = MsgClaimUndeclared { offset: 300, ..good.clone() };
    assert_eq!(case.world.code(&other_chunks), ("attribution", 22));
    let other_claim = MsgClaimUndeclared { segments: Vec::new(), ..good.clone() };
    assert_eq!(case.world.code(&other_claim), ("attribution", 22));
    for bytes in [Vec::new(), vec![0xff; 40]] {
        assert_eq!(
            case.world.code(&MsgClaimUndeclared { transcript: bytes.clone(), ..good.clone() }),
            ("attribution", 22)
        );
        assert_eq!(case.world.code(&MsgClaimUndeclared { source: bytes.clone(), ..good.clone() }), ("attribution", 22));
        assert_eq!(case.world.code(&MsgClaimUndeclared { receipt: bytes, ..good.clone() }), ("attribution", 22));
    }
    assert_eq!(case.world.code(&MsgClaimUndeclared { contribution: 99, ..good.clone() }), ("attribution", 2));
    assert_eq!(case.world.code(&MsgClaimUndeclared { settlement: 99, ..good.clone() }), ("attribution", 2));
    case.world.ok(&good);
    case.world.blocks(WINDOW + REVEAL + 1);
    assert_eq!(case.world.code(&good), ("attribution", 14));
}

#[test]
fn a_declared_source_and_one_committed_after_the_model_are_no_undeclared_ones() {
    let mut case = case();
    let mut copied = prose(52, 10);
    copied.extend_from_slice(&case.world.documents[&4][100..600]);
    case.world.contribute(33, &copied, RightsKind::Own, false);
    let outputs = case.show(6, (132, 300), 10);
    let (_, code, message) = case.world.refused(&outputs);
    assert_eq!(code, 22);
    assert!(message.contains("registered at"), "{message}");
    let declared = MsgClaimUndeclared { contribution: 1, ..case.show(4, (132, 300), 100) };
    let (_, code, message) = case.world.refused(&declared);
    assert_eq!(code, 22);
    assert!(message.contains("in the receipt's corpus"), "{message}");
}

#[test]
fn only_a_live_datanet_s_contribution_is_an_undeclared_source() {
    let mut case = case();
    let msg = case.show(4, (132, 300), 100);
    let set = |state: datanet::DatanetState| datanet::MsgSetDatanetState {
        owner: text(OWNER),
        datanet_id: 1,
        state: state.into(),
    };
    case.world.ok(&set(datanet::DatanetState::Frozen));
    let (_, code, message) = case.world.refused(&msg);
    assert_eq!(code, 22);
    assert!(message.contains("is frozen, not live"), "{message}");
    case.world.ok(&set(datanet::DatanetState::Live));
    case.world.ok(&msg);
}

#[test]
fn a_commons_and_an_unaccepted_contribution_are_paid_nothing() {
    let mut world = World::new();
    world.contribute(EARLY, &prose(50, 700), RightsKind::PublicDomain, true);
    let version = world.register_version(1, &[], 0);
    world.deployment = world.deploy(version);
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    let mut answer = world.make_answer(1, b"?", &prose(50, 700)[100..600], 5 * OPEN);
    answer.receipt.model_version = version;
    world.answers.push(answer.clone());
    world.next_block();
    let settlement = world.settle_with(&answer, &Claim::default(), Check::Existence);
    let mut case = Case { world, settlement, settled: vec![(answer, Claim::default())] };
    let msg = case.show(4, (0, 300), 100);
    let (_, code, message) = case.world.refused(&msg);
    assert_eq!(code, 22);
    assert!(message.contains("is paid"), "{message}");
}

#[test]
fn what_was_shown_falls_with_the_claims_it_was_shown_against() {
    let mut case = case();
    let msg = case.show(4, (132, 437), 100);
    case.world.ok(&msg);
    // The same answer settled with its first author passed over.
    let (answer, claim) = case.settled[0].clone();
    let first = case.world.documents[&1].clone();
    let echo = case.world.prove(&answer, &claim, |prover| {
        openledger_provenance::dispute::Dispute::Better(prover.open_better(0, 1, 100, Some(&first)).unwrap())
    });
    assert!(!case.world.dispute(DISPUTANT, case.settlement, &echo).valid, "the claim is true");
    assert_eq!(case.list().len(), 1, "a failed dispute changes nothing");
}

#[test]
fn what_is_held_for_a_source_of_a_datanet_that_was_never_frozen_ends_in_its_treasury() {
    let mut case = case_with(|world, hidden| {
        let datanet = world.create_datanet();
        assert_eq!(world.contribute_to(datanet, EARLY, hidden, RightsKind::Custodial, false), 4);
    });
    let msg = case.show(4, (132, 437), 100);
    let shown: MsgClaimUndeclaredResponse = case.world.answer(&msg).unwrap();
    case.world.blocks(WINDOW + REVEAL + 1);
    let held = |world: &World| {
        let request = QueryEarningsRequest { contribution: 4 };
        world.ask::<QueryEarningsResponse>("Earnings", &request).unwrap().earnings.unwrap().held
    };
    assert_eq!(held(&case.world), shown.amount);
    case.world.block.time_seconds += 365 * 86_400 + 1;
    case.world.next_block();
    case.world.next_block();
    assert_eq!(held(&case.world), "0");
    let keeper = case.world.keeper;
    let treasury = case.world.with(|ctx| keeper.datanets.treasury(ctx, 2).unwrap().owed().unwrap());
    assert_eq!(treasury.to_string(), shown.amount);
}

#[test]
fn a_source_that_is_tombstoned_after_the_receipt_s_corpus_height_is_paid_as_a_declared_one_is() {
    for shown_first in [true, false] {
        let mut case = case();
        let msg = case.show(4, (132, 437), 100);
        let authority = openledger_core::Address::module("gov").to_string();
        let tombstone = |seq| datanet::MsgTombstone { authority: authority.clone(), seq, reason: "a notice".into() };
        if shown_first {
            case.world.ok(&msg);
        }
        for seq in [1, 4] {
            case.world.ok(&tombstone(seq));
        }
        case.world.next_block();
        if !shown_first {
            case.world.ok(&msg);
        }
        case.world.blocks(WINDOW + REVEAL + 1);
        assert!(case.world.owed(FIRST_AUTHOR) > Uint256::zero(), "declared");
        assert!(case.world.owed(EARLY) > Uint256::zero(), "undeclared, shown first: {shown_first}");
    }
}

#[test]
fn a_source_that_is_taken_back_after_it_was_shown_leaves_its_part_to_the_baseline() {
    let mut case = case();
    let msg = case.show(4, (132, 437), 100);
    case.world.ok(&msg);
    let before = case.baseline();
    case.world.ok(&datanet::MsgWithdrawContribution { author: text(EARLY), seq: 4 });
    case.world.blocks(WINDOW + REVEAL + 1);
    assert_eq!((case.world.owed(EARLY), case.baseline()), (Uint256::zero(), before));
    assert!(case.list().is_empty());
}

#[test]
fn undeclared_sources_are_rows_of_the_queue() {
    let mut case = case();
    let authority = openledger_core::Address::module("gov").to_string();
    let params = Params { rows_per_block: 1, ..demo_params() };
    case.world.ok(&MsgUpdateParams { authority, params: Some(params) });
    let msg = case.show(4, (132, 437), 100);
    case.world.ok(&msg);
    case.world.blocks(WINDOW + REVEAL + 1);
    let seen =
        |case: &Case| (case.world.rows(case.settlement).len(), case.list().len(), case.world.status(case.settlement));
    assert_eq!(seen(&case), (0, 1, SettlementStatus::Paying), "one row");
    case.world.next_block();
    assert_eq!(seen(&case), (0, 0, SettlementStatus::Paying), "one source");
    case.world.next_block();
    assert_eq!(seen(&case), (0, 0, SettlementStatus::Paid), "the end");
}

#[test]
fn what_was_shown_against_claims_that_fall_is_deleted_with_their_rows_and_may_be_shown_against_the_next() {
    let mut case = case();
    // The same answer with nobody named, which is false.
    let output = case.settled[0].0.transcript[1..].to_vec();
    let mut answer = case.world.make_answer(2, b"?", &output, 5 * OPEN);
    answer.receipt.model_version = case.settled[0].0.receipt.model_version;
    case.world.answers.push(answer.clone());
    case.world.next_block();
    case.settlement = case.world.settle_with(&answer, &Claim::default(), Check::ClaimsOnly);
    case.settled = vec![(answer.clone(), Claim::default())];
    let msg = case.show(4, (132, 437), 100);
    case.world.ok(&msg);
    assert_eq!(case.list()[0].round, 0);
    let first = case.world.documents[&1].clone();
    let evidence = case.world.prove(&answer, &Claim::default(), |prover| {
        openledger_provenance::dispute::Dispute::Better(prover.open_better(0, 1, 100, Some(&first)).unwrap())
    });
    assert!(case.world.dispute(DISPUTANT, case.settlement, &evidence).valid);
    let mut blocks = 0;
    while case.world.status(case.settlement) != SettlementStatus::AwaitingReplacement {
        case.world.next_block();
        blocks += 1;
        assert!(blocks < 20, "the bond is never divided");
    }
    let left = case.world.with(|ctx| {
        use openledger_core::Module;
        let genesis = openledger_attribution::Attribution::default().export_genesis(ctx).unwrap();
        GenesisState::decode(genesis.as_slice()).unwrap()
    });
    assert!(left.rows_left.is_empty() && left.audit.unwrap().undeclared.is_empty(), "worked off at once");
    assert_eq!(case.world.owed(EARLY), Uint256::zero());
}
