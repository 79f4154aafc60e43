//! Where the keyring's items lie: a folder with one encrypted file an item (99designs/keyring v1.2 `file.go`), or memory.
//!
//! A file's name is the item's with `/` and `%` percent-encoded; its content is a [`jwe`] of `{"Key", "Data", …}`. A file is written
//! beside its place and renamed into it, mode 0600, so that a crash leaves the old one or the new one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use serde::{Deserialize, Serialize};

use super::{fault, jwe};
use crate::Result;

/// Items by name.
#[derive(Debug)]
pub enum Items {
    /// Encrypted files.
    Files(PathBuf),
    /// Nothing that outlives the process.
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
}

/// `keyring.Item` of 99designs/keyring.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Item {
    key: String,
    data: String,
    label: String,
    description: String,
    keychain_not_trust_application: bool,
    keychain_not_synchronizable: bool,
}

impl Items {
    /// Whether there is an item of this name; asks for no passphrase.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Files(folder) => path(folder, name).exists(),
            Self::Memory(items) => items.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name),
        }
    }

    /// An item's content; `None` where there is none.
    pub fn get(&self, name: &str, passphrase: impl Fn() -> Result<String>) -> Result<Option<Vec<u8>>> {
        let folder = match self {
            Self::Files(folder) => folder,
            Self::Memory(items) => {
                return Ok(items.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned());
            }
        };
        let path = path(folder, name);
        let token = match fs::read_to_string(&path) {
            Ok(token) => token,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(&path, error)),
        };
        let opened = jwe::open(&token, &passphrase()?).map_err(|error| fault(&path, error))?;
        let item: Item = serde_json::from_slice(&opened).map_err(|error| fault(&path, error))?;
        Ok(Some(BASE64.decode(item.data).map_err(|error| fault(&path, error))?))
    }

    /// Writes an item; replaces one of this name.
    pub fn set(&self, name: &str, content: &[u8], passphrase: impl Fn() -> Result<String>) -> Result<()> {
        let folder = match self {
            Self::Files(folder) => folder,
            Self::Memory(items) => {
                items.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), content.into());
                return Ok(());
            }
        };
        let path = path(folder, name);
        let item = Item { key: name.into(), data: BASE64.encode(content), ..Item::default() };
        let item = serde_json::to_vec(&item).map_err(|error| fault(&path, error))?;
        let token = jwe::seal(&item, &passphrase()?).map_err(|error| fault(&path, error))?;
        write(&path, token.as_bytes())
    }

    /// Removes an item.
    pub fn remove(&self, name: &str) -> Result<()> {
        match self {
            Self::Files(folder) => {
                let path = path(folder, name);
                fs::remove_file(&path).map_err(|error| fault(&path, error))
            }
            Self::Memory(items) => {
                items.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
                Ok(())
            }
        }
    }

    /// All items' names, in order.
    pub fn names(&self) -> Result<Vec<String>> {
        let folder = match self {
            Self::Files(folder) => folder,
            Self::Memory(items) => {
                return Ok(items.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect());
            }
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fault(folder, error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| fault(folder, error))?;
            names.extend(entry.file_name().to_str().map(unescape));
        }
        names.sort();
        Ok(names)
    }
}

/// Writes a file of the keyring, mode 0600, and makes its folder, mode 0700.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| fault(folder, error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.new", std::process::id()));
    let put = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        fs::File::open(folder)?.sync_all()
    };
    put().map_err(|error| fault(path, error))
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(name.replace('%', "%25").replace('/', "%2F"))
}

/// Every `%XX` as its byte (github.com/mtibben/percent).
fn unescape(name: &str) -> String {
    let bytes = name.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| hex::decode(digits).ok());
        match hex {
            Some(decoded) => {
                plain.extend(decoded);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_escaped_and_read_back() {
        for (name, file) in [("alice.info", "alice.info"), ("a/b%.info", "a%2Fb%25.info"), ("..info", "..info")] {
            assert_eq!(path(Path::new("/ring"), name), Path::new("/ring").join(file));
            assert_eq!(unescape(file), name);
        }
        assert_eq!(unescape("50%"), "50%");
    }
}
