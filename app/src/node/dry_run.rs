//! `genesis validate` as far as it goes: InitChain of a genesis, in memory, as CometBFT would call it.

use anyhow::{bail, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_proto::tendermint::abci::{RequestInitChain, ValidatorUpdate};
use openledger_proto::tendermint::crypto::{public_key::Sum, PublicKey};
use openledger_proto::tendermint::types::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, ValidatorParams, VersionParams,
};
use openledger_proto::{Duration, Timestamp};
use serde_json::Value;

use super::genesis::{AppGenesis, Validator};
use crate::execution::run::Executor;
use crate::execution::Config;
use crate::runtime::Runtime;

/// Makes the state of the genesis with all of InitChain's checks, and forgets it.
pub fn dry_run(genesis: &AppGenesis) -> Result<()> {
    let time: prost_types::Timestamp = genesis.genesis_time.parse().context("genesis_time")?;
    let params = genesis.consensus.params.as_ref().map(consensus_params);
    let request = RequestInitChain {
        time: Some(Timestamp { seconds: time.seconds, nanos: time.nanos }),
        chain_id: genesis.chain_id.clone(),
        consensus_params: params.transpose().context("consensus.params")?,
        validators: genesis.consensus.validators.iter().map(update).collect::<Result<_>>()?,
        app_state_bytes: serde_json::to_vec(&genesis.app_state)?.into(),
        initial_height: genesis.initial_height,
    };
    let executor = Executor::new(Runtime::default(), Config::new(genesis.chain_id.as_str()))?;
    executor.init(&request)?;
    Ok(())
}

fn update(validator: &Validator) -> Result<ValidatorUpdate> {
    let key = BASE64.decode(&validator.pub_key.value).context("pub_key.value is no base64")?;
    let sum = match validator.pub_key.kind.as_str() {
        "tendermint/PubKeyEd25519" => Sum::Ed25519(key),
        "tendermint/PubKeySecp256k1" => Sum::Secp256k1(key),
        other => bail!("pub_key.type {other:?} is unknown"),
    };
    Ok(ValidatorUpdate { pub_key: Some(PublicKey { sum: Some(sum) }), power: validator.power })
}

/// CometBFT's JSON of the parameters: integers as text, durations in nanoseconds. A group that is not there is CometBFT's default.
fn consensus_params(json: &Value) -> Result<ConsensusParams> {
    let group = |name: &str| json.get(name).filter(|group| !group.is_null());
    let block = |group: &Value| {
        Ok::<_, anyhow::Error>(BlockParams {
            max_bytes: number(group, "max_bytes")?,
            max_gas: number(group, "max_gas")?,
        })
    };
    let evidence = |group: &Value| {
        let age = number(group, "max_age_duration")?;
        Ok::<_, anyhow::Error>(EvidenceParams {
            max_age_num_blocks: number(group, "max_age_num_blocks")?,
            max_age_duration: Some(Duration {
                seconds: age.div_euclid(1_000_000_000),
                nanos: i32::try_from(age.rem_euclid(1_000_000_000))?,
            }),
            max_bytes: number(group, "max_bytes")?,
        })
    };
    let validator = |group: &Value| {
        let names = group.get("pub_key_types").cloned().unwrap_or_default();
        let pub_key_types = serde_json::from_value(names).context("validator.pub_key_types")?;
        Ok::<_, anyhow::Error>(ValidatorParams { pub_key_types })
    };
    let version = |group: &Value| {
        let app = u64::try_from(number(group, "app")?).context("version.app")?;
        Ok::<_, anyhow::Error>(VersionParams { app })
    };
    let abci = |group: &Value| {
        let height = number(group, "vote_extensions_enable_height")?;
        Ok::<_, anyhow::Error>(AbciParams { vote_extensions_enable_height: height })
    };
    Ok(ConsensusParams {
        block: group("block").map(block).transpose()?,
        evidence: group("evidence").map(evidence).transpose()?,
        validator: group("validator").map(validator).transpose()?,
        version: group("version").map(version).transpose()?,
        abci: group("abci").map(abci).transpose()?,
    })
}

/// A number, which is 0 where it is not there, as Go reads it.
fn number(group: &Value, name: &str) -> Result<i64> {
    let Some(value) = group.get(name) else { return Ok(0) };
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    number.with_context(|| format!("{name}: {value} is no integer of 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::keys::Key;
    use serde_json::json;

    fn genesis() -> AppGenesis {
        let state = Runtime::default().default_genesis().unwrap();
        AppGenesis::new("test-1", 1, Validator::new(&Key::from_mnemonic("v"), 10, "val"), state).unwrap()
    }

    #[test]
    fn what_init_chain_would_refuse_is_refused_before_the_chain_starts() {
        dry_run(&genesis()).unwrap();
        let refused = |change: fn(&mut AppGenesis), text: &str| {
            let mut genesis = genesis();
            change(&mut genesis);
            let error = format!("{:#}", dry_run(&genesis).unwrap_err());
            assert!(error.contains(text), "{error}");
        };
        // The state of each module is right by itself; nobody holds what gov says it has.
        refused(
            |genesis| {
                let deposit = json!([{"denom": "aopen", "amount": "5"}]);
                let time = "2026-11-22T00:00:00Z";
                let tally = json!({"yes_count": "0", "abstain_count": "0", "no_count": "0", "no_with_veto_count": "0"});
                genesis.app_state["gov"]["starting_proposal_id"] = json!("2");
                genesis.app_state["gov"]["proposals"] = json!([{"id": "1", "messages": [],
                    "status": "PROPOSAL_STATUS_DEPOSIT_PERIOD", "final_tally_result": tally, "submit_time": time,
                    "deposit_end_time": time, "total_deposit": deposit, "title": "t", "summary": "s"}]);
                genesis.app_state["gov"]["deposits"] = json!([{"proposal_id": "1",
                    "depositor": openledger_core::Address::module("somebody").to_string(), "amount": deposit}]);
            },
            "the gov account holds",
        );
        refused(|genesis| genesis.consensus.params.as_mut().unwrap()["block"]["max_bytes"] = json!("0"), "MaxBytes");
        refused(
            |genesis| genesis.consensus.params.as_mut().unwrap()["block"]["max_bytes"] = json!("many"),
            "no integer",
        );
    }
}
