//! Looking at claims, beside the reading of blocks: a settlement whose corpus cannot be had, or comes slowly, holds up nothing but itself.
//!
//! What is to be looked at waits in the book until it was. It is given up once it can no longer be disputed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use openledger_client::Rpc;
use openledger_proto::openledger::attribution::v1::SettlementStatus;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::chain;
use crate::metrics::Metrics;
use crate::sync::follow::{self, Happened};
use crate::sync::{Corpora, Corpus};
use crate::watch::evidence::{self, Deviation, Published, REPLACED};

/// Corpora that are kept in memory, one a model version.
const KEPT_CORPORA: usize = 16;
/// How long the contents of one corpus are fetched at a time.
const FETCH_WITHIN: Duration = Duration::from_secs(120);
/// How long a content that was not to be had is not asked for again.
const FETCH_AGAIN: Duration = Duration::from_secs(60);

/// Something to look at, and where on the chain it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The settlement.
    pub settlement: u64,
    /// The round of the claims; nothing of a transcript that was published on demand.
    pub round: Option<u32>,
    /// The block.
    pub height: u64,
    /// The transaction's place in it.
    pub tx: usize,
    /// The message's place in that.
    pub message: Vec<usize>,
}

impl Sight {
    /// The claims that an event tells of.
    pub fn of_claims(height: u64, happened: &Happened) -> Result<Self> {
        let round = match happened.event.kind.as_str() {
            REPLACED => u32::try_from(happened.number("round")?)?,
            _ => 0,
        };
        Self::of(height, happened, Some(round))
    }

    /// The transcript that an event tells of.
    pub fn of_publication(height: u64, happened: &Happened) -> Result<Self> {
        Self::of(height, happened, None)
    }

    fn of(height: u64, happened: &Happened, round: Option<u32>) -> Result<Self> {
        let tx = happened.tx.context("claims outside a transaction")?;
        let settlement = happened.number("settlement")?;
        Ok(Self { settlement, round, height, tx, message: happened.message() })
    }
}

/// What looking came to.
pub enum Seen {
    /// Canonical, as far as it is opened.
    Canonical,
    /// A round's claims deviate.
    Deviates(u32, Box<Deviation>),
    /// It can no longer be disputed.
    Over,
}

/// The corpus of a model version, once it is loaded.
type Kept = Arc<Mutex<Option<Corpus>>>;

/// Looks at claims; clones share the corpora.
#[derive(Clone)]
pub struct Looker {
    rpc: Rpc,
    corpora: Corpora,
    loaded: Arc<Mutex<BTreeMap<u64, Kept>>>,
    metrics: Arc<Metrics>,
}

impl Looker {
    /// Looks with these corpora, each fetched in a bounded time.
    pub fn new(rpc: Rpc, corpora: &Corpora, metrics: Arc<Metrics>) -> Self {
        Self { rpc, corpora: corpora.hasty(FETCH_WITHIN, FETCH_AGAIN), loaded: Arc::default(), metrics }
    }

    /// Looks at claims or a publication; at those that were tried before only while they can be disputed.
    pub async fn look(&self, sight: &Sight, tried: bool) -> Result<Seen> {
        if tried && self.is_over(sight).await? {
            return Ok(Seen::Over);
        }
        match sight.round {
            Some(round) => self.look_at_claims(sight, round).await,
            None => self.look_at_publication(sight).await,
        }
    }

    async fn is_over(&self, sight: &Sight) -> Result<bool> {
        let found = chain::settlement(&self.rpc, sight.settlement).await?;
        let replaced = sight.round.is_some_and(|round| found.rounds.len() != round as usize + 1);
        Ok(replaced || found.status != SettlementStatus::Pending as i32)
    }

    async fn look_at_claims(&self, sight: &Sight, round: u32) -> Result<Seen> {
        let tx = follow::transaction(&self.rpc, sight.height, sight.tx).await?;
        let receipts = evidence::receipts(&tx, &sight.message)?;
        let settled = receipts.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
        let mut closed = 0;
        for (place, receipt) in evidence::read(&receipts)?.into_iter().enumerate() {
            let Some(receipt) = receipt else {
                closed += 1;
                continue;
            };
            let terms = &receipt.settled.receipt;
            let corpus = self.corpus(terms.model_version, terms.corpus_height).await?;
            let tree = tree.clone();
            let work = move || evidence::deviation_of(&receipt, place, &tree, &corpus.index);
            if let Some(deviation) = tokio::task::spawn_blocking(work).await?? {
                return Ok(Seen::Deviates(round, Box::new(deviation)));
            }
        }
        let (settlement, count) = (sight.settlement, receipts.len());
        tracing::info!(settlement, round, receipts = count, closed, "canonical, as far as it is opened");
        Ok(Seen::Canonical)
    }

    /// Looks at one receipt, whose transcript was published on demand.
    async fn look_at_publication(&self, sight: &Sight) -> Result<Seen> {
        let (rpc, settlement) = (&self.rpc, sight.settlement);
        let found = chain::settlement(rpc, settlement).await?;
        let round = u32::try_from(found.rounds.len().saturating_sub(1))?;
        let made = found.rounds.last().context("a settlement without claims")?.height;
        let tx = follow::transaction(rpc, sight.height, sight.tx).await?;
        let (opening, transcript, key) = evidence::publication(&tx, &sight.message)?;
        let settled = evidence::claimed(rpc, settlement, round, made).await?;
        let settled = settled.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
        let index = opening.settled.receipt.index;
        let place = index.checked_sub(found.first_receipt).context("a receipt of another settlement")?;
        let place = usize::try_from(place)?;
        let (settled, claim) = settled.into_iter().nth(place).context("a receipt of another settlement")?;
        if settled != opening.settled {
            // Published of claims that have been replaced since.
            return Ok(Seen::Over);
        }
        let corpus = self.corpus(settled.receipt.model_version, settled.receipt.corpus_height).await?;
        let receipt = Published { transcript, key, claim, settled };
        let work = move || evidence::deviation_of(&receipt, place, &tree, &corpus.index);
        match tokio::task::spawn_blocking(work).await?? {
            None => {
                tracing::info!(settlement, round, receipt = index, "a published transcript's claim is canonical");
                Ok(Seen::Canonical)
            }
            Some(deviation) => Ok(Seen::Deviates(round, Box::new(deviation))),
        }
    }

    /// The corpus of a model version at a height. Each version's is loaded by one at a time.
    pub async fn corpus(&self, model_version: u64, height: u64) -> Result<Corpus> {
        let kept = {
            let mut loaded = self.loaded.lock().await;
            if loaded.len() >= KEPT_CORPORA && !loaded.contains_key(&model_version) {
                loaded.pop_first();
            }
            loaded.entry(model_version).or_default().clone()
        };
        let mut kept = kept.lock().await;
        let corpus = match &*kept {
            Some(corpus) if corpus.height == height => return Ok(corpus.clone()),
            Some(corpus) => self.corpora.refresh(corpus, height).await?,
            None => self.corpora.load(model_version, height).await?,
        };
        self.metrics.index(corpus.index.len(), corpus.index.segments().len());
        *kept = Some(corpus.clone());
        Ok(corpus)
    }
}
