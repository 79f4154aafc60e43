//! Numbered objects: numbers are given in order, from 1, never twice; and how pages of them are read from their keys.

use cosmwasm_std::Empty;
use cw_storage_plus::{Item, Map, Prefix, Prefixer};
use openledger_core::{Context, Result, SdkError};
use openledger_store::StoreName;

/// Takes the next number.
pub fn next(ctx: &mut Context, store: StoreName, last: &Item<u64>) -> Result<u64> {
    let id = last.may_load(&*ctx.kv(store))?.unwrap_or_default().checked_add(1);
    let id = id.ok_or_else(|| SdkError::Logic("all numbers are given".into()))?;
    last.save(&mut ctx.kv_mut(store), &id)?;
    Ok(id)
}

/// The raw prefix of a map's entries whose keys begin with these parts; `()` for all entries.
pub fn prefix<'a, K, T>(map: &Map<K, T>, parts: impl Prefixer<'a>) -> Vec<u8> {
    Prefix::<Vec<u8>, Empty, Vec<u8>>::new(map.namespace_bytes(), &parts.prefix()).to_vec()
}

/// The number that the rest of an index's key is.
pub fn id_of(key: &[u8]) -> Result<u64> {
    let bytes: [u8; 8] = key.try_into().map_err(|_| SdkError::Logic("an index does not end with a number".into()))?;
    Ok(u64::from_be_bytes(bytes))
}
