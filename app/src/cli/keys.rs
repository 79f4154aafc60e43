//! `keys`: the keyring of this home folder.

use std::io::{BufRead, Write};

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use openledger_client::key::DEFAULT_PATH;
use openledger_client::{Key, Keyring};
use openledger_core::address::{ACCOUNT_PREFIX, VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use openledger_proto::walker;
use serde_json::{json, Value};

use super::query::print;
use super::Global;

/// See the file's head.
#[derive(Args)]
pub struct Keys {
    /// Where keys are kept: test is a folder of unencrypted files
    #[arg(long = "keyring-backend", global = true, env = "OPENLEDGERD_KEYRING_BACKEND", default_value = "test")]
    backend: String,
    /// json: one line; text: with line breaks
    #[arg(long, short = 'o', global = true, value_parser = ["json", "text"], default_value = "text")]
    output: String,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a key, or with --recover restore one from its words (read from standard input)
    Add {
        /// Its name
        name: String,
        /// Restore from words
        #[arg(long)]
        recover: bool,
        /// BIP-32 path
        #[arg(long = "hd-path", default_value = DEFAULT_PATH)]
        path: String,
        /// Do not print the words
        #[arg(long = "no-backup")]
        no_backup: bool,
    },
    /// Show a key by its name
    Show {
        /// Its name
        name: String,
        /// The address alone
        #[arg(long, short = 'a')]
        address: bool,
        /// The public key alone
        #[arg(long, short = 'p')]
        pubkey: bool,
        /// Which address: acc, val or cons
        #[arg(long, default_value = "acc")]
        bech: Bech,
    },
    /// List all keys
    List {
        /// Names alone
        #[arg(long = "list-names", short = 'n')]
        names: bool,
    },
    /// Delete keys
    Delete {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Convert an address between bech32 and hexadecimal
    Parse {
        /// The address
        address: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Bech {
    Acc,
    Val,
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

impl Keys {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let ring = Keyring::open(global.home()?.root(), &self.backend)?;
        match &self.verb {
            Verb::Add { name, recover, path, no_backup } => self.add(&ring, name, *recover, path, *no_backup),
            Verb::Show { name, address, pubkey, bech } => {
                let key = ring.get(name)?;
                match (address, pubkey) {
                    (true, true) => bail!("--address and --pubkey: choose one"),
                    (true, false) => println!("{}", key.address().to_bech32(bech.prefix())),
                    (false, true) => println!("{}", public_key(&key)?),
                    (false, false) => print(&entry(name, &key, bech.prefix())?, &self.output)?,
                }
                Ok(())
            }
            Verb::List { names: true } => {
                ring.list()?.iter().for_each(|name| println!("{name}"));
                Ok(())
            }
            Verb::List { names: false } => {
                let names = ring.list()?;
                let entries = names.iter().map(|name| entry(name, &ring.get(name)?, ACCOUNT_PREFIX));
                print(&Value::Array(entries.collect::<Result<_>>()?), &self.output)
            }
            Verb::Delete { names, yes } => {
                for name in names {
                    ring.get(name)?;
                    ensure!(*yes || confirmed(&format!("Delete the key {name} for ever?"))?, "not deleted");
                    ring.delete(name)?;
                    eprintln!("Key deleted forever: {name}");
                }
                Ok(())
            }
            Verb::Parse { address } => parse(address, &self.output),
        }
    }

    fn add(&self, ring: &Keyring, name: &str, recover: bool, path: &str, no_backup: bool) -> Result<()> {
        ensure!(!ring.has(name)?, "a key named {name} is there already; delete it first or choose another name");
        let words = if recover {
            let mut words = String::new();
            std::io::stdin().lock().read_line(&mut words).context("reading the words from standard input")?;
            words
        } else {
            Key::generate()?.1
        };
        let key = Key::from_mnemonic(&words, path)?;
        ring.add(name, &key)?;
        let mut shown = entry(name, &key, ACCOUNT_PREFIX)?;
        if !recover && !no_backup {
            if self.output == "json" {
                shown["mnemonic"] = words.into();
            } else {
                eprintln!("Write these words down; they alone restore the key:\n\n{words}\n");
            }
        }
        print(&shown, &self.output)
    }
}

fn public_key(key: &Key) -> Result<String> {
    let any = key.public_key_any();
    let json = walker::to_json("cosmos.crypto.secp256k1.PubKey", &any.value)?;
    Ok(json!({"@type": any.type_url, "key": json["key"]}).to_string())
}

fn entry(name: &str, key: &Key, prefix: &str) -> Result<Value> {
    let address = key.address().to_bech32(prefix);
    Ok(json!({"name": name, "type": "local", "address": address, "pubkey": public_key(key)?}))
}

fn parse(text: &str, output: &str) -> Result<()> {
    if let Ok(bytes) = hex::decode(text) {
        let address = Address::new(bytes)?;
        let forms = [ACCOUNT_PREFIX, VALOPER_PREFIX, VALCONS_PREFIX].map(|prefix| address.to_bech32(prefix));
        return print(&json!({"formats": forms}), output);
    }
    let (hrp, bytes) = bech32::decode(text).with_context(|| format!("{text:?} is neither hexadecimal nor bech32"))?;
    print(&json!({"human": hrp.to_string(), "bytes": hex::encode_upper(bytes)}), output)
}

/// Asks a person on the terminal.
pub fn confirmed(question: &str) -> Result<bool> {
    eprint!("{question} [y/N]: ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
