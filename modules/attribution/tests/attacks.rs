//! Servers that cheat, disputants that collude, floods: what each tries, and that it gains nothing.

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
use openledger_core::{Context, GasMeter, Mode};
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::datanet::v1::RightsKind;
use openledger_proto::{Message, Name};
use openledger_provenance::audit::{audit, Finding};
use openledger_provenance::canonical::{Class, Source};
use openledger_provenance::claim::{Claim, Segment as Span};
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::Dispute as Evidence;
use proptest::prelude::*;

const DISPUTE_BOND: u128 = 10 * OPEN;

/// What a watcher who holds all documents makes of a settled claim.
fn watch(world: &World, answer: &Answer, claim: &Claim) -> Option<Vec<u8>> {
    let sources: Vec<_> =
        world.documents.iter().map(|(seq, bytes)| Source { seq: *seq, class: Class::Contribution, bytes }).collect();
    let bytes = |seq: u64| world.documents.get(&seq).map(Vec::as_slice);
    let finding = audit(&answer.transcript, answer.receipt.prompt_len, claim, &sources)?;
    Some(world.prove(answer, claim, |prover| match finding {
        Finding::False { segment, byte } => {
            let source = bytes(claim.segments[segment as usize].source);
            Evidence::False(prover.open_byte(segment, byte, source).unwrap())
        }
        Finding::Better { window, owner } => {
            Evidence::Better(prover.open_better(window, owner.source, owner.offset, bytes(owner.source)).unwrap())
        }
    }))
}

/// What became of a cheat's claims for an honest answer, settled with claims alone.
struct Cheated {
    honest: Claim,
    claim: Claim,
    /// Whether the chain took them.
    taken: bool,
    /// Whether a watcher's dispute refuted them.
    refuted: bool,
}

fn settle_cheat(change: impl Fn(&mut Claim)) -> Cheated {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let honest = world.honest(&answer);
    let mut claim = honest.clone();
    change(&mut claim);
    let msg = world.settle_msg(0, std::slice::from_ref(&claim), Check::ClaimsOnly);
    let Ok(response) = world.answer::<_, MsgSettleResponse>(&msg) else {
        return Cheated { honest, claim, taken: false, refuted: false };
    };
    let refuted = watch(&world, &answer, &claim).is_some_and(|evidence| {
        let found = world.dispute(DISPUTANT, response.settlement, &evidence);
        assert!(found.valid, "{}", found.finding);
        true
    });
    Cheated { honest, claim, taken: true, refuted }
}

/// Whether the chain takes the claims, and a watcher's dispute refutes them.
fn cheat(change: impl Fn(&mut Claim)) -> (bool, bool) {
    let Cheated { taken, refuted, .. } = settle_cheat(change);
    (taken, refuted)
}

/// What a claim says of each window: source, and where it stands in it.
fn said(claim: &Claim, windows: u32) -> Vec<Option<(u64, u32)>> {
    let of = |window| claim.covering(window).ok().map(|(_, of)| (of.source, of.offset + window - of.start));
    (0..windows).map(of).collect()
}

#[test]
fn a_server_that_claims_honestly_is_never_refuted() {
    assert_eq!(cheat(|_| ()), (true, false));
}

#[test]
fn a_server_that_omits_a_source_is_refuted() {
    for segment in 0..2 {
        let omit = |claim: &mut Claim| {
            claim.segments.remove(segment);
        };
        assert_eq!(cheat(omit), (true, true));
    }
    assert_eq!(cheat(|claim| claim.segments.clear()), (true, true), "all to the baseline and the treasuries");
}

#[test]
fn a_server_that_shortens_a_segment_by_one_window_at_either_end_is_refuted() {
    assert_eq!(cheat(|claim| claim.segments[0].count -= 1), (true, true));
    let first = |claim: &mut Claim| {
        let segment = &mut claim.segments[0];
        (segment.start, segment.offset, segment.count) = (segment.start + 1, segment.offset + 1, segment.count - 1);
    };
    assert_eq!(cheat(first), (true, true));
}

#[test]
fn a_server_that_stretches_a_segment_by_one_window_is_refuted() {
    assert_eq!(cheat(|claim| claim.segments[0].count += 1), (true, true));
}

#[test]
fn a_server_that_shifts_a_segment_is_refuted() {
    assert_eq!(cheat(|claim| claim.segments[0].offset += 1), (true, true));
    assert_eq!(cheat(|claim| claim.segments[1].start -= 1), (true, true));
}

#[test]
fn a_server_that_credits_a_friend_who_copied_or_who_did_not_is_refuted() {
    assert_eq!(cheat(|claim| claim.segments[0].source = 2), (true, true), "the copycat");
    assert_eq!(cheat(|claim| claim.segments[0].source = 3), (true, true), "somebody else");
    let for_nothing = |claim: &mut Claim| {
        claim.segments.insert(1, Span { start: 132, count: 30, source: 3, offset: 400 });
    };
    assert_eq!(cheat(for_nothing), (true, true), "nobody's windows");
}

#[test]
fn a_server_that_calls_an_author_s_words_an_echo_is_refuted() {
    assert_eq!(cheat(|claim| (claim.segments[0].source, claim.segments[0].offset) = (0, 0)), (true, true));
}

#[test]
fn a_server_that_counts_windows_twice_or_out_of_order_is_refused() {
    assert_eq!(cheat(|claim| claim.segments.insert(1, claim.segments[0])), (false, false));
    assert_eq!(cheat(|claim| claim.segments.swap(0, 1)), (false, false));
    assert_eq!(cheat(|claim| claim.segments[1].start = 100), (false, false), "they overlap");
}

/// Two answers, signed for; what the server makes of them, and with which code it is refused.
fn batch(change: impl Fn(&mut MsgSettle)) -> (&'static str, u32) {
    let mut world = World::new();
    for output in [world.two_authors(), prose(7, 200)] {
        world.say(b"?", &output);
    }
    world.next_block();
    let claims: Vec<_> = world.answers.iter().map(|answer| world.honest(answer)).collect();
    let mut msg = world.settle_msg(0, &claims, Check::ClaimsOnly);
    change(&mut msg);
    world.code(&msg)
}

#[test]
fn a_server_that_reorders_drops_repeats_or_invents_receipts_is_refused() {
    assert_eq!(batch(|msg| msg.receipts.swap(0, 1)), ("attribution", 9));
    assert_eq!(batch(|msg| drop(msg.receipts.remove(0))), ("attribution", 8));
    assert_eq!(batch(|msg| drop(msg.receipts.pop())), ("attribution", 8));
    assert_eq!(batch(|msg| msg.receipts.push(msg.receipts[1].clone())), ("attribution", 8));
    let invent = |msg: &mut MsgSettle| {
        let mut third = msg.receipts[1].clone();
        third.receipt.as_mut().unwrap().index = 3;
        msg.receipts.push(third);
        msg.voucher.as_mut().unwrap().count = 3;
    };
    assert_eq!(batch(invent), ("attribution", 8), "the payer did not sign for a third");
}

#[test]
fn a_server_that_moves_fees_or_words_between_receipts_is_refused() {
    let fees = |msg: &mut MsgSettle| {
        let fee =
            |at: usize, msg: &MsgSettle| msg.receipts[at].receipt.as_ref().unwrap().fee.parse::<Uint256>().unwrap();
        let (one, two) = (fee(0, msg) - Uint256::one(), fee(1, msg) + Uint256::one());
        msg.receipts[0].receipt.as_mut().unwrap().fee = one.to_string();
        msg.receipts[1].receipt.as_mut().unwrap().fee = two.to_string();
    };
    let (_, code) = batch(fees);
    assert!(code == 8 || code == 9, "{code}");
    let words = |msg: &mut MsgSettle| {
        let other = msg.receipts[1].receipt.as_ref().unwrap().transcript_root.clone();
        msg.receipts[0].receipt.as_mut().unwrap().transcript_root = other;
    };
    assert_eq!(batch(words), ("attribution", 8));
    let longer = |msg: &mut MsgSettle| msg.receipts[1].receipt.as_mut().unwrap().transcript_len += 1;
    assert_eq!(batch(longer), ("attribution", 8));
}

#[test]
fn a_server_settles_nobody_else_s_session() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = world.honest(&answer);
    let mut msg = world.settle_msg(0, &[claim], Check::ClaimsOnly);
    msg.server = text(OTHER);
    assert_eq!(world.refused(&msg).1, 3);
    msg.server = text(SERVER);
    msg.session = 99;
    assert_eq!(world.code(&msg), ("attribution", 2));
}

/// The whole of what accounts have: balances, what they are owed, and the server's bond.
fn wealth(world: &mut World, accounts: &[u8]) -> Uint256 {
    let bond = if accounts.contains(&SERVER) { world.bond().0 } else { Uint256::zero() };
    accounts.iter().fold(bond, |sum, account| sum + world.balance(*account) + world.owed(*account))
}

#[test]
fn a_weak_dispute_by_an_accomplice_costs_the_server_three_quarters_of_twice_the_pool() {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    claim.segments.remove(0);
    claim.segments[0].count -= 1;
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let bond: Uint256 = world.settlement(settlement).rounds[0].bond.parse().unwrap();
    let before = wealth(&mut world, &[SERVER, OTHER]);
    // The accomplice refutes one window at the end; whoever found the whole first segment missing comes second.
    let third = world.documents[&3].clone();
    let window = claim.segments[0].start + claim.segments[0].count;
    let offset = claim.segments[0].offset + claim.segments[0].count;
    let weak =
        world.prove(&answer, &claim, |p| Evidence::Better(p.open_better(window, 3, offset, Some(&third)).unwrap()));
    let strong = watch(&world, &answer, &claim).unwrap();
    assert_ne!(weak, strong);
    let first = world.commit(OTHER, settlement, &weak);
    let second = world.commit(DISPUTANT, settlement, &strong);
    world.next_block();
    assert!(world.reveal(OTHER, first, &weak).valid);
    assert!(world.reveal(DISPUTANT, second, &strong).valid);
    world.blocks(REVEAL);
    assert_eq!(before - wealth(&mut world, &[SERVER, OTHER]), bond - bond / Uint256::from(4u8));
    // What replaces the claims is judged anew, whole: the first author is paid.
    let honest = world.honest(&answer);
    let receipts = vec![world.claimed(&answer, &honest, Check::Existence)];
    let (check, salt) = (Check::Existence.into(), SALT.to_vec());
    let mut replace = MsgReplaceClaim { maker: text(PAYER), settlement, receipts, check, number: 0, salt };
    world.commit_replacement(&mut replace, &[(answer, honest)]);
    world.ok(&replace);
    world.blocks(WINDOW + REVEAL + 1);
    assert!(world.owed(FIRST_AUTHOR) > Uint256::zero());
}

#[test]
fn who_pays_himself_through_his_own_undeclared_text_loses() {
    let mut world = World::new();
    let mine = prose(60, 800);
    world.contribute(31, &mine, RightsKind::Own, false);
    let version = world.register_version(1, &[], 0);
    world.deployment = world.deploy(version);
    let coalition = [PAYER, SERVER, MODEL_OWNER, 31];
    world.next_block();
    let before = wealth(&mut world, &coalition);
    world.session = world.open_session(1_000 * OPEN);
    world.next_block();
    let mut answer = world.make_answer(1, b"?", &mine[..600], 6 * OPEN);
    answer.receipt.model_version = version;
    world.answers.push(answer.clone());
    world.next_block();
    let settlement = world.settle_with(&answer, &Claim::default(), Check::Existence);
    let settled = [(answer, Claim::default())];
    let shown = world.with_prover(&settled, 0, |prover| prover.open_undeclared(0, 569, 0, &mine).unwrap());
    world.ok(&MsgClaimUndeclared {
        claimant: text(31),
        settlement,
        receipt: world.receipt_of(&settled, 0),
        segments: Vec::new(),
        start: 0,
        count: 569,
        contribution: 4,
        offset: 0,
        transcript: shown.transcript.encode(),
        source: shown.source.encode(),
        ..MsgClaimUndeclared::default()
    });
    let session = world.session;
    world.ok(&MsgCloseSession { sender: text(SERVER), session });
    world.blocks(WINDOW + REVEAL + 2);
    assert_eq!(world.status(settlement), SettlementStatus::Paid);
    assert!(world.owed(31) > Uint256::zero());
    let lost = before - wealth(&mut world, &coalition);
    let least = Uint256::from(6 * OPEN / 50);
    assert!(lost >= least, "{lost} is less than the burn of {least}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn random_claims_that_the_chain_takes_stand_if_they_are_true_and_fall_to_a_watcher_if_not(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0u8..6, 1u32..40), 1..3),
    ) {
        let Cheated { honest, claim, taken, refuted } = settle_cheat(|claim| edits.iter().for_each(|(at, what, by)| {
            if claim.segments.is_empty() {
                return;
            }
            let at = at.index(claim.segments.len());
            let segment = &mut claim.segments[at];
            match what {
                0 => segment.start += by,
                1 => segment.count = segment.count.saturating_sub(*by).max(1),
                2 => segment.count += by,
                3 => segment.offset = segment.offset.saturating_sub(*by),
                4 => segment.source = u64::from(by % 4),
                _ => {
                    claim.segments.remove(at);
                }
            }
        }));
        // The texts repeat nothing, so each window stands in one place of its source.
        let windows = 395 - 31;
        prop_assert!(!taken || refuted == (said(&claim, windows) != said(&honest, windows)));
        prop_assert!(taken || claim != honest);
    }
}

/// Executes without looking at the invariants after it: for thousands of messages.
fn quick<M: Message + Name>(world: &mut World, msg: &M) {
    let mut ctx = Context::new(&mut world.state, &world.block, Mode::Deliver, GasMeter::infinite());
    let route = world.router.msg_route(&M::type_url()).unwrap();
    let decoded = route.decode(&msg.encode_to_vec()).unwrap();
    route.handle(&mut ctx, &decoded).unwrap();
}

#[test]
fn ten_thousand_disputes_due_in_one_block_expire_a_bounded_number_a_block_and_none_is_revealed_late() {
    let mut world = World::new();
    let settlement = world.settle_honestly();
    let msg = world.commit_msg(DISPUTANT, settlement, b"nothing");
    for _ in 0..10_000 {
        quick(&mut world, &msg);
    }
    world.blocks(REVEAL);
    let burnt = world.burnt;
    let bonds = |world: &World| {
        let solvency: QuerySolvencyResponse = world.ask("Solvency", &QuerySolvencyRequest {}).unwrap();
        solvency.totals.unwrap().dispute_bonds.parse::<Uint256>().unwrap() / Uint256::from(DISPUTE_BOND)
    };
    world.next_block();
    assert_eq!(bonds(&world), Uint256::from(9_900u32));
    assert_eq!(world.burnt - burnt, Uint256::from(100 * DISPUTE_BOND));
    let late = world.reveal_msg(DISPUTANT, 10_000, b"nothing");
    assert_eq!(world.code(&late), ("attribution", 14), "refused by height, though end block has not got there");
    world.blocks(WINDOW + REVEAL);
    assert_eq!(world.status(settlement), SettlementStatus::Paid, "an honest settlement does not wait for the flood");
}
