//! Random actors send random messages of every module that the till rests on, most of them out of place. In every step all invariants
//! of all modules hold, the supply shrinks by what is burnt and by nothing else, and histories only grow.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;

use common::*;
use openledger_core::Address;
use openledger_proto::openledger::attribution::v1::*;
use openledger_proto::openledger::{datanet::v1 as datanet, model::v1 as model};
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;
use proptest::prelude::*;

/// Who does which kind of thing to which object, and how much of it.
#[derive(Debug, Clone)]
struct Step {
    actor: u8,
    kind: u8,
    object: u64,
    amount: u64,
}

const KINDS: u8 = 30;

fn step() -> impl Strategy<Value = Step> {
    let actor = prop::sample::select(vec![OWNER, SERVER, PAYER, DISPUTANT, OTHER, MODEL_OWNER, FIRST_AUTHOR, 12, 13]);
    (actor, 0..KINDS, 1u64..5, 0u64..4_000).prop_map(|(actor, kind, object, amount)| Step {
        actor,
        kind,
        object,
        amount,
    })
}

/// The document that a commit of this number is to.
fn document(number: u64) -> Vec<u8> {
    prose(1_000 + number % 5, 200)
}

fn contribute(world: &mut World, step: &Step) {
    let Step { actor, kind, object, amount } = *step;
    let (who, commitment) = (address(actor), Commitment::of(&document(amount)));
    match kind {
        0 => {
            let commit =
                ContributionCommit { chain_id: CHAIN_ID, datanet: 1, author: who.as_bytes(), commitment, salt: SALT };
            let commit = commit.hash().unwrap().to_vec();
            let msg = datanet::MsgCommitContribution { author: text(actor), datanet_id: 1, commit };
            drop(world.execute(&msg));
        }
        1 => {
            let rights = datanet::Rights { kind: datanet::RightsKind::Own.into(), ..datanet::Rights::default() };
            drop(world.execute(&datanet::MsgRevealContribution {
                author: text(actor),
                seq: object + 3,
                root: commitment.root.to_vec(),
                length: commitment.length,
                salt: SALT.to_vec(),
                rights: Some(rights),
                location: "https://example.org".into(),
                media_type: "text/plain".into(),
                ..datanet::MsgRevealContribution::default()
            }));
        }
        2 => drop(world.execute(&datanet::MsgReviewContribution {
            reviewer: text(actor),
            seq: object + 3,
            accept: amount % 3 != 0,
            score: (amount % 10_001) as u32,
            ..datanet::MsgReviewContribution::default()
        })),
        3 => drop(world.execute(&datanet::MsgWithdrawContribution { author: text(actor), seq: object + amount % 4 })),
        4 => drop(world.execute(&datanet::MsgFreezeVersion { owner: text(actor), datanet_id: 1 })),
        5 => drop(world.execute(&datanet::MsgClaimBaseline { author: text(actor), seqs: vec![object] })),
        _ => drop(world.execute(&datanet::MsgSpendTreasury {
            owner: text(actor),
            datanet_id: 1,
            recipient: text(OTHER),
            amount: coin(u128::from(amount) * 1_000),
        })),
    }
}

fn serve(world: &mut World, step: &Step) {
    let Step { actor, kind, object, amount } = *step;
    let (server, deployment, some) = (text(actor), object, coin(u128::from(amount) * OPEN / 10));
    match kind {
        7 => drop(world.execute(&model::MsgTopUpBond { server, deployment, amount: some })),
        8 => drop(world.execute(&model::MsgBeginUnbond { server, deployment, amount: some })),
        9 => drop(world.execute(&model::MsgWithdrawBond { server, deployment })),
        10 => drop(world.execute(&model::MsgUpdateDeployment {
            server,
            deployment,
            endpoint: "http://localhost".into(),
            base_price: (u128::from(amount) * OPEN / 2_000).to_string(),
            byte_price: (OPEN / 100).to_string(),
            active: amount % 16 != 0,
        })),
        11 => {
            let corpus = Some(model::DatanetVersion { datanet: 1, version: (amount % 3) as u32 });
            drop(world.execute(&model::MsgAttestCorpus { server, deployment, corpus }));
        }
        12 => drop(world.execute(&model::MsgDeploy {
            server,
            model_version: object,
            endpoint: String::new(),
            base_price: OPEN.to_string(),
            byte_price: (OPEN / 100).to_string(),
            bond: coin((1_000 + u128::from(amount)) * OPEN),
            modes: vec![1, 2],
        })),
        13 => drop(world.execute(&model::MsgRegisterAgent {
            operator: server,
            name: "Clerk".into(),
            description: String::new(),
            deployments: vec![object],
            base_price: OPEN.to_string(),
            byte_price: "0".into(),
            splits: vec![model::AgentSplit { account: text(OTHER), bps: 10_000 }],
        })),
        _ => drop(world.execute(&model::MsgRetireAgent { operator: server, agent: object })),
    }
}

fn pay(world: &mut World, step: &Step) {
    let Step { actor, kind, object, amount } = *step;
    let (payer, session) = (text(actor), object);
    let open = MsgOpenSession { payer: payer.clone(), deployment: object, ..world.open_session_msg(OPEN) };
    match kind {
        15 => drop(world.execute(&MsgOpenSession { mode: 1 + (amount % 2) as i32, ..open })),
        16 => drop(world.execute(&MsgOpenSession {
            deployment: 0,
            agent: object,
            max_base_price: (9 * OPEN).to_string(),
            max_byte_price: OPEN.to_string(),
            ..open
        })),
        17 => drop(world.execute(&MsgOpenSession { parent: 1 + amount % 6, ..open })),
        18 => drop(world.execute(&MsgTopUpSession { payer, session, amount: coin(u128::from(amount)) })),
        19 => drop(world.execute(&MsgNoticeClose { payer, session })),
        20 => drop(world.execute(&MsgCloseSession { sender: payer, session: object + 1 })),
        21 => drop(world.execute(&MsgClaim { claimant: payer, recipient: text(1 + (amount % 16) as u8) })),
        22 => drop(world.execute(&MsgPresentCredit {
            payer,
            session,
            credit: Some(Credit { receipt: amount, amount: "1".into() }),
            signature: vec![1; 64],
        })),
        23 => drop(world.execute(&MsgUpdateParams {
            authority: Address::module("gov").to_string(),
            params: Some(Params { rows_per_block: 1 + (amount % 3) as u32, ..demo_params() }),
        })),
        24 => drop(world.execute(&MsgCommitDispute {
            disputant: payer,
            settlement: object,
            commit: vec![amount as u8; 32],
        })),
        _ => drop(world.execute(&MsgRevealDispute {
            disputant: payer,
            dispute: object,
            evidence: vec![amount as u8; 40],
            salt: SALT.to_vec(),
        })),
    }
}

/// An answer in the first session, settled as claims with or without a credit, honestly or not.
fn settle(world: &mut World, step: &Step) {
    let answer = world.say(b"?", &world.two_authors());
    world.next_block();
    let mut claim = world.honest(&answer);
    if step.object == 4 {
        claim.segments[0].source = 3;
    }
    let mut msg = world.settle_msg(world.answers.len() - 1, &[claim], Check::ClaimsOnly);
    msg.receipts[0].credit = (u128::from(step.amount) * OPEN / 1_000).to_string();
    if world.execute(&msg).is_err() {
        world.answers.pop();
    }
}

fn act(world: &mut World, step: &Step) {
    match step.kind {
        0..=6 => contribute(world, step),
        7..=14 => serve(world, step),
        15..=25 => pay(world, step),
        26 | 27 => settle(world, step),
        28 => world.blocks(1 + step.object),
        _ => {
            world.block.time_seconds += 1 + step.amount as i64;
            world.next_block();
        }
    }
}

/// Every account's history.
fn histories(world: &mut World) -> BTreeMap<u8, Vec<String>> {
    let contributors = world.keeper.contributors;
    world.with(|ctx| {
        let history = |actor: u8| {
            let length = contributors.history_length(ctx, &address(actor)).unwrap();
            let entry = |number| format!("{:?}", contributors.entry(ctx, &address(actor), number).unwrap());
            (actor, (0..length).map(entry).collect())
        };
        (1..=16).map(history).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn whatever_anybody_sends_money_is_conserved_and_histories_only_grow(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new();
        let mut before = histories(&mut world);
        for step in steps {
            act(&mut world, &step);
            let after = histories(&mut world);
            for (actor, history) in &before {
                prop_assert!(after[actor].starts_with(history), "the history of {actor} changed");
            }
            before = after;
        }
        world.blocks(4 * (WINDOW + REVEAL + ANSWER));
        let solvency: QuerySolvencyResponse = world.ask("Solvency", &QuerySolvencyRequest {}).unwrap();
        prop_assert_eq!(solvency.owed, solvency.held);
    }
}
