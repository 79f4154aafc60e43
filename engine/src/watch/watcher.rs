//! The running mode: follows every settlement and replacement of every server, recomputes each opened receipt, disputes what is wrong,
//! and where it is told to, makes the claims that others should have made.
//!
//! No settlement, dispute or host holds up another: claims are looked at beside the reading of blocks ([`crate::watch::looker`]) and wait
//! in the book until they were; what fails is told, and tried again later and later while that is of use.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openledger_client::{Error, Wallet};
use openledger_proto::openledger::attribution::v1::{DisputeStatus, Settlement, SettlementStatus};
use rand::RngCore;
use serde::Deserialize;
use tokio::task::{Id, JoinSet};

use crate::chain;
use crate::metrics::Metrics;
use crate::sync::follow::{self, Happened};
use crate::sync::{holder, Corpora, Holder};
use crate::watch::book::{Book, Case};
use crate::watch::evidence::{self, Deviation, PUBLISHED, REFUTED, REPLACED, SETTLED};
use crate::watch::looker::{Looker, Seen, Sight};
use crate::watch::mender::{self, Anew, Mend, Step};
use crate::watch::naming::{self, CopyCase};
use crate::watch::works::{Works, ACCEPTED};

/// Between looking for a new block.
const PAUSE: Duration = Duration::from_millis(500);
/// After something failed.
const RETRY: Duration = Duration::from_secs(5);
/// The longest pause after something failed again and again, as a power of two of that: five minutes.
const MOST_PAUSE: u32 = 6;
/// Under what name asking for chunks waits after it failed.
const ASKING: (&str, u64, u32) = ("asking for chunks", 0, 0);
/// Settlements that are looked at at once, and how many of them may be such as could not be looked at before.
const AT_ONCE: usize = 4;
const AGAIN_AT_ONCE: usize = 2;

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
    /// Whether it also asks on the chain, behind a deposit each, for accepted contents that it could not have again and again.
    pub availability: bool,
}

/// Watches a chain.
pub struct Watcher {
    wallet: Wallet,
    book: Book,
    settings: WatchSettings,
    metrics: Arc<Metrics>,
    looker: Looker,
    /// Looks that are under way, and at what, with whether it was tried before.
    looks: JoinSet<Result<Seen>>,
    sights: HashMap<Id, (Sight, bool)>,
    /// Disputes and replacements that failed, by settlement and round: how often, and until when they wait.
    stalled: BTreeMap<(&'static str, u64, u32), (u32, Instant)>,
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
        let looker = Looker::new(wallet.rpc.clone(), &corpora, metrics.clone());
        let (looks, sights, stalled) = Default::default();
        let works = Works::new(corpora);
        Ok(Self { wallet, book, settings, metrics, looker, looks, sights, stalled, holder, works })
    }

    /// What it has written down.
    pub fn book(&self) -> &Book {
        &self.book
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

    /// Takes everything that is open a step on, then reads the next block; whether there was one.
    pub async fn step(&mut self) -> Result<bool> {
        let (_, latest) = self.wallet.rpc.chain().await?;
        self.end_looks(latest)?;
        self.take_on().await;
        self.begin_looks(latest);
        if self.settings.copies {
            if let Err(error) = self.works.look(&mut self.book, latest, self.settings.dry_run).await {
                // Disputes do not wait for it, and the works stay in the book.
                tracing::warn!("looking for copies: {error:#}; it is tried again");
            }
            if self.settings.availability && !self.settings.dry_run && !self.waits(ASKING) {
                let asked = self.works.challenge(&mut self.wallet, &mut self.book).await;
                self.went(ASKING, MOST_PAUSE, asked);
            }
        }
        let next = self.next(latest).await?;
        // The last block's results are there once the next one is decided on.
        if next > latest {
            if let Err(error) = self.show_chunks().await {
                tracing::warn!("showing chunks: {error:#}; it is tried again");
            }
            return Ok(false);
        }
        let (mut sights, mut accepted) = (Vec::new(), Vec::new());
        for happened in follow::happened(&self.wallet.rpc, next, &WATCHED).await? {
            match happened.event.kind.as_str() {
                ACCEPTED => accepted.push(happened.number("seq")?),
                REFUTED => self.take_up(happened.number("settlement")?, &happened)?,
                PUBLISHED => sights.push(Sight::of_publication(next, &happened)),
                _ => sights.push(Sight::of_claims(next, &happened)),
            }
        }
        // What cannot even be read where it stands will not be there later either.
        let (sights, strange): (Vec<_>, Vec<_>) = sights.into_iter().partition(Result::is_ok);
        strange.into_iter().filter_map(Result::err).for_each(|error| tracing::error!(height = next, "{error:#}"));
        self.book.await_sights(sights.into_iter().flatten().collect(), next)?;
        if self.settings.copies && !accepted.is_empty() {
            self.book.await_works(&accepted, next)?;
        }
        self.book.reached(next)?;
        self.begin_looks(next);
        self.metrics.watched_height.set(i64::try_from(next).unwrap_or(i64::MAX));
        Ok(true)
    }

    /// Looks at what is due, as much at once as may be.
    fn begin_looks(&mut self, height: u64) {
        for (sight, tries) in self.book.due_sights(height) {
            let again = self.sights.values().filter(|(_, tried)| *tried).count();
            if self.sights.len() >= AT_ONCE || (tries > 0 && again >= AGAIN_AT_ONCE) {
                return;
            }
            if self.sights.values().any(|(under_way, _)| *under_way == sight) {
                continue;
            }
            let (looker, at, tried) = (self.looker.clone(), sight.clone(), tries > 0);
            let look = self.looks.spawn(async move { looker.look(&at, tried).await });
            self.sights.insert(look.id(), (sight, tried));
        }
    }

    /// Takes in what looks have come to.
    fn end_looks(&mut self, height: u64) -> Result<()> {
        while let Some(ended) = self.looks.try_join_next_with_id() {
            let (id, seen) = match ended {
                Ok((id, seen)) => (id, seen),
                Err(error) => (error.id(), Err(error.into())),
            };
            let Some((sight, _)) = self.sights.remove(&id) else { continue };
            let settlement = sight.settlement;
            match seen {
                Ok(Seen::Deviates(round, deviation)) => self.accuse(settlement, round, *deviation)?,
                Ok(Seen::Canonical) => {}
                Ok(Seen::Over) => tracing::warn!(settlement, "it can no longer be disputed"),
                Err(error) => {
                    tracing::warn!(settlement, "cannot be looked at: {error:#}; it is tried again");
                    self.book.put_off_sight(&sight, height)?;
                    continue;
                }
            }
            self.book.looked_at_sight(&sight)?;
            self.metrics.watched.inc();
        }
        Ok(())
    }

    /// Takes on disputes, replacements and copies. One that fails waits, and the others do not wait for it; what is committed comes first,
    /// for its bond burns where it is not revealed in time.
    async fn take_on(&mut self) {
        let mut cases = self.book.open_cases();
        cases.sort_by_key(|(_, _, case)| case.dispute.is_none());
        for (settlement, round, case) in cases {
            let (place, most) = (("dispute", settlement, round), if case.dispute.is_some() { 0 } else { MOST_PAUSE });
            if !self.waits(place) {
                let pursued = self.pursue(settlement, round, case).await;
                self.went(place, most, pursued);
            }
        }
        for (settlement, round, mend) in self.book.open_mends() {
            let place = ("claiming anew", settlement, round);
            if !self.waits(place) {
                let mended = self.mend(settlement, round, mend).await;
                self.went(place, MOST_PAUSE, mended);
            }
        }
        for (seq, case) in self.book.open_copies() {
            if let Err(error) = self.pursue_copy(seq, case).await {
                tracing::warn!(seq, "naming a copy: {error:#}; it is tried again");
            }
        }
    }

    fn waits(&self, place: (&'static str, u64, u32)) -> bool {
        self.stalled.get(&place).is_some_and(|(_, until)| Instant::now() < *until)
    }

    /// Notes how something went: what failed waits twice as long as the last time, [`RETRY`] at first.
    fn went(&mut self, place: (&'static str, u64, u32), most: u32, outcome: Result<()>) {
        let Err(error) = outcome else {
            self.stalled.remove(&place);
            return;
        };
        let (what, settlement, round) = place;
        tracing::warn!(settlement, round, "{what}: {error:#}; it is tried again");
        let (failures, until) = self.stalled.entry(place).or_insert((0, Instant::now()));
        *until = Instant::now() + RETRY * (1 << (*failures).min(most));
        *failures = failures.saturating_add(1);
    }

    /// Takes the dispute of a copy on from where it is.
    async fn pursue_copy(&mut self, seq: u64, mut case: CopyCase) -> Result<()> {
        let Some(library) = self.works.library().await? else { return Ok(()) };
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
                    let Self { wallet, book, .. } = self;
                    let note = &mut |mend: &Mend| book.note_mend(settlement, round, mend.clone());
                    mender::pursue(wallet, (settlement, round), &mut mend, &anew, note).await?
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
            corpora.push(self.looker.corpus(terms.model_version, terms.corpus_height).await?.index);
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

    /// Writes a dispute down, where there is none of these claims: it is taken on from the book.
    fn accuse(&mut self, settlement: u64, round: u32, deviation: Deviation) -> Result<()> {
        let (receipt, finding) = (deviation.place, deviation.finding);
        tracing::warn!(settlement, round, receipt, ?finding, "the claim deviates");
        if self.settings.dry_run || self.book.case(settlement, round).is_some() {
            return Ok(());
        }
        let mut salt = [0; 32];
        rand::thread_rng().fill_bytes(&mut salt);
        let case = Case { evidence: deviation.evidence, salt, dispute: None, outcome: None };
        self.book.note(settlement, round, case)
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
