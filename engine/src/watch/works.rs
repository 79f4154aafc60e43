//! Which accepted works are still to be compared with earlier ones, and when.
//!
//! What is accepted waits in the book until it was looked at, so neither a restart nor a host that is down for a while lets a copy pass: a
//! work whose content cannot be had is tried again later and later. Several blocks' works are looked at together, since each look asks the
//! chain for everything that is accepted.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::sync::{Corpora, Corpus};
use crate::watch::book::Book;
use crate::watch::copies::{self, CopyCase};

/// Blocks between two looks.
const EVERY: u64 = 10;

/// Everything that is accepted and can be had, where copies are looked for.
pub struct Works {
    corpora: Corpora,
    library: Option<Corpus>,
    missing: BTreeSet<u64>,
    /// The height of the last look of this run.
    looked: u64,
}

impl Works {
    /// Nothing is loaded before it is needed.
    pub fn new(corpora: Corpora) -> Self {
        Self { corpora, library: None, missing: BTreeSet::new(), looked: 0 }
    }

    /// What copies were last looked for in.
    pub async fn library(&mut self) -> Result<Corpus> {
        match &self.library {
            Some(library) => Ok(library.clone()),
            None => self.load().await,
        }
    }

    async fn load(&mut self) -> Result<Corpus> {
        let library = self.corpora.library(&mut self.missing).await?;
        self.library = Some(library.clone());
        Ok(library)
    }

    /// Looks at the works of which that is due at a height, if any are and the last look was not just now.
    pub async fn look(&mut self, book: &mut Book, height: u64, dry_run: bool) -> Result<()> {
        let due = book.due_works(height);
        if due.is_empty() || !is_time(self.looked, height) {
            return Ok(());
        }
        // Where it fails it is tried again after as many blocks.
        self.looked = height;
        due.iter().for_each(|seq| {
            self.missing.remove(seq);
        });
        let library = self.load().await?;
        judge(book, &library, &self.missing, (&due, height), dry_run).await
    }
}

fn is_time(looked: u64, height: u64) -> bool {
    looked == 0 || height >= looked.saturating_add(EVERY)
}

/// Looks for the sources of works: what copies earlier ones is noted in the book, or only said; what is missing is put off.
async fn judge(
    book: &mut Book,
    library: &Corpus,
    missing: &BTreeSet<u64>,
    (due, height): (&[u64], u64),
    dry_run: bool,
) -> Result<()> {
    for seq in due.iter().copied() {
        if missing.contains(&seq) {
            book.put_off_work(seq, height)?;
            continue;
        }
        // What was taken out of the corpus meanwhile is in no library, and compared with nothing.
        if library.contributions.contains_key(&seq) && book.copy(seq).is_none() {
            let works = library.clone();
            let found = tokio::task::spawn_blocking(move || copies::sources(&works, seq)).await?;
            match found {
                None => tracing::info!(seq, "a work of its own, as far as others can be had"),
                Some(sources) if dry_run => tracing::warn!(seq, ?sources, "a copy; nothing is disputed"),
                Some(sources) => {
                    tracing::warn!(seq, ?sources, "a copy");
                    book.note_copy(seq, CopyCase { sources, dispute: None, outcome: None })?;
                }
            }
        }
        book.looked_at_work(seq)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::copies::tests::{library, prose};

    #[tokio::test]
    async fn a_copy_whose_content_cannot_be_had_when_it_is_accepted_is_found_when_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        book.await_works(&[1, 2], 50).unwrap();
        let text = prose(1, 600);
        let known = library(&[("alice", text.clone())]);
        let due = book.due_works(50);
        judge(&mut book, &known, &[2].into(), (&due, 50), false).await.unwrap();
        assert!(book.copy(2).is_none() && book.due_works(50).is_empty());
        // The host is back, and the watcher was restarted.
        let mut book = Book::open(folder.path()).unwrap();
        let due = book.due_works(1_000);
        assert_eq!(due, [2], "the first was looked at");
        let known = library(&[("alice", text.clone()), ("bob", text)]);
        judge(&mut book, &known, &BTreeSet::new(), (&due, 1_000), false).await.unwrap();
        assert_eq!(book.copy(2).unwrap().sources, [1]);
        assert!(book.due_works(u64::MAX).is_empty(), "it is looked at once");
    }

    #[test]
    fn works_of_several_blocks_are_looked_at_together() {
        assert!(is_time(0, 7), "the first at once");
        let looks = (7..107).fold((0, 0), |(looked, count), height| match is_time(looked, height) {
            true => (height, count + 1),
            false => (looked, count),
        });
        assert_eq!(looks.1, 10, "an acceptance each of a hundred blocks");
    }
}
