//! `keys export`, `import`, `import-hex` and `mnemonic`: secrets as text.

use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use clap::Args;
use openledger_client::key::{mnemonic_of, new_mnemonic};
use openledger_client::keyring::armor;
use openledger_client::{prompt, Key};
use sha2::{Digest, Sha256};

use super::super::output::line;
use super::super::settings::Settings;

/// `keys export`.
#[derive(Args)]
#[command(after_help = "\
The passphrase for the export has at least 8 characters; it is asked for on a terminal, and otherwise the first line of standard
input. After it comes the keyring's own, with --keyring-backend file.

Examples:
  openledgerd keys export alice > alice.asc
  openledgerd keys export alice --unarmored-hex --unsafe --yes      # anyone who reads it owns the key")]
pub struct Export {
    /// Its name
    name: String,
    /// Print 64 hexadecimal digits, not encrypted; with --unsafe
    #[arg(long = "unarmored-hex")]
    unarmored_hex: bool,
    /// Allow what is not safe
    #[arg(long = "unsafe")]
    is_unsafe: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// `keys import`.
#[derive(Args)]
#[command(after_help = "\
The armour may come from openledgerd, simd, gaiad or another SDK chain. The first line of standard input is the passphrase that it
was exported with.

Example:
  openledgerd keys import alice alice.asc")]
pub struct Import {
    /// Its name here
    name: String,
    /// The file that holds the armour
    file: PathBuf,
}

/// `keys import-hex`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  openledgerd keys import-hex alice 0x1f2e…                        # shells keep a history"
)]
pub struct ImportHex {
    /// Its name here
    name: String,
    /// 64 hexadecimal digits, with 0x before them or not
    hex: String,
    /// The kind of key
    #[arg(long = "key-type", value_name = "KIND", value_parser = ["secp256k1"], default_value = "secp256k1")]
    key_type: String,
}

/// `keys mnemonic`.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd keys mnemonic")]
pub struct Mnemonic {
    /// Make the words from what you type, e.g. 100 throws of a die
    #[arg(long = "unsafe-entropy")]
    unsafe_entropy: bool,
}

impl Export {
    pub(super) fn run(self, settings: &Settings) -> Result<()> {
        ensure!(self.unarmored_hex == self.is_unsafe, "the flags --unsafe and --unarmored-hex must be used together");
        ensure!(settings.ring()?.has(&self.name)?, "{}: key not found", self.name);
        if self.is_unsafe {
            let question =
                "WARNING: The private key will be exported as an unarmored hexadecimal string. USE AT YOUR OWN \
                            RISK. Continue?";
            ensure!(self.yes || prompt::confirm(question)?, "not exported");
            return line(&hex::encode(settings.ring()?.get(&self.name)?.secret()));
        }
        let passphrase = prompt::new_secret("Enter passphrase to encrypt the exported key:", None)?;
        line(&armor::export(&settings.ring()?.get(&self.name)?, &passphrase)?)
    }
}

impl Import {
    pub(super) fn run(self, settings: &Settings) -> Result<()> {
        let ring = settings.ring()?;
        ensure!(!ring.has(&self.name)?, "a key named {} is there already", self.name);
        let text = std::fs::read_to_string(&self.file).with_context(|| format!("reading {}", self.file.display()))?;
        let passphrase = prompt::secret("Enter passphrase to decrypt your key:")?;
        Ok(ring.add(&self.name, &armor::import(&text, &passphrase)?)?)
    }
}

impl ImportHex {
    pub(super) fn run(self, settings: &Settings) -> Result<()> {
        let digits = self.hex.strip_prefix("0x").unwrap_or(&self.hex);
        // What was given is a secret, so that the error does not repeat it.
        let secret = hex::decode(digits).context("the key is no hexadecimal: write 64 digits")?;
        Ok(settings.ring()?.add(&self.name, &Key::from_secret(&secret)?)?)
    }
}

impl Mnemonic {
    pub(super) fn run(self) -> Result<()> {
        if !self.unsafe_entropy {
            return line(&new_mnemonic()?);
        }
        let typed = prompt::line("WARNING: Generate at least 256-bits of entropy and enter the results here:")?;
        ensure!(
            typed.len() >= 43,
            "256-bits is 43 characters in Base-64, and 100 in Base-6. You entered {}, and probably want more",
            typed.len()
        );
        ensure!(prompt::confirm(&format!("Input length: {}", typed.len()))?, "nothing was made");
        line(&mnemonic_of(&Sha256::digest(typed).into())?)
    }
}
