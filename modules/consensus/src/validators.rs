//! The validators: who they are by consensus key, and with which power.
//!
//! Those of InitChain are guests: they stay until staking bonds its first validator, and from then on staking's alone count
//! (`docs/decisions/0016-guests.md`). Source of the addresses: CometBFT v0.38 `crypto/{ed25519,secp256k1}`.

use std::collections::BTreeMap;

use cosmwasm_std::Order;
use openledger_core::{Address, ConsensusKey, Context, Result, ValidatorUpdate};

use crate::error::ConsensusError;
use crate::keeper::Consensus;
use crate::state::{Record, StoredKey, GUESTS, STORE, TOTAL_POWER, VALIDATORS};

/// The most power that CometBFT lets a validator set have.
pub const MAX_TOTAL_POWER: u64 = i64::MAX.unsigned_abs() / 8;

/// A validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    /// Its consensus address, by which CometBFT names it in votes and evidence.
    pub address: Address,
    /// Its consensus key.
    pub key: ConsensusKey,
    /// Its voting power; positive.
    pub power: u64,
}

/// The consensus address of a key: SHA-256 of an ed25519 key cut to 20 bytes, RIPEMD-160(SHA-256) of a secp256k1 key.
pub fn consensus_address(key: &ConsensusKey) -> Address {
    match key {
        ConsensusKey::Ed25519(key) => Address::of_sha256(key),
        ConsensusKey::Secp256k1(key) => Address::of_secp256k1(key),
    }
}

impl Consensus {
    /// Consensus addresses and powers, in order of the addresses.
    pub fn validators(&self, ctx: &Context) -> Result<Vec<(Vec<u8>, u64)>> {
        let validators = self.validator_set(ctx)?;
        Ok(validators.into_iter().map(|validator| (validator.address.as_bytes().to_vec(), validator.power)).collect())
    }

    /// The validators, in order of their consensus addresses.
    pub fn validator_set(&self, ctx: &Context) -> Result<Vec<Validator>> {
        let kv = ctx.kv(STORE);
        let records = VALIDATORS.range(&*kv, None, None, Order::Ascending).map(|entry| {
            let (address, Record { key, power }) = entry?;
            Ok(Validator { address: Address::new(address)?, key: key.into(), power })
        });
        records.collect()
    }

    /// The validator with this consensus address.
    pub fn validator(&self, ctx: &Context, address: &Address) -> Result<Option<Validator>> {
        let record = VALIDATORS.may_load(&*ctx.kv(STORE), address.as_bytes())?;
        let with_address = |Record { key, power }| Validator { address: address.clone(), key: key.into(), power };
        Ok(record.map(with_address))
    }

    /// The sum of all powers.
    pub fn total_power(&self, ctx: &Context) -> Result<u64> {
        Ok(TOTAL_POWER.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// Replaces the validators by InitChain's. Refuses keys of a wrong length, a key twice, no power, and more power together than
    /// CometBFT takes. None at all is accepted, as the design says of InitChain.
    pub fn set_validators(&self, ctx: &mut Context, validators: &[ValidatorUpdate]) -> Result<()> {
        let mut set = BTreeMap::new();
        let mut total = 0u64;
        for ValidatorUpdate { key, power } in validators {
            let address = consensus_address(key);
            let (bytes, length) = match key {
                ConsensusKey::Ed25519(key) => (key, 32),
                ConsensusKey::Secp256k1(key) => (key, 33),
            };
            if bytes.len() != length {
                return refuse(format!("a consensus key has {length} bytes, not {}", bytes.len()));
            }
            if *power == 0 {
                return refuse(format!("validator {} has no power", hex_of(&address)));
            }
            total = total.saturating_add(*power);
            if total > MAX_TOTAL_POWER {
                return refuse(format!("the validators have more power than {MAX_TOTAL_POWER} together"));
            }
            let record = Record { key: StoredKey::from(key), power: *power };
            if set.insert(address.clone(), record).is_some() {
                return refuse(format!("validator {} is there twice", hex_of(&address)));
            }
        }
        let mut kv = ctx.kv_mut(STORE);
        VALIDATORS.clear(&mut kv);
        for (address, record) in &set {
            VALIDATORS.save(&mut kv, address.as_bytes(), record)?;
        }
        TOTAL_POWER.save(&mut kv, &total)?;
        Ok(())
    }
}

/// Changes.
impl Consensus {
    pub(crate) fn mark_guests(&self, ctx: &mut Context) -> Result<()> {
        GUESTS.save(&mut ctx.kv_mut(STORE), &true)?;
        Ok(())
    }

    /// Whether the validators are InitChain's, and staking has none.
    pub fn has_guests(&self, ctx: &Context) -> Result<bool> {
        Ok(GUESTS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// Takes over what staking changed; what CometBFT is to be told. With the first validator of staking's the guests go, in the
    /// same update.
    pub fn apply_updates(&self, ctx: &mut Context, updates: &[ValidatorUpdate]) -> Result<Vec<ValidatorUpdate>> {
        let mut updates = updates.to_vec();
        if updates.iter().any(|update| update.power > 0) && self.has_guests(ctx)? {
            for guest in self.validator_set(ctx)? {
                if updates.iter().all(|update| update.key != guest.key) {
                    updates.push(ValidatorUpdate { key: guest.key, power: 0 });
                }
            }
            GUESTS.remove(&mut ctx.kv_mut(STORE));
        }
        let mut total = self.total_power(ctx)?;
        for ValidatorUpdate { key, power } in &updates {
            let address = consensus_address(key);
            let before = self.validator(ctx, &address)?.map_or(0, |validator| validator.power);
            total = total.saturating_sub(before).saturating_add(*power);
            let mut kv = ctx.kv_mut(STORE);
            match *power {
                0 => VALIDATORS.remove(&mut kv, address.as_bytes()),
                power => VALIDATORS.save(&mut kv, address.as_bytes(), &Record { key: StoredKey::from(key), power })?,
            }
        }
        if total > MAX_TOTAL_POWER {
            refuse(format!("the validators have more power than {MAX_TOTAL_POWER} together"))?;
        }
        if !updates.is_empty() {
            TOTAL_POWER.save(&mut ctx.kv_mut(STORE), &total)?;
        }
        Ok(updates)
    }
}

/// A consensus address as CometBFT prints it.
fn hex_of(address: &Address) -> String {
    address.as_bytes().iter().map(|byte| format!("{byte:02X}")).collect()
}

fn refuse(text: String) -> Result<()> {
    Err(ConsensusError::InvalidValidators(text).into())
}
