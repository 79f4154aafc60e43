//! `comet` (also `cometbft`, `tendermint`): what concerns the consensus engine.

use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::{Args, Subcommand};
use openledger_core::address::VALCONS_PREFIX;
use openledger_core::Address;
use serde_json::json;

use super::Global;
use crate::node::keys::{self, Key};
use crate::node::{comet, AppConfig, Home};

/// The verbs.
#[derive(Subcommand)]
pub enum Comet {
    /// Print this node's id, by which peers know it
    #[command(after_help = "Example:\n  openledgerd comet show-node-id")]
    ShowNodeId,
    /// Print the validator's public key
    #[command(after_help = "Example:\n  openledgerd comet show-validator")]
    ShowValidator,
    /// Print the validator's consensus address
    #[command(after_help = "Example:\n  openledgerd comet show-address")]
    ShowAddress,
    /// Remove all blocks and all state; keys and settings stay
    UnsafeResetAll(Reset),
    /// Remove CometBFT's blocks, state and indexes; the application's state, keys and settings stay
    #[command(after_help = "\
CometBFT begins again, and the application is ahead of it: the node starts only where state sync, or a restored snapshot and a state
written by other tools, brings CometBFT to the application's height. To begin at genesis use unsafe-reset-all.

Example:
  openledgerd comet reset-state")]
    ResetState,
    /// Verbs of `simd` that this program does not have; each says what to do instead
    #[command(external_subcommand)]
    Other(Vec<String>),
    /// Print the version of the cometbft binary
    Version(Version),
}

/// `comet unsafe-reset-all`.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd comet unsafe-reset-all --keep-addr-book")]
pub struct Reset {
    /// Keep the address book
    #[arg(long = "keep-addr-book")]
    keep_addr_book: bool,
}

/// `comet version`.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd comet version")]
pub struct Version {
    /// The cometbft binary [default: the first on the PATH, or in $HOME/go/bin]
    #[arg(long = "comet-bin", env = "OPENLEDGERD_COMET_BIN", value_name = "FILE")]
    comet_bin: Option<PathBuf>,
}

impl Comet {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        let validator = || Key::read(&home.config("priv_validator_key.json"));
        match self {
            Self::ShowNodeId => println!("{}", Key::read(&home.config("node_key.json"))?.node_id()),
            Self::ShowValidator => {
                let key = BASE64.encode(validator()?.public());
                println!("{}", json!({"@type": "/cosmos.crypto.ed25519.PubKey", "key": key}));
            }
            Self::ShowAddress => println!("{}", Address::new(validator()?.address())?.to_bech32(VALCONS_PREFIX)),
            Self::UnsafeResetAll(verb) => verb.run(&home)?,
            Self::ResetState => reset_state(&home)?,
            Self::Other(line) => other(line.first().map(String::as_str).unwrap_or_default())?,
            Self::Version(verb) => {
                let config = AppConfig::read(&home)?;
                let bin = comet::find(Some(verb.comet_bin.as_deref().unwrap_or(&config.comet.bin)))?;
                println!("{} {}", comet::version(&bin)?, bin.display());
            }
        }
        Ok(())
    }
}

impl Reset {
    /// Both databases go: one without the other could never meet again.
    fn run(self, home: &Home) -> Result<()> {
        let lock = home.lock()?;
        let data = home.root().join("data");
        for entry in std::fs::read_dir(&data).with_context(|| format!("reading {}", data.display()))? {
            let path = entry?.path();
            if path != home.data("openledgerd.lock") {
                remove(&path)?;
            }
        }
        let address_book = home.config("addrbook.json");
        if address_book.exists() && !self.keep_addr_book {
            remove(&address_book)?;
        }
        // Heights begin again, so what was signed before binds no more.
        keys::write_validator_state(home)?;
        drop(lock);
        eprintln!("removed all blocks and state in {}", data.display());
        Ok(())
    }
}

/// What CometBFT keeps of the chain, in its data folder (CometBFT v0.38 `cmd/cometbft/commands/reset.go`).
const COMET_DATA: [&str; 5] = ["blockstore.db", "state.db", "cs.wal", "evidence.db", "tx_index.db"];

/// What was signed stays noted, so that nothing is signed twice.
fn reset_state(home: &Home) -> Result<()> {
    let lock = home.lock()?;
    for name in COMET_DATA {
        let path = home.data(name);
        if path.exists() {
            remove(&path)?;
            eprintln!("removed {}", path.display());
        }
    }
    drop(lock);
    Ok(())
}

/// Why there is no such verb.
fn other(verb: &str) -> Result<()> {
    match verb {
        "bootstrap-state" => bail!(
            "comet bootstrap-state: CometBFT's binary, which this program runs, has no such verb; let state sync bring a node to a \
             height ([statesync] in config.toml)"
        ),
        other => bail!(
            "unrecognized subcommand {other:?}: comet has show-node-id, show-validator, show-address, unsafe-reset-all, reset-state \
             and version"
        ),
    }
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    removed.with_context(|| format!("removing {}", path.display()))
}
