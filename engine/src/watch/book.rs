//! A watcher's book: the height up to which it has looked, its disputes of claims and of copies and the claims it makes anew, each step
//! on disk before it is sent.
//!
//! With it a watcher that is restarted goes on where it was, reveals what it committed to, and never disputes the same claims twice.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::watch::copies::CopyCase;
use crate::watch::mender::Mend;

/// One dispute of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What refutes the claims.
    #[serde(with = "hex::serde")]
    pub evidence: Vec<u8>,
    /// What the commit is salted with.
    #[serde(with = "hex::serde")]
    pub salt: [u8; 32],
    /// The dispute's number, once it is committed.
    pub dispute: Option<u64>,
    /// What became of it, once that is known.
    pub outcome: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Page {
    height: u64,
    /// By settlement and round, written `settlement/round`.
    cases: BTreeMap<String, Case>,
    /// Claims made anew, by settlement and the round that they are to be.
    #[serde(default)]
    mends: BTreeMap<String, Mend>,
    /// Works that copy earlier ones, by seq.
    #[serde(default)]
    copies: BTreeMap<u64, CopyCase>,
}

/// The book of one watcher.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    page: Page,
}

impl Book {
    /// Opens the book in a folder, a new one where there is none.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join("watch.json");
        let page = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Page::default(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        Ok(Self { path, page })
    }

    /// The last height that was looked at whole; 0 before the first.
    pub fn height(&self) -> u64 {
        self.page.height
    }

    /// Notes that a height has been looked at.
    pub fn reached(&mut self, height: u64) -> Result<()> {
        self.page.height = height;
        self.save()
    }

    /// Our dispute of a settlement's round.
    pub fn case(&self, settlement: u64, round: u32) -> Option<&Case> {
        self.page.cases.get(&name(settlement, round))
    }

    /// Writes a dispute down.
    pub fn note(&mut self, settlement: u64, round: u32, case: Case) -> Result<()> {
        self.page.cases.insert(name(settlement, round), case);
        self.save()
    }

    /// Disputes whose outcome is not known.
    pub fn open_cases(&self) -> Vec<(u64, u32, Case)> {
        self.page.cases.iter().filter(|(_, case)| case.outcome.is_none()).filter_map(placed).collect()
    }

    /// Our replacement of a settlement's claims.
    pub fn mend(&self, settlement: u64, round: u32) -> Option<&Mend> {
        self.page.mends.get(&name(settlement, round))
    }

    /// Writes a replacement down.
    pub fn note_mend(&mut self, settlement: u64, round: u32, mend: Mend) -> Result<()> {
        self.page.mends.insert(name(settlement, round), mend);
        self.save()
    }

    /// Replacements whose outcome is not known.
    pub fn open_mends(&self) -> Vec<(u64, u32, Mend)> {
        self.page.mends.iter().filter(|(_, mend)| mend.outcome.is_none()).filter_map(placed).collect()
    }

    /// Our dispute of a work.
    pub fn copy(&self, seq: u64) -> Option<&CopyCase> {
        self.page.copies.get(&seq)
    }

    /// Writes a dispute of a work down.
    pub fn note_copy(&mut self, seq: u64, case: CopyCase) -> Result<()> {
        self.page.copies.insert(seq, case);
        self.save()
    }

    /// Disputes of works whose outcome is not known.
    pub fn open_copies(&self) -> Vec<(u64, CopyCase)> {
        let open = self.page.copies.iter().filter(|(_, case)| case.outcome.is_none());
        open.map(|(seq, case)| (*seq, case.clone())).collect()
    }

    fn save(&self) -> Result<()> {
        let folder = self.path.parent().context("the book lies in a folder")?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&self.page)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).with_context(|| format!("writing {}", self.path.display()))?;
        Ok(())
    }
}

fn placed<T: Clone>((name, entry): (&String, &T)) -> Option<(u64, u32, T)> {
    let (settlement, round) = name.split_once('/')?;
    Some((settlement.parse().ok()?, round.parse().ok()?, entry.clone()))
}

fn name(settlement: u64, round: u32) -> String {
    format!("{settlement}/{round}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_knows_after_a_restart_what_it_knew_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        let case = Case { evidence: vec![1, 2], salt: [3; 32], dispute: None, outcome: None };
        book.note(7, 0, case.clone()).unwrap();
        book.note(8, 1, Case { outcome: Some("won".into()), ..case.clone() }).unwrap();
        let mend = Mend { salt: [4; 32], number: Some(1), outcome: None };
        book.note_mend(8, 2, mend.clone()).unwrap();
        book.note_mend(9, 1, Mend { outcome: Some("made".into()), ..mend.clone() }).unwrap();
        let copy = CopyCase { sources: vec![3], dispute: Some(5), outcome: None };
        book.note_copy(11, copy.clone()).unwrap();
        book.note_copy(12, CopyCase { outcome: Some("ruled".into()), ..copy.clone() }).unwrap();
        book.reached(42).unwrap();
        let book = Book::open(folder.path()).unwrap();
        assert_eq!(book.height(), 42);
        assert_eq!(book.open_cases(), [(7, 0, case)]);
        assert_eq!(book.open_mends(), [(8, 2, mend)]);
        assert_eq!(book.open_copies(), [(11, copy)]);
        assert!(book.copy(12).is_some() && book.copy(13).is_none());
        assert!(book.mend(9, 1).is_some() && book.mend(9, 2).is_none());
        assert!(book.case(8, 1).is_some() && book.case(8, 0).is_none());
    }
}
