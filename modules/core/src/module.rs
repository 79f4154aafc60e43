//! What a module offers the chain beside messages and queries: genesis, blocks, invariants.

use openledger_store::StoreName;

use crate::context::Context;
use crate::error::{Result, SdkError};
use crate::router::Router;

/// A change of the validator set that is handed to CometBFT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidatorUpdate {
    /// The consensus key.
    pub key: ConsensusKey,
    /// Voting power; 0 removes the validator.
    pub power: u64,
}

/// A validator's consensus key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsensusKey {
    /// 32 bytes.
    Ed25519(Vec<u8>),
    /// 33 bytes, compressed.
    Secp256k1(Vec<u8>),
}

/// One module of the chain. The order of modules in blocks, genesis and export stands in `app/src/runtime.rs` alone.
pub trait Module: Send + Sync {
    /// Its name: in `app_state`, in `message.module`, as codespace.
    fn name(&self) -> &'static str;

    /// The store it owns.
    fn store(&self) -> Option<StoreName> {
        None
    }

    /// Registers its messages and queries.
    fn register(&self, router: &mut Router);

    /// Full protobuf name of its genesis, e.g. `"cosmos.bank.v1beta1.GenesisState"`; JSON in files, protobuf bytes here.
    fn genesis_type(&self) -> &'static str;

    /// The genesis of a new chain, encoded.
    fn default_genesis(&self) -> Vec<u8>;

    /// Checks a genesis without a chain (`genesis validate`).
    fn validate_genesis(&self, genesis: &[u8]) -> Result<()>;

    /// Takes the state over from a genesis.
    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()>;

    /// Its state as a genesis that [`Module::init_genesis`] takes.
    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>>;

    /// Before the transactions of a block. An error ends the process: it is a fault of ours.
    fn begin_block(&self, _ctx: &mut Context) -> Result<()> {
        Ok(())
    }

    /// After the transactions of a block; what changed in the validator set.
    fn end_block(&self, _ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        Ok(Vec::new())
    }

    /// The version of its state's layout and rules; what changes them raises it and brings a [`Module::migrate`].
    fn version(&self) -> u64 {
        1
    }

    /// Brings its state from this version to the next one, when an upgrade is applied.
    fn migrate(&self, _ctx: &mut Context, from: u64) -> Result<()> {
        let next = from.saturating_add(1);
        Err(SdkError::Logic(format!(
            "no migrations found for module {} from version {from} to version {next}",
            self.name()
        ))
        .into())
    }

    /// What must hold after every block; the error says what is broken. Tests check it after each block.
    fn check_invariants(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}
