//! Which accepted works are still to be compared with others, and when.
//!
//! What is accepted waits in the book until it was looked at, so neither a restart nor a host that is down for a while lets a copy pass: a
//! work whose content cannot be had is tried again later and later. When it can be, it is compared with the works before it, and those
//! after it with it: acceptance is not in the order of commits, and contents come to light in none. Several blocks' works are looked at together,
//! since each look asks the chain for everything that is accepted; that goes on beside the reading of blocks, for hosts may be slow.
//!
//! Where the watcher is told to, a content that could not be had again and again is asked for on the chain, once: a chunk drawn by lot.

use std::collections::BTreeSet;

use anyhow::Result;
use openledger_client::{any, Error, Wallet};
use openledger_proto::openledger::datanet::v1::{Contribution, ContributionStatus, MsgChallengeAvailability};
use openledger_provenance::CHUNK_BYTES;
use rand::Rng;
use tokio::task::JoinHandle;

use crate::chain;
use crate::sync::{Corpora, Corpus};
use crate::watch::book::Book;
use crate::watch::copies;
use crate::watch::naming::CopyCase;

/// The event of an accepted contribution.
pub const ACCEPTED: &str = "contribution_accepted";
/// Blocks between two looks.
const EVERY: u64 = 10;
/// Gas of a challenge.
const CHALLENGE_GAS: u64 = 1_000_000;

/// Everything that is accepted and can be had, where copies are looked for.
pub struct Works {
    corpora: Corpora,
    library: Option<Corpus>,
    missing: BTreeSet<u64>,
    /// What was asked for in vain.
    failed: BTreeSet<u64>,
    loading: Option<Loading>,
    /// The height of the last look of this run.
    looked: u64,
}

/// A library, what it lacks, and what of that was asked for in vain.
type Loaded = (Corpus, BTreeSet<u64>, BTreeSet<u64>);

/// The library that is being loaded, what it will lack, and the works for which it is.
struct Loading {
    due: Vec<u64>,
    task: JoinHandle<Result<Loaded>>,
}

impl Works {
    /// Nothing is loaded before it is needed.
    pub fn new(corpora: Corpora) -> Self {
        Self { corpora, library: None, missing: BTreeSet::new(), failed: BTreeSet::new(), loading: None, looked: 0 }
    }

    /// What copies were last looked for in; nothing while that is being loaded for the first time.
    pub async fn library(&mut self) -> Result<Option<Corpus>> {
        if self.library.is_none() && self.loading.is_none() {
            self.load(Vec::new());
        }
        Ok(self.library.clone())
    }

    fn load(&mut self, due: Vec<u64>) {
        due.iter().for_each(|seq| {
            self.missing.remove(seq);
        });
        let (corpora, mut missing) = (self.corpora.clone(), self.missing.clone());
        let task = tokio::spawn(async move {
            let (library, failed) = corpora.library(&mut missing).await?;
            Ok((library, missing, failed))
        });
        self.loading = Some(Loading { due, task });
    }

    /// The works for which a library was loaded, once it is.
    async fn loaded(&mut self) -> Result<Option<Vec<u64>>> {
        let Some(Loading { due, task }) = self.loading.take_if(|loading| loading.task.is_finished()) else {
            return Ok(None);
        };
        let (library, missing, failed) = task.await??;
        (self.library, self.missing) = (Some(library), missing);
        self.failed.extend(failed);
        Ok(Some(due))
    }

    /// Looks at the works of which that is due at a height, if any are and the last look was not just now: first loads what they are
    /// compared with, then, in a later call, compares.
    pub async fn look(&mut self, book: &mut Book, height: u64, dry_run: bool) -> Result<()> {
        if let Some(due) = self.loaded().await? {
            if let Some(library) = self.library.clone() {
                // What could not be had from the first is awaited as well: others may have copied it.
                let unheard: Vec<u64> = self.missing.iter().copied().collect();
                book.await_works(&unheard, height.saturating_add(EVERY))?;
                judge(book, &library, &self.missing, (&due, height), dry_run).await?;
            }
        }
        let due = book.due_works(height);
        if self.loading.is_none() && !due.is_empty() && is_time(self.looked, height) {
            // Where it fails it is tried again after as many blocks.
            self.looked = height;
            self.load(due);
        }
        Ok(())
    }

    /// Asks for a chunk of each content that was not to be had [`crate::watch::book::CHALLENGED_AFTER`] times, behind a deposit: whoever
    /// stores the content shows it in time, else it is left out of the next version and its pay waits. One at a time, since each takes a
    /// block in which disputes wait; and noted before it is sent, since what became of it may stay unknown and a second one costs again.
    pub async fn challenge(&self, wallet: &mut Wallet, book: &mut Book) -> Result<()> {
        let absent = |seq: &u64| self.missing.contains(seq) && self.failed.contains(seq);
        if let Some(seq) = book.unchallenged_works().into_iter().find(absent) {
            let contribution = chain::contribution(&wallet.rpc, seq).await?;
            book.challenged_work(seq)?;
            let Some(message) = challenge_of(&contribution, wallet.address()) else { return Ok(()) };
            match wallet.deliver(vec![any(&message)], CHALLENGE_GAS).await {
                Ok(_) => tracing::warn!(seq, chunk = message.chunk, "asked for a chunk of what cannot be had"),
                // Somebody else asks for it, or it is not to be asked for.
                Err(Error::Tx { codespace, log, .. }) if codespace != "sdk" => {
                    tracing::warn!(seq, "not asked for: {log}");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Asks for a random chunk; nothing where the work is not accepted any more, was taken out, or lies on the chain.
fn challenge_of(contribution: &Contribution, challenger: String) -> Option<MsgChallengeAvailability> {
    let reveal = contribution.reveal.as_ref().filter(|reveal| !reveal.on_chain && reveal.length > 0)?;
    let accepted = contribution.status == ContributionStatus::Accepted as i32 && contribution.tombstoned_height == 0;
    let chunks = u32::try_from(reveal.length.div_ceil(CHUNK_BYTES as u64)).ok().filter(|_| accepted)?;
    let chunk = rand::thread_rng().gen_range(0..chunks);
    Some(MsgChallengeAvailability { challenger, seq: contribution.seq, chunk })
}

fn is_time(looked: u64, height: u64) -> bool {
    looked == 0 || height >= looked.saturating_add(EVERY)
}

/// Compares works with those before and after them: what copies earlier ones is noted in the book, or only said; what is missing, or is
/// being disputed over other sources, is put off.
async fn judge(
    book: &mut Book,
    library: &Corpus,
    missing: &BTreeSet<u64>,
    (due, height): (&[u64], u64),
    dry_run: bool,
) -> Result<()> {
    let mut put_off: BTreeSet<u64> = due.iter().copied().filter(|seq| missing.contains(seq)).collect();
    for seq in due.iter().copied().filter(|seq| !missing.contains(seq)) {
        // What was taken out of the corpus meanwhile is in no library, and compared with nothing.
        if library.contributions.contains_key(&seq) {
            let works = library.clone();
            let later = tokio::task::spawn_blocking(move || copies::followers(&works, seq)).await?;
            for seq in [seq].into_iter().chain(later) {
                if !compare(book, library, seq, dry_run).await? {
                    put_off.insert(seq);
                }
            }
        }
        if !put_off.contains(&seq) {
            book.looked_at_work(seq)?;
        }
    }
    book.put_off_works(&put_off.into_iter().collect::<Vec<_>>(), height)
}

/// Compares a work with those before it; whether that is done, and not to wait for a dispute to end.
async fn compare(book: &mut Book, library: &Corpus, seq: u64, dry_run: bool) -> Result<bool> {
    let works = library.clone();
    let found = tokio::task::spawn_blocking(move || copies::sources(&works, seq)).await?;
    let Some(sources) = found else {
        tracing::info!(seq, "a work of its own, as far as others can be had");
        return Ok(true);
    };
    match book.copy(seq) {
        Some(case) if case.sources == sources => return Ok(true),
        Some(case) if case.outcome.is_none() => return Ok(false),
        _ => {}
    }
    if dry_run {
        tracing::warn!(seq, ?sources, "a copy; nothing is disputed");
        return Ok(true);
    }
    tracing::warn!(seq, ?sources, "a copy");
    book.note_copy(seq, CopyCase { sources, dispute: None, outcome: None })?;
    Ok(true)
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

    #[tokio::test]
    async fn a_work_that_is_accepted_after_its_copies_has_them_named_and_an_earlier_one_once_their_dispute_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path()).unwrap();
        let (text, own) = (prose(1, 600), prose(2, 600));
        // By seq: the copy of 4 was accepted before 3, and 3, itself a copy, before 2; what is not accepted is in no library.
        let works = [("dora", own.clone()), ("alice", text.clone()), ("carol", text.clone()), ("bob", text)];
        let accepted = |seqs: &[u64]| {
            let mut library = library(&works);
            let kept = |seq: u64| seqs.contains(&seq);
            let documents: Vec<_> = library
                .index
                .documents()
                .filter(|(seq, _, _)| kept(*seq))
                .map(|(seq, commons, bytes)| crate::index::Document { seq, commons, bytes: bytes.to_vec() })
                .collect();
            library.contributions = std::sync::Arc::new(
                library
                    .contributions
                    .iter()
                    .filter(|(seq, _)| kept(**seq))
                    .map(|(seq, of)| (*seq, of.clone()))
                    .collect(),
            );
            library.index = std::sync::Arc::new(crate::index::Index::build(documents).unwrap());
            library
        };
        let none = BTreeSet::new();
        judge(&mut book, &accepted(&[1, 4]), &none, (&[4], 10), false).await.unwrap();
        assert!(book.open_copies().is_empty(), "nothing earlier is there");
        judge(&mut book, &accepted(&[1, 3, 4]), &none, (&[3], 20), false).await.unwrap();
        assert_eq!(book.copy(4).unwrap().sources, [3]);
        // The first of all: 3 and 4 copy it, but 4 is being disputed.
        judge(&mut book, &accepted(&[1, 2, 3, 4]), &none, (&[2], 30), false).await.unwrap();
        assert_eq!(book.copy(3).unwrap().sources, [2]);
        assert_eq!((&book.copy(4).unwrap().sources[..], book.due_works(u64::MAX)), (&[3][..], vec![4]));
        let over = CopyCase { outcome: Some("ruled: source 3".into()), ..book.copy(4).unwrap().clone() };
        book.note_copy(4, over).unwrap();
        judge(&mut book, &accepted(&[1, 2, 3, 4]), &none, (&[4], 40), false).await.unwrap();
        let case = book.copy(4).unwrap();
        assert_eq!((&case.sources[..], &case.outcome), (&[2][..], &None), "towards the first");
        assert!(book.due_works(u64::MAX).is_empty() && book.copy(1).is_none() && book.copy(2).is_none());
        // What ended is not begun again with the same sources.
        let over = CopyCase { outcome: Some("refused".into()), ..case.clone() };
        book.note_copy(4, over.clone()).unwrap();
        judge(&mut book, &accepted(&[1, 2, 3, 4]), &none, (&[2, 3, 4], 50), false).await.unwrap();
        assert_eq!(book.copy(4), Some(&over));
    }

    #[test]
    fn a_chunk_of_what_is_accepted_and_lies_with_hosts_is_asked_for_any_of_them_and_no_other() {
        use openledger_proto::openledger::datanet::v1::Reveal;
        let status = ContributionStatus::Accepted as i32;
        let reveal = Some(Reveal { length: 3 * CHUNK_BYTES as u64 + 1, ..Default::default() });
        let work = Contribution { seq: 4, status, reveal, ..Default::default() };
        let drawn: BTreeSet<u32> = (0..400).map(|_| challenge_of(&work, "open1".into()).unwrap().chunk).collect();
        assert_eq!(drawn, (0..4).collect(), "the last one is short");
        let on_chain = Some(Reveal { on_chain: true, length: 9, ..Default::default() });
        for other in [
            Contribution { status: ContributionStatus::Withdrawn as i32, ..work.clone() },
            Contribution { tombstoned_height: 5, ..work.clone() },
            Contribution { reveal: on_chain, ..work.clone() },
            Contribution { reveal: None, ..work.clone() },
        ] {
            assert!(challenge_of(&other, "open1".into()).is_none(), "{other:?}");
        }
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
