//! Nobody gains by paying themselves: one coalition is payer, server, model's owner, every author and the datanet's owner, and after any
//! settlements, credits, payments and claims it has less than before, by exactly what was burnt and what platform and stakers had.

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
use openledger_core::{Address, BASE_DENOM};
use openledger_proto::openledger::attribution::v1::*;
use openledger_provenance::claim::{Claim, Segment};
use proptest::prelude::*;

const COALITION: [u8; 7] = [OWNER, SERVER, PAYER, MODEL_OWNER, FIRST_AUTHOR, FIRST_AUTHOR + 1, FIRST_AUTHOR + 2];

/// All that the coalition has or can get at: what its accounts hold, what modules hold for it (everything that is in the datanets',
/// models' and attribution's accounts, for nobody else has put or earned anything), without the platform's claim.
fn wealth(world: &mut World) -> Uint256 {
    let keeper = world.keeper;
    world.with(|ctx| {
        let mut sum = Uint256::zero();
        let modules = ["attribution", "datanet", "model"].map(Address::module);
        for account in COALITION.map(address).iter().chain(&modules) {
            sum += keeper.bank.balance(ctx, account, BASE_DENOM).unwrap();
        }
        sum - keeper.owed(ctx, &Address::module("gov")).unwrap()
    })
}

/// What others have of it: the platform's claim and the fee collector.
fn others(world: &mut World) -> Uint256 {
    let keeper = world.keeper;
    world.with(|ctx| {
        let collected = keeper.bank.balance(ctx, &Address::module("fee_collector"), BASE_DENOM).unwrap();
        collected + keeper.owed(ctx, &Address::module("gov")).unwrap()
    })
}

/// One settlement of the coalition with itself: its fee in thousandths of the price, of it given back, and whose the words are said to be.
#[derive(Debug, Clone)]
struct Round {
    fee: u128,
    credit: u128,
    source: u64,
    claim: bool,
}

fn round() -> impl Strategy<Value = Round> {
    (0u128..=1_000, 0u128..=1_000, 1u64..=3, any::<bool>()).prop_map(|(fee, credit, source, claim)| Round {
        fee,
        credit,
        source,
        claim,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn no_coalition_gains_by_paying_itself(rounds in prop::collection::vec(round(), 1..6)) {
        let mut world = World::new();
        let (before, burnt, had) = (wealth(&mut world), world.burnt, others(&mut world));
        let (mut fees, mut last) = (0u128, before);
        for one in rounds {
            let fee = (OPEN + OPEN) * one.fee / 1_000 + one.fee % 7;
            let index = world.answers.len() as u64 + 1;
            let answer = world.make_answer(index, b"?", &[b'x'; 131], fee.min(OPEN + OPEN));
            world.answers.push(answer.clone());
            world.next_block();
            let claim = Claim { segments: vec![Segment { start: 0, count: 100, source: one.source, offset: 0 }] };
            let mut msg = world.settle_msg(world.answers.len() - 1, &[claim], Check::ClaimsOnly);
            let fee = Uint256::from_be_bytes(answer.receipt.fee).to_string().parse::<u128>().unwrap();
            let credit = fee * one.credit / 1_000;
            msg.receipts[0].credit = credit.to_string();
            let settlement = world.answer::<_, MsgSettleResponse>(&msg).unwrap().settlement;
            fees += fee - credit;
            for _ in 0..60 {
                if world.status(settlement) != SettlementStatus::Paid {
                    world.next_block();
                }
            }
            prop_assert_eq!(world.status(settlement), SettlementStatus::Paid);
            if one.claim {
                for who in COALITION {
                    drop(world.execute(&MsgClaim { claimant: text(who), recipient: text(PAYER) }));
                }
            }
            let now = wealth(&mut world);
            prop_assert!(now <= last, "it had {last} and has {now}");
            last = now;
        }
        let lost = before - last;
        prop_assert_eq!(lost, (world.burnt - burnt) + (others(&mut world) - had));
        prop_assert!(lost >= Uint256::from(fees * 200 / 10_000), "lost {lost} of {fees}");
    }
}
