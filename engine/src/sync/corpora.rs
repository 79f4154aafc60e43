//! The corpus of a model version at a height: which contributions are in it (the chain says so), their bytes, each checked against its
//! commitment, and the index over them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use openledger_client::Rpc;
use openledger_proto::openledger::datanet::v1::Contribution;

use crate::chain;
use crate::index::{Document, Entry, Index};
use crate::progress::Progress;
use crate::sync::fetch::Fetcher;
use crate::sync::store::Contents;

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
}

impl Corpora {
    /// Loads with this fetcher, keeps indices in this folder.
    pub fn new(rpc: Rpc, fetcher: Fetcher, index: PathBuf, progress: Progress) -> Self {
        Self { rpc, fetcher, index, progress }
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
        let bar = self.progress.count("fetching", members.contributions.len() as u64);
        for contribution in members.contributions.values() {
            let missing = contribution.reveal.as_ref().is_some_and(|reveal| !self.fetcher.store.has(&reveal.root));
            if missing {
                self.fetcher.obtain(contribution).await?;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let damaged = |entry: &Entry| self.fetcher.store.get(&entry.root, entry.length).is_err();
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
                for entry in members.lists.iter().flatten().filter(|entry| damaged(entry)) {
                    let contribution = members.contributions.get(&entry.seq).context("a member")?;
                    self.fetcher.obtain(contribution).await?;
                }
                let content = |entry: &Entry| self.fetcher.store.get(&entry.root, entry.length);
                Index::open(&self.index, &members.lists, content, &self.progress)?
            }
        };
        Ok(members.corpus(height, model_version, Arc::new(index)))
    }
}

/// What every datanet has accepted.
impl Corpora {
    /// An index over everything that is accepted on the chain and can be had; `missing` cannot, and is not asked for again.
    pub async fn library(&self, missing: &mut BTreeSet<u64>) -> Result<Corpus> {
        let (_, height) = self.rpc.chain().await?;
        let mut members = Members::everything(&self.rpc).await?;
        for contribution in members.contributions.values() {
            let held = contribution.reveal.as_ref().is_some_and(|reveal| self.fetcher.store.has(&reveal.root));
            if held || missing.contains(&contribution.seq) {
                continue;
            }
            if let Err(error) = self.fetcher.obtain(contribution).await {
                tracing::warn!("{error:#}; it is not compared with");
                missing.insert(contribution.seq);
            }
        }
        members.contributions.retain(|seq, _| !missing.contains(seq));
        members.lists.iter_mut().for_each(|list| list.retain(|entry| !missing.contains(&entry.seq)));
        self.build(members, 0, height).await
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
