//! `init`: a node's keys, settings and genesis, without any other program.
//!
//! As `simd init`, keys that are there are kept and a genesis that is there is only replaced with `--overwrite`. The genesis lists
//! this node as the validator, so `start` makes blocks at once.

use std::io::Write;

use anyhow::{bail, ensure, Context, Result};
use clap::Args;
use openledger_core::coin::BASE_DENOM;
use rand::distributions::{Alphanumeric, DistString};
use serde_json::json;

use super::Global;
use crate::node::genesis::{check_chain_id, AppGenesis, Validator};
use crate::node::keys::{self, Key};
use crate::node::Home;
use crate::runtime::Runtime;

/// The voting power of the only validator, as CometBFT's own `init` has it.
const POWER: i64 = 10;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd init my-node --chain-id my-chain-1")]
pub struct Init {
    /// The name that other nodes see
    moniker: String,
    /// The chain's id [default: openledger- and six letters]
    #[arg(long = "chain-id", env = "OPENLEDGERD_CHAIN_ID")]
    chain_id: Option<String>,
    /// Replace a genesis that is there
    #[arg(long, short = 'o')]
    overwrite: bool,
    /// Make the validator's key from a mnemonic, which is read from stdin
    #[arg(long)]
    recover: bool,
    /// The first block's height
    #[arg(long = "initial-height", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    initial_height: i64,
    /// The base denomination; this chain has one
    #[arg(long = "default-denom", default_value = BASE_DENOM)]
    default_denom: String,
}

impl Init {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        ensure!(
            self.default_denom == BASE_DENOM,
            "--default-denom {}: the base denomination of this chain is {BASE_DENOM}",
            self.default_denom
        );
        if home.genesis().exists() && !self.overwrite {
            bail!("{} exists already: --overwrite replaces it", home.genesis().display());
        }
        let chain_id = self.chain_id.clone().unwrap_or_else(random_chain_id);
        check_chain_id(&chain_id)?;
        let mnemonic = if self.recover { Some(read_mnemonic()?) } else { None };

        home.create()?;
        let node = node_key(&home)?;
        let validator = validator_key(&home, mnemonic.as_deref())?;
        home.write_config_toml(&self.moniker)?;
        home.write_app_and_client_toml(&chain_id)?;
        let app_state = Runtime::default().default_genesis()?;
        let listed = Validator::new(&validator, POWER, &self.moniker);
        let genesis = AppGenesis::new(&chain_id, self.initial_height, listed, app_state)?;
        genesis.write(&home.genesis())?;

        let summary = json!({
            "moniker": self.moniker,
            "chain_id": chain_id,
            "node_id": node.node_id(),
            "gentxs_dir": "",
            "app_message": genesis.app_state,
        });
        eprintln!("{summary:#}");
        Ok(())
    }
}

/// An id for a chain that nobody named.
pub(super) fn random_chain_id() -> String {
    format!("openledger-{}", Alphanumeric.sample_string(&mut rand::thread_rng(), 6))
}

fn read_mnemonic() -> Result<String> {
    eprint!("Enter your bip39 mnemonic: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let mnemonic = line.split_whitespace().collect::<Vec<_>>().join(" ");
    bip39::Mnemonic::parse_normalized(&mnemonic).context("that is no BIP-39 mnemonic of 12 to 24 English words")?;
    Ok(mnemonic)
}

/// The node's key, made where there is none.
pub(super) fn node_key(home: &Home) -> Result<Key> {
    let path = home.config("node_key.json");
    if path.exists() {
        return Key::read(&path);
    }
    let key = Key::generate();
    key.write_node_key(home)?;
    Ok(key)
}

/// The validator's key: of a mnemonic, or made where there is none.
pub(super) fn validator_key(home: &Home, mnemonic: Option<&str>) -> Result<Key> {
    let path = home.config("priv_validator_key.json");
    let key = match mnemonic {
        None if path.exists() => Key::read(&path)?,
        None => Key::generate(),
        Some(mnemonic) => Key::from_mnemonic(mnemonic),
    };
    if mnemonic.is_some() || !path.exists() {
        key.write_validator_key(home)?;
    }
    // What was signed stays: without it the key might sign two blocks of one height.
    if !home.data("priv_validator_state.json").exists() {
        keys::write_validator_state(home)?;
    }
    Ok(key)
}
