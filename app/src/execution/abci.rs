//! From the chain's types to ABCI's (`tendermint-proto` v0.38), field by field.

use openledger_core::{ConsensusKey, Event, Result, SdkError, ValidatorUpdate};
use openledger_proto::tendermint::abci;
use openledger_proto::tendermint::crypto::{public_key::Sum, PublicKey};

use super::run::Outcome;

/// An event; all attributes are indexed, as the SDK does by default.
pub fn event(event: Event) -> abci::Event {
    let attribute = |(key, value)| abci::EventAttribute { key, value, index: true };
    abci::Event { r#type: event.kind, attributes: event.attributes.into_iter().map(attribute).collect() }
}

/// A block's event, with the part of the block that it is from.
pub fn block_event(part: &str, from: Event) -> abci::Event {
    event(from.attr("mode", part))
}

/// The result of a transaction in a block.
pub fn tx_result(outcome: Outcome) -> abci::ExecTxResult {
    let data = outcome.data().into();
    let (gas_wanted, gas_used) = (gas(outcome.gas_wanted), gas(outcome.gas_used));
    let events = outcome.events.into_iter().map(event).collect();
    let result = abci::ExecTxResult { data, gas_wanted, gas_used, events, ..Default::default() };
    match outcome.result {
        Ok(_) => result,
        Err(error) => {
            abci::ExecTxResult { code: error.code, codespace: error.codespace.into(), log: error.message, ..result }
        }
    }
}

/// The result of CheckTx; it has no events, as nothing happened.
pub fn check_result(outcome: Outcome) -> abci::ResponseCheckTx {
    let (gas_wanted, gas_used) = (gas(outcome.gas_wanted), gas(outcome.gas_used));
    let result = abci::ResponseCheckTx { gas_wanted, gas_used, ..Default::default() };
    match outcome.result {
        Ok(_) => result,
        Err(error) => {
            abci::ResponseCheckTx { code: error.code, codespace: error.codespace.into(), log: error.message, ..result }
        }
    }
}

/// Gas as ABCI has it: signed.
fn gas(gas: u64) -> i64 {
    i64::try_from(gas).unwrap_or(i64::MAX)
}

/// A change of the validator set for CometBFT.
pub fn validator_update(update: ValidatorUpdate) -> Result<abci::ValidatorUpdate> {
    let power = i64::try_from(update.power);
    let power = power.map_err(|_| SdkError::Logic(format!("a validator's power {} exceeds 63 bits", update.power)))?;
    let key = match update.key {
        ConsensusKey::Ed25519(key) => Sum::Ed25519(key),
        ConsensusKey::Secp256k1(key) => Sum::Secp256k1(key),
    };
    Ok(abci::ValidatorUpdate { pub_key: Some(PublicKey { sum: Some(key) }), power })
}

/// A validator as CometBFT names it.
pub fn validator(update: &abci::ValidatorUpdate) -> Result<ValidatorUpdate> {
    let power = u64::try_from(update.power);
    let power = power.map_err(|_| SdkError::InvalidRequest(format!("a validator has power {}", update.power)))?;
    let key = match update.pub_key.as_ref().and_then(|key| key.sum.as_ref()) {
        Some(Sum::Ed25519(key)) => ConsensusKey::Ed25519(key.clone()),
        Some(Sum::Secp256k1(key)) => ConsensusKey::Secp256k1(key.clone()),
        None => return Err(SdkError::InvalidPubKey("a validator has no key of a known type".into()).into()),
    };
    Ok(ValidatorUpdate { key, power })
}
