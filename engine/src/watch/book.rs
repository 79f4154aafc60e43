//! A watcher's book: the height up to which it has read the chain, the claims and the works that it has still to look at, its disputes of
//! claims and of copies and the claims it makes anew, each step on disk before it is sent.
//!
//! With it a watcher that is restarted goes on where it was, reveals what it committed to, and never disputes the same claims twice.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::watch::looker::Sight;
use crate::watch::mender::Mend;
use crate::watch::naming::CopyCase;

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
    /// Accepted works that have not been looked at yet, by seq.
    #[serde(default)]
    works: BTreeMap<u64, Awaited>,
    /// Claims and publications that have not been looked at yet.
    #[serde(default)]
    sights: Vec<(Sight, Awaited)>,
}

/// What is still to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Awaited {
    /// Not before this height.
    from: u64,
    /// How often it could not be looked at.
    tries: u32,
    /// Whether a chunk of it was asked for on the chain.
    #[serde(default)]
    challenged: bool,
}

/// How often a work's content is not to be had before it is asked for on the chain: for about 56 blocks.
pub const CHALLENGED_AFTER: u32 = 3;

impl Awaited {
    fn at(height: u64) -> Self {
        Self { from: height, tries: 0, challenged: false }
    }

    fn put_off(&mut self, height: u64, first: u32, most: u32) {
        self.tries = self.tries.saturating_add(1);
        self.from = height.saturating_add(1 << self.tries.saturating_add(first).min(most));
    }
}

/// The longest pause between two attempts at a work, in blocks as a power of two: some hours.
const MOST_PAUSE: u32 = 12;
/// And at claims, which can be disputed for a day.
const MOST_SIGHT_PAUSE: u32 = 6;

/// The book of one watcher.
#[derive(Debug)]
pub struct Book {
    path: PathBuf,
    page: Page,
}

impl Book {
    /// Opens the book in a folder, a new one where there is none.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::named(folder, "watch.json")
    }

    /// The same under another name: of who only keeps contents ([`crate::sync::keeper`]).
    pub fn named(folder: &Path, name: &str) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join(name);
        let page = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Page::default(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        Ok(Self { path, page })
    }

    /// The last height that was read whole; 0 before the first.
    pub fn height(&self) -> u64 {
        self.page.height
    }

    /// Notes that a height has been read.
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

    /// Notes claims and publications to look at; of those that are noted already nothing changes.
    pub fn await_sights(&mut self, sights: Vec<Sight>, height: u64) -> Result<()> {
        for sight in sights {
            if !self.page.sights.iter().any(|(known, _)| *known == sight) {
                self.page.sights.push((sight, Awaited::at(height)));
            }
        }
        self.save()
    }

    /// What is to be looked at at a height, with how often that failed: what was tried least comes first, of that the oldest.
    pub fn due_sights(&self, height: u64) -> Vec<(Sight, u32)> {
        let due = self.page.sights.iter().filter(|(_, awaited)| awaited.from <= height);
        let mut due: Vec<_> = due.map(|(sight, awaited)| (sight.clone(), awaited.tries)).collect();
        due.sort_by_key(|(_, tries)| *tries);
        due
    }

    /// Notes that something could not be looked at: twice as many blocks as the last time pass before it is tried again.
    pub fn put_off_sight(&mut self, sight: &Sight, height: u64) -> Result<()> {
        if let Some((_, awaited)) = self.page.sights.iter_mut().find(|(known, _)| known == sight) {
            awaited.put_off(height, 0, MOST_SIGHT_PAUSE);
        }
        self.save()
    }

    /// Notes that something has been looked at, or need not be any more.
    pub fn looked_at_sight(&mut self, sight: &Sight) -> Result<()> {
        self.page.sights.retain(|(known, _)| known != sight);
        self.save()
    }

    /// Notes works to look at; of those that are noted already nothing changes.
    pub fn await_works(&mut self, seqs: &[u64], height: u64) -> Result<()> {
        for seq in seqs {
            self.page.works.entry(*seq).or_insert(Awaited::at(height));
        }
        self.save()
    }

    /// Works to look at at a height: first those that failed least often, so that what is never to be had holds up nothing.
    pub fn due_works(&self, height: u64) -> Vec<u64> {
        let mut due: Vec<_> = self.page.works.iter().filter(|(_, work)| work.from <= height).collect();
        due.sort_by_key(|(_, work)| work.tries);
        due.into_iter().map(|(seq, _)| *seq).collect()
    }

    /// Notes that works could not be looked at: twice as many blocks as the last time pass before each is tried again.
    pub fn put_off_works(&mut self, seqs: &[u64], height: u64) -> Result<()> {
        for seq in seqs {
            let work = self.page.works.entry(*seq).or_insert(Awaited::at(height));
            work.put_off(height, 2, MOST_PAUSE);
        }
        self.save()
    }

    /// Works that were not to be had again and again, and were not asked for on the chain.
    pub fn unchallenged_works(&self) -> Vec<u64> {
        let due = self.page.works.iter().filter(|(_, work)| work.tries >= CHALLENGED_AFTER && !work.challenged);
        due.map(|(seq, _)| *seq).collect()
    }

    /// Notes that a work was asked for on the chain, or need not be.
    pub fn challenged_work(&mut self, seq: u64) -> Result<()> {
        if let Some(work) = self.page.works.get_mut(&seq) {
            work.challenged = true;
        }
        self.save()
    }

    /// Notes that a work has been looked at.
    pub fn looked_at_work(&mut self, seq: u64) -> Result<()> {
        self.page.works.remove(&seq);
        self.save()
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
    fn a_work_that_cannot_be_had_is_tried_again_after_a_restart_and_ever_more_seldom() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        book.await_works(&[3, 4], 10).unwrap();
        assert_eq!(book.due_works(10), [3, 4]);
        book.looked_at_work(3).unwrap();
        let (mut height, mut pauses) = (10, Vec::new());
        for _ in 0..12 {
            book.put_off_works(&[4], height).unwrap();
            book = Book::open(folder.path()).unwrap();
            let next = (height..).find(|height| book.due_works(*height) == [4]).unwrap();
            pauses.push(next - height);
            height = next;
        }
        assert_eq!(pauses[..3], [8, 16, 32]);
        assert_eq!(pauses[9..], [4_096; 3]);
        book.await_works(&[4], height).unwrap();
        book.put_off_works(&[4], height).unwrap();
        assert!(book.due_works(height + 4_095).is_empty(), "to hear of it again begins nothing anew");
    }

    #[test]
    fn a_work_that_cannot_be_had_three_times_is_asked_for_on_the_chain_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        book.await_works(&[3, 4], 10).unwrap();
        for _ in 0..2 {
            book.put_off_works(&[4], 10).unwrap();
            assert!(book.unchallenged_works().is_empty());
        }
        book.put_off_works(&[4], 10).unwrap();
        assert_eq!(book.unchallenged_works(), [4]);
        book.challenged_work(4).unwrap();
        book.put_off_works(&[4], 100).unwrap();
        let book = Book::open(folder.path()).unwrap();
        assert!(book.unchallenged_works().is_empty(), "nor after a restart");
    }

    #[test]
    fn claims_that_cannot_be_looked_at_wait_in_the_book_behind_those_that_were_tried_less() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        let sight = |settlement| Sight { settlement, round: Some(0), height: 10, tx: 0, message: vec![0] };
        book.await_sights(vec![sight(1), sight(2)], 10).unwrap();
        book.await_sights(vec![sight(1)], 10).unwrap();
        let due = |book: &Book, height| {
            book.due_sights(height).into_iter().map(|(sight, _)| sight.settlement).collect::<Vec<_>>()
        };
        assert_eq!(due(&book, 10), [1, 2], "each once");
        book.put_off_sight(&sight(1), 10).unwrap();
        assert_eq!(due(&book, 11), [2]);
        let mut book = Book::open(folder.path()).unwrap();
        assert_eq!(due(&book, 12), [2, 1]);
        let (mut height, mut pauses) = (12, Vec::new());
        for _ in 0..8 {
            book.put_off_sight(&sight(1), height).unwrap();
            let next = (height..).find(|height| due(&book, *height).contains(&1)).unwrap();
            pauses.push(next - height);
            height = next;
        }
        assert_eq!(pauses, [4, 8, 16, 32, 64, 64, 64, 64]);
        book.looked_at_sight(&sight(1)).unwrap();
        assert_eq!(due(&Book::open(folder.path()).unwrap(), u64::MAX), [2]);
    }

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
