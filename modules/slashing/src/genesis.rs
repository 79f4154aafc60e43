//! Genesis: parameters, signing infos, missed blocks.
//!
//! Source: SDK v0.50 `x/slashing/keeper/genesis.go`. Staking's genesis comes before: its validators' keys are noted here, and each that is
//! bonded or unbonding must have a signing info, its own hook's or the genesis's: without one its next vote (the set of a height still
//! signs two more), or evidence against it, would stop the chain.

use std::collections::BTreeMap;

use cosmwasm_std::Order;
use openledger_core::address::VALCONS_PREFIX;
use openledger_core::{Address, Context, Error, Result};
use openledger_proto::cosmos::slashing::v1beta1::{
    GenesisState, MissedBlock, SigningInfo as ProtoSigningInfo, ValidatorMissedBlocks, ValidatorSigningInfo,
};
use openledger_proto::Message;
use openledger_staking::Time;

use crate::error::SlashingError;
use crate::keeper::Slashing;
use crate::params::Params;
use crate::state::{SigningInfo, SIGNING_INFOS, STORE};
use crate::window;

/// A genesis that was read: parameters, infos, and which places of whose window were missed.
type Read = (Params, BTreeMap<Address, SigningInfo>, BTreeMap<Address, BTreeMap<u64, bool>>);

/// The parameters' defaults, and nobody.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(Params::default().to_proto()), signing_infos: Vec::new(), missed_blocks: Vec::new() }
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Read> {
    let genesis = GenesisState::decode(genesis).map_err(|error| wrong(error.to_string()))?;
    let params = Params::from_proto(&genesis.params.ok_or_else(|| wrong("params are missing"))?)?;
    let mut infos = BTreeMap::new();
    for ProtoSigningInfo { address: text, validator_signing_info } in &genesis.signing_infos {
        let address = consensus_address(text)?;
        let info = validator_signing_info.as_ref();
        let info = read_info(text, info.ok_or_else(|| wrong(format!("{text} has no validator_signing_info")))?)?;
        if infos.insert(address, info).is_some() {
            return Err(wrong(format!("{text} has two signing infos")));
        }
    }
    let mut windows: BTreeMap<Address, BTreeMap<u64, bool>> = BTreeMap::new();
    for ValidatorMissedBlocks { address: text, missed_blocks } in &genesis.missed_blocks {
        let address = consensus_address(text)?;
        let info = infos.get(&address).ok_or_else(|| wrong(format!("{text} misses blocks and has no signing info")))?;
        let window = windows.entry(address).or_default();
        for MissedBlock { index, missed } in missed_blocks {
            let place = u64::try_from(*index).map_err(|_| wrong(format!("{text}: the index {index} is negative")))?;
            window.insert(place, *missed);
        }
        let missed = window.values().filter(|missed| **missed).count();
        if u64::try_from(missed).unwrap_or(u64::MAX) > info.missed_blocks {
            let counted = info.missed_blocks;
            return Err(wrong(format!("{text}: {missed} blocks are missed, missed_blocks_counter is {counted}")));
        }
    }
    Ok((params, infos, windows))
}

fn read_info(whose: &str, info: &ValidatorSigningInfo) -> Result<SigningInfo> {
    // The address stands twice; older exports leave the inner one out.
    if !info.address.is_empty() && info.address != whose {
        return Err(wrong(format!("the signing info of {whose} names {}", info.address)));
    }
    let number = |name: &str, number: i64| {
        u64::try_from(number).map_err(|_| wrong(format!("{whose}: {name} is negative: {number}")))
    };
    Ok(SigningInfo {
        start_height: number("start_height", info.start_height)?,
        index_offset: number("index_offset", info.index_offset)?,
        jailed_until: Time::from_proto(info.jailed_until.as_ref()),
        tombstoned: info.tombstoned,
        missed_blocks: number("missed_blocks_counter", info.missed_blocks_counter)?,
    })
}

/// Takes a genesis over.
pub(crate) fn init(slashing: &Slashing, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let (params, infos, windows) = read(genesis)?;
    let validators = slashing.staking.validators(ctx)?;
    for validator in &validators {
        slashing.set_pubkey(ctx, &validator.consensus_address(), &validator.consensus_key)?;
    }
    for (address, info) in &infos {
        slashing.set_signing_info(ctx, address, info)?;
    }
    for (address, window) in &windows {
        for (index, missed) in window {
            window::set_missed(ctx, address, *index, *missed)?;
        }
    }
    slashing.set_params(ctx, &params)?;
    for validator in validators.iter().filter(|validator| !validator.is_unbonded()) {
        let address = validator.consensus_address();
        if slashing.signing_info(ctx, &address)?.is_none() {
            let status = if validator.is_bonded() { "bonded" } else { "unbonding" };
            let text = format!("the {status} validator {} has no signing info", address.to_bech32(VALCONS_PREFIX));
            return Err(wrong(text));
        }
    }
    Ok(())
}

/// The state as a genesis, validators in order of their consensus addresses.
pub(crate) fn export(slashing: &Slashing, ctx: &Context) -> Result<GenesisState> {
    let (mut signing_infos, mut missed_blocks) = (Vec::new(), Vec::new());
    for entry in SIGNING_INFOS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (address, info) = entry?;
        let address = Address::new(address)?;
        let missed = window::missed(ctx, &address)?;
        // Places come from `i64`s, or are less than the window.
        let missed = missed.into_iter().map(|index| MissedBlock { index: signed(index), missed: true }).collect();
        let text = address.to_bech32(VALCONS_PREFIX);
        let info = Some(to_proto(&address, &info));
        signing_infos.push(ProtoSigningInfo { address: text.clone(), validator_signing_info: info });
        missed_blocks.push(ValidatorMissedBlocks { address: text, missed_blocks: missed });
    }
    Ok(GenesisState { params: Some(slashing.params(ctx)?.to_proto()), signing_infos, missed_blocks })
}

/// The protobuf form of a signing info.
pub(crate) fn to_proto(address: &Address, info: &SigningInfo) -> ValidatorSigningInfo {
    ValidatorSigningInfo {
        address: address.to_bech32(VALCONS_PREFIX),
        start_height: signed(info.start_height),
        index_offset: signed(info.index_offset),
        jailed_until: Some(info.jailed_until.to_proto()),
        tombstoned: info.tombstoned,
        missed_blocks_counter: signed(info.missed_blocks),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn consensus_address(text: &str) -> Result<Address> {
    Address::from_bech32(text, VALCONS_PREFIX).map_err(|error| wrong(error.to_string()))
}

fn wrong(text: impl Into<String>) -> Error {
    SlashingError::InvalidGenesis(text.into()).into()
}
