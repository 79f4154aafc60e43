//! The folder of contents: content-addressed, a file's name is the content's root in hexadecimal.
//!
//! Nothing comes in that is not what its commitment says, and what is read is checked again: a disk may lie too.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use openledger_provenance::content::Commitment;

/// A folder of contents by root.
#[derive(Debug, Clone)]
pub struct Contents {
    folder: PathBuf,
}

impl Contents {
    /// The contents in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Keeps a content; its commitment. The file is whole or not there.
    pub fn put(&self, bytes: &[u8]) -> Result<Commitment> {
        let commitment = Commitment::of(bytes);
        std::fs::create_dir_all(&self.folder)?;
        let path = self.path(&commitment.root);
        let write = || -> Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().with_context(|| format!("writing {}", path.display()))?;
        Ok(commitment)
    }

    /// The content with this commitment; an error where it is missing or another one.
    pub fn get(&self, root: &[u8], length: u64) -> Result<Vec<u8>> {
        let path = self.path(root);
        let size = std::fs::metadata(&path).with_context(|| format!("content {}", path.display()))?.len();
        ensure!(size == length, "{} has {size} bytes, its commitment {length}", path.display());
        let bytes = std::fs::read(&path).with_context(|| format!("content {}", path.display()))?;
        let found = Commitment::of(&bytes);
        ensure!(found.root == root && found.length == length, "{} is not what its name commits to", path.display());
        Ok(bytes)
    }

    /// Whether a file is there under this root, unread.
    pub fn has(&self, root: &[u8]) -> bool {
        self.path(root).is_file()
    }

    fn path(&self, root: &[u8]) -> PathBuf {
        self.folder.join(hex::encode(root))
    }
}
