//! `keys add`: a key from fresh words, from words that somebody has, a public key alone, or a multisig.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::Args;
use openledger_client::key::new_mnemonic;
use openledger_client::keyring::{Kind, Record};
use openledger_client::public_key::{self, PublicKey};
use openledger_client::{prompt, Key, Keyring};
use openledger_core::address::ACCOUNT_PREFIX;
use serde_json::Value;

use super::super::output::{line, print, Output};
use super::super::settings::Settings;
use super::entry;

/// BIP-32's indices below the hardened ones.
const MAX_INDEX: u32 = 0x7FFF_FFFF;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "\
The words and passphrases are asked for on a terminal, and otherwise read from standard input, one a line: first the words
(--recover, --interactive), then the BIP-39 passphrase twice (--interactive), then the keyring's passphrase, twice the first time.

Examples:
  openledgerd keys add alice
  openledgerd keys add alice --recover                              # then type the 12 to 24 words
  openledgerd keys add alice --recover --source words.txt --account 1
  openledgerd keys add bob --pubkey '{\"@type\":\"/cosmos.crypto.secp256k1.PubKey\",\"key\":\"A…\"}'
  openledgerd keys add board --multisig alice,bob,carol --multisig-threshold 2")]
pub struct Add {
    /// Its name
    name: String,
    /// Restore the key from its words
    #[arg(long)]
    recover: bool,
    /// Ask for words and a BIP-39 passphrase
    #[arg(long, short)]
    interactive: bool,
    /// With --recover or --interactive: a file that holds the words
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// A BIP-32 path, in the place of --coin-type, --account and --index
    #[arg(long = "hd-path", value_name = "PATH", conflicts_with_all = ["coin_type", "account", "index"])]
    path: Option<String>,
    /// The coin type of BIP-44
    #[arg(long = "coin-type", value_name = "NUMBER", default_value_t = 118, value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_INDEX)))]
    coin_type: u32,
    /// The account of BIP-44
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_INDEX)))]
    account: u32,
    /// The address index of BIP-44
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_INDEX)))]
    index: u32,
    /// Do not print the words
    #[arg(long = "no-backup")]
    no_backup: bool,
    /// Show what would be made, and keep nothing
    #[arg(long = "dry-run")]
    dry_run: bool,
    /// Keep a multisig of these keys
    #[arg(long, value_name = "NAME,NAME…", value_delimiter = ',')]
    multisig: Vec<String>,
    /// How many keys of a multisig must sign
    #[arg(long = "multisig-threshold", value_name = "NUMBER", default_value_t = 1)]
    threshold: u32,
    /// Take a multisig's keys in the order given [default: by address]
    #[arg(long)]
    nosort: bool,
    /// Keep a public key alone, given as JSON
    #[arg(long = "pubkey", value_name = "JSON", conflicts_with = "pubkey_base64")]
    pubkey: Option<String>,
    /// Keep a public key alone, given as 33 bytes in base64
    #[arg(long = "pubkey-base64", value_name = "BASE64")]
    pubkey_base64: Option<String>,
    /// The kind of key
    #[arg(long = "key-type", alias = "algo", value_name = "KIND", value_parser = ["secp256k1"], default_value = "secp256k1")]
    key_type: String,
    /// Keys on a Ledger device are not supported
    #[arg(long, hide = true)]
    ledger: bool,
}

impl Add {
    pub(super) fn run(self, settings: &Settings) -> Result<()> {
        ensure!(!self.ledger, "Ledger devices are not supported: use --recover, or keep its key with --pubkey");
        let memory = Keyring::in_memory();
        let ring = if self.dry_run { &memory } else { settings.ring()? };
        let output = settings.output()?;
        let replaces = self.replaces(ring)?;
        // The new key is whole before the old one goes, so that nothing is lost to a mistyped word.
        let (record, words) = match self.public(settings)? {
            Some(record) => (record, None),
            None => {
                let (words, passphrase) = self.words()?;
                let key = Key::from_mnemonic_and_passphrase(&words, &passphrase, &self.path())?;
                let shown = (!self.recover && !self.no_backup).then_some(words);
                (Record::local(&self.name, &key), shown)
            }
        };
        if replaces {
            if let Some(other) = ring.by_address(&record.address())?.filter(|other| other.name != self.name) {
                bail!("the keyring has this key already, under the name {}", other.name);
            }
            ring.delete(&self.name)?;
        }
        ring.save(&record)?;
        print_record(&record, words.as_deref(), output)
    }

    /// Whether there is an older key of this name, which is to be deleted.
    fn replaces(&self, ring: &Keyring) -> Result<bool> {
        if !ring.has(&self.name)? {
            return Ok(false);
        }
        let sure = prompt::confirm(&format!("override the existing name {}", self.name))
            .with_context(|| format!("a key named {} is there already", self.name))?;
        ensure!(sure, "aborted: a key named {} is there already", self.name);
        Ok(true)
    }

    fn path(&self) -> String {
        let standard = || format!("m/44'/{}'/{}'/0/{}", self.coin_type, self.account, self.index);
        self.path.clone().unwrap_or_else(standard)
    }

    /// A record without a secret, where the flags ask for one.
    fn public(&self, settings: &Settings) -> Result<Option<Record>> {
        let of = |public_key: PublicKey, kind: Kind| Some(Record { name: self.name.clone(), public_key, kind });
        if !self.multisig.is_empty() {
            let keys = self.multisig.iter().map(|name| Ok(settings.record(name)?.public_key));
            let mut keys = keys.collect::<Result<Vec<_>>>()?;
            if !self.nosort {
                keys.sort_by_key(PublicKey::address);
            }
            return Ok(of(public_key::new_multisig(self.threshold, keys)?, Kind::Multi));
        }
        if let Some(json) = &self.pubkey {
            return Ok(of(public_key::from_json(json)?, Kind::Offline));
        }
        let Some(text) = &self.pubkey_base64 else { return Ok(None) };
        let bytes = BASE64.decode(text).with_context(|| format!("--pubkey-base64 {text:?}"))?;
        let length = bytes.len();
        let key = PublicKey::Secp256k1(bytes.into());
        let key = public_key::from_any(&key.to_any()).with_context(|| format!("--pubkey-base64 of {length} bytes"))?;
        Ok(of(key, Kind::Offline))
    }

    /// The words and the BIP-39 passphrase.
    fn words(&self) -> Result<(String, String)> {
        let source = match &self.source {
            Some(_) if !self.recover && !self.interactive => bail!("--source goes with --recover or --interactive"),
            Some(path) => Some(std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?),
            None => None,
        };
        let words = match source {
            Some(words) => words,
            None if self.recover => prompt::line("Enter your bip39 mnemonic")?,
            None if self.interactive => prompt::line("Enter your bip39 mnemonic, or hit enter to generate one.")?,
            None => String::new(),
        };
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(!words.is_empty() || !self.recover, "--recover needs the 12 to 24 words of the key");
        let words = if words.is_empty() { new_mnemonic()? } else { words };
        let passphrase = if self.interactive { bip39_passphrase()? } else { String::new() };
        Ok((words, passphrase))
    }
}

fn bip39_passphrase() -> Result<String> {
    let question = "Enter your bip39 passphrase. This is combined with the mnemonic to derive the seed. \
                    Most users should just hit enter to use the default, \"\"";
    let passphrase = prompt::line(question)?;
    let repeated = if passphrase.is_empty() { String::new() } else { prompt::line("Repeat the passphrase:")? };
    ensure!(passphrase == repeated, "passphrases don't match");
    Ok(passphrase)
}

fn print_record(record: &Record, words: Option<&str>, output: Output) -> Result<()> {
    let mut shown = entry(record, ACCOUNT_PREFIX)?;
    if let (Output::Json, Some(words)) = (output, words) {
        shown["mnemonic"] = words.into();
    }
    if output == Output::Json {
        return line(&shown.to_string());
    }
    print(&Value::Array(vec![shown]), output)?;
    if let Some(words) = words {
        eprintln!(
            "\n**Important** write this mnemonic phrase in a safe place.\n\
             It is the only way to recover your account if you ever forget your password.\n\n{words}"
        );
    }
    Ok(())
}
