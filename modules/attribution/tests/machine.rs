//! Any sequence of sessions, settlements, disputes, replacements and claims conserves money: after each step and each block the till,
//! counted anew, is what the module holds, every lock is a settlement's, and the supply has shrunk by what was burnt.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use common::*;
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::claim::Claim;
use openledger_provenance::dispute::Dispute as Evidence;
use proptest::prelude::*;

/// One thing that somebody does; what it needs and does not find makes it fail, and failing changes nothing.
#[derive(Debug, Clone)]
enum Step {
    Blocks(u64),
    TopUp(u128),
    Notice,
    Close(u8),
    /// Settles an answer: honestly, passing the first author over, or with a lie.
    Settle(u8),
    /// Disputes settlement `.0` by the evidence that fits it, or (`.1`) by one that does not; reveals unless `.2`.
    Dispute(u8, bool, bool),
    /// Replaces the claims of a settlement, honestly or with the ones that were false.
    Replace(u8, bool),
    Claim(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1u64..6).prop_map(Step::Blocks),
        1 => (1u128..OPEN).prop_map(Step::TopUp),
        1 => Just(Step::Notice),
        1 => prop::sample::select(vec![PAYER, SERVER, OTHER]).prop_map(Step::Close),
        4 => (0u8..3).prop_map(Step::Settle),
        4 => (0u8..8, prop::bool::weighted(0.3), prop::bool::weighted(0.2)).prop_map(|(s, w, h)| Step::Dispute(s, w, h)),
        3 => (0u8..8, any::<bool>()).prop_map(|(s, honest)| Step::Replace(s, honest)),
        2 => prop::sample::select(vec![SERVER, DISPUTANT, OTHER, FIRST_AUTHOR, FIRST_AUTHOR + 2, MODEL_OWNER]).prop_map(Step::Claim),
    ]
}

/// What the test knows of a settlement.
struct Known {
    id: u64,
    answer: Answer,
    claim: Claim,
    kind: u8,
}

fn claim_of(world: &World, answer: &Answer, kind: u8) -> Claim {
    let mut claim = match kind {
        1 => world.claim_from(answer, &[2, 3]),
        _ => world.honest(answer),
    };
    if kind == 2 {
        claim.segments[0].source = 3;
    }
    claim
}

fn evidence(world: &World, known: &Known, wrong: bool) -> Vec<u8> {
    let document = |seq: u64| world.documents[&seq].clone();
    if wrong || known.kind == 0 {
        return b"nothing of the kind".to_vec();
    }
    world.prove(&known.answer, &known.claim, |prover| match known.kind {
        1 => Evidence::Better(prover.open_better(0, 1, 100, Some(&document(1))).unwrap()),
        _ => Evidence::False(prover.open_byte(0, 0, Some(&document(3))).unwrap()),
    })
}

fn act(world: &mut World, known: &mut Vec<Known>, step: Step) {
    let session = world.session;
    match step {
        Step::Blocks(count) => world.blocks(count),
        Step::TopUp(amount) => {
            drop(world.execute(&MsgTopUpSession { payer: text(PAYER), session, amount: coin(amount) }))
        }
        Step::Notice => drop(world.execute(&MsgNoticeClose { payer: text(PAYER), session })),
        Step::Close(sender) => drop(world.execute(&MsgCloseSession { sender: text(sender), session })),
        Step::Settle(kind) => {
            let answer = world.say(b"?", &world.two_authors());
            world.next_block();
            let claim = claim_of(world, &answer, kind);
            let check = if kind == 2 { Check::ClaimsOnly } else { Check::Existence };
            let msg = world.settle_msg(world.answers.len() - 1, std::slice::from_ref(&claim), check);
            match world.answer::<_, MsgSettleResponse>(&msg) {
                Ok(response) => known.push(Known { id: response.settlement, answer, claim, kind }),
                Err(_) => drop(world.answers.pop()),
            }
        }
        Step::Dispute(which, wrong, hide) => {
            let Some(one) = known.get(usize::from(which)) else { return };
            let evidence = evidence(world, one, wrong);
            let commit = world.commit_msg(DISPUTANT, one.id, &evidence);
            let Ok(committed) = world.answer::<_, MsgCommitDisputeResponse>(&commit) else { return };
            world.next_block();
            if !hide {
                let valid = world.reveal(DISPUTANT, committed.dispute, &evidence).valid;
                assert!(!valid || (one.kind != 0 && !wrong), "an honest claim was refuted");
            }
        }
        Step::Replace(which, honest) => {
            let Some(one) = known.get_mut(usize::from(which)) else { return };
            let claim = if honest { world.honest(&one.answer) } else { one.claim.clone() };
            let check = Check::ClaimsOnly;
            let receipts = vec![world.claimed(&one.answer, &claim, check)];
            let (check, salt) = (check.into(), SALT.to_vec());
            let mut msg = MsgReplaceClaim { maker: text(OTHER), settlement: one.id, receipts, check, number: 0, salt };
            let commit = world.replacement_commit(&msg, &[(one.answer.clone(), claim.clone())]);
            let Ok(committed) = world.answer::<_, MsgCommitReplacementResponse>(&commit) else { return };
            msg.number = committed.number;
            world.next_block();
            if world.execute(&msg).is_ok() {
                one.claim = claim;
                if honest {
                    one.kind = 0;
                }
            }
        }
        Step::Claim(claimant) => drop(world.execute(&MsgClaim { claimant: text(claimant), recipient: String::new() })),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn money_is_conserved_whatever_happens(steps in prop::collection::vec(step(), 1..24)) {
        let mut world = World::new();
        let mut known = Vec::new();
        for step in steps {
            act(&mut world, &mut known, step);
        }
        // Left alone, everything comes to its end, and honest claims are paid.
        world.blocks(3 * (4 * EPOCH + WINDOW + 10 * REVEAL + ANSWER));
        for one in &known {
            let status = world.status(one.id);
            prop_assert!(matches!(status, SettlementStatus::Paid | SettlementStatus::Baselined));
            prop_assert!(one.kind != 0 || status == SettlementStatus::Paid);
        }
        let solvency: QuerySolvencyResponse = world.ask("Solvency", &QuerySolvencyRequest {}).unwrap();
        let totals = solvency.totals.unwrap();
        prop_assert_eq!((totals.pools.as_str(), totals.dispute_bonds.as_str(), totals.replacements.as_str()), ("0", "0", "0"));
        prop_assert_eq!(solvency.owed, solvency.held);
    }
}
