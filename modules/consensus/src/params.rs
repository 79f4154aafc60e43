//! CometBFT's consensus parameters: defaults, limits, and how an update changes them.
//!
//! Source: CometBFT v0.38 `types/params.go` (`DefaultConsensusParams`, `ValidateBasic`, `Update`, `ValidateUpdate`).

use openledger_core::Result;
use openledger_proto::tendermint::types::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, ValidatorParams, VersionParams,
};
use openledger_proto::Duration;

use crate::error::ConsensusError;

/// CometBFT's own bound on a block, in bytes (100 MiB).
pub const MAX_BLOCK_BYTES: i64 = 104_857_600;
/// The types of validator key that this chain takes.
pub const KEY_TYPES: [&str; 2] = ["ed25519", "secp256k1"];

/// CometBFT's defaults, for a chain whose InitChain names no parameters.
pub fn default() -> ConsensusParams {
    ConsensusParams {
        block: Some(BlockParams { max_bytes: 22_020_096, max_gas: -1 }),
        evidence: Some(EvidenceParams {
            max_age_num_blocks: 100_000,
            max_age_duration: Some(Duration { seconds: 172_800, nanos: 0 }),
            max_bytes: 1_048_576,
        }),
        validator: Some(ValidatorParams { pub_key_types: vec!["ed25519".into()] }),
        version: Some(VersionParams { app: 0 }),
        abci: Some(AbciParams { vote_extensions_enable_height: 0 }),
    }
}

/// `params` with the groups that `update` names replaced.
pub(crate) fn updated(params: &ConsensusParams, update: &ConsensusParams) -> ConsensusParams {
    ConsensusParams {
        block: update.block.or(params.block),
        evidence: update.evidence.or(params.evidence),
        validator: update.validator.clone().or_else(|| params.validator.clone()),
        version: update.version.or(params.version),
        abci: update.abci.or(params.abci),
    }
}

/// Refuses parameters that CometBFT would not take; it would stop where it is handed them.
pub fn check(params: &ConsensusParams) -> Result<()> {
    let (Some(block), Some(evidence), Some(validator)) = (&params.block, &params.evidence, &params.validator) else {
        return refuse("all parameters must be present");
    };
    if block.max_bytes == 0 || block.max_bytes < -1 {
        return refuse(format!("block.MaxBytes must be -1 or greater than 0. Got {}", block.max_bytes));
    }
    if block.max_bytes > MAX_BLOCK_BYTES {
        return refuse(format!("block.MaxBytes is too big. {} > {MAX_BLOCK_BYTES}", block.max_bytes));
    }
    if block.max_gas < -1 {
        return refuse(format!("block.MaxGas must be greater or equal to -1. Got {}", block.max_gas));
    }
    check_evidence(evidence, block)?;
    let enable_height = enable_height(params);
    if enable_height < 0 {
        return refuse(format!("ABCI.VoteExtensionsEnableHeight cannot be negative. Got: {enable_height}"));
    }
    if validator.pub_key_types.is_empty() {
        return refuse("len(Validator.PubKeyTypes) must be greater than 0");
    }
    match validator.pub_key_types.iter().find(|name| !KEY_TYPES.contains(&name.as_str())) {
        Some(name) => {
            refuse(format!("{name:?} is an unknown pubkey type; {} and {} are known", KEY_TYPES[0], KEY_TYPES[1]))
        }
        None => Ok(()),
    }
}

fn check_evidence(evidence: &EvidenceParams, block: &BlockParams) -> Result<()> {
    if evidence.max_age_num_blocks <= 0 {
        let blocks = evidence.max_age_num_blocks;
        return refuse(format!("evidence.MaxAgeNumBlocks must be greater than 0. Got {blocks}"));
    }
    let nanos = evidence.max_age_duration.and_then(nanoseconds).unwrap_or_default();
    if nanos <= 0 {
        return refuse("evidence.MaxAgeDuration must be greater than 0 and at most 9223372036854775807 nanoseconds");
    }
    let block_bytes = if block.max_bytes == -1 { MAX_BLOCK_BYTES } else { block.max_bytes };
    if evidence.max_bytes > block_bytes {
        let bytes = evidence.max_bytes;
        return refuse(format!("evidence.MaxBytesEvidence is greater than upper bound, {bytes} > {block_bytes}"));
    }
    if evidence.max_bytes < 0 {
        return refuse(format!("evidence.MaxBytes must be non negative. Got: {}", evidence.max_bytes));
    }
    Ok(())
}

/// A duration in nanoseconds, `None` where Go's 64-bit durations cannot hold it or its parts are out of range.
pub(crate) fn nanoseconds(duration: Duration) -> Option<i64> {
    let nanos = i64::from(duration.nanos);
    let same_sign = duration.seconds == 0 || nanos == 0 || (duration.seconds < 0) == (nanos < 0);
    if nanos.abs() >= 1_000_000_000 || !same_sign {
        return None;
    }
    duration.seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Refuses to change from which height votes are extended once that height is reached, or to a height that is past.
pub(crate) fn check_update(params: &ConsensusParams, update: &ConsensusParams, height: i64) -> Result<()> {
    if let (Some(old), Some(new)) = (&params.validator, &update.validator) {
        // CometBFT stops at an update of a validator whose key is of no admitted type.
        if let Some(gone) = old.pub_key_types.iter().find(|name| !new.pub_key_types.contains(name)) {
            return refuse(format!("the key type {gone} cannot be withdrawn: validators may have such keys"));
        }
    }
    let Some(abci) = &update.abci else { return Ok(()) };
    let (old, new) = (enable_height(params), abci.vote_extensions_enable_height);
    if new < 0 {
        return refuse("VoteExtensionsEnableHeight must be positive");
    }
    if old == new || (old <= 0 && new == 0) {
        return Ok(());
    }
    if old > 0 && old <= height {
        let text = "vote extensions cannot be disabled or modified once enabled";
        return refuse(format!("{text}: old enable height {old}, current height {height}"));
    }
    if new != 0 && new <= height {
        let text = "vote extensions cannot be updated to a past or current height";
        return refuse(format!("{text}: enable height {new}, current height {height}"));
    }
    Ok(())
}

fn enable_height(params: &ConsensusParams) -> i64 {
    params.abci.map_or(0, |abci| abci.vote_extensions_enable_height)
}

fn refuse(text: impl Into<String>) -> Result<()> {
    Err(ConsensusError::InvalidParams(text.into()).into())
}
