//! The corpus of a model version at a height: which contributions are in it (the chain says so), their bytes, each checked against its
//! commitment, and the index over them.
//!
//! Contents are fetched several at once. Who looks at strangers' models does it in haste ([`Corpora::hasty`]): what cannot be had in a
//! bounded time is left for another attempt, which goes on with what came.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use futures_util::{stream, StreamExt, TryStreamExt};
use openledger_client::Rpc;
use openledger_proto::openledger::datanet::v1::Contribution;

use crate::chain;
use crate::index::{Document, Entry, Index};
use crate::progress::Progress;
use crate::sync::fetch::Fetcher;
use crate::sync::store::Contents;

/// Contents that are fetched at once.
const AT_ONCE: usize = 8;
/// The longest that the contents of everything on the chain are fetched before what came is used.
const LIBRARY_WITHIN: Duration = Duration::from_secs(600);

/// A model version's corpus at one height.
#[derive(Clone)]
pub struct Corpus {
    /// The height.
    pub height: u64,
    /// The model version.
    pub model_version: u64,
    /// Its contributions by seq.
    pub contributions: Arc<BTreeMap<u64, Contribution>>,
    /// The index over them.
    pub index: Arc<Index>,
    lists: Vec<Vec<Entry>>,
}

impl Corpus {
    /// These contributions under this index.
    #[cfg(test)]
    pub(crate) fn over(
        height: u64,
        model_version: u64,
        contributions: BTreeMap<u64, Contribution>,
        index: Arc<Index>,
    ) -> Self {
        Self { height, model_version, contributions: Arc::new(contributions), index, lists: Vec::new() }
    }

    /// Loads and indexes the corpus of a model version at the chain's present height from a folder that has all its contents; the index
    /// goes with this value.
    pub async fn load(rpc: &Rpc, model_version: u64, contents: &Contents) -> Result<Self> {
        let (_, height) = rpc.chain().await?;
        let members = Members::ask(rpc, model_version, height).await?;
        let mut documents = Vec::new();
        for entry in members.lists.iter().flatten() {
            let bytes = contents.get(&entry.root, entry.length)?;
            documents.push(Document { seq: entry.seq, commons: entry.commons, bytes });
        }
        Ok(members.corpus(height, model_version, Arc::new(Index::build(documents)?)))
    }
}

/// Loads corpora: contents are fetched where they are missing, indices kept in a folder.
#[derive(Debug, Clone)]
pub struct Corpora {
    rpc: Rpc,
    fetcher: Fetcher,
    index: PathBuf,
    progress: Progress,
    haste: Option<Haste>,
}

/// How long contents are waited for, and which were not to be had a moment ago.
#[derive(Debug, Clone)]
struct Haste {
    within: Duration,
    again: Duration,
    failed: Arc<Mutex<BTreeMap<u64, Instant>>>,
}

impl Haste {
    fn check(&self, seq: u64) -> Result<()> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.retain(|_, at| at.elapsed() < self.again);
        ensure!(!failed.contains_key(&seq), "contribution {seq} was not to be had a moment ago");
        Ok(())
    }

    fn note(&self, seq: u64) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(seq, Instant::now());
    }
}

impl Corpora {
    /// Loads with this fetcher, keeps indices in this folder.
    pub fn new(rpc: Rpc, fetcher: Fetcher, index: PathBuf, progress: Progress) -> Self {
        Self { rpc, fetcher, index, progress, haste: None }
    }

    /// The same, where the contents of one corpus are fetched for so long at most, and a content that was not to be had is asked for again
    /// after so long.
    pub fn hasty(&self, within: Duration, again: Duration) -> Self {
        Self { haste: Some(Haste { within, again, failed: Arc::default() }), ..self.clone() }
    }

    /// The bytes of a contribution, fetched where they are not here.
    pub async fn obtain(&self, contribution: &Contribution) -> Result<Vec<u8>> {
        if let Some(haste) = &self.haste {
            haste.check(contribution.seq)?;
        }
        let obtained = self.fetcher.obtain(contribution).await;
        if let (Err(_), Some(haste)) = (&obtained, &self.haste) {
            haste.note(contribution.seq);
        }
        obtained
    }

    /// The folder of contents.
    pub fn contents(&self) -> &Contents {
        &self.fetcher.store
    }

    /// The corpus of a model version at a height that the chain has reached.
    pub async fn load(&self, model_version: u64, height: u64) -> Result<Corpus> {
        let members = Members::ask(&self.rpc, model_version, height).await?;
        self.build(members, model_version, height).await
    }

    /// The same corpus at a later height; what has not changed is not indexed again.
    pub async fn refresh(&self, corpus: &Corpus, height: u64) -> Result<Corpus> {
        let members = Members::ask(&self.rpc, corpus.model_version, height).await?;
        if members.lists == corpus.lists {
            return Ok(members.corpus(height, corpus.model_version, corpus.index.clone()));
        }
        self.build(members, corpus.model_version, height).await
    }

    async fn build(&self, members: Members, model_version: u64, height: u64) -> Result<Corpus> {
        let held = |contribution: &&Contribution| {
            contribution.reveal.as_ref().is_some_and(|reveal| self.fetcher.store.has(&reveal.root))
        };
        self.fetch(members.contributions.values().filter(|member| !held(member)).cloned().collect()).await?;
        let damaged = |entry: &&Entry| self.fetcher.store.get(&entry.root, entry.length).is_err();
        let (folder, progress) = (self.index.clone(), self.progress);
        let (lists, store) = (members.lists.clone(), self.fetcher.store.clone());
        let index = tokio::task::spawn_blocking(move || {
            Index::open(&folder, &lists, |entry| store.get(&entry.root, entry.length), &progress)
        });
        let index = match index.await? {
            Ok(index) => index,
            Err(error) => {
                // A content on disk may be damaged: it is fetched again, once.
                tracing::warn!("{error:#}; damaged contents are fetched again");
                let damaged = members.lists.iter().flatten().filter(damaged);
                let damaged = damaged.map(|entry| members.contributions.get(&entry.seq).cloned().context("a member"));
                self.fetch(damaged.collect::<Result<_>>()?).await?;
                let content = |entry: &Entry| self.fetcher.store.get(&entry.root, entry.length);
                Index::open(&self.index, &members.lists, content, &self.progress)?
            }
        };
        Ok(members.corpus(height, model_version, Arc::new(index)))
    }

    /// Fetches contents; an error with the first that cannot be had. What came stays.
    async fn fetch(&self, missing: Vec<Contribution>) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        let count = missing.len();
        let bar = self.progress.count("fetching", count as u64);
        let fetching = missing.into_iter().map(|contribution| {
            let corpora = self.clone();
            async move { corpora.obtain(&contribution).await }
        });
        let all = stream::iter(fetching).buffer_unordered(AT_ONCE).try_for_each(|_| {
            bar.inc(1);
            std::future::ready(Ok(()))
        });
        let fetched = match &self.haste {
            None => all.await,
            Some(haste) => tokio::time::timeout(haste.within, all).await.unwrap_or_else(|_| {
                Err(anyhow::anyhow!("{count} contents were not all to be had within {:?}", haste.within))
            }),
        };
        bar.finish_and_clear();
        fetched
    }
}

/// What every datanet has accepted.
impl Corpora {
    /// An index over everything that is accepted on the chain and is had in time; `missing` is not, and is not asked for again. Beside it
    /// those of the missing that were asked for in vain.
    pub async fn library(&self, missing: &mut BTreeSet<u64>) -> Result<(Corpus, BTreeSet<u64>)> {
        let (_, height) = self.rpc.chain().await?;
        let mut members = Members::everything(&self.rpc).await?;
        let held = |contribution: &Contribution| {
            contribution.reveal.as_ref().is_some_and(|reveal| self.fetcher.store.has(&reveal.root))
        };
        let wanted = members.contributions.values().filter(|one| !held(one) && !missing.contains(&one.seq));
        let fetching: Vec<_> = wanted.cloned().map(|contribution| self.wanted(contribution)).collect();
        let fetched = stream::iter(fetching).buffer_unordered(AT_ONCE);
        let in_time = fetched.take_until(tokio::time::sleep(LIBRARY_WITHIN));
        let failed = in_time.filter_map(std::future::ready).collect().await;
        missing.extend(members.contributions.values().filter(|one| !held(one)).map(|one| one.seq));
        members.contributions.retain(|seq, _| !missing.contains(seq));
        members.lists.iter_mut().for_each(|list| list.retain(|entry| !missing.contains(&entry.seq)));
        Ok((self.build(members, 0, height).await?, failed))
    }

    /// Fetches a content; its work where that fails.
    async fn wanted(&self, contribution: Contribution) -> Option<u64> {
        let error = self.obtain(&contribution).await.err()?;
        tracing::warn!("{error:#}; it is not compared with");
        Some(contribution.seq)
    }
}

/// What the chain says is in a corpus.
struct Members {
    contributions: BTreeMap<u64, Contribution>,
    /// The chain's commons, then each datanet's contributions in order of acceptance.
    lists: Vec<Vec<Entry>>,
}

impl Members {
    async fn ask(rpc: &Rpc, model_version: u64, height: u64) -> Result<Self> {
        let version = chain::model_version(rpc, model_version).await?;
        let alive = |contribution: &Contribution| {
            contribution.tombstoned_height == 0 || contribution.tombstoned_height > height
        };
        let mut commons = chain::commons(rpc, height).await?;
        commons.retain(alive);
        let mut contributions: BTreeMap<u64, Contribution> =
            commons.iter().map(|contribution| (contribution.seq, contribution.clone())).collect();
        let mut lists = vec![entries(&commons, true)?];
        for declared in &version.datanets {
            let mut members = chain::contributions(rpc, declared.datanet, declared.version).await?;
            members.retain(|contribution| alive(contribution) && !contributions.contains_key(&contribution.seq));
            lists.push(entries(&members, false)?);
            contributions.extend(members.into_iter().map(|contribution| (contribution.seq, contribution)));
        }
        Ok(Self { contributions, lists })
    }

    /// What every datanet has accepted and nobody has taken out, in order of acceptance.
    async fn everything(rpc: &Rpc) -> Result<Self> {
        let (mut contributions, mut lists) = (BTreeMap::new(), Vec::new());
        for datanet in chain::datanets(rpc).await? {
            let mut members = chain::accepted(rpc, datanet.id).await?;
            members.retain(|member| member.tombstoned_height == 0);
            members.sort_by_key(|member| member.acceptance.as_ref().map(|acceptance| acceptance.accept_index));
            lists.push(entries(&members, false)?);
            contributions.extend(members.into_iter().map(|member| (member.seq, member)));
        }
        Ok(Self { contributions, lists })
    }

    fn corpus(self, height: u64, model_version: u64, index: Arc<Index>) -> Corpus {
        Corpus { height, model_version, contributions: Arc::new(self.contributions), index, lists: self.lists }
    }
}

fn entries(contributions: &[Contribution], commons: bool) -> Result<Vec<Entry>> {
    let entry = |contribution: &Contribution| {
        let seq = contribution.seq;
        let reveal = contribution.reveal.as_ref().with_context(|| format!("contribution {seq} is not revealed"))?;
        Ok(Entry { seq, commons, root: reveal.root.to_vec(), length: reveal.length })
    };
    contributions.iter().map(entry).collect()
}
