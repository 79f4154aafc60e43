//! Keys by name: the `test` backend, one unencrypted file a key in `<home>/keyring-test`, mode 0600.
//!
//! A file is JSON `{"name", "address", "secret"}`, the secret in hexadecimal. For development and tests, as `simd`'s backend of that
//! name is; who can read the folder owns the keys.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, Key, Result};

/// A folder of named keys.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    address: String,
    secret: String,
}

impl Keyring {
    /// The keyring of a home folder and backend; only the backend `test` exists.
    pub fn open(home: &Path, backend: &str) -> Result<Self> {
        let folder = home.join(format!("keyring-{backend}"));
        if backend == "test" {
            Ok(Self { folder })
        } else {
            Err(fault(&folder, format!("backend {backend:?} is not known; use --keyring-backend test")))
        }
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.bytes().all(plain) {
            let what = format!("{name:?} is no key name: 1 to 64 letters, digits, '-', '_' or '.'");
            return Err(fault(&self.folder, what));
        }
        Ok(self.folder.join(format!("{name}.json")))
    }

    /// Whether there is such a key.
    pub fn has(&self, name: &str) -> Result<bool> {
        Ok(self.file(name)?.exists())
    }

    /// Stores a key; refuses a name that is taken.
    pub fn add(&self, name: &str, key: &Key) -> Result<()> {
        let file = self.file(name)?;
        fs::create_dir_all(&self.folder).map_err(|error| fault(&self.folder, error))?;
        let entry = Entry { name: name.into(), address: key.address().to_string(), secret: hex::encode(key.secret()) };
        let text = serde_json::to_vec_pretty(&entry).map_err(|error| fault(&file, error))?;
        let mut options = fs::OpenOptions::new();
        let mut out =
            options.write(true).create_new(true).mode(0o600).open(&file).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => fault(&file, format!("a key named {name} is there already")),
                _ => fault(&file, error),
            })?;
        out.write_all(&text).and_then(|()| out.sync_all()).map_err(|error| fault(&file, error))
    }

    /// The key of this name.
    pub fn get(&self, name: &str) -> Result<Key> {
        let file = self.file(name)?;
        let text = fs::read(&file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => fault(&self.folder, format!("{name}: key not found")),
            _ => fault(&file, error),
        })?;
        let entry: Entry = serde_json::from_slice(&text).map_err(|error| fault(&file, error))?;
        let secret = hex::decode(&entry.secret).map_err(|error| fault(&file, error))?;
        Key::from_secret(&secret)
    }

    /// Removes the key of this name.
    pub fn delete(&self, name: &str) -> Result<()> {
        self.get(name)?;
        let file = self.file(name)?;
        fs::remove_file(&file).map_err(|error| fault(&file, error))
    }

    /// All names, in order.
    pub fn list(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fault(&self.folder, error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| fault(&self.folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_string));
            }
        }
        names.sort();
        Ok(names)
    }
}

fn fault(path: &Path, what: impl ToString) -> Error {
    Error::Keyring { path: path.display().to_string(), what: what.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_by_name_and_never_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let ring = Keyring::open(home.path(), "test").unwrap();
        assert!(ring.list().unwrap().is_empty());
        let (key, _) = Key::generate().unwrap();
        ring.add("alice", &key).unwrap();
        assert!(ring.add("alice", &Key::generate().unwrap().0).is_err());
        assert_eq!(ring.get("alice").unwrap().address(), key.address());
        assert_eq!(ring.list().unwrap(), ["alice"]);
        ring.delete("alice").unwrap();
        assert!(ring.get("alice").is_err());
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let ring = Keyring::open(home.path(), "test").unwrap();
        for name in ["../x", "", ".hidden", "a/b"] {
            assert!(ring.add(name, &Key::generate().unwrap().0).is_err(), "{name}");
        }
        assert!(Keyring::open(home.path(), "os").is_err());
    }
}
