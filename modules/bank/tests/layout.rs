//! The store's bytes are the SDK's (`vectors/store.json`, made by `tests/vectors-go/bank`), but for the index's empty values.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{Chain, BANK};
use openledger_bank::state::{account_prefix, balance_key, holder_key, supply_key, STORE};
use openledger_core::{Address, Coin, Coins, Module};
use openledger_proto::cosmos::bank::v1beta1::{DenomUnit, GenesisState, Metadata, Params, SendEnabled};
use openledger_proto::Message;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/store.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The SDK's pairs, with `00` where it writes an empty value into the index of holders.
fn sdk_pairs(vectors: &Value) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pair = |pair: &Value| {
        let (key, value) = (bytes(&pair[0]), bytes(&pair[1]));
        assert_eq!(value.is_empty(), key[0] == 3);
        (key, if value.is_empty() { vec![0] } else { value })
    };
    vectors["store"].as_array().unwrap().iter().map(pair).collect()
}

#[test]
fn every_key_and_value_is_where_the_sdk_puts_it() {
    let vectors = vectors();
    let mut chain = Chain::new(&[]);
    let genesis = GenesisState {
        params: Some(Params { default_send_enabled: true, ..Default::default() }),
        send_enabled: vec![SendEnabled { denom: "aopen".into(), enabled: true }],
        denom_metadata: vec![Metadata {
            base: "aopen".into(),
            display: "open".into(),
            name: "OpenLedger".into(),
            symbol: "OPEN".into(),
            denom_units: vec![
                DenomUnit { denom: "aopen".into(), ..Default::default() },
                DenomUnit { denom: "open".into(), exponent: 18, ..Default::default() },
            ],
            ..Default::default()
        }],
        ..Default::default()
    };
    let mut balances = Vec::new();
    for balance in vectors["balances"].as_array().unwrap() {
        let coin: Coin =
            format!("{}{}", balance["amount"].as_str().unwrap(), balance["denom"].as_str().unwrap()).parse().unwrap();
        balances.push((Address::new(bytes(&balance["address"])).unwrap(), coin));
    }
    chain.with(|ctx| {
        BANK.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
        // The vectors' supply is not the sum of their balances, which overflows: each balance passes through an empty chain's supply.
        for (address, coin) in &balances {
            let point = ctx.checkpoint();
            BANK.credit_genesis(ctx, address, &Coins::from(coin.clone())).unwrap();
            assert_eq!(BANK.balance(ctx, address, &coin.denom).unwrap(), coin.amount);
            ctx.revert(point);
        }
    });
    let sdk = sdk_pairs(&vectors);
    let mut found = 0;
    for (address, coin) in &balances {
        let mut chain = Chain::new(&[]);
        chain.with(|ctx| BANK.credit_genesis(ctx, address, &Coins::from(coin.clone())).unwrap());
        for key in [balance_key(address, &coin.denom), holder_key(&coin.denom, address)] {
            let value = chain.state.get(STORE, &key).unwrap();
            assert!(sdk.contains(&(key, value)), "{coin}");
            found += 1;
        }
    }
    for supply in vectors["supply"].as_array().unwrap() {
        let coin = format!("{}{}", supply["amount"].as_str().unwrap(), supply["denom"].as_str().unwrap());
        let chain = Chain::new(&[&coin]);
        let key = supply_key(supply["denom"].as_str().unwrap());
        let value = chain.state.get(STORE, &key).unwrap();
        assert!(sdk.contains(&(key, value)), "{coin}");
        found += 1;
    }
    for pair in chain.state.range(STORE, None, None, false) {
        assert!(sdk.contains(&pair), "{pair:?}");
        found += 1;
    }
    assert_eq!(found, sdk.len());
}

#[test]
fn an_account_s_balances_lie_together_and_apart_from_those_of_addresses_that_begin_alike() {
    let (short, long) = (Address::new([1, 2]).unwrap(), Address::new([1, 2, 3]).unwrap());
    assert!(balance_key(&short, "aopen").starts_with(&account_prefix(&short)));
    assert!(!balance_key(&long, "aopen").starts_with(&account_prefix(&short)));
    let mut chain = Chain::new(&[]);
    chain.with(|ctx| {
        BANK.credit_genesis(ctx, &short, &common::coins("1aopen")).unwrap();
        BANK.credit_genesis(ctx, &long, &common::coins("2aopen,3uatom")).unwrap();
        assert_eq!(BANK.balances(ctx, &short).unwrap(), common::coins("1aopen"));
        assert_eq!(BANK.balances(ctx, &long).unwrap(), common::coins("2aopen,3uatom"));
    });
}

#[test]
fn no_value_in_the_store_is_empty_so_that_every_key_can_be_proven() {
    let mut chain = Chain::new(&["1aopen"]);
    let genesis = GenesisState {
        params: Some(Params::default()),
        send_enabled: vec![SendEnabled { denom: "uatom".into(), enabled: false }],
        ..Default::default()
    };
    chain.with(|ctx| BANK.init_genesis(ctx, &genesis.encode_to_vec()).unwrap());
    let pairs: Vec<_> = chain.state.range(STORE, None, None, false).collect();
    assert_eq!(pairs.len(), 5);
    assert!(pairs.iter().all(|(_, value)| !value.is_empty()));
    chain.with(|ctx| {
        assert!(!BANK.is_send_enabled(ctx, "uatom").unwrap());
        assert!(!BANK.is_send_enabled(ctx, "aopen").unwrap());
    });
}
