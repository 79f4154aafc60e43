//! The command line: `simd`'s verbs and flags, one file a verb.
//!
//! A verb is a clap struct with `run(self, &Global) -> Result<()>`; to add one, write its file and a line in [`Verb`] and in
//! [`Cli::run`]. Results go to stdout, logs and errors to stderr; an error ends with exit code 1.

// No part of consensus: clocks, the environment and plain arithmetic may be used.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, clippy::arithmetic_side_effects)]
#![allow(clippy::float_arithmetic, clippy::indexing_slicing)]

mod auto;
mod comet;
mod completion;
mod config;
mod debug;
mod environment;
mod export;
mod genesis;
mod gentx;
mod init;
mod keys;
mod output;
mod query;
mod rollback;
mod settings;
mod simd_flags;
mod snapshots;
mod start;
mod status;
mod testnet;
mod tx;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::node::log::{self, Style};
use crate::node::Home;

/// OpenLedger: an application chain for AI whose attribution anyone can verify.
#[derive(Parser)]
#[command(name = "openledgerd", version, about, propagate_version = false, after_help = HELP)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

const HELP: &str = "\
Every flag can be given as an environment variable: --keyring-backend is OPENLEDGERD_KEYRING_BACKEND, --grpc.address is
OPENLEDGERD_GRPC_ADDRESS. A flag wins over its variable, and both over the files in <home>/config. `--help` after any verb says more.

First steps:
  openledgerd init my-node --chain-id my-chain-1
  openledgerd keys add alice
  openledgerd genesis add-genesis-account alice 1000000000000000000000aopen
  openledgerd start";

/// Flags of every verb.
#[derive(clap::Args)]
pub struct Global {
    /// The node's folder [default: ~/.openledger]
    #[arg(long, global = true, env = "OPENLEDGERD_HOME", value_name = "FOLDER", help_heading = "Everywhere")]
    home: Option<PathBuf>,
    /// What is logged: trace, debug, info, warn, error or none, or pairs like abci:debug,store:trace,*:info
    #[arg(
        long = "log_level",
        global = true,
        env = "OPENLEDGERD_LOG_LEVEL",
        value_name = "LEVEL",
        help_heading = "Everywhere"
    )]
    log_level: Option<String>,
    /// How it is logged: plain or json
    #[arg(
        long = "log_format",
        global = true,
        env = "OPENLEDGERD_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "plain",
        help_heading = "Everywhere"
    )]
    log_format: LogFormat,
    /// Log without colours
    #[arg(long = "log_no_color", global = true, env = "OPENLEDGERD_LOG_NO_COLOR", help_heading = "Everywhere")]
    log_no_color: bool,
    /// Print where an error came from
    #[arg(long, global = true, env = "OPENLEDGERD_TRACE", help_heading = "Everywhere")]
    trace: bool,
}

/// How logs are written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    #[value(alias = "text")]
    Plain,
    Json,
}

impl Global {
    /// The node's folder.
    pub fn home(&self) -> Result<Home> {
        Home::new(self.home.clone())
    }
}

// One a process: its size is nobody's concern.
#[allow(clippy::large_enum_variant)]
#[derive(Subcommand)]
enum Verb {
    /// Make a new node: keys, settings and a genesis with this node as its validator
    Init(init::Init),
    /// Run the node: the application, and CometBFT as its child
    Start(start::Start),
    /// Ask a node for its state
    Status(status::Status),
    /// Go one height back, in the application and in CometBFT
    Rollback(rollback::Rollback),
    /// Check and edit the genesis file
    #[command(subcommand)]
    Genesis(genesis::Genesis),
    /// Make and run networks of several validators, for development
    #[command(subcommand)]
    Testnet(testnet::Testnet),
    /// The consensus engine's own commands
    #[command(subcommand, visible_alias = "cometbft", alias = "tendermint")]
    Comet(comet::Comet),
    /// Keep the keys that sign
    Keys(keys::Keys),
    /// Read and change the settings in app.toml, client.toml and config.toml
    #[command(subcommand)]
    Config(config::Config),
    /// Print the state as a genesis, from which a new chain can start
    Export(export::Export),
    /// Make, list, restore and hand on snapshots for state sync
    #[command(subcommand)]
    Snapshots(snapshots::Snapshots),
    /// Ask the chain
    #[command(visible_alias = "q")]
    Query(query::Query),
    /// Send a message to the chain
    Tx(tx::Tx),
    /// As `simd` has it; says why there is no need of it
    #[command(hide = true)]
    Prune {
        /// What `simd` takes
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        line: Vec<String>,
    },
    /// Convert addresses and keys
    #[command(subcommand)]
    Debug(debug::Debug),
    /// Print what makes a shell complete verbs and flags
    Completion(completion::Completion),
    /// Print the version
    Version(version::Version),
}

/// The whole command line.
fn command() -> clap::Command {
    environment::with_variables(Cli::command().bin_name("openledgerd"))
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::from_arg_matches(&command().get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let trace = cli.global.trace;
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if trace => {
            eprintln!("Error: {error:?}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    fn run(self) -> Result<()> {
        let global = &self.global;
        let style = Style { json: global.log_format == LogFormat::Json, colour: !global.log_no_color };
        log::begin(global.log_level.as_deref(), style)?;
        match self.verb {
            Verb::Init(verb) => verb.run(global),
            Verb::Start(verb) => verb.run(global),
            Verb::Status(verb) => verb.run(global),
            Verb::Rollback(verb) => verb.run(global),
            Verb::Genesis(verb) => verb.run(global),
            Verb::Comet(verb) => verb.run(global),
            Verb::Testnet(verb) => verb.run(),
            Verb::Keys(verb) => verb.run(global),
            Verb::Config(verb) => verb.run(global),
            Verb::Export(verb) => verb.run(global),
            Verb::Snapshots(verb) => verb.run(global),
            Verb::Query(verb) => verb.run(global),
            Verb::Tx(verb) => verb.run(global),
            Verb::Prune { line } => bail!(
                "prune {}: a node removes old heights by itself, by `pruning` in app.toml, also those from before a change of it",
                line.first().map(String::as_str).unwrap_or_default()
            ),
            Verb::Debug(verb) => verb.run(),
            Verb::Completion(verb) => verb.run(),
            Verb::Version(verb) => verb.run(),
        }
    }
}
