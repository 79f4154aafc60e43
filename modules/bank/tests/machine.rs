//! Any order of sends, multi-sends, mints and burns does to the chain what it does to a plain map, and the supply stays the sum.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::collections::BTreeMap;

use common::{address, text, Chain, BANK};
use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin, Coins};
use openledger_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, MsgSend, Output};
use proptest::prelude::*;

const DENOMS: [&str; 2] = ["aopen", "ibc/AB"];
const TRANSFER: u8 = 0;

#[derive(Debug, Clone)]
enum Step {
    Send { from: u8, to: u8, denom: usize, amount: u64 },
    MultiSend { from: u8, to: [u8; 2], denom: usize, amounts: [u64; 2] },
    Mint { denom: usize, amount: u64 },
    Deposit { from: u8, denom: usize, amount: u64 },
    Burn { denom: usize, amount: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let (who, denom, amount) = (1u8..5, 0..DENOMS.len(), 0u64..12);
    prop_oneof![
        (who.clone(), who.clone(), denom.clone(), amount.clone()).prop_map(|(from, to, denom, amount)| Step::Send {
            from,
            to,
            denom,
            amount
        }),
        (who.clone(), [who.clone(), who.clone()], denom.clone(), [amount.clone(), amount.clone()])
            .prop_map(|(from, to, denom, amounts)| Step::MultiSend { from, to, denom, amounts }),
        (denom.clone(), amount.clone()).prop_map(|(denom, amount)| Step::Mint { denom, amount }),
        (who, denom.clone(), amount.clone()).prop_map(|(from, denom, amount)| Step::Deposit { from, denom, amount }),
        (denom, amount).prop_map(|(denom, amount)| Step::Burn { denom, amount }),
    ]
}

/// Balances as a plain map; account 0 stands for the module `transfer`.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model(BTreeMap<(u8, usize), u64>);

impl Model {
    fn take(&mut self, who: u8, denom: usize, amount: u64) -> bool {
        let balance = self.0.entry((who, denom)).or_default();
        let enough = *balance >= amount;
        *balance -= if enough { amount } else { 0 };
        enough
    }

    fn give(&mut self, who: u8, denom: usize, amount: u64) {
        *self.0.entry((who, denom)).or_default() += amount;
    }

    /// Does a step, or nothing where it must fail; whether it was done.
    fn apply(&mut self, step: &Step) -> bool {
        match *step {
            Step::Send { from, to, denom, amount } => {
                let done = amount > 0 && self.take(from, denom, amount);
                self.give(to, denom, if done { amount } else { 0 });
                done
            }
            Step::MultiSend { from, to, denom, amounts } => {
                let done = amounts.iter().all(|amount| *amount > 0) && self.take(from, denom, amounts.iter().sum());
                for (to, amount) in to.iter().zip(amounts) {
                    self.give(*to, denom, if done { amount } else { 0 });
                }
                done
            }
            Step::Mint { denom, amount } => {
                self.give(TRANSFER, denom, amount);
                true
            }
            Step::Deposit { from, denom, amount } => {
                let done = self.take(from, denom, amount);
                self.give(TRANSFER, denom, if done { amount } else { 0 });
                done
            }
            Step::Burn { denom, amount } => self.take(TRANSFER, denom, amount),
        }
    }
}

fn one(denom: usize, amount: u64) -> Coins {
    Coins::from(Coin { denom: DENOMS[denom].into(), amount: amount.into() })
}

fn on_chain(chain: &mut Chain, step: &Step) -> bool {
    let proto =
        |denom: usize, amount: u64| vec![Coin { denom: DENOMS[denom].into(), amount: amount.into() }.to_proto()];
    match *step {
        Step::Send { from, to, denom, amount } => {
            let msg = MsgSend { from_address: text(from), to_address: text(to), amount: proto(denom, amount) };
            chain.execute(&msg).is_ok()
        }
        Step::MultiSend { from, to, denom, amounts } => {
            let inputs = vec![Input { address: text(from), coins: proto(denom, amounts.iter().sum()) }];
            let outputs = to.iter().zip(amounts);
            let outputs =
                outputs.map(|(to, amount)| Output { address: text(*to), coins: proto(denom, amount) }).collect();
            chain.execute(&MsgMultiSend { inputs, outputs }).is_ok()
        }
        Step::Mint { denom, amount } => chain.with(|ctx| BANK.mint(ctx, "transfer", &one(denom, amount)).is_ok()),
        Step::Deposit { from, denom, amount } => {
            chain.with(|ctx| BANK.send_to_module(ctx, &address(from), "transfer", &one(denom, amount)).is_ok())
        }
        Step::Burn { denom, amount } => chain.with(|ctx| BANK.burn(ctx, "transfer", &one(denom, amount)).is_ok()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_chain_agrees_with_a_plain_map_and_supply_is_the_sum(steps in prop::collection::vec(step(), 0..40)) {
        use openledger_core::Module;
        let mut chain = Chain::new(&["20aopen", "5aopen,9ibc/AB"]);
        let mut model = Model(BTreeMap::from([((1, 0), 20), ((2, 0), 5), ((2, 1), 9)]));
        for step in &steps {
            prop_assert_eq!(on_chain(&mut chain, step), model.apply(step), "{:?}", step);
            chain.with(|ctx| BANK.check_invariants(ctx).unwrap());
            for (denom, name) in DENOMS.iter().enumerate() {
                let mut sum = 0u64;
                for who in 0..5 {
                    let held = if who == TRANSFER { Address::module("transfer") } else { address(who) };
                    let balance = chain.with(|ctx| BANK.balance(ctx, &held, name).unwrap());
                    let expected = model.0.get(&(who, denom)).copied().unwrap_or_default();
                    prop_assert_eq!(balance, Uint256::from(expected), "{} of {}", name, who);
                    sum += expected;
                }
                prop_assert_eq!(chain.with(|ctx| BANK.supply(ctx, name).unwrap()), Uint256::from(sum));
            }
        }
    }
}

#[test]
fn creating_and_destroying_coins_takes_a_permission_and_tells_of_it() {
    let mut chain = Chain::new(&["9aopen"]);
    let minter = Address::module("transfer");
    let events = chain.with(|ctx| {
        BANK.mint(ctx, "transfer", &common::coins("5ibc/AB")).unwrap();
        BANK.burn(ctx, "transfer", &common::coins("2ibc/AB")).unwrap();
        ctx.take_events()
    });
    assert_eq!(
        common::shown(&events),
        [
            format!("coin_received{{receiver={minter},amount=5ibc/AB}}"),
            format!("coinbase{{minter={minter},amount=5ibc/AB}}"),
            format!("coin_spent{{spender={minter},amount=2ibc/AB}}"),
            format!("burn{{burner={minter},amount=2ibc/AB}}"),
        ]
    );
    chain.with(|ctx| {
        for module in ["datanet", "gov", "fee_collector", "nobody"] {
            assert_eq!(BANK.mint(ctx, module, &common::coins("1aopen")).unwrap_err().code, 4, "{module}");
        }
        BANK.send_to_module(ctx, &address(1), "fee_collector", &common::coins("9aopen")).unwrap();
        assert_eq!(BANK.burn(ctx, "fee_collector", &common::coins("1aopen")).unwrap_err().codespace, "auth");
        let error = BANK.burn(ctx, "transfer", &common::coins("4ibc/AB")).unwrap_err();
        assert_eq!(error.message, "spendable balance 3ibc/AB is smaller than 4ibc/AB: insufficient funds");
    });
}

#[test]
fn no_more_than_256_bits_of_a_coin_can_ever_be() {
    let largest = common::coins("115792089237316195423570985008687907853269984665640564039457584007913129639935ibc/AB");
    let mut chain = Chain::new(&[]);
    chain.with(|ctx| {
        BANK.mint(ctx, "transfer", &largest).unwrap();
        let point = ctx.checkpoint();
        assert_eq!(BANK.mint(ctx, "transfer", &common::coins("1ibc/AB")).unwrap_err().code, 10);
        ctx.revert(point);
        BANK.burn(ctx, "transfer", &largest).unwrap();
        assert!(BANK.supply(ctx, "ibc/AB").unwrap().is_zero());
    });
}
