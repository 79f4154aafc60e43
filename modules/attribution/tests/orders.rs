//! The order in which valid disputes are revealed decides nothing: not who has the bounty, not what is paid, not what is left in the state.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_core::Module;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::Message;
use openledger_provenance::claim::Claim;
use openledger_provenance::dispute::Dispute as Evidence;
use proptest::prelude::*;

const DISPUTANTS: [u8; 4] = [DISPUTANT, OTHER, PAYER, 30];
/// The place in an order at which the server publishes the transcript.
const PUBLISH: usize = DISPUTANTS.len();
const MAKER: u8 = 28;

/// A claim that is wrong about the first author and about the third, and what shows it.
#[derive(Debug, Clone)]
struct Lie {
    /// The first author's words: another's, a copycat's, nobody's.
    first: u8,
    /// The windows and bytes at which they are disputed.
    at: [u32; 2],
    /// Whether the claims are replaced by true ones.
    replaced: bool,
}

fn lie() -> impl Strategy<Value = Lie> {
    (0u8..3, [0u32..100, 0u32..100], any::<bool>()).prop_map(|(first, at, replaced)| Lie { first, at, replaced })
}

fn tell(world: &World, answer: &Answer, lie: &Lie) -> Claim {
    let mut claim = world.honest(answer);
    claim.segments[1].offset += 1;
    match lie.first {
        0 => claim.segments[0].source = 3,
        1 => claim.segments[0].source = 2,
        _ => drop(claim.segments.remove(0)),
    }
    claim
}

/// A false byte of the last segment, which is shifted by one, at this byte or after it.
fn false_byte(world: &World, answer: &Answer, claim: &Claim, from: u32) -> Vec<u8> {
    let at = claim.segments.len() - 1;
    let (segment, source) = (claim.segments[at], world.documents[&3].as_slice());
    let place = (answer.receipt.prompt_len + segment.start) as usize;
    let differs =
        |byte: &u32| answer.transcript[place + *byte as usize] != source[segment.offset as usize + *byte as usize];
    let byte = (from..from + 32).find(differs).unwrap();
    world.prove(answer, claim, |p| Evidence::False(p.open_byte(at as u32, byte, Some(source)).unwrap()))
}

/// The first author is the better owner of this window.
fn better(world: &World, answer: &Answer, claim: &Claim, window: u32) -> Vec<u8> {
    let first = world.documents[&1].as_slice();
    world.prove(answer, claim, |p| Evidence::Better(p.open_better(window, 1, 100 + window, Some(first)).unwrap()))
}

/// Four disputants with four valid disputes of one claim, two D1 and two D2, revealed in this order and with these pauses, while a byte is
/// asked for that nobody opens, and a transcript that is published: all that is left of it.
fn reveal_in(lie: &Lie, order: &[usize], pauses: &[u64]) -> GenesisState {
    let mut world = World::new();
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let claim = tell(&world, &answer, lie);
    let settlement = world.settle_with(&answer, &claim, Check::ClaimsOnly);
    let settled = [(answer.clone(), claim.clone())];
    let [one, two] = lie.at;
    let evidence = [
        better(&world, &answer, &claim, one),
        false_byte(&world, &answer, &claim, one),
        better(&world, &answer, &claim, two),
        false_byte(&world, &answer, &claim, two),
    ];
    let words = world.ask_transcript(FIRST_AUTHOR, settlement, &settled, (0, 1));
    let words = world.answer::<_, MsgDemandTranscriptResponse>(&words).unwrap().demand;
    let commits: Vec<u64> =
        DISPUTANTS.iter().zip(&evidence).map(|(who, evidence)| world.commit(*who, settlement, evidence)).collect();
    let ask = world.ask_opening(29, settlement, &settled, (0, 0, 3));
    world.ok(&ask);
    world.next_block();
    // Up to the deadline of the publication.
    let mut left = ANSWER - 1;
    for (what, pause) in order.iter().zip(pauses) {
        let pause = (*pause).min(left);
        left -= pause;
        world.blocks(pause);
        if *what == PUBLISH {
            let publication = world.publish(words, &settled, 0);
            world.ok(&publication);
        } else {
            assert!(world.reveal(DISPUTANTS[*what], commits[*what], &evidence[*what]).valid);
        }
    }
    world.blocks(left + 2);
    assert_eq!(world.status(settlement), SettlementStatus::AwaitingReplacement);
    if lie.replaced {
        let honest = world.honest(&answer);
        let receipts = vec![world.claimed(&answer, &honest, Check::Existence)];
        let (check, salt) = (Check::Existence.into(), SALT.to_vec());
        let mut msg = MsgReplaceClaim { maker: text(MAKER), settlement, receipts, check, number: 0, salt };
        world.commit_replacement(&mut msg, &[(answer, honest)]);
        world.ok(&msg);
    }
    world.blocks(40);
    let end = if lie.replaced { SettlementStatus::Paid } else { SettlementStatus::Baselined };
    assert_eq!(world.status(settlement), end);
    let keeper = world.keeper;
    let genesis = world.with(|ctx| keeper.export_genesis(ctx).unwrap());
    GenesisState::decode(genesis.as_slice()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn any_order_of_the_same_valid_disputes_gives_one_result(
        lie in lie(),
        order in Just((0..=PUBLISH).collect::<Vec<_>>()).prop_shuffle(),
        pauses in prop::collection::vec(0u64..2, PUBLISH + 1),
    ) {
        let in_turn: Vec<_> = (0..=PUBLISH).collect();
        let (one, other) = (reveal_in(&lie, &in_turn, &[0; PUBLISH + 1]), reveal_in(&lie, &order, &pauses));
        prop_assert_eq!(one.owed, other.owed);
        prop_assert_eq!(one.disputes, other.disputes);
        prop_assert_eq!(one.earnings, other.earnings);
        prop_assert_eq!(one.audit, other.audit);
        let (left, right) = (&one.settlements[0], &other.settlements[0]);
        prop_assert_eq!((&left.rounds, left.status, left.winning_dispute), (&right.rounds, right.status, right.winning_dispute));
    }
}
