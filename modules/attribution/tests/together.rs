//! What datanet, model and attribution are asked for, in any order and on one chain: works brought in, pointed at, copied, taken back, asked for and taken
//! over; reviews in the open and hidden, rulings, councils; sales with undeclared sources. After each message and each block every invariant
//! of every module holds, and the till is the same after it was exported and taken over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;

use common::*;
use openledger_core::{Address, Coin};
use openledger_datanet::governance::council;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::{self as datanet, RightsKind};
use openledger_proto::{Any, Message, Name};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::ReviewCommit;
use openledger_provenance::content::{tree, ContentOpening};
use proptest::prelude::*;

/// The curators of datanets 2 (open reviews) and 3 (hidden ones).
const CURATORS: [u8; 3] = [21, 22, 23];
const AUTHORS: [u8; 4] = [31, 32, 33, 34];
/// Whose custodial works are.
const WHOSE: u8 = 40;
/// The work of datanet 4, which no model declares.
const HIDDEN: u64 = 7;

/// What was tried: how often it was done, and how often refused.
type Tally = RefCell<BTreeMap<&'static str, [u32; 2]>>;

#[derive(Debug, Clone)]
struct Step {
    kind: u8,
    a: u64,
    b: u64,
    c: u64,
}

const KINDS: u8 = 24;

fn step() -> impl Strategy<Value = Step> {
    // To bring in, to review and to sell more often than the rest, which needs them.
    let kind =
        prop_oneof![4 => 0..KINDS, 2 => Just(0u8), 4 => Just(1u8), 2 => Just(2u8), 2 => Just(14u8), 2 => Just(20u8)];
    (kind, 0u64..64, 0u64..64, 0u64..64).prop_map(|(kind, a, b, c)| Step { kind, a, b, c })
}

/// A work that was brought in by a step.
struct Work {
    seq: u64,
    author: u8,
    datanet: u64,
}

struct Case<'a> {
    world: World,
    version: u64,
    works: Vec<Work>,
    sold: Vec<(u64, Answer, Claim)>,
    tally: &'a Tally,
}

fn pick<T>(list: &[T], number: u64) -> &T {
    &list[number as usize % list.len()]
}

fn governance() -> String {
    Address::module("gov").to_string()
}

fn curated(hidden: bool) -> datanet::MsgCreateDatanet {
    let policy = datanet::Policy {
        admission: datanet::Admission::Open.into(),
        deposit: coin(OPEN),
        max_length: 100_000,
        length_cap: 10_000,
        curators: CURATORS.map(text).to_vec(),
        quorum: 2,
        burn_rejected: true,
        curator_bond: OPEN.to_string(),
        review_window_blocks: 6,
        review_reveal_blocks: if hidden { 6 } else { 0 },
        hidden_reviews: hidden,
        ..datanet::Policy::default()
    };
    datanet::MsgCreateDatanet {
        owner: text(OWNER),
        title: "Curated".into(),
        modality: datanet::Modality::Text.into(),
        licence: "Apache-2.0".into(),
        policy: Some(policy),
        ..datanet::MsgCreateDatanet::default()
    }
}

impl<'a> Case<'a> {
    fn new(tally: &'a Tally) -> Self {
        let mut world = World::new();
        world.ok(&params(&mut World::new(), 40));
        world.share_with_corrections();
        assert_eq!(world.contribute(31, &prose(41, 500), RightsKind::Custodial, false), 4);
        assert_eq!(world.contribute(32, &prose(42, 500), RightsKind::Own, false), 5);
        assert_eq!(world.correct(33, 5, &prose(43, 300)), 6);
        for hidden in [false, true] {
            world.ok(&curated(hidden));
        }
        assert_eq!(world.create_datanet(), 4);
        assert_eq!(world.contribute_to(4, 34, &prose(44, 700), RightsKind::Own, false), HIDDEN);
        for (curator, datanet_id) in CURATORS.iter().flat_map(|curator| [(*curator, 2), (*curator, 3)]) {
            world.ok(&datanet::MsgBondCurator { curator: text(curator), datanet_id, amount: coin(10 * OPEN) });
        }
        let version = world.model_of_now();
        Self { world, version, works: Vec::new(), sold: Vec::new(), tally }
    }

    fn note(&mut self, what: &'static str, done: bool) {
        self.tally.borrow_mut().entry(what).or_default()[usize::from(!done)] += 1;
    }

    fn tried<M: Message + Name>(&mut self, what: &'static str, msg: &M) -> bool {
        let done = self.world.execute(msg).is_ok();
        self.note(what, done);
        done
    }

    /// A work of a step's, or one that was there before.
    fn any_work(&self, number: u64) -> u64 {
        let all: Vec<u64> = (4..=HIDDEN).chain(self.works.iter().map(|work| work.seq)).collect();
        *pick(&all, number)
    }

    fn bring(&mut self, step: &Step) {
        let author = *pick(&AUTHORS, step.a);
        let mut how = Brought::to(1 + step.b % 3);
        let fresh = prose(1_000 + self.world.block.height, 300);
        let document = match step.c % 6 {
            0 => {
                how.rights = RightsKind::Custodial;
                fresh
            }
            1 | 2 => {
                // A copy of what was brought in last, with every 20th byte changed.
                let last = self.works.last().map_or(5, |work| work.seq);
                let mut copy = self.world.documents[&last].clone();
                copy.iter_mut().step_by(20).for_each(|byte| *byte = b'#');
                copy.push(self.world.block.height as u8);
                copy
            }
            3 => {
                how.datanet = 1;
                how.points_at = Some(datanet::Pointer { kind: 1 + (step.a % 4) as i32, seq: 5 });
                fresh
            }
            4 => self.world.answers.last().map_or(fresh, |answer| answer.transcript[1..].to_vec()),
            _ => fresh,
        };
        let brought = self.world.bring(author, &document, &how);
        self.note("bring in", brought.is_ok());
        if let Ok(seq) = brought {
            self.works.push(Work { seq, author, datanet: how.datanet });
        }
    }

    fn review(&mut self, step: &Step) {
        // What was brought in last is under review most likely.
        let Some(work) = self.works.iter().rev().nth(step.a as usize % 2) else { return };
        let (seq, accept, score) =
            (work.seq, !step.c.is_multiple_of(4), if !step.c.is_multiple_of(4) { 7_000 } else { 0 });
        let reviewer = if work.datanet == 1 { OWNER } else { *pick(&CURATORS, step.b) };
        if work.datanet < 3 {
            // One, or all that are left.
            let reviewers =
                if work.datanet == 2 && step.a.is_multiple_of(3) { CURATORS.to_vec() } else { vec![reviewer] };
            for reviewer in reviewers.into_iter().map(text) {
                let msg = datanet::MsgReviewContribution { reviewer, seq, accept, score, commons: false };
                self.tried("review", &msg);
            }
            return;
        }
        let who = address(reviewer);
        let (chain_id, salt) = (CHAIN_ID, SALT);
        let commit = ReviewCommit { chain_id, seq, reviewer: who.as_bytes(), accept, score, commons: false, salt };
        let commit = commit.hash().unwrap().to_vec();
        self.tried("commit a review", &datanet::MsgCommitReview { reviewer: text(reviewer), seq, commit });
    }

    fn reveal_reviews(&mut self, step: &Step) {
        let hidden: Vec<u64> = self.works.iter().filter(|work| work.datanet == 3).map(|work| work.seq).collect();
        let Some(seq) = hidden.last().copied() else { return };
        self.world.blocks(step.a % 8);
        for curator in CURATORS {
            for (accept, score) in [(true, 7_000), (false, 0)] {
                let (reviewer, salt) = (text(curator), SALT.to_vec());
                let msg = datanet::MsgRevealReview { reviewer, seq, accept, score, commons: false, salt };
                self.tried("reveal a review", &msg);
            }
        }
    }

    /// What the council of a datanet does with a message, as far as `member` may.
    fn council_does(&mut self, what: &'static str, datanet_id: u64, member: u8, message: Any) {
        let propose = datanet::MsgCreateProposal {
            proposer: text(member),
            datanet_id,
            title: "Do it".into(),
            messages: vec![message],
        };
        let done = self.world.answer::<_, datanet::MsgCreateProposalResponse>(&propose).and_then(|response| {
            let proposal_id = response.proposal_id;
            self.world.execute(&datanet::MsgVoteProposal { voter: text(member), proposal_id, yes: true })?;
            self.world.execute(&datanet::MsgExecuteProposal { executor: text(member), proposal_id })
        });
        self.note(what, done.is_ok());
    }

    fn overrule(&mut self, step: &Step) {
        // A council overrules what was brought in and reviewed under it, and more often what was not.
        if step.b % 4 == 1 {
            self.tried("make a council", &council_of(2, text(OWNER)));
            self.bring(&Step { b: 1, c: 5, ..step.clone() });
            self.review(&Step { a: 0, c: 1, ..step.clone() });
        }
        let curated = self.works.iter().rev().filter(|work| work.datanet > 1).map(|work| work.seq);
        let seq = curated.take(3).nth(step.a as usize % 3).unwrap_or(5);
        let reason = "it is junk".into();
        let ruling = |authority| datanet::MsgOverruleReview { authority, seq, reviewers: Vec::new(), reason };
        let datanet = self.works.iter().find(|work| work.seq == seq).map_or(1, |work| work.datanet);
        match step.b % 2 {
            0 => drop(self.tried("overrule", &ruling(governance()))),
            _ => {
                let message = ruling(council::address(datanet).to_string());
                let message = Any { type_url: datanet::MsgOverruleReview::type_url(), value: message.encode_to_vec() };
                self.council_does("overrule as a council", datanet, OTHER, message);
            }
        }
    }

    fn set_council(&mut self, step: &Step) {
        let datanet_id = 2 + step.a % 2;
        if step.b.is_multiple_of(2) {
            self.tried("make a council", &council_of(datanet_id, text(OWNER)));
            return;
        }
        let message = council_of(datanet_id, council::address(datanet_id).to_string());
        let message = Any { type_url: datanet::MsgSetCouncil::type_url(), value: message.encode_to_vec() };
        self.council_does("change a council", datanet_id, OTHER, message);
    }

    fn custody(&mut self, step: &Step) {
        let seq = self.any_work(step.a);
        match step.b % 4 {
            0 => drop(self.tried("prove custody", &datanet::MsgProveCustody { author: text(WHOSE), seq })),
            by => {
                if by == 3 {
                    // What is ended is a grant that waits.
                    let (authority, account, statement) = (text(OWNER), text(OTHER), "said so".into());
                    let msg = datanet::MsgGrantCustody { authority, seq: 4, account, statement };
                    self.tried("grant custody", &msg);
                }
                let seq = if by == 3 { 4 } else { seq };
                let authority = if by == 1 { text(OWNER) } else { governance() };
                let account = if by == 3 { String::new() } else { text(OTHER) };
                let statement = "https://example.org".into();
                let msg = datanet::MsgGrantCustody { authority, seq, account, statement };
                self.tried(if by == 3 { "end custody" } else { "grant custody" }, &msg);
            }
        }
    }

    fn ask_for(&mut self, step: &Step) {
        let (seq, chunk) = (self.any_work(step.a), (step.b % 2) as u32);
        self.tried("ask for a chunk", &datanet::MsgChallengeAvailability { challenger: text(OTHER), seq, chunk });
    }

    fn show_chunk(&mut self, step: &Step) {
        let (seq, chunk) = (self.any_work(step.a), (step.b % 2) as u32);
        if step.c.is_multiple_of(2) {
            self.tried("ask for a chunk", &datanet::MsgChallengeAvailability { challenger: text(OTHER), seq, chunk });
        }
        let document = self.world.documents[&seq].clone();
        let offset = u64::from(chunk) * 256;
        let len = (document.len() as u64).saturating_sub(offset).min(256);
        let Ok(opening) = ContentOpening::prove(&tree(&document), &document, offset, len) else { return };
        let path = opening.path.iter().map(|hash| hash.to_vec()).collect();
        let answerer = text(OTHER);
        let msg = datanet::MsgAnswerAvailability { answerer, seq, chunk, bytes: opening.bytes, path };
        self.tried("show a chunk", &msg);
    }

    fn name_copy(&mut self, step: &Step) {
        let works: Vec<u64> = self.works.iter().map(|work| work.seq).collect();
        let Some(later) = works.iter().rev().nth(step.a as usize % 2).copied() else { return };
        let commit = datanet::MsgCommitDuplicate { disputant: text(DISPUTANT), seq: later };
        let committed = self.world.answer::<_, datanet::MsgCommitDuplicateResponse>(&commit);
        self.note("name a copy", committed.is_ok());
        let Ok(datanet::MsgCommitDuplicateResponse { dispute_id, .. }) = committed else { return };
        self.world.blocks(2);
        let request = datanet::QueryDuplicateRequest { dispute_id };
        let seed = self.world.ask_datanet::<datanet::QueryDuplicateResponse>("Duplicate", &request).seed;
        let documents = &self.world.documents;
        let earlier: Vec<(u64, &[u8])> =
            documents.range(..later).map(|(seq, bytes)| (*seq, bytes.as_slice())).collect();
        let seed = seed.as_slice().try_into().unwrap();
        let proof = openledger_provenance::duplicate::prove(&documents[&later], &seed, &earlier).unwrap();
        // Who cannot show it loses the bond.
        let Some(proof) = proof else { return };
        let reveal = datanet::MsgRevealDuplicate { disputant: text(DISPUTANT), dispute_id, proof: proof.encode() };
        self.tried("show a copy", &reveal);
    }

    /// Sells words of the works 4, 5 and 7, honestly.
    fn sell(&mut self, step: &Step) {
        let document = |seq: u64| self.world.documents[&seq].clone();
        let output = [&document(4)[100..200], &document(5)[50..150], &document(HIDDEN)[..400]].concat();
        let mut answer = self.world.say(b"?", &output);
        answer.receipt.model_version = self.version;
        *self.world.answers.last_mut().unwrap() = answer.clone();
        self.world.next_block();
        let keeper = self.world.keeper;
        let height = answer.receipt.corpus_height;
        let there: Vec<u64> = self.world.with(|ctx| {
            let there = |seq: &u64| !keeper.datanets.contribution(ctx, *seq).unwrap().unwrap().is_tombstoned_at(height);
            (1..=6).filter(there).collect()
        });
        let claim = self.world.claim_from(&answer, &there);
        let check = if step.a.is_multiple_of(2) { Check::Existence } else { Check::ClaimsOnly };
        let msg = self.world.settle_msg(self.world.answers.len() - 1, std::slice::from_ref(&claim), check);
        let settled = self.world.answer::<_, MsgSettleResponse>(&msg);
        self.note("settle", settled.is_ok());
        match settled {
            Ok(settled) => self.sold.push((settled.settlement, answer, claim)),
            Err(_) => drop(self.world.answers.pop()),
        }
    }

    fn show_undeclared(&mut self, step: &Step) {
        let Some((settlement, answer, claim)) = self.sold.last().cloned() else { return };
        let settled = [(answer, claim)];
        let (start, count) = (200 + (step.a % 20) as u32, 300);
        let document = self.world.documents[&HIDDEN].clone();
        let shown = self
            .world
            .with_prover(&settled, 0, |prover| prover.open_undeclared(start, count, start - 200, &document).unwrap());
        let segment = |s: &openledger_provenance::claim::Segment| Segment {
            start: s.start,
            count: s.count,
            source: s.source,
            offset: s.offset,
        };
        let msg = MsgClaimUndeclared {
            claimant: text(OTHER),
            settlement,
            receipt: self.world.receipt_of(&settled, 0),
            segments: settled[0].1.segments.iter().map(segment).collect(),
            start,
            count,
            contribution: HIDDEN,
            offset: start - 200,
            transcript: shown.transcript.encode(),
            source: shown.source.encode(),
            credits: Vec::new(),
        };
        self.tried("show an undeclared source", &msg);
    }

    fn claim_all(&mut self, step: &Step) {
        let (who, seq) =
            *pick(&[(32, 5), (WHOSE, 4), (FIRST_AUTHOR, 1), (33, 6), (SERVER, 5), (MODEL_OWNER, 4)], step.a);
        self.tried("claim", &MsgClaim { claimant: text(who), recipient: String::new() });
        self.tried("claim a baseline", &datanet::MsgClaimBaseline { author: text(who), seqs: vec![seq] });
    }

    fn govern(&mut self, step: &Step) {
        match step.a % 3 {
            0 => {
                let params = Params { rows_per_block: 1 + (step.b % 6) as u32, ..demo_params() };
                self.tried("set rows", &MsgUpdateParams { authority: governance(), params: Some(params) });
            }
            1 => {
                let msg = params(&mut self.world, 1 + step.b);
                self.tried("set a period", &msg);
            }
            _ => {
                let (authority, seq, reason) = (governance(), self.any_work(step.b), "a notice".into());
                self.tried("tombstone", &datanet::MsgTombstone { authority, seq, reason });
            }
        }
    }

    fn act(&mut self, step: &Step) {
        let datanet_id = 1 + step.a % 4;
        match step.kind {
            0 => self.bring(step),
            1 => self.review(step),
            2 => self.reveal_reviews(step),
            3 => {
                let Some(work) = self.works.get(step.a as usize % self.works.len().max(1)) else { return };
                let (author, seq) = (if step.b.is_multiple_of(5) { OTHER } else { work.author }, work.seq);
                self.tried("take back", &datanet::MsgWithdrawContribution { author: text(author), seq });
            }
            4 => self.set_council(step),
            5 | 6 => self.overrule(step),
            7 => {
                let amount = Some(Coin::base(u128::from(step.c) * OPEN / 10).to_proto());
                let (curator, datanet_id) = (text(*pick(&CURATORS, step.a)), 2 + step.b % 2);
                self.tried("unbond", &datanet::MsgUnbondCurator { curator, datanet_id, amount });
            }
            8 => self.custody(step),
            9 => self.ask_for(step),
            10 => self.show_chunk(step),
            11 | 12 => self.name_copy(step),
            13 => {
                let state = 2 + (step.b % 3) as i32;
                self.tried("set a state", &datanet::MsgSetDatanetState { owner: text(OWNER), datanet_id, state });
            }
            14 => self.sell(step),
            15 => self.show_undeclared(step),
            16 => {
                let (sender, contribution) =
                    (text(OTHER), if step.b.is_multiple_of(4) { self.any_work(step.a) } else { 4 });
                self.tried("prove custody", &datanet::MsgProveCustody { author: text(WHOSE), seq: contribution });
                self.tried("release", &MsgReleaseHeld { sender, contribution });
            }
            17 | 18 => self.claim_all(step),
            19 => self.govern(step),
            20 => self.world.blocks(1 + step.a % 12),
            21 => {
                self.world.block.time_seconds += 1 + step.a as i64;
                self.world.next_block();
            }
            22 => drop(self.tried("freeze", &datanet::MsgFreezeVersion { owner: text(OWNER), datanet_id })),
            _ => drop(self.world.reborn()),
        }
    }
}

/// Gives a datanet to a council of one.
fn council_of(datanet_id: u64, owner: String) -> datanet::MsgSetCouncil {
    let members = vec![datanet::Member { address: text(OTHER), weight: 1 }];
    datanet::MsgSetCouncil { owner, datanet_id, members, threshold: 1, voting_seconds: 5 }
}

/// Short times, and this period of curators' bonds.
fn params(world: &mut World, period: u64) -> datanet::MsgUpdateParams {
    let keeper = world.keeper;
    let mut params = world.with(|ctx| keeper.datanets.params(ctx).unwrap()).to_proto();
    params.curator_bond_period_seconds = period;
    (params.min_voting_seconds, params.max_due_per_block, params.max_expiries_per_block) = (5, 2, 2);
    let content = params.content.as_mut().unwrap();
    (content.availability_answer_blocks, content.hold_seconds, content.custody_notice_seconds) = (3, 200, 10);
    datanet::MsgUpdateParams { authority: governance(), params: Some(params) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_asked_of_all_modules_at_once_nothing_is_lost(steps in prop::collection::vec(step(), 20..80)) {
        let tally = Tally::default();
        let mut case = Case::new(&tally);
        for step in steps {
            case.act(&step);
        }
        case.world.blocks(3 * (5 * EPOCH + WINDOW + 10 * REVEAL + 2 * ANSWER));
        case.world.block.time_seconds += 300;
        case.world.blocks(40);
        case.world.reborn();
        for (settlement, ..) in &case.sold {
            prop_assert_eq!(case.world.status(*settlement), SettlementStatus::Paid, "honest claims are paid");
        }
        let solvency: QuerySolvencyResponse = case.world.ask("Solvency", &QuerySolvencyRequest {}).unwrap();
        prop_assert_eq!(&solvency.owed, &solvency.held);
        let totals = solvency.totals.unwrap();
        prop_assert_eq!((totals.pools.as_str(), totals.held.as_str()), ("0", "0"), "nothing waits for ever");
        prop_assert!(!tally.borrow().is_empty(), "nothing was tried");
    }
}
