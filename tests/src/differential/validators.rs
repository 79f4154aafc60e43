//! CometBFT's part: who is in the set at which height.
//!
//! Source: CometBFT v0.38 `state/execution.go`: what a block says of the set counts from the height after the next one.

use std::collections::BTreeMap;

use anyhow::{ensure, Context, Result};
use openledger_core::Address;
use openledger_proto::tendermint::abci::ValidatorUpdate;
use openledger_proto::tendermint::crypto::public_key::Sum;

/// A set: powers by consensus address.
pub type Set = BTreeMap<Vec<u8>, i64>;

/// The sets by height.
#[derive(Debug, Clone)]
pub struct Validators(BTreeMap<i64, Set>);

impl Validators {
    /// The set of InitChain, which is that of heights 1 and 2.
    pub fn new(updates: &[ValidatorUpdate]) -> Result<Self> {
        let set = apply(&Set::new(), updates)?;
        ensure!(!set.is_empty(), "genesis has no validators");
        Ok(Self(BTreeMap::from([(1, set.clone()), (2, set)])))
    }

    /// What the block of a height said.
    pub fn update(&mut self, height: i64, updates: &[ValidatorUpdate]) -> Result<()> {
        let set = apply(self.at(height + 1), updates)?;
        self.0.insert(height + 2, set);
        Ok(())
    }

    /// The set of a height.
    pub fn at(&self, height: i64) -> &Set {
        &self.0[&height]
    }
}

fn apply(set: &Set, updates: &[ValidatorUpdate]) -> Result<Set> {
    let mut set = set.clone();
    for update in updates {
        let key = update.pub_key.as_ref().and_then(|key| key.sum.as_ref()).context("an update without a key")?;
        let address = match key {
            Sum::Ed25519(key) => Address::of_sha256(key),
            Sum::Secp256k1(key) => Address::of_secp256k1(key),
        };
        let address = address.as_bytes().to_vec();
        if update.power > 0 {
            set.insert(address, update.power);
        } else {
            ensure!(set.remove(&address).is_some(), "an update removes a validator that is not in the set: {update:?}");
        }
    }
    Ok(set)
}
