//! Deposits on proposals lie in the account of governance, and leave it in no way before they are unlocked.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::*;
use openledger_auth::permissions::{BONDED_POOL, FEE_COLLECTOR};
use openledger_core::{Address, Coins, Context, Result};
use openledger_proto::cosmos::bank::v1beta1::*;

/// A chain whose governance account holds 10aopen and 5btoken; 7aopen of them are deposits.
fn chain() -> Chain {
    let mut chain = Chain::new(&["100aopen,5btoken"]);
    chain.with(|ctx| {
        BANK.send_to_module(ctx, &address(1), "gov", &coins("10aopen,5btoken")).unwrap();
        BANK.lock_deposits(ctx, &coins("3aopen")).unwrap();
        BANK.lock_deposits(ctx, &coins("4aopen")).unwrap();
    });
    chain
}

fn gov() -> Address {
    Address::module("gov")
}

#[test]
fn whatever_way_coins_leave_deposits_do_not() {
    type Way = fn(&mut Context, &Coins) -> Result<()>;
    let ways: [(&str, Way); 5] = [
        ("send", |ctx, coins| BANK.send(ctx, &gov(), &address(2), coins)),
        ("fee", |ctx, coins| BANK.send_to_module(ctx, &gov(), FEE_COLLECTOR, coins)),
        ("from the module", |ctx, coins| BANK.send_from_module(ctx, "gov", &address(2), coins)),
        ("burn", |ctx, coins| BANK.burn(ctx, "gov", coins)),
        ("delegate", |ctx, coins| BANK.delegate(ctx, &gov(), BONDED_POOL, coins)),
    ];
    for (name, way) in ways {
        let mut chain = chain();
        let error = chain.with(|ctx| way(ctx, &coins("4aopen"))).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 5), "{name}: {error}");
        let mut chain = self::chain();
        chain.with(|ctx| way(ctx, &coins("3aopen,5btoken"))).unwrap();
        let error = chain.with(|ctx| way(ctx, &coins("1aopen"))).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 5), "{name}: {error}");
        chain.with(|ctx| {
            BANK.unlock_deposits(ctx, &coins("7aopen")).unwrap();
            way(ctx, &coins("7aopen")).unwrap();
            assert!(BANK.deposits(ctx).unwrap().is_empty());
        });
    }
    let mut chain = chain();
    let output = |amount| Output { address: text(2), coins: coins(amount).to_proto() };
    let multi = |amount| MsgMultiSend {
        inputs: vec![Input { address: gov().to_string(), coins: coins(amount).to_proto() }],
        outputs: vec![output(amount)],
    };
    assert_eq!(chain.execute(&multi("4aopen")).unwrap_err().code, 5);
    chain.execute(&multi("3aopen")).unwrap();
}

#[test]
fn deposits_are_not_spendable_and_nobody_else_s_coins_are_deposits() {
    let mut chain = chain();
    let request = QuerySpendableBalancesRequest { address: gov().to_string(), pagination: None };
    let answer: QuerySpendableBalancesResponse = chain.ask("SpendableBalances", &request).unwrap();
    let shown: Vec<_> = answer.balances.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
    assert_eq!(shown, ["3aopen", "5btoken"]);
    chain.with(|ctx| {
        assert_eq!(BANK.deposits(ctx).unwrap(), coins("7aopen"));
        assert_eq!(BANK.balances(ctx, &gov()).unwrap(), coins("10aopen,5btoken"));
        BANK.send(ctx, &address(1), &address(2), &coins("90aopen")).unwrap();
        // More than there is: governance's invariant tells of it, and the chain goes on.
        BANK.unlock_deposits(ctx, &coins("8aopen")).unwrap();
        assert_eq!(BANK.deposits(ctx).unwrap(), Coins::default());
    });
}
