//! Vesting accounts: their arithmetic against the SDK's own (`vectors/vesting.json`, made by `tests/vectors-go/vesting`), what is no
//! schedule, and that accounts survive state and genesis.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;

use cosmwasm_std::Binary;
use openledger_auth::vesting::{Period, Schedule, Vesting};
use openledger_auth::{Account, Auth, Kind};
use openledger_core::{Address, BlockInfo, Coins, Context, GasMeter, Mode, Module};
use openledger_proto::cosmos::auth::v1beta1::GenesisState;
use openledger_proto::{Any, Message};
use openledger_store::{BlockState, MemSnapshot};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    type_url: String,
    account: Binary,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    time: i64,
    #[serde(default)]
    delegate: String,
    #[serde(default)]
    balance: String,
    #[serde(default)]
    undelegate: String,
    vested: String,
    vesting: String,
    locked: String,
    delegated_free: String,
    delegated_vesting: String,
}

impl Vector {
    fn any(&self) -> Any {
        Any { type_url: self.type_url.clone(), value: self.account.to_vec() }
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("vectors/vesting.json")).unwrap()
}

fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

fn with<T>(act: impl FnOnce(&mut Context) -> T) -> T {
    let mut state = BlockState::new(Arc::new(MemSnapshot::default()));
    let block = BlockInfo { height: 1, ..BlockInfo::default() };
    act(&mut Context::new(&mut state, &block, Mode::Deliver, GasMeter::infinite()))
}

#[test]
fn every_schedule_vests_locks_and_tracks_as_the_sdk_s_does() {
    let vectors = vectors();
    assert!(vectors.len() >= 80);
    for vector in vectors {
        let account = Account::from_any(&vector.any()).unwrap();
        assert_eq!(account.to_any(), vector.any());
        let Kind::Vesting(mut vesting) = account.kind else { panic!("{} is no vesting account", vector.type_url) };
        for step in vector.steps {
            if !step.delegate.is_empty() {
                vesting.track_delegation(step.time, &coins(&step.balance), &coins(&step.delegate)).unwrap();
            }
            if !step.undelegate.is_empty() {
                vesting.track_undelegation(&coins(&step.undelegate)).unwrap();
            }
            let place = format!("{} at {}", vector.type_url, step.time);
            assert_eq!(vesting.vested(step.time).unwrap().to_string(), step.vested, "vested of {place}");
            assert_eq!(vesting.vesting(step.time).unwrap().to_string(), step.vesting, "vesting of {place}");
            assert_eq!(vesting.locked(step.time).unwrap().to_string(), step.locked, "locked of {place}");
            assert_eq!(vesting.delegated_free.to_string(), step.delegated_free, "free of {place}");
            assert_eq!(vesting.delegated_vesting.to_string(), step.delegated_vesting, "delegated vesting of {place}");
        }
    }
}

#[test]
fn an_export_brings_every_vesting_account_back_with_its_number_and_what_it_delegated() {
    let accounts: Vec<Any> = vectors().iter().take(12).enumerate().map(|(at, vector)| place(vector, at)).collect();
    let genesis = GenesisState { params: Some(openledger_auth::Params::default().to_proto()), accounts };
    let exported = with(|ctx| {
        Auth.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        Auth.check_invariants(ctx).unwrap();
        let address = Address::new([3; 20]).unwrap();
        let mut vesting = Auth.vesting(ctx, &address).unwrap().unwrap();
        let original = vesting.original.clone();
        vesting.track_delegation(0, &original, &original).unwrap();
        Auth.save_vesting(ctx, &address, &vesting).unwrap();
        Auth.export_genesis(ctx).unwrap()
    });
    let again = with(|ctx| {
        Auth.init_genesis(ctx, &exported).unwrap();
        let account = Auth.account(ctx, &Address::new([3; 20]).unwrap()).unwrap().unwrap();
        assert_eq!(account.number, 2);
        let Kind::Vesting(vesting) = account.kind else { panic!("no vesting account") };
        assert_eq!(vesting.delegated_vesting, vesting.original);
        Auth.check_invariants(ctx).unwrap();
        Auth.export_genesis(ctx).unwrap()
    });
    assert_eq!(again, exported);
}

/// The vector's account at an address and with a number of its own.
fn place(vector: &Vector, at: usize) -> Any {
    let mut account = Account::from_any(&vector.any()).unwrap();
    account.address = Address::new([u8::try_from(at).unwrap() + 1; 20]).unwrap();
    account.number = at as u64;
    account.to_any()
}

#[test]
fn an_ante_handler_s_save_leaves_what_vests_as_it_is() {
    with(|ctx| {
        let address = Address::new([7; 20]).unwrap();
        let vesting = Vesting::new(coins("10aopen"), Schedule::Delayed { end: 5 }).unwrap();
        let mut account = Auth.create_vesting(ctx, &address, vesting.clone()).unwrap();
        account.sequence = 4;
        Auth.save(ctx, &account).unwrap();
        let read = Auth.account(ctx, &address).unwrap().unwrap();
        assert_eq!((read.sequence, read.kind), (4, Kind::Vesting(Box::new(vesting.clone()))));
        let error = Auth.create_vesting(ctx, &address, vesting.clone()).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 18));
        let nobody = Address::new([8; 20]).unwrap();
        assert!(Auth.save_vesting(ctx, &nobody, &vesting).is_err(), "a plain account does not come to vest");
        Auth.check_invariants(ctx).unwrap();
    });
}

#[test]
fn what_is_no_schedule_is_refused() {
    let ten = || coins("10aopen");
    let period = |length, amount: &str| Period { length, amount: coins(amount) };
    let periodic = |periods| Schedule::Periodic { start: 100, periods };
    let bad = [
        (Coins::default(), Schedule::Delayed { end: 5 }, "invalid coins"),
        (ten(), Schedule::Delayed { end: -1 }, "end time cannot be negative"),
        (ten(), periodic(vec![]), "start-time"),
        (ten(), periodic(vec![period(-1, "10aopen")]), "negative length"),
        (ten(), periodic(vec![period(5, "")]), "invalid coins"),
        (ten(), periodic(vec![period(5, "4aopen"), period(5, "5aopen")]), "does not match the sum"),
        (ten(), periodic(vec![period(5, "5aopen"), period(i64::MAX, "5aopen")]), "overflowed"),
    ];
    for (original, schedule, why) in bad {
        let error = Vesting::new(original, schedule).unwrap_err();
        assert!(error.message.contains(why), "{error} says nothing of {why}");
        assert_eq!((error.codespace, error.code), ("auth", 5));
    }
    assert!(Vesting::new(ten(), periodic(vec![period(0, "4aopen"), period(5, "6aopen")])).is_ok());
}

#[test]
fn a_module_s_account_cannot_be_a_vesting_account() {
    let vesting = Vesting::new(coins("10aopen"), Schedule::PermanentLocked).unwrap();
    let address = Address::module("gov");
    let account = Account { address, number: 0, sequence: 0, key: None, kind: Kind::Vesting(Box::new(vesting)) };
    assert!(Account::from_any(&account.to_any()).is_err());
}
