//! `keys`: the keyring. As `simd keys` (SDK v0.50 `client/keys`), with the same files, so that either program reads the other's.

mod add;
mod address;
mod secret;
mod show;

use anyhow::{ensure, Result};
use clap::{Args, Subcommand};
use openledger_client::keyring::{Kind, Record};
use openledger_client::{prompt, public_key};
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use serde_json::{json, Value};

use super::settings::{Flags, Settings};
use super::Global;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "\
Backends:
  file    encrypted files in <home>/keyring-file; a passphrase is asked for, or read from standard input
  test    unencrypted files in <home>/keyring-test; for development only
  memory  nothing is kept; for trying things out
  os, kwallet and pass need a desktop's keystore and are not supported

Examples:
  openledgerd keys add alice --keyring-backend file
  openledgerd keys list -o json
  openledgerd config set client keyring-backend file      # for all commands")]
pub struct Keys {
    /// Where keys are: file (encrypted), test (not encrypted) or memory [default: that of config/client.toml]
    #[arg(long = "keyring-backend", global = true, value_name = "BACKEND")]
    backend: Option<String>,
    /// The folder that holds the keyring's [default: --home]
    #[arg(long = "keyring-dir", global = true, value_name = "FOLDER")]
    dir: Option<std::path::PathBuf>,
    /// json: one line; text: YAML [default: that of config/client.toml]
    #[arg(long, short = 'o', global = true, value_name = "FORM", value_parser = ["json", "text"])]
    output: Option<String>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key, restore one from its words, or keep somebody's public key or a multisig
    Add(add::Add),
    /// Show keys by name or address
    Show(show::Show),
    /// List all keys
    List(show::List),
    /// List the kinds of keys that can be made
    #[command(after_help = "Example:\n  openledgerd keys list-key-types")]
    ListKeyTypes,
    /// Delete keys
    #[command(after_help = "Example:\n  openledgerd keys delete alice bob --yes")]
    Delete {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        /// No effect; --yes does not ask either
        #[arg(long, short, hide = true)]
        force: bool,
    },
    /// Give a key another name
    #[command(after_help = "Example:\n  openledgerd keys rename alice treasury --yes")]
    Rename {
        /// Its name
        old_name: String,
        /// Its new name
        new_name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Print a secret key, in ASCII armour under a passphrase
    Export(secret::Export),
    /// Take a secret key in from the armour that export wrote, here or by another chain's program
    Import(secret::Import),
    /// Take a secret key in from 64 hexadecimal digits
    ImportHex(secret::ImportHex),
    /// Make 24 words from the system's randomness, or from your own
    Mnemonic(secret::Mnemonic),
    /// Convert an address between bech32 and hexadecimal
    Parse(address::Parse),
    /// Check that every record of the keyring can be read
    #[command(after_help = "\
Records of an SDK before 0.46 (amino) are not read: let that SDK's `keys migrate` write them anew first.

Example:
  openledgerd keys migrate")]
    Migrate,
}

impl Keys {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let is_output_given = self.output.is_some();
        let flags =
            Flags { keyring_backend: self.backend, keyring_dir: self.dir, output: self.output, ..Flags::default() };
        let settings = Settings::new(global, flags)?;
        match self.verb {
            Verb::Add(verb) => verb.run(&settings),
            Verb::Show(verb) => verb.run(&settings, is_output_given),
            Verb::List(verb) => verb.run(&settings),
            Verb::ListKeyTypes => super::output::line("Supported key types/algos:\n[\"secp256k1\"]"),
            Verb::Delete { names, yes, .. } => names.iter().try_for_each(|name| delete(&settings, name, yes)),
            Verb::Rename { old_name, new_name, yes } => rename(&settings, &old_name, &new_name, yes),
            Verb::Export(verb) => verb.run(&settings),
            Verb::Import(verb) => verb.run(&settings),
            Verb::ImportHex(verb) => verb.run(&settings),
            Verb::Mnemonic(verb) => verb.run(),
            Verb::Parse(verb) => verb.run(settings.output()?),
            Verb::Migrate => {
                for name in settings.ring()?.list()? {
                    settings.ring()?.record(&name)?;
                }
                eprintln!("Keys migration has been successfully executed.");
                Ok(())
            }
        }
    }
}

fn delete(settings: &Settings, name: &str, yes: bool) -> Result<()> {
    let ring = settings.ring()?;
    let record = ring.record(name)?;
    if !yes && !prompt::confirm(&format!("Key reference {name} will be deleted. Continue?"))? {
        eprintln!("{name} is kept");
        return Ok(());
    }
    ring.delete(name)?;
    match record.kind {
        Kind::Ledger(_) | Kind::Offline => eprintln!("Public key reference deleted: {name}"),
        _ => eprintln!("Key deleted forever (uh oh!): {name}"),
    }
    Ok(())
}

fn rename(settings: &Settings, old: &str, new: &str, yes: bool) -> Result<()> {
    let ring = settings.ring()?;
    ring.record(old)?;
    ensure!(!ring.has(new)?, "rename failed, a key named {new} is there already");
    let question = format!("Key reference will be renamed from {old} to {new}. Continue?");
    if !yes && !prompt::confirm(&question)? {
        eprintln!("{old} keeps its name");
        return Ok(());
    }
    ring.rename(old, new)?;
    eprintln!("Key was successfully renamed from {old} to {new}");
    Ok(())
}

/// A key as the SDK prints it (`keys.KeyOutput`), its address under a prefix.
fn entry(record: &Record, prefix: &str) -> Result<Value> {
    let address = record.address().to_bech32(prefix);
    let key = public_key::to_json(&record.public_key)?.to_string();
    Ok(json!({"name": record.name, "type": record.type_name(), "address": address, "pubkey": key}))
}

/// Which of an address's forms is shown.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Bech {
    /// An account.
    Acc,
    /// A validator's operator.
    Val,
    /// A validator's consensus key.
    Cons,
}

impl Bech {
    fn prefix(self) -> &'static str {
        match self {
            Self::Acc => ACCOUNT_PREFIX,
            Self::Val => VALOPER_PREFIX,
            Self::Cons => VALCONS_PREFIX,
        }
    }
}
