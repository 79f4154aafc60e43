//! What commands that talk to a chain share: `--node`, `--chain-id`, the keyring and the form of the output. Each comes from its flag,
//! else from `OPENLEDGERD_<FLAG>`, else from `config/client.toml`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use clap::{Arg, ArgMatches};
use openledger_client::keyring::Record;
use openledger_client::{Keyring, Rpc};
use openledger_core::Address;

use super::output::Output;
use super::Global;
use crate::node::{ClientConfig, Home};

/// The flags, as they were given.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--node`.
    pub node: Option<String>,
    /// `--chain-id`.
    pub chain_id: Option<String>,
    /// `--output`.
    pub output: Option<String>,
    /// `--keyring-backend`.
    pub keyring_backend: Option<String>,
    /// `--keyring-dir`.
    pub keyring_dir: Option<PathBuf>,
    /// `--broadcast-mode`.
    pub broadcast_mode: Option<String>,
}

/// The flags over the file.
pub struct Settings {
    /// The node's folder.
    pub home: Home,
    flags: Flags,
    file: ClientConfig,
    ring: OnceLock<Keyring>,
}

impl Flags {
    /// The flags among `matches`; those that the command does not have stay empty.
    pub fn of(matches: &ArgMatches) -> Self {
        let get = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
        Self {
            node: get("node"),
            chain_id: get("chain-id"),
            output: get("output"),
            keyring_backend: get("keyring-backend"),
            keyring_dir: get("keyring-dir").map(PathBuf::from),
            broadcast_mode: get("broadcast-mode"),
        }
    }
}

impl Settings {
    /// Reads the file.
    pub fn new(global: &Global, flags: Flags) -> Result<Self> {
        let home = global.home()?;
        let file = ClientConfig::read(&home)?;
        Ok(Self { home, flags, file, ring: OnceLock::new() })
    }

    /// CometBFT's RPC.
    pub fn rpc(&self) -> Rpc {
        Rpc::new(self.flags.node.as_deref().unwrap_or(&self.file.node))
    }

    /// The form of the output.
    pub fn output(&self) -> Result<Output> {
        self.flags.output.as_deref().unwrap_or(&self.file.output).parse()
    }

    /// `sync` or `async`.
    pub fn broadcast_mode(&self) -> &str {
        self.flags.broadcast_mode.as_deref().unwrap_or(&self.file.broadcast_mode)
    }

    /// The chain that transactions are signed for, where it is set.
    pub fn chain_id(&self) -> Option<&str> {
        self.flags.chain_id.as_deref().or(Some(&self.file.chain_id)).filter(|id| !id.is_empty())
    }

    /// The keyring; opened once, so that its passphrase is asked for once.
    pub fn ring(&self) -> Result<&Keyring> {
        if let Some(ring) = self.ring.get() {
            return Ok(ring);
        }
        let folder: &Path = self.flags.keyring_dir.as_deref().unwrap_or(self.home.root());
        let backend = self.flags.keyring_backend.as_deref().unwrap_or(&self.file.keyring_backend);
        let ring = Keyring::open(folder, backend)?;
        Ok(self.ring.get_or_init(|| ring))
    }

    /// The key of a name or an address.
    pub fn record(&self, name_or_address: &str) -> Result<Record> {
        let found = self.ring()?.find(name_or_address);
        found.with_context(|| format!("{name_or_address} is not a valid name or address"))
    }

    /// The address of a name or an address, and the key where the keyring has it.
    pub fn signer(&self, name_or_address: &str) -> Result<(Address, Option<Record>)> {
        match name_or_address.parse::<Address>() {
            Ok(address) if !self.ring()?.has(name_or_address).unwrap_or_default() => {
                let record = self.ring()?.by_address(&address)?;
                Ok((address, record))
            }
            _ => {
                let record = self.record(name_or_address)?;
                Ok((record.address(), Some(record)))
            }
        }
    }
}

/// `--keyring-backend` and `--keyring-dir`.
pub fn keyring_flags() -> [Arg; 2] {
    [
        Arg::new("keyring-backend").long("keyring-backend").value_name("BACKEND").help(
            "Where keys are: file (encrypted), test (not encrypted) or memory [default: that of config/client.toml]",
        ),
        Arg::new("keyring-dir")
            .long("keyring-dir")
            .value_name("FOLDER")
            .help("The folder that holds the keyring's [default: --home]"),
    ]
}

/// `--node`.
pub fn node_flag() -> Arg {
    Arg::new("node")
        .long("node")
        .value_name("ADDRESS")
        .help("CometBFT's RPC, e.g. tcp://localhost:26657 [default: that of config/client.toml]")
}

/// `--output`.
pub fn output_flag() -> Arg {
    Arg::new("output")
        .long("output")
        .short('o')
        .value_name("FORM")
        .value_parser(["json", "text"])
        .help("json: one line; text: YAML [default: that of config/client.toml]")
}
