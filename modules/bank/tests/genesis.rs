//! Genesis: what is taken over, what is refused, and that an export brings the same chain back.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::{text, Chain, BANK};
use openledger_core::Module;
use openledger_proto::cosmos::bank::v1beta1::*;
use openledger_proto::Message;
use proptest::prelude::*;

fn balance(who: u8, coins: &str) -> Balance {
    Balance { address: text(who), coins: common::coins(coins).to_proto() }
}

fn genesis(balances: Vec<Balance>, supply: &str) -> GenesisState {
    GenesisState {
        params: Some(Params { default_send_enabled: true, ..Default::default() }),
        balances,
        supply: common::coins(supply).to_proto(),
        ..Default::default()
    }
}

fn open() -> Metadata {
    let unit = |denom: &str, exponent, aliases: &[&str]| DenomUnit {
        denom: denom.into(),
        exponent,
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
    };
    Metadata {
        base: "aopen".into(),
        display: "open".into(),
        name: "OpenLedger".into(),
        symbol: "OPEN".into(),
        denom_units: vec![unit("aopen", 0, &["atto"]), unit("gopen", 9, &[]), unit("open", 18, &[])],
        ..Default::default()
    }
}

fn refusal(genesis: &GenesisState) -> String {
    let error = BANK.validate_genesis(&genesis.encode_to_vec()).unwrap_err();
    let mut chain = Chain::new(&[]);
    let at_start = chain.with(|ctx| BANK.init_genesis(ctx, &genesis.encode_to_vec()).unwrap_err());
    assert_eq!(at_start, error);
    error.message
}

#[test]
fn an_empty_supply_is_computed_and_a_right_one_is_taken() {
    for supply in ["", "12aopen,7uatom"] {
        let genesis = genesis(vec![balance(2, "5aopen,7uatom"), balance(1, "7aopen")], supply);
        let mut chain = Chain::new(&[]);
        chain.with(|ctx| {
            BANK.init_genesis(ctx, &genesis.encode_to_vec()).unwrap();
            BANK.check_invariants(ctx).unwrap();
            assert_eq!(BANK.supply(ctx, "aopen").unwrap().to_string(), "12");
            assert_eq!(ctx.event_count(), 0);
        });
    }
}

#[test]
fn an_export_brings_the_same_chain_back() {
    let mut given = genesis(vec![balance(1, "7aopen"), balance(2, "5aopen,7uatom")], "12aopen,7uatom");
    given.denom_metadata = vec![open()];
    given.send_enabled = vec![SendEnabled { denom: "uatom".into(), enabled: false }];
    let mut chain = Chain::new(&[]);
    let exported = chain.with(|ctx| {
        BANK.init_genesis(ctx, &given.encode_to_vec()).unwrap();
        BANK.export_genesis(ctx).unwrap()
    });
    assert_eq!(GenesisState::decode(exported.as_slice()).unwrap(), given);
}

#[test]
fn a_supply_that_is_not_the_sum_of_the_balances_is_refused() {
    let text = refusal(&genesis(vec![balance(1, "7aopen")], "8aopen"));
    assert!(text.contains("genesis supply is incorrect, expected 8aopen, got 7aopen"), "{text}");
    assert!(refusal(&genesis(vec![balance(1, "7aopen")], "7aopen,1uatom")).contains("supply is incorrect"));
    let largest = "115792089237316195423570985008687907853269984665640564039457584007913129639935aopen";
    assert!(refusal(&genesis(vec![balance(1, largest), balance(2, "1aopen")], "")).contains("256 bits"));
}

#[test]
#[allow(deprecated)]
fn what_contradicts_itself_is_refused() {
    assert!(refusal(&genesis(vec![balance(1, "1aopen"), balance(1, "1uatom")], "")).contains("duplicate balance"));
    let mut unsorted = balance(1, "1aopen,1uatom");
    unsorted.coins.reverse();
    assert!(refusal(&genesis(vec![unsorted], "")).contains("not sorted"));
    let mut nobody = balance(1, "1aopen");
    nobody.address = "open1".into();
    refusal(&genesis(vec![nobody], ""));

    let mut bad = genesis(vec![], "");
    bad.params = None;
    assert!(refusal(&bad).contains("params are missing"));
    let entry = SendEnabled { denom: "aopen".into(), enabled: true };
    bad.params = Some(Params { send_enabled: vec![entry.clone()], default_send_enabled: true });
    assert!(refusal(&bad).contains("no longer supported"));
    let mut bad = genesis(vec![], "");
    bad.send_enabled = vec![entry.clone(), entry];
    assert!(refusal(&bad).contains("duplicate send enabled"));
    let mut bad = genesis(vec![], "");
    bad.denom_metadata = vec![open(), open()];
    assert!(refusal(&bad).contains("duplicate client metadata"));
    assert!(BANK.validate_genesis(b"\xff").is_err());
    BANK.validate_genesis(&BANK.default_genesis()).unwrap();
}

#[test]
fn metadata_that_no_wallet_could_show_are_refused() {
    type Spoil = fn(&mut Metadata);
    let cases: [(Spoil, &str); 11] = [
        (|m| m.name = " ".into(), "name field cannot be blank"),
        (|m| m.symbol.clear(), "symbol field cannot be blank"),
        (|m| m.base = "1".into(), "invalid metadata base denom"),
        (|m| m.display = "1".into(), "invalid metadata display denom"),
        (|m| m.display = "other".into(), "display denom 'other'"),
        (|m| m.base = "other".into(), "first denomination unit must be the one with base denom 'other'"),
        (|m| m.denom_units[0].exponent = 1, "exponent for base denomination unit aopen must be 0"),
        (|m| m.denom_units.swap(1, 2), "sorted asc by exponent"),
        (|m| m.denom_units[2].denom = "gopen".into(), "duplicate denomination unit gopen"),
        (|m| m.denom_units[0].aliases.push("atto".into()), "duplicate denomination unit alias atto"),
        (|m| m.denom_units[1].aliases.push(" ".into()), "alias for denom unit gopen cannot be blank"),
    ];
    for (spoil, why) in cases {
        let mut bad = genesis(vec![], "");
        let mut metadata = open();
        spoil(&mut metadata);
        bad.denom_metadata = vec![metadata];
        let text = refusal(&bad);
        assert!(text.contains(why), "{text} should say {why}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_genesis_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = BANK.validate_genesis(&bytes);
    }
}
