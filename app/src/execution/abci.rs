//! From the chain's types to ABCI's (`tendermint-proto` v0.38), field by field.

use openledger_core::comet::{LastCommit, Misbehavior, MisbehaviorKind, Vote, VoteFlag};
use openledger_core::{ConsensusKey, Event, Result, SdkError, ValidatorUpdate};
use openledger_proto::tendermint::abci;
use openledger_proto::tendermint::crypto::{public_key::Sum, PublicKey};
use openledger_proto::tendermint::types::BlockIdFlag;

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

/// The commit of the block before. CometBFT sends no negative numbers; one would count as 0.
pub fn last_commit(commit: Option<&abci::CommitInfo>) -> LastCommit {
    let Some(commit) = commit else { return LastCommit::default() };
    let vote = |vote: &abci::VoteInfo| {
        let (validator, power) = validator_power(vote.validator.as_ref());
        let flag = match vote.block_id_flag() {
            BlockIdFlag::Unknown => VoteFlag::Unknown,
            BlockIdFlag::Absent => VoteFlag::Absent,
            BlockIdFlag::Commit => VoteFlag::Commit,
            BlockIdFlag::Nil => VoteFlag::Nil,
        };
        Vote { validator, power, flag }
    };
    LastCommit {
        round: u32::try_from(commit.round).unwrap_or_default(),
        votes: commit.votes.iter().map(vote).collect(),
    }
}

/// Misbehaviour that a block proves.
pub fn misbehavior(proof: &abci::Misbehavior) -> Misbehavior {
    let kind = match proof.r#type() {
        abci::MisbehaviorType::Unknown => MisbehaviorKind::Unknown,
        abci::MisbehaviorType::DuplicateVote => MisbehaviorKind::DuplicateVote,
        abci::MisbehaviorType::LightClientAttack => MisbehaviorKind::LightClientAttack,
    };
    let (validator, power) = validator_power(proof.validator.as_ref());
    let time = proof.time.unwrap_or_default();
    Misbehavior {
        kind,
        validator,
        power,
        height: u64::try_from(proof.height).unwrap_or_default(),
        time_seconds: time.seconds,
        time_nanos: u32::try_from(time.nanos).unwrap_or_default(),
        total_power: u64::try_from(proof.total_voting_power).unwrap_or_default(),
    }
}

fn validator_power(validator: Option<&abci::Validator>) -> (Vec<u8>, u64) {
    validator.map_or_else(Default::default, |validator| {
        (validator.address.to_vec(), u64::try_from(validator.power).unwrap_or_default())
    })
}
