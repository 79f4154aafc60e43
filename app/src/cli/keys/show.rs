//! `keys show` and `keys list`.

use anyhow::{ensure, Result};
use clap::Args;
use openledger_client::keyring::{Kind, Record};
use openledger_client::public_key;
use openledger_core::address::ACCOUNT_PREFIX;
use serde_json::Value;

use super::super::output::{line, print, Output};
use super::super::settings::Settings;
use super::{entry, Bech};

/// `keys show`.
#[derive(Args)]
#[command(after_help = "\
Several keys are shown as the multisig that they would make, in the order given; nothing is kept.

Examples:
  openledgerd keys show alice
  openledgerd keys show alice -a                                    # the address alone
  openledgerd keys show alice --bech val -a
  openledgerd keys show alice bob carol --multisig-threshold 2 -a")]
pub struct Show {
    /// Names or addresses
    #[arg(required = true, value_name = "NAME_OR_ADDRESS")]
    keys: Vec<String>,
    /// The address alone
    #[arg(long, short = 'a', conflicts_with = "pubkey")]
    address: bool,
    /// The public key alone
    #[arg(long, short = 'p')]
    pubkey: bool,
    /// Which address: an account's, a validator's or a consensus key's
    #[arg(long, default_value = "acc")]
    bech: Bech,
    /// How many of several keys must sign
    #[arg(long = "multisig-threshold", value_name = "NUMBER", default_value_t = 1)]
    threshold: u32,
    /// Ledger devices are not supported
    #[arg(long, short = 'd', hide = true)]
    device: bool,
}

/// `keys list`.
#[derive(Args)]
#[command(after_help = "Examples:\n  openledgerd keys list\n  openledgerd keys list -n")]
pub struct List {
    /// Names alone; no passphrase is needed
    #[arg(long = "list-names", short = 'n')]
    names: bool,
}

impl Show {
    pub(super) fn run(self, settings: &Settings, is_output_given: bool) -> Result<()> {
        ensure!(!self.device, "--device: Ledger devices are not supported");
        let alone = self.address || self.pubkey;
        ensure!(!(alone && is_output_given), "cannot use --output with --address or --pubkey");
        let mut records = self.keys.iter().map(|name| settings.record(name)).collect::<Result<Vec<_>>>()?;
        let record = if records.len() == 1 { records.swap_remove(0) } else { self.multisig(records)? };
        let shown = entry(&record, self.bech.prefix())?;
        let text = |field: &str| shown[field].as_str().unwrap_or_default().to_string();
        match (self.address, self.pubkey, settings.output()?) {
            (true, ..) => line(&text("address")),
            (_, true, _) => line(&text("pubkey")),
            (.., Output::Json) => line(&shown.to_string()),
            (.., output) => print(&Value::Array(vec![shown]), output),
        }
    }

    fn multisig(&self, records: Vec<Record>) -> Result<Record> {
        let keys = records.into_iter().map(|record| record.public_key).collect();
        let public_key = public_key::new_multisig(self.threshold, keys)?;
        Ok(Record { name: "multi".into(), public_key, kind: Kind::Multi })
    }
}

impl List {
    pub(super) fn run(self, settings: &Settings) -> Result<()> {
        let (ring, output) = (settings.ring()?, settings.output()?);
        let names = ring.list()?;
        if names.is_empty() && output == Output::Text {
            eprintln!("No records were found in keyring");
            return Ok(());
        }
        if self.names {
            return names.iter().try_for_each(|name| line(name));
        }
        // So that what fails below is the fault of one file.
        ring.passphrase()?;
        let mut shown = Vec::new();
        for name in &names {
            // One damaged file hides none of the others.
            match ring.record(name) {
                Ok(record) => shown.push(entry(&record, ACCOUNT_PREFIX)?),
                Err(error) => eprintln!("{error}"),
            }
        }
        print(&Value::Array(shown), output)
    }
}
