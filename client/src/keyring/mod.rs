//! Keys by name, in the files of the SDK: a home that `simd` or `gaiad` made is read here, and the other way round.
//!
//! | backend | where | passphrase |
//! | --- | --- | --- |
//! | `test` | `<home>/keyring-test` | the word `test`: for development, whoever can read the folder owns the keys |
//! | `file` | `<home>/keyring-file` | asked for; `keyhash` there holds its bcrypt hash, by which a wrong one is noticed |
//! | `memory` | nowhere; ends with the process | none |
//!
//! A key is two items: `<name>.info`, the [`Record`], and `<address in hexadecimal>.address`, which names the first. Source: SDK v0.50
//! `crypto/keyring`, 99designs/keyring v1.2.

pub mod armor;
mod folder;
pub mod jwe;
mod record;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;

use openledger_core::Address;
use rand::RngCore;

use crate::{prompt, Error, Key, Result};
use folder::Items;
pub use record::{Kind, Record};

const INFO: &str = ".info";
const KEYHASH: &str = "keyhash";
/// What Go's bcrypt takes where the SDK asks for too little.
const BCRYPT_COST: u32 = 10;
/// The longest passphrase in bytes: what bcrypt takes (Go's refuses more as well).
const MAX_PASSPHRASE: usize = 72;
const ATTEMPTS: usize = 3;

/// Where keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Files that anyone can open.
    Test,
    /// Files under a passphrase.
    File,
    /// The process's memory.
    Memory,
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "test" => Ok(Self::Test),
            "file" => Ok(Self::File),
            "memory" => Ok(Self::Memory),
            "os" | "kwallet" | "pass" => Err(Error::Key(format!(
                "the keyring backend {text:?} needs a keystore of the desktop, which this program does not speak to: use file \
                 (encrypted with a passphrase) or test"
            ))),
            _ => Err(Error::Key(format!("the keyring backend {text:?} is unknown: choose file, test or memory"))),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Test => "test",
            Self::File => "file",
            Self::Memory => "memory",
        })
    }
}

/// A keyring.
#[derive(Debug)]
pub struct Keyring {
    backend: Backend,
    folder: PathBuf,
    items: Items,
    /// Once it was asked for and found right.
    passphrase: OnceLock<Passphrase>,
}

struct Passphrase(String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

impl Keyring {
    /// The keyring of a home folder. Nothing is read, and nothing asked, before a key is.
    pub fn open(home: &Path, backend: &str) -> Result<Self> {
        let backend: Backend = backend.parse()?;
        let folder = home.join(format!("keyring-{backend}"));
        let items = match backend {
            Backend::Memory => Items::Memory(Default::default()),
            _ => Items::Files(folder.clone()),
        };
        Ok(Self { backend, folder, items, passphrase: OnceLock::new() })
    }

    /// A keyring of this process alone.
    pub fn in_memory() -> Self {
        let items = Items::Memory(Default::default());
        Self { backend: Backend::Memory, folder: "memory".into(), items, passphrase: OnceLock::new() }
    }

    /// Answers the question for the passphrase before it is asked, for programs that have it from elsewhere.
    pub fn unlock(&self, passphrase: &str) -> Result<()> {
        self.check(passphrase)?;
        let _ = self.passphrase.set(Passphrase(passphrase.into()));
        Ok(())
    }

    /// Whether there is such a key.
    pub fn has(&self, name: &str) -> Result<bool> {
        Ok(self.items.has(&info(name)?))
    }

    /// Stores a secret key; refuses a name or an address that is taken.
    pub fn add(&self, name: &str, key: &Key) -> Result<()> {
        self.save(&Record::local(name, key))
    }

    /// Stores a key; refuses a name or an address that is taken.
    pub fn save(&self, record: &Record) -> Result<()> {
        let info = info(&record.name)?;
        if self.items.has(&info) {
            return Err(fault(&self.folder, format!("a key named {} is there already", record.name)));
        }
        let address = record.address();
        if let Some(other) = self.by_address(&address)? {
            return Err(fault(&self.folder, format!("{address} is there already, under the name {}", other.name)));
        }
        self.items.set(&info, &record.encode(), || self.passphrase())?;
        self.items.set(&address_item(&address), info.as_bytes(), || self.passphrase())
    }

    /// The key of this name.
    pub fn record(&self, name: &str) -> Result<Record> {
        let content = self.items.get(&info(name)?, || self.passphrase())?;
        let content = content.ok_or_else(|| fault(&self.folder, format!("{name}: key not found")))?;
        Record::decode(&content).map_err(|error| fault(&self.folder, format!("{name}: {error}")))
    }

    /// The key of this address; `None` where there is none.
    pub fn by_address(&self, address: &Address) -> Result<Option<Record>> {
        let Some(content) = self.items.get(&address_item(address), || self.passphrase())? else {
            return Ok(None);
        };
        let info = String::from_utf8_lossy(&content);
        let name = info.strip_suffix(INFO).unwrap_or(&info);
        // The SDK heals the same way: an address without its record counts as absent.
        if !self.has(name)? {
            return Ok(None);
        }
        self.record(name).map(Some)
    }

    /// The key of this name or address.
    pub fn find(&self, name_or_address: &str) -> Result<Record> {
        if !self.has(name_or_address).unwrap_or_default() {
            if let Ok(address) = name_or_address.parse::<Address>() {
                let found = self.by_address(&address)?;
                return found.ok_or_else(|| fault(&self.folder, format!("key with address {address} not found")));
            }
        }
        self.record(name_or_address)
    }

    /// The secret key of this name.
    pub fn get(&self, name: &str) -> Result<Key> {
        self.record(name)?.key().cloned()
    }

    /// Removes the key of this name.
    pub fn delete(&self, name: &str) -> Result<()> {
        let address = self.record(name)?.address();
        // The address first: a crash between leaves a key that its name still finds.
        if self.items.has(&address_item(&address)) {
            self.items.remove(&address_item(&address))?;
        }
        self.items.remove(&info(name)?)
    }

    /// Gives a key another name.
    pub fn rename(&self, name: &str, new_name: &str) -> Result<()> {
        let record = Record { name: new_name.into(), ..self.record(name)? };
        let new = info(new_name)?;
        if self.items.has(&new) {
            return Err(fault(&self.folder, format!("rename failed, a key named {new_name} is there already")));
        }
        // A crash between leaves both names, never none.
        self.items.set(&new, &record.encode(), || self.passphrase())?;
        self.items.set(&address_item(&record.address()), new.as_bytes(), || self.passphrase())?;
        self.items.remove(&info(name)?)
    }

    /// All names, in order.
    pub fn list(&self) -> Result<Vec<String>> {
        let names = self.items.names()?;
        Ok(names.iter().filter_map(|item| item.strip_suffix(INFO)).map(str::to_string).collect())
    }

    /// The passphrase of the files; asked for where it is not known yet, at most three times.
    pub fn passphrase(&self) -> Result<String> {
        match self.backend {
            Backend::Test => return Ok("test".into()),
            Backend::Memory => return Ok(String::new()),
            Backend::File => {}
        }
        if let Some(Passphrase(passphrase)) = self.passphrase.get() {
            return Ok(passphrase.clone());
        }
        let passphrase = self.ask()?;
        Ok(self.passphrase.get_or_init(|| Passphrase(passphrase)).0.clone())
    }

    fn ask(&self) -> Result<String> {
        let is_new = self.is_new()?;
        for attempt in 1..=ATTEMPTS {
            let question = format!("Enter keyring passphrase (attempt {attempt}/{ATTEMPTS}):");
            let again = is_new.then_some("Re-enter keyring passphrase:");
            let asked = prompt::new_secret(&question, again)
                .and_then(|passphrase| self.check(&passphrase).map(|()| passphrase));
            match asked {
                Ok(passphrase) => return Ok(passphrase),
                Err(error) if is_end_of_input(&error) => return Err(error),
                Err(error) => eprintln!("{error}"),
            }
        }
        Err(fault(&self.folder, "too many failed passphrase attempts"))
    }

    /// Whether no key was kept here before.
    fn is_new(&self) -> Result<bool> {
        Ok(!self.folder.join(KEYHASH).exists() && self.list()?.is_empty())
    }

    /// Refuses a wrong passphrase; the first one is remembered by its hash.
    fn check(&self, passphrase: &str) -> Result<()> {
        let path = self.folder.join(KEYHASH);
        let wrong = || Error::Input("incorrect passphrase".into());
        // bcrypt looks at no more than that, so that a slip behind it would go unseen here and lock the key under it.
        if passphrase.len() > MAX_PASSPHRASE {
            return Err(Error::Input(format!("password must be at most {MAX_PASSPHRASE} bytes")));
        }
        match std::fs::read_to_string(&path) {
            Ok(hash) => {
                let right = bcrypt::verify(passphrase, hash.trim()).map_err(|error| fault(&path, error))?;
                return if right { Ok(()) } else { Err(wrong()) };
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fault(&path, error)),
        }
        // The hash was lost: a key that is there tells as well.
        if let Some(name) = self.list()?.first() {
            self.items.get(&info(name)?, || Ok(passphrase.into())).map_err(|_| wrong())?;
        }
        let mut salt = [0u8; 16];
        rand::rngs::OsRng.fill_bytes(&mut salt);
        let hash = bcrypt::hash_with_salt(passphrase, BCRYPT_COST, salt).map_err(|error| fault(&path, error))?;
        folder::write(&path, hash.format_for_version(bcrypt::Version::TwoA).as_bytes())
    }
}

fn is_end_of_input(error: &Error) -> bool {
    matches!(error, Error::Input(text) if text.contains("standard input ended"))
}

fn info(name: &str) -> Result<String> {
    if name.trim().is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(Error::Key(format!("{name:?} is no key name: up to 200 bytes, not blank, no control characters")));
    }
    Ok(format!("{name}{INFO}"))
}

fn address_item(address: &Address) -> String {
    format!("{}.address", hex::encode(address.as_bytes()))
}

fn fault(path: &Path, what: impl ToString) -> Error {
    Error::Keyring { path: path.display().to_string(), what: what.to_string() }
}

#[cfg(test)]
mod tests;
