//! People who are rich enough to be validators.

use openledger_core::address::VALOPER_PREFIX;
use openledger_core::ConsensusKey;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator};
use openledger_proto::Any;
use openledger_staking::key_to_any;
use serde_json::{json, Map, Value};

use super::{app_state, pack, Person, START};

pub const OPEN: u128 = 1_000_000_000_000_000_000;

pub fn dec(text: &str) -> String {
    text.parse::<openledger_core::Dec>().unwrap().to_proto()
}

pub fn operator(person: &Person) -> String {
    person.address().to_bech32(VALOPER_PREFIX)
}

/// The message with which a person makes a validator of the consensus key `byte`.
pub fn create(person: &Person, byte: u8, open: u128) -> Any {
    pack(&MsgCreateValidator {
        description: Some(Description { moniker: format!("v{byte}"), ..Description::default() }),
        commission: Some(CommissionRates { rate: dec("0.1"), max_rate: dec("0.2"), max_change_rate: dec("0.01") }),
        min_self_delegation: "1".into(),
        validator_address: operator(person),
        pubkey: Some(key_to_any(&ConsensusKey::Ed25519(vec![byte; 32]))),
        value: Some(Coin { denom: "aopen".into(), amount: (open * OPEN).to_string() }),
        ..MsgCreateValidator::default()
    })
}

/// People with a hundred OPEN more.
pub fn rich_state() -> Map<String, Value> {
    let mut state = app_state();
    for balance in state["bank"]["balances"].as_array_mut().unwrap() {
        balance["coins"][0]["amount"] = json!((START + 100 * OPEN).to_string());
    }
    state
}
