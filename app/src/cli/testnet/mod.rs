//! `testnet`: networks of several validators, for development: their files (`files.rs`, `gentx.rs`), and all of them at once on this
//! machine (`run.rs`). Verbs and flags are `simd`'s (SDK v0.50 `simapp/simd/cmd/testnet.go`).

mod files;
mod gentx;
mod run;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{ensure, Result};
use clap::{Args, Subcommand};

use super::init::random_chain_id;
use crate::node::genesis::check_chain_id;
use files::{Network, Place};

/// The verbs.
#[derive(Subcommand)]
pub enum Testnet {
    /// Make the folders of a network's validators: keys, settings, and the genesis with all of them in it
    InitFiles(InitFiles),
    /// Run a network on this machine until Ctrl-C; where its folder is not there yet it is made
    Start(StartAll),
}

/// Flags of both.
#[derive(Args)]
struct Common {
    /// How many validators there are
    #[arg(long = "v", short = 'v', default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=250))]
    validators: u16,
    /// The folder that holds the network
    #[arg(long = "output-dir", short = 'o', value_name = "FOLDER", default_value = "./.testnets")]
    output_dir: PathBuf,
    /// The chain's id [default: openledger- and six letters]
    #[arg(long = "chain-id")]
    chain_id: Option<String>,
    /// What each node asks of a fee
    #[arg(long = "minimum-gas-prices", value_name = "PRICES", default_value = "0aopen")]
    minimum_gas_prices: String,
    /// The kind of the operators' keys; this chain has one
    #[arg(long = "key-type", alias = "key-algo", default_value = "secp256k1", value_parser = ["secp256k1"])]
    key_type: String,
    /// Where the operators' keys are kept
    #[arg(
        long = "keyring-backend",
        env = "OPENLEDGERD_KEYRING_BACKEND",
        value_name = "BACKEND",
        default_value = "test"
    )]
    keyring_backend: String,
    /// What the validators' folders are called, before their numbers
    #[arg(long = "node-dir-prefix", value_name = "NAME", default_value = "node")]
    node_dir_prefix: String,
    /// A node's home within its validator's folder
    #[arg(long = "node-daemon-home", value_name = "NAME", default_value = "openledgerd")]
    node_daemon_home: String,
    /// How long a node waits after each block [default: that of config.toml]
    #[arg(long = "commit-timeout", value_name = "DURATION")]
    commit_timeout: Option<String>,
}

/// `testnet init-files`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openledgerd testnet init-files --v 4 --output-dir ./net --starting-ip-address 192.168.10.2
  openledgerd testnet init-files --v 4 --output-dir ./net --single-host --chain-id test-1
Then on each machine: openledgerd start --home ./net/node0/openledgerd")]
pub struct InitFiles {
    #[command(flatten)]
    common: Common,
    /// The first node's address; the others follow: 192.168.0.1 gives 192.168.0.1, 192.168.0.2, …
    #[arg(long = "starting-ip-address", value_name = "ADDRESS", default_value = "192.168.0.1")]
    starting_ip_address: Ipv4Addr,
    /// All on this machine: loopback, and ports of each one's own
    #[arg(long = "single-host", alias = "single-machine")]
    single_host: bool,
}

/// `testnet start`.
#[derive(Args)]
#[command(after_help = "\
The first node has the usual ports, each other one those that follow: RPC 26657, 26658, …; REST 1317, …; gRPC 9090, …; peers 16656, ….

Examples:
  openledgerd testnet start
  openledgerd testnet start --v 7 --output-dir /tmp/net --enable-logging")]
pub struct StartAll {
    #[command(flatten)]
    common: Common,
    /// Show what the nodes log; without it, it goes to node.log in their homes
    #[arg(long = "enable-logging")]
    enable_logging: bool,
    /// Print the words of the operators' keys
    #[arg(long = "print-mnemonic", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    print_mnemonic: bool,
    /// The cometbft binary [default: the first on the PATH, or in $HOME/go/bin]
    #[arg(long = "comet-bin", env = "OPENLEDGERD_COMET_BIN", value_name = "FILE")]
    comet_bin: Option<PathBuf>,
}

impl Testnet {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::InitFiles(verb) => {
                let place =
                    if verb.single_host { Place::OneMachine } else { Place::Machines(verb.starting_ip_address) };
                let network = verb.common.network(place)?;
                network.make()?;
                eprintln!("Successfully initialized {} node directories", network.validators);
                Ok(())
            }
            Self::Start(verb) => {
                let network = verb.common.network(Place::OneMachine)?;
                if !network.root.exists() {
                    for (index, words) in network.make()?.iter().enumerate().filter(|_| verb.print_mnemonic) {
                        eprintln!("{}{index}: {words}", network.prefix);
                    }
                }
                run::run(&network, verb.comet_bin.as_deref(), verb.enable_logging)
            }
        }
    }
}

impl Common {
    fn network(&self, place: Place) -> Result<Network> {
        let chain_id = self.chain_id.clone().unwrap_or_else(random_chain_id);
        check_chain_id(&chain_id)?;
        for name in [&self.node_dir_prefix, &self.node_daemon_home] {
            let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
            ensure!(plain && !name.starts_with('.'), "{name:?} is no name of a folder");
        }
        Ok(Network {
            root: self.output_dir.clone(),
            validators: self.validators,
            chain_id,
            minimum_gas_prices: self.minimum_gas_prices.clone(),
            keyring_backend: self.keyring_backend.clone(),
            prefix: self.node_dir_prefix.clone(),
            daemon_home: self.node_daemon_home.clone(),
            commit_timeout: self.commit_timeout.clone(),
            place,
        })
    }
}
