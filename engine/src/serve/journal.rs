//! What a server must not lose: a session's secret, answers and voucher, one JSON line each, on disk before the payer sees them. An agent
//! keeps its sessions in files of the same form, with lines of its own.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::wire::{Hello, Said, Signed};

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The session was opened with us.
    Opened(Hello),
    /// An answer was given.
    Answered {
        /// What was asked.
        #[serde(with = "hex::serde")]
        prompt: Vec<u8>,
        /// What was said.
        said: Said,
        /// The canonical claim at the answer's corpus height: start, count, source, offset.
        #[serde(default)]
        segments: Vec<(u32, u32, u64, u32)>,
        /// The request's `Idempotency-Key`: the same question under the same key is answered once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// About how many bytes the answer takes in a settlement that opens every segment.
        #[serde(default)]
        bytes: u64,
    },
    /// A voucher came.
    Vouchered(Signed),
    /// A settlement was sent.
    Settling {
        /// Receipts that are settled with it.
        count: u64,
        /// Last height at which it may come into a block.
        until: u64,
    },
}

/// A session's file, open for appending.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Opens the file of a session, and what it holds; a torn last line, from a crash before it was answered, is cut off.
    pub fn open<E: DeserializeOwned>(folder: &Path, session: u64) -> Result<(Self, Vec<E>)> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("session-{session}.jsonl"));
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path);
        let file = file.with_context(|| format!("opening {}", path.display()))?;
        let (mut entries, mut whole, mut line) = (Vec::new(), 0u64, String::new());
        let mut reader = BufReader::new(&file);
        while reader.read_line(&mut line)? > 0 {
            if !line.ends_with('\n') {
                file.set_len(whole)?;
                break;
            }
            whole += line.len() as u64;
            let entry = serde_json::from_str(&line).with_context(|| format!("a line of {}", path.display()))?;
            entries.push(entry);
            line.clear();
        }
        Ok((Self { file }, entries))
    }

    /// Sessions that have a file in this folder, in order.
    pub fn sessions(folder: &Path) -> Result<Vec<u64>> {
        let mut sessions = Vec::new();
        if folder.exists() {
            for entry in std::fs::read_dir(folder)? {
                let name = entry?.file_name();
                let id = name.to_str().and_then(|name| name.strip_prefix("session-")?.strip_suffix(".jsonl"));
                sessions.extend(id.and_then(|id| id.parse::<u64>().ok()));
            }
        }
        sessions.sort_unstable();
        Ok(sessions)
    }

    /// Appends a line and waits until it is on disk.
    pub fn append(&mut self, entry: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        Ok(self.file.sync_data()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_torn_by_a_crash_is_cut_off_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, entries) = Journal::open::<Entry>(folder.path(), 7).unwrap();
        assert!(entries.is_empty());
        journal.append(&Entry::Opened(Hello { session: 7, secret: [1; 32] })).unwrap();
        journal.append(&Entry::Vouchered(Signed { count: 1, signature: vec![2; 64] })).unwrap();
        journal.file.write_all(b"{\"vouchered\":{\"cou").unwrap();
        let (mut journal, entries) = Journal::open::<Entry>(folder.path(), 7).unwrap();
        assert_eq!(entries.len(), 2);
        journal.append(&Entry::Vouchered(Signed { count: 2, signature: vec![3; 64] })).unwrap();
        assert_eq!(Journal::open::<Entry>(folder.path(), 7).unwrap().1.len(), 3);
        assert_eq!(Journal::sessions(folder.path()).unwrap(), [7]);
    }
}
