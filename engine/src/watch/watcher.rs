//! The running mode: follows every settlement and replacement of every server, recomputes each opened receipt, disputes what is wrong,
//! and where it is told to, makes the claims that others should have made.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use openledger_client::{Error, Wallet};
use openledger_proto::openledger::attribution::v1::{DisputeStatus, Settlement, SettlementStatus};
use rand::RngCore;
use serde::Deserialize;

use crate::chain;
use crate::metrics::Metrics;
use crate::sync::follow::{self, Happened};
use crate::sync::{holder, Corpora, Corpus, Holder};
use crate::watch::book::{Book, Case};
use crate::watch::evidence::{self, Deviation, Published, PUBLISHED, REFUTED, REPLACED, SETTLED};
use crate::watch::mender::{self, Anew, Mend, Step};
use crate::watch::naming::{self, CopyCase};
use crate::watch::works::{Works, ACCEPTED};

/// Between looking for a new block.
const PAUSE: Duration = Duration::from_millis(500);
/// After something failed.
const RETRY: Duration = Duration::from_secs(5);
/// Corpora that are kept in memory, one a model version.
const KEPT_CORPORA: usize = 16;

/// What it looks at.
const WATCHED: [&str; 5] = [SETTLED, REPLACED, PUBLISHED, REFUTED, ACCEPTED];

/// `[watch]` of the settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchSettings {
    /// The first height to look at; 0 begins where a dispute is still possible.
    pub from_height: u64,
    /// Whether it only says what it finds.
    pub dry_run: bool,
    /// Whether it makes the canonical claims where others were refuted, behind a bond of twice the pool.
    pub replace: bool,
    /// Whether it names contributions that copy earlier ones, behind a bond that comes back when that is shown.
    pub copies: bool,
}

/// Watches a chain.
pub struct Watcher {
    wallet: Wallet,
    corpora: Corpora,
    book: Book,
    settings: WatchSettings,
    metrics: Arc<Metrics>,
    loaded: BTreeMap<u64, Corpus>,
    holder: Holder,
    works: Works,
}

impl Watcher {
    /// A watcher that disputes with this wallet and keeps its book in this folder.
    pub fn new(
        wallet: Wallet,
        corpora: Corpora,
        folder: &Path,
        settings: WatchSettings,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let book = Book::open(folder)?;
        let holder = Holder::new(corpora.contents().clone());
        let works = Works::new(corpora.clone());
        Ok(Self { wallet, corpora, book, settings, metrics, loaded: BTreeMap::new(), holder, works })
    }

    /// Watches until the process ends.
    pub async fn run(mut self) -> Result<()> {
        loop {
            let pause = match self.step().await {
                Ok(true) => continue,
                Ok(false) => PAUSE,
                Err(error) => {
                    tracing::warn!("{error:#}; it is tried again");
                    RETRY
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Ends the open disputes, then looks at the next block; whether there was one.
    pub async fn step(&mut self) -> Result<bool> {
        for (settlement, round, case) in self.book.open_cases() {
            self.pursue(settlement, round, case).await?;
        }
        for (settlement, round, mend) in self.book.open_mends() {
            if let Err(error) = self.mend(settlement, round, mend).await {
                // Disputes do not wait for it.
                tracing::warn!(settlement, round, "claiming anew: {error:#}; it is tried again");
            }
        }
        for (seq, case) in self.book.open_copies() {
            if let Err(error) = self.pursue_copy(seq, case).await {
                tracing::warn!(seq, "naming a copy: {error:#}; it is tried again");
            }
        }
        let (_, latest) = self.wallet.rpc.chain().await?;
        let next = self.next(latest).await?;
        // The last block's results are there once the next one is decided on.
        if next > latest {
            self.show_chunks().await?;
            return Ok(false);
        }
        let mut accepted = Vec::new();
        for happened in follow::happened(&self.wallet.rpc, next, &WATCHED).await? {
            if happened.event.kind == ACCEPTED {
                accepted.push(happened.number("seq")?);
                continue;
            }
            let settlement = happened.number("settlement")?;
            let looked = match happened.event.kind.as_str() {
                PUBLISHED => self.look_at_publication(next, settlement, &happened).await,
                REFUTED => self.take_up(settlement, &happened),
                _ => self.look(next, settlement, &happened).await,
            };
            looked.with_context(|| format!("settlement {settlement}"))?;
            self.metrics.watched.inc();
        }
        if self.settings.copies && !accepted.is_empty() {
            self.book.await_works(&accepted, next)?;
        }
        self.book.reached(next)?;
        if self.settings.copies {
            if let Err(error) = self.works.look(&mut self.book, next, self.settings.dry_run).await {
                // Disputes do not wait for it, and the works stay in the book.
                tracing::warn!("looking for copies: {error:#}; it is tried again");
            }
        }
        self.metrics.watched_height.set(i64::try_from(next).unwrap_or(i64::MAX));
        Ok(true)
    }

    /// Takes the dispute of a copy on from where it is.
    async fn pursue_copy(&mut self, seq: u64, mut case: CopyCase) -> Result<()> {
        let library = self.works.library().await?;
        match naming::pursue(&mut self.wallet, seq, &case, &library).await? {
            naming::Step::Waits => return Ok(()),
            naming::Step::Committed(dispute) => case.dispute = Some(dispute),
            naming::Step::Ended(outcome) => {
                tracing::warn!(seq, outcome, "a copy");
                self.metrics.disputes.with_label_values(&["copy"]).inc();
                case.outcome = Some(outcome);
            }
        }
        self.book.note_copy(seq, case)
    }

    /// Claims were refuted: makes others, where that is wanted.
    fn take_up(&mut self, settlement: u64, happened: &Happened) -> Result<()> {
        let round = u32::try_from(happened.number("round")?)?.saturating_add(1);
        if !self.settings.replace || self.settings.dry_run || self.book.mend(settlement, round).is_some() {
            return Ok(());
        }
        let mut salt = [0; 32];
        rand::thread_rng().fill_bytes(&mut salt);
        self.book.note_mend(settlement, round, Mend { salt, number: None, outcome: None })
    }

    /// Takes a replacement on from where it is.
    async fn mend(&mut self, settlement: u64, round: u32, mut mend: Mend) -> Result<()> {
        let found = chain::settlement(&self.wallet.rpc, settlement).await?;
        let awaited = found.status == SettlementStatus::AwaitingReplacement as i32;
        let step = if !awaited || found.rounds.len() != round as usize {
            Step::Ended("settled otherwise".into())
        } else {
            match self.anew(&found).await? {
                None => Step::Ended("the server keeps the transcripts".into()),
                Some(anew) => {
                    let bond_alone = chain::params(&self.wallet.rpc, found.params_version).await?.claims_only;
                    let Self { wallet, book, .. } = self;
                    let note = &mut |mend: &Mend| book.note_mend(settlement, round, mend.clone());
                    mender::pursue(wallet, (settlement, round), &mut mend, &anew, bond_alone, note).await?
                }
            }
        };
        if let Step::Ended(outcome) = step {
            tracing::warn!(settlement, round, outcome, "claims anew");
            mend.outcome = Some(outcome);
            self.book.note_mend(settlement, round, mend)?;
        }
        Ok(())
    }

    /// Canonical claims for a settlement, where all its transcripts were published with it.
    async fn anew(&mut self, found: &Settlement) -> Result<Option<Anew>> {
        let claimed = evidence::claimed(&self.wallet.rpc, found.id, 0, found.height).await?;
        let Some(published) = evidence::read(&claimed)?.into_iter().collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let mut corpora = Vec::new();
        for receipt in &published {
            let terms = &receipt.settled.receipt;
            corpora.push(self.corpus(terms.model_version, terms.corpus_height).await?.index);
        }
        let work = move || {
            let indices: Vec<_> = corpora.iter().map(AsRef::as_ref).collect();
            Anew::of(claimed, &published, &indices)
        };
        Ok(Some(tokio::task::spawn_blocking(work).await??))
    }

    /// Shows what somebody asks for and is held here.
    async fn show_chunks(&mut self) -> Result<()> {
        if self.settings.dry_run {
            return Ok(());
        }
        let ours = self.wallet.address();
        for due in self.holder.due(&self.wallet.rpc, &ours).await? {
            let sent = self.wallet.deliver(vec![due.message.clone()], holder::ANSWER_GAS).await;
            self.holder.sent(&due, &sent.map(|_| ()));
            self.metrics.chunks.inc();
        }
        Ok(())
    }

    async fn next(&mut self, latest: u64) -> Result<u64> {
        let after = self.book.height() + 1;
        let first = match (self.book.height(), self.settings.from_height) {
            (0, 0) => latest.saturating_sub(chain::params(&self.wallet.rpc, 0).await?.dispute_window).max(1),
            (0, from) => from,
            _ => after,
        };
        let earliest = follow::earliest(&self.wallet.rpc).await?;
        if first < earliest {
            tracing::warn!("the node has pruned heights {first} to {}", earliest - 1);
        }
        Ok(first.max(earliest))
    }

    /// Looks at the claims of one settlement or replacement.
    async fn look(&mut self, height: u64, settlement: u64, happened: &Happened) -> Result<()> {
        let round = match happened.event.kind.as_str() {
            REPLACED => u32::try_from(happened.number("round")?)?,
            _ => 0,
        };
        if self.book.case(settlement, round).is_some() {
            return Ok(());
        }
        let place = happened.tx.context("a settlement outside a transaction")?;
        let tx = follow::transaction(&self.wallet.rpc, height, place).await?;
        let receipts = evidence::receipts(&tx, happened.message())?;
        let settled = receipts.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
        let mut found = None;
        let mut closed = 0;
        for (place, receipt) in evidence::read(&receipts)?.into_iter().enumerate() {
            let Some(receipt) = receipt else {
                closed += 1;
                continue;
            };
            let terms = &receipt.settled.receipt;
            let corpus = self.corpus(terms.model_version, terms.corpus_height).await?;
            let work = {
                let tree = tree.clone();
                move || evidence::deviation_of(&receipt, place, &tree, &corpus.index)
            };
            if let Some(deviation) = tokio::task::spawn_blocking(work).await?? {
                found = Some(deviation);
                break;
            }
        }
        let count = receipts.len();
        match found {
            None => tracing::info!(settlement, round, receipts = count, closed, "canonical, as far as it is opened"),
            Some(deviation) => self.accuse(settlement, round, deviation).await?,
        }
        Ok(())
    }

    /// Looks at one receipt, whose transcript was published on demand.
    async fn look_at_publication(&mut self, height: u64, settlement: u64, happened: &Happened) -> Result<()> {
        let rpc = &self.wallet.rpc;
        let found = chain::settlement(rpc, settlement).await?;
        let round = u32::try_from(found.rounds.len().saturating_sub(1))?;
        if self.book.case(settlement, round).is_some() {
            return Ok(());
        }
        let made = found.rounds.last().context("a settlement without claims")?.height;
        let place = happened.tx.context("a publication outside a transaction")?;
        let tx = follow::transaction(rpc, height, place).await?;
        let (opening, transcript, key) = evidence::publication(&tx, happened.message())?;
        let settled = evidence::claimed(rpc, settlement, round, made).await?;
        let settled = settled.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
        let index = opening.settled.receipt.index;
        let place = index.checked_sub(found.first_receipt).context("a receipt of another settlement")?;
        let place = usize::try_from(place)?;
        let (settled, claim) = settled.into_iter().nth(place).context("a receipt of another settlement")?;
        if settled != opening.settled {
            // Published of claims that have been replaced since.
            return Ok(());
        }
        let corpus = self.corpus(settled.receipt.model_version, settled.receipt.corpus_height).await?;
        let receipt = Published { transcript, key, claim, settled };
        let work = move || evidence::deviation_of(&receipt, place, &tree, &corpus.index);
        match tokio::task::spawn_blocking(work).await?? {
            None => tracing::info!(settlement, round, receipt = index, "a published transcript's claim is canonical"),
            Some(deviation) => self.accuse(settlement, round, deviation).await?,
        }
        Ok(())
    }

    /// The corpus of a model version at a height.
    async fn corpus(&mut self, model_version: u64, height: u64) -> Result<Corpus> {
        let corpus = match self.loaded.get(&model_version) {
            Some(corpus) if corpus.height == height => return Ok(corpus.clone()),
            Some(corpus) => self.corpora.refresh(corpus, height).await?,
            None => self.corpora.load(model_version, height).await?,
        };
        if self.loaded.len() >= KEPT_CORPORA {
            self.loaded.pop_first();
        }
        self.loaded.insert(model_version, corpus.clone());
        self.metrics.index(corpus.index.len(), corpus.index.segments().len());
        Ok(corpus)
    }

    async fn accuse(&mut self, settlement: u64, round: u32, deviation: Deviation) -> Result<()> {
        let (receipt, finding) = (deviation.place, deviation.finding);
        tracing::warn!(settlement, round, receipt, ?finding, "the claim deviates");
        if self.settings.dry_run {
            return Ok(());
        }
        let mut salt = [0; 32];
        rand::thread_rng().fill_bytes(&mut salt);
        let case = Case { evidence: deviation.evidence, salt, dispute: None, outcome: None };
        self.book.note(settlement, round, case.clone())?;
        self.pursue(settlement, round, case).await
    }

    /// Takes a dispute on from where it is: commits, reveals, notes what became of it.
    async fn pursue(&mut self, settlement: u64, round: u32, mut case: Case) -> Result<()> {
        let hash = super::commit_hash(&self.wallet, settlement, &case.evidence, case.salt)?;
        if case.dispute.is_none() {
            // A former run may have committed without having seen it.
            let ours = chain::disputes(&self.wallet.rpc, settlement).await?;
            case.dispute = ours.iter().find(|dispute| dispute.commit == hash).map(|dispute| dispute.id);
        }
        if case.dispute.is_none() {
            if let Some(why) = self.too_late(settlement, round).await? {
                return self.close(settlement, round, case, why);
            }
            match super::commit(&mut self.wallet, settlement, hash).await {
                Ok(dispute) => case.dispute = Some(dispute),
                Err(error) => return self.failed(settlement, round, case, error),
            }
            self.book.note(settlement, round, case.clone())?;
            tracing::info!(settlement, round, dispute = case.dispute, "committed to a dispute");
        }
        let dispute = case.dispute.context("a committed dispute")?;
        let status = chain::dispute(&self.wallet.rpc, dispute).await?.status;
        if status != DisputeStatus::Committed as i32 {
            let status = DisputeStatus::try_from(status).map(|status| status.as_str_name()).unwrap_or("unknown");
            return self.close(settlement, round, case, status.to_lowercase());
        }
        match super::reveal(&mut self.wallet, dispute, &case.evidence, case.salt).await {
            Ok(judged) => {
                let outcome = if judged.valid { "valid" } else { "rejected" };
                tracing::warn!(settlement, round, dispute, outcome, finding = judged.finding, "revealed a dispute");
                self.close(settlement, round, case, outcome.into())
            }
            Err(error) => self.failed(settlement, round, case, error),
        }
    }

    /// Why a dispute of a round can no longer be committed.
    async fn too_late(&self, settlement: u64, round: u32) -> Result<Option<String>> {
        let found = chain::settlement(&self.wallet.rpc, settlement).await?;
        let present = found.rounds.len().saturating_sub(1);
        if present != round as usize {
            return Ok(Some("replaced".into()));
        }
        Ok((found.status != SettlementStatus::Pending as i32).then(|| "settled otherwise".into()))
    }

    /// What the chain refused stays refused; what did not reach it is tried again.
    fn failed(&mut self, settlement: u64, round: u32, case: Case, error: anyhow::Error) -> Result<()> {
        match error.downcast_ref::<Error>() {
            Some(Error::Tx { codespace, log, .. }) if codespace != "sdk" => {
                let outcome = format!("refused: {log}");
                self.close(settlement, round, case, outcome)
            }
            _ => Err(error),
        }
    }

    fn close(&mut self, settlement: u64, round: u32, case: Case, outcome: String) -> Result<()> {
        tracing::info!(settlement, round, dispute = case.dispute, outcome, "a dispute has ended");
        let kind = outcome.split(':').next().unwrap_or_default().to_string();
        self.metrics.disputes.with_label_values(&[kind.as_str()]).inc();
        self.book.note(settlement, round, Case { outcome: Some(outcome), ..case })
    }
}
