//! Coins of vesting accounts: what is locked cannot be spent, may be staked, and comes back locked.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{address, coins, text, Chain, BANK};
use cosmwasm_std::Uint256;
use openledger_auth::permissions::{BONDED_POOL, FEE_COLLECTOR};
use openledger_auth::vesting::{Period, Schedule, Vesting};
use openledger_auth::Auth;
use openledger_core::{Coin, Coins, Error};
use openledger_proto::cosmos::bank::v1beta1::*;
use proptest::prelude::*;

/// A chain whose account 9 holds `held`, of which `original` vests.
fn chain(held: &str, original: &str, schedule: Schedule) -> Chain {
    let mut chain = Chain::new(&["1000aopen"]);
    chain.with(|ctx| {
        let vesting = Vesting::new(coins(original), schedule).unwrap();
        Auth.create_vesting(ctx, &address(9), vesting).unwrap();
        BANK.credit_genesis(ctx, &address(9), &coins(held)).unwrap();
    });
    chain
}

fn send(chain: &mut Chain, amount: &str) -> Result<(), Error> {
    let msg = MsgSend { from_address: text(9), to_address: text(1), amount: coins(amount).to_proto() };
    chain.execute(&msg).map(|_| ())
}

fn spendable(chain: &Chain) -> Vec<String> {
    let request = QuerySpendableBalancesRequest { address: text(9), pagination: None };
    let answer: QuerySpendableBalancesResponse = chain.ask("SpendableBalances", &request).unwrap();
    answer.balances.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect()
}

#[test]
fn locked_coins_cannot_be_sent_nor_pay_fees_and_vested_ones_can() {
    let mut chain = chain("100aopen,5uatom", "100aopen", Schedule::Continuous { start: 0, end: 100 });
    chain.at(30);
    assert_eq!(spendable(&chain), ["30aopen", "5uatom"]);
    let error = send(&mut chain, "31aopen").unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", 5));
    assert_eq!(error.message, "spendable balance 30aopen is smaller than 31aopen: insufficient funds");
    let fee = chain.with(|ctx| BANK.send_to_module(ctx, &address(9), FEE_COLLECTOR, &coins("31aopen")));
    assert_eq!(fee.unwrap_err().code, 5);
    send(&mut chain, "30aopen,5uatom").unwrap();
    assert_eq!(spendable(&chain), ["0aopen"]);
    chain.at(100);
    send(&mut chain, "70aopen").unwrap();
    assert_eq!(chain.balances(9), "");
}

#[test]
fn coins_that_are_received_are_free_at_once() {
    let mut chain = chain("100aopen", "100aopen", Schedule::PermanentLocked);
    assert_eq!(spendable(&chain), ["0aopen"]);
    let gift = MsgSend { from_address: text(1), to_address: text(9), amount: coins("7aopen").to_proto() };
    chain.execute(&gift).unwrap();
    assert_eq!(spendable(&chain), ["7aopen"]);
    send(&mut chain, "7aopen").unwrap();
    assert!(send(&mut chain, "1aopen").is_err());
}

#[test]
fn locked_coins_are_staked_first_and_come_back_last() {
    let mut chain = chain("150aopen", "100aopen", Schedule::Delayed { end: 50 });
    chain.with(|ctx| BANK.delegate(ctx, &address(9), BONDED_POOL, &coins("120aopen")).unwrap());
    // 100 locked and 20 free ones are staked: the 30 that are left are free.
    assert_eq!(spendable(&chain), ["30aopen"]);
    chain.with(|ctx| BANK.undelegate(ctx, BONDED_POOL, &address(9), &coins("50aopen")).unwrap());
    // First the 20 free ones came back, then 30 locked ones.
    assert_eq!(spendable(&chain), ["50aopen"]);
    let vesting = chain.with(|ctx| Auth.vesting(ctx, &address(9)).unwrap().unwrap());
    assert_eq!((vesting.delegated_vesting, vesting.delegated_free), (coins("70aopen"), Coins::default()));
    let error = chain.with(|ctx| BANK.delegate(ctx, &address(9), BONDED_POOL, &coins("81aopen")).unwrap_err());
    assert_eq!(error.message, "failed to delegate; 80aopen is smaller than 81aopen: insufficient funds");
}

#[test]
fn where_more_is_locked_than_is_left_nothing_can_be_spent() {
    let mut chain = chain("40aopen,5uatom", "100aopen", Schedule::Delayed { end: 50 });
    // As after slashing: 60 of the 100 are gone.
    assert_eq!(spendable(&chain), ["0aopen", "0uatom"]);
    let request = QuerySpendableBalanceByDenomRequest { address: text(9), denom: "aopen".into() };
    let answer: QuerySpendableBalanceByDenomResponse = chain.ask("SpendableBalanceByDenom", &request).unwrap();
    assert_eq!(answer.balance.unwrap().amount, "0");
    let error = send(&mut chain, "1aopen").unwrap_err();
    let text = "locked amount exceeds account balance funds: 100aopen > 40aopen: insufficient funds";
    assert_eq!(error.message, text);
    // The lock is on one denomination: the other can be sent, though the list of what is spendable is empty, as in the SDK.
    send(&mut chain, "5uatom").unwrap();
}

#[test]
fn what_has_no_account_can_neither_stake_nor_get_stake_back() {
    let mut chain = Chain::new(&["10aopen"]);
    chain.with(|ctx| {
        BANK.credit_genesis(ctx, &address(5), &coins("10aopen")).unwrap();
        let error = BANK.delegate(ctx, &address(5), BONDED_POOL, &coins("1aopen")).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 9));
        BANK.delegate(ctx, &address(1), BONDED_POOL, &coins("10aopen")).unwrap();
        let error = BANK.undelegate(ctx, BONDED_POOL, &address(5), &coins("1aopen")).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 9));
    });
}

#[derive(Debug, Clone)]
enum Act {
    Wait(i64),
    Send(u64),
    Receive(u64),
    Delegate(u64),
    Undelegate(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..400i64).prop_map(Act::Wait),
        (1..700u64).prop_map(Act::Send),
        (1..50u64).prop_map(Act::Receive),
        (1..1200u64).prop_map(Act::Delegate),
        (1..1200u64).prop_map(Act::Undelegate),
    ]
}

/// A schedule for what its coins sum to.
fn schedule() -> impl Strategy<Value = (u64, Schedule)> {
    let total = 1..1_000u64;
    let periods = prop::collection::vec((0..300i64, 1..300u64), 1..6);
    prop_oneof![
        total.clone().prop_map(|total| (total, Schedule::PermanentLocked)),
        (total.clone(), 0..1_000i64).prop_map(|(total, end)| (total, Schedule::Delayed { end })),
        (total, 0..1_000i64, 0..1_000i64).prop_map(|(total, start, end)| (total, Schedule::Continuous { start, end })),
        (0..500i64, periods).prop_map(|(start, mut periods)| {
            periods[0].0 += 1;
            let period = |(length, amount): &(i64, u64)| Period { length: *length, amount: Coin::base(*amount).into() };
            let total = periods.iter().map(|(_, amount)| amount).sum();
            (total, Schedule::Periodic { start, periods: periods.iter().map(period).collect() })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// What has been sent away never exceeds what has vested and what was received on top, whatever is staked in between.
    #[test]
    fn no_schedule_lets_more_be_spent_than_has_vested(
        (total, schedule) in schedule(),
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let original = format!("{total}aopen");
        let mut chain = chain(&original, &original, schedule);
        let (mut now, mut sent, mut received, mut staked) = (0i64, 0u64, 0u64, 0u64);
        for act in acts {
            match act {
                Act::Wait(seconds) => {
                    now += seconds;
                    chain.at(now);
                }
                Act::Send(amount) => {
                    let may = chain.with(|ctx| BANK.spendable(ctx, &address(9)).unwrap().amount_of("aopen"));
                    let done = send(&mut chain, &format!("{amount}aopen")).is_ok();
                    prop_assert_eq!(done, may >= Uint256::from(amount), "a send and the query disagree");
                    sent += if done { amount } else { 0 };
                }
                Act::Receive(amount) => {
                    let amount = format!("{amount}aopen");
                    let gift = MsgSend { from_address: text(1), to_address: text(9), amount: coins(&amount).to_proto() };
                    if chain.execute(&gift).is_ok() {
                        received += amount.trim_end_matches("aopen").parse::<u64>().unwrap();
                    }
                }
                Act::Delegate(amount) => {
                    let amounts = Coin::base(amount).into();
                    if chain.with(|ctx| BANK.delegate(ctx, &address(9), BONDED_POOL, &amounts)).is_ok() {
                        staked += amount;
                    }
                }
                Act::Undelegate(amount) => {
                    let amount = amount.min(staked);
                    if amount > 0 {
                        let amounts = Coin::base(amount).into();
                        chain.with(|ctx| BANK.undelegate(ctx, BONDED_POOL, &address(9), &amounts)).unwrap();
                        staked -= amount;
                    }
                }
            }
            let vesting = chain.with(|ctx| Auth.vesting(ctx, &address(9)).unwrap().unwrap());
            let vested = vesting.vested(now).unwrap().amount_of("aopen");
            prop_assert!(Uint256::from(sent) <= vested + Uint256::from(received));
            let delegated = vesting.delegated_free.add(&vesting.delegated_vesting).unwrap();
            prop_assert_eq!(delegated.amount_of("aopen"), Uint256::from(staked));
        }
    }
}
