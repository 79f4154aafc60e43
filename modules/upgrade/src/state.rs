//! Every key of the store `upgrade`, byte for byte the SDK's (`cosmossdk.io/x/upgrade` v0.1 `types/keys.go`, `keeper/keeper.go`), since
//! other chains prove what an upgrade will make of this one from it.
//!
//! | key | value |
//! | --- | --- |
//! | `00` | `cosmos.upgrade.v1beta1.Plan`, the one that is scheduled |
//! | `01` ‖ height ‖ name | `01`: the plan of this name was carried out at this height |
//! | `02` ‖ module | the version of its state |
//! | `03` | how many plans were carried out, which the SDK calls the protocol version |
//! | `upgradedIBCState/{height}/upgradedClient` | the client of this chain after the plan of this height (`Any`) |
//! | `upgradedIBCState/{height}/upgradedConsState` | its first consensus state (`Any`) |
//!
//! Numbers are 8 bytes, big-endian; the heights in the last two are decimal text.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Storage};
use openledger_core::query::prefix_end;
use openledger_core::{Result, SdkError};
use openledger_proto::cosmos::upgrade::v1beta1::Plan;
use openledger_proto::Message;
use openledger_store::StoreName;

/// The module's store.
pub const STORE: StoreName = "upgrade";

const PLAN: [u8; 1] = [0x00];
const DONE: u8 = 0x01;
const VERSIONS: u8 = 0x02;
const PROTOCOL: [u8; 1] = [0x03];
/// The value of a key that says all by being there.
const PRESENT: [u8; 1] = [1];

/// The key of the client of this chain after the plan of `height`.
pub fn upgraded_client_key(height: u64) -> Vec<u8> {
    format!("upgradedIBCState/{height}/upgradedClient").into_bytes()
}

/// The key of this chain's first consensus state after the plan of `height`.
pub fn upgraded_consensus_state_key(height: u64) -> Vec<u8> {
    format!("upgradedIBCState/{height}/upgradedConsState").into_bytes()
}

/// The plan that is scheduled.
pub(crate) fn plan(kv: &dyn Storage) -> Result<Option<Plan>> {
    let read = |value: Vec<u8>| Plan::decode(value.as_slice()).map_err(|error| corrupt(&error.to_string()));
    kv.get(&PLAN).map(read).transpose()
}

/// Schedules a plan in place of another.
pub(crate) fn set_plan(kv: &mut dyn Storage, plan: &Plan) {
    kv.set(&PLAN, &plan.encode_to_vec());
}

/// Forgets the plan.
pub(crate) fn remove_plan(kv: &mut dyn Storage) {
    remove(kv, &PLAN);
}

/// Removes a key that may not be there.
pub(crate) fn remove(kv: &mut dyn Storage, key: &[u8]) {
    if kv.get(key).is_some() {
        kv.remove(key);
    }
}

/// Marks a plan as carried out.
pub(crate) fn set_done(kv: &mut dyn Storage, name: &str, height: u64) {
    kv.set(&[&[DONE], &height.to_be_bytes()[..], name.as_bytes()].concat(), &PRESENT);
}

/// The plans that were carried out, with their heights, in order of heights and then names.
pub(crate) fn done(kv: &dyn Storage) -> Result<Vec<(String, u64)>> {
    let entries = kv.range(Some(&[DONE]), prefix_end(&[DONE]).as_deref(), Order::Ascending);
    entries.map(|(key, _)| split_done(&key)).collect()
}

/// The plan that was carried out last.
pub(crate) fn last_done(kv: &dyn Storage) -> Result<Option<(String, u64)>> {
    let mut entries = kv.range(Some(&[DONE]), prefix_end(&[DONE]).as_deref(), Order::Descending);
    entries.next().map(|(key, _)| split_done(&key)).transpose()
}

fn split_done(key: &[u8]) -> Result<(String, u64)> {
    let split = key.get(1..).and_then(|rest| rest.split_first_chunk::<8>());
    let (height, name) = split.ok_or_else(|| corrupt("a key of a done plan is cut short"))?;
    let name = String::from_utf8(name.to_vec()).map_err(|_| corrupt("a plan's name is not text"))?;
    Ok((name, u64::from_be_bytes(*height)))
}

/// The versions of all modules' states.
pub(crate) fn versions(kv: &dyn Storage) -> Result<BTreeMap<String, u64>> {
    let entries = kv.range(Some(&[VERSIONS]), prefix_end(&[VERSIONS]).as_deref(), Order::Ascending);
    let read = |(key, value): (Vec<u8>, Vec<u8>)| {
        let name = String::from_utf8(key.get(1..).unwrap_or_default().to_vec());
        let name = name.map_err(|_| corrupt("a module's name is not text"))?;
        Ok((name, read_number(&value)?))
    };
    entries.map(read).collect()
}

/// Sets the versions of these modules' states.
pub(crate) fn set_versions(kv: &mut dyn Storage, versions: &BTreeMap<String, u64>) {
    for (module, version) in versions {
        kv.set(&[&[VERSIONS], module.as_bytes()].concat(), &version.to_be_bytes());
    }
}

/// How many plans were carried out.
pub(crate) fn protocol_version(kv: &dyn Storage) -> Result<u64> {
    kv.get(&PROTOCOL).map_or(Ok(0), |value| read_number(&value))
}

/// Sets how many plans were carried out.
pub(crate) fn set_protocol_version(kv: &mut dyn Storage, version: u64) {
    kv.set(&PROTOCOL, &version.to_be_bytes());
}

fn read_number(value: &[u8]) -> Result<u64> {
    value.try_into().map(u64::from_be_bytes).map_err(|_| corrupt("a number has not 8 bytes"))
}

fn corrupt(what: &str) -> openledger_core::Error {
    SdkError::Logic(format!("upgrade state: {what}")).into()
}
