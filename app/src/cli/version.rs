//! `version`: this program's.

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::node::comet;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd version --long -o json")]
pub struct Version {
    /// Print what it was built from as well
    #[arg(long)]
    long: bool,
    /// How the long form is written
    #[arg(long, short, default_value = "text")]
    output: Output,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

impl Version {
    pub(super) fn run(self) -> Result<()> {
        let version = env!("CARGO_PKG_VERSION");
        if !self.long {
            println!("{version}");
            return Ok(());
        }
        let long = json!({
            "name": "openledger",
            "server_name": "openledgerd",
            "version": version,
            "commit": option_env!("OPENLEDGER_COMMIT").unwrap_or_default(),
            "abci": "0.38",
            "cometbft": comet::TESTED,
        });
        match (self.output, long.as_object()) {
            (Output::Text, Some(fields)) => {
                fields.iter().for_each(|(name, value)| println!("{name}: {}", value.as_str().unwrap_or_default()))
            }
            _ => println!("{long}"),
        }
        Ok(())
    }
}
