//! Keeping contents: follows the chain and fetches everything that is accepted, as it comes, so that it is there when it is needed or
//! asked for.
//!
//! It begins with what is accepted already. Where it was and what could not be had stand in a book, so a restart goes on; what could not
//! be had is tried again at doubling pauses. Every content is checked against its commitment before it is kept.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use futures_util::{stream, StreamExt};
use openledger_client::Rpc;
use openledger_proto::openledger::datanet::v1::ContributionStatus;

use crate::chain;
use crate::sync::{follow, Corpora};
use crate::watch::book::Book;
use crate::watch::works::ACCEPTED;

/// Contents fetched at once, and in one step.
const AT_ONCE: usize = 8;
const STEP: usize = 64;
/// Between looking for a new block, and after something failed.
const PAUSE: Duration = Duration::from_millis(500);
const RETRY: Duration = Duration::from_secs(5);

/// Keeps the contents of a chain.
pub struct Keeper {
    rpc: Rpc,
    corpora: Corpora,
    book: Book,
}

impl Keeper {
    /// Fetches with these corpora's settings; its book lies in this folder.
    pub fn new(rpc: Rpc, corpora: Corpora, folder: &Path) -> Result<Self> {
        Ok(Self { rpc, corpora, book: Book::named(folder, "sync.json")? })
    }

    /// Follows until the process ends.
    pub async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::warn!("{error:#}; it is tried again");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Reads the next block, or fetches what is due where there is none; whether there was something to do.
    pub async fn step(&mut self) -> Result<bool> {
        let (_, latest) = self.rpc.chain().await?;
        let next = self.book.height() + 1;
        if self.book.height() == 0 || next < follow::earliest(&self.rpc).await? {
            self.list(latest).await?;
            return Ok(true);
        }
        if next > latest {
            return self.fetch(latest).await;
        }
        let happened = follow::happened(&self.rpc, next, &[ACCEPTED]).await?;
        let accepted = happened.iter().map(|happened| happened.number("seq")).collect::<Result<Vec<_>>>()?;
        if !accepted.is_empty() {
            self.book.await_works(&accepted, next)?;
        }
        self.book.reached(next)?;
        Ok(true)
    }

    /// Begins with everything that is accepted: at first, and where the node has dropped blocks that were not read.
    async fn list(&mut self, latest: u64) -> Result<()> {
        let mut works = Vec::new();
        for datanet in chain::datanets(&self.rpc).await? {
            let accepted = chain::accepted(&self.rpc, datanet.id).await?;
            works.extend(accepted.into_iter().filter(|work| work.tombstoned_height == 0).map(|work| work.seq));
        }
        tracing::info!(works = works.len(), height = latest, "accepted so far");
        self.book.await_works(&works, latest)?;
        self.book.reached(latest)
    }

    async fn fetch(&mut self, latest: u64) -> Result<bool> {
        let due: Vec<u64> = self.book.due_works(latest).into_iter().take(STEP).collect();
        let fetching = due.iter().map(|seq| keep(self.rpc.clone(), self.corpora.clone(), *seq));
        let mut fetching = stream::iter(fetching.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        while let Some((seq, kept)) = fetching.next().await {
            match kept {
                Ok(()) => self.book.looked_at_work(seq)?,
                Err(error) => {
                    tracing::warn!(seq, "{error:#}; it is tried again");
                    self.book.put_off_works(&[seq], latest)?;
                }
            }
        }
        Ok(!due.is_empty())
    }
}

/// Fetches a content, unless it was taken back or out meanwhile.
async fn keep(rpc: Rpc, corpora: Corpora, seq: u64) -> (u64, Result<()>) {
    let kept = async {
        let contribution = chain::contribution(&rpc, seq).await?;
        if contribution.status == ContributionStatus::Accepted as i32 && contribution.tombstoned_height == 0 {
            let bytes = corpora.obtain(&contribution).await?.len();
            tracing::info!(seq, bytes, "kept");
        }
        Ok(())
    };
    (seq, kept.await)
}
