//! The transaction with which a validator of the network is made in the genesis.

use anyhow::Result;
use openledger_client::keyring::Record;
use openledger_client::{any, Key};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::BASE_DENOM;
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_proto::cosmos::crypto::ed25519;
use openledger_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator};
use serde_json::Value;

use crate::cli::gentx;
use crate::node::keys;

/// What each operator stakes: 100 OPEN.
const STAKE: &str = "100000000000000000000";
const GAS: u64 = 200_000;

/// The transaction, signed by the operator, as JSON; `peer` (`id@host:port`) is its memo, as `gentx` writes it.
pub fn signed(chain_id: &str, operator: &Key, validator: &keys::Key, moniker: &str, peer: &str) -> Result<Value> {
    let units = |hundredths: u64| (hundredths * 10_000_000_000_000_000).to_string();
    #[allow(deprecated)]
    let create = MsgCreateValidator {
        description: Some(Description { moniker: moniker.into(), ..Description::default() }),
        commission: Some(CommissionRates { rate: units(10), max_rate: units(20), max_change_rate: units(1) }),
        min_self_delegation: "1".into(),
        delegator_address: String::new(),
        validator_address: operator.address().to_bech32(VALOPER_PREFIX),
        pubkey: Some(any(&ed25519::PubKey { key: validator.public().to_vec() })),
        value: Some(Coin { denom: BASE_DENOM.into(), amount: STAKE.into() }),
    };
    gentx::signed(gentx::unsigned(&create, peer.into(), GAS), &Record::local(moniker, operator), chain_id)
}
