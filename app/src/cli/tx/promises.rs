//! What opens a commit, kept until it is opened: one file a commit under `<home>/commits`, named by the commit, readable by its owner
//! alone, written before the commit is sent.
//!
//! The values stand in it as a command line would give them, so that a person can read them, and give them by hand from another machine.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use serde::{Deserialize, Serialize};

/// What opens one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// The message that opens it, e.g. `openledger.contributor.v1.MsgClaimHandle`.
    pub opened_by: String,
    /// The chain.
    pub chain_id: String,
    /// Who committed.
    pub account: String,
    /// Fields of that message, as a command line gives them.
    pub fields: BTreeMap<String, String>,
}

/// The folder of them.
#[derive(Debug)]
pub struct Promises(PathBuf);

impl Promises {
    /// Those of a home.
    pub fn of(home: &Path) -> Self {
        Self(home.join("commits"))
    }

    /// Where that of a commit is kept.
    pub fn path(&self, commit: &[u8]) -> PathBuf {
        self.0.join(format!("{}.json", hex::encode(commit)))
    }

    /// Keeps what opens a commit; on disk when this returns.
    pub fn keep(&self, commit: &[u8], promise: &Promise) -> Result<PathBuf> {
        let path = self.path(commit);
        let write = || -> Result<()> {
            std::fs::create_dir_all(&self.0)?;
            let mut file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(serde_json::to_string_pretty(promise)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            // The name lasts with its folder.
            Ok(std::fs::File::open(&self.0)?.sync_all()?)
        };
        write().with_context(|| format!("keeping what opens the commit in {}", path.display()))?;
        Ok(path)
    }

    /// What opens a commit, for this message, chain and account.
    pub fn find(&self, commit: &[u8], opened_by: &str, chain_id: &str, account: &str) -> Result<Promise> {
        let path = self.path(commit);
        let shown = path.display();
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => anyhow::bail!(
                "nothing here opens the commit 0x{}: {shown} is missing; it lies where the commit was made, or give the \
                 fields by their flags",
                hex::encode(commit)
            ),
            text => text.with_context(|| format!("reading {shown}"))?,
        };
        let promise: Promise = serde_json::from_str(&text).with_context(|| format!("{shown} holds no commit"))?;
        let same = promise.opened_by == opened_by && promise.chain_id == chain_id && promise.account == account;
        ensure!(same, "{shown} opens a commit of {} on {} by {}", promise.account, promise.chain_id, promise.opened_by);
        Ok(promise)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_opens_a_commit_is_found_by_it_alone_and_read_by_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let promises = Promises::of(home.path());
        let promise = Promise {
            opened_by: "openledger.contributor.v1.MsgClaimHandle".into(),
            chain_id: "a-1".into(),
            account: "open1a".into(),
            fields: [("handle".to_string(), "alice".to_string())].into(),
        };
        let path = promises.keep(&[1; 32], &promise).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let find = |commit: u8, chain: &str, account: &str| {
            promises.find(&[commit; 32], &promise.opened_by, chain, account).map_err(|error| error.to_string())
        };
        assert_eq!(find(1, "a-1", "open1a").unwrap(), promise);
        assert!(find(2, "a-1", "open1a").unwrap_err().contains("is missing"));
        assert!(find(1, "b-1", "open1a").unwrap_err().contains("on a-1"));
        assert!(find(1, "a-1", "open1b").unwrap_err().contains("open1a"));
        // A commit is made once: nothing kept is overwritten.
        assert!(promises.keep(&[1; 32], &promise).is_err());
    }
}
