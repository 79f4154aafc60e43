//! What operators see: counts and times of the chain, in Prometheus's text format.
//!
//! Guarantees that nothing of it reaches the state machine: clocks are read to be shown and never to decide. CometBFT serves its own
//! metrics beside these.

#![allow(clippy::disallowed_types)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramTimer, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use openledger_store::Observer;

use super::finalize::Summary;
use super::run::Outcome;

/// Upper bounds of times, in seconds: from a query to a block that is much too slow.
const SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Upper bounds of times of work in the background, in seconds.
const WORK_SECONDS: [f64; 11] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0];
/// Upper bounds of the number of transactions in a block.
const TXS: [f64; 9] = [0.0, 1.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 5_000.0, 10_000.0];

/// The kinds of checks for the mempool.
const NEW: &str = "new";
const AGAIN: &str = "recheck";

/// Counters and times of one chain; clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    folder: PathBuf,
    height: IntGauge,
    block_txs: Histogram,
    txs: IntCounterVec,
    /// Of [`Metrics::txs`], those that succeeded: nearly all, so they are looked up once.
    txs_passed: IntCounter,
    gas_used: IntCounter,
    changed_keys: IntCounter,
    checks: IntCounterVec,
    /// Of [`Metrics::checks`], those that were let in: new, and again.
    checks_passed: [IntCounter; 2],
    optimistic: IntCounterVec,
    seconds: HistogramVec,
    work: HistogramVec,
    snapshot_height: IntGauge,
    signatures: IntCounterVec,
    store_bytes: IntGauge,
}

/// How often something was looked up and found; counted where a metric would be out of place.
#[derive(Debug, Default)]
pub struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What became of a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuessEnd {
    /// It was the block.
    Hit,
    /// Another block was decided on.
    Miss,
    /// Another proposal came before a decision.
    Discarded,
    /// There was none: a replay, the first block, or it is switched off.
    Absent,
}

impl Lookups {
    /// Counts a look-up; says what it was told.
    pub fn count(&self, found: bool) -> bool {
        let counter = if found { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }
}

impl Metrics {
    /// Metrics that begin at zero, of a chain whose database is in `folder`.
    ///
    /// # Errors
    /// None that a test would not show: a name that is wrong or there twice.
    pub fn new(folder: &Path) -> prometheus::Result<Self> {
        let counters = |name: &str, help: &str, label: &[&str]| IntCounterVec::new(Opts::new(name, help), label);
        let times = HistogramOpts::new(
            "openledger_seconds",
            "Time of a call, in seconds; check_tx is one batch of transactions that arrived together.",
        );
        let work = HistogramOpts::new(
            "openledger_background_seconds",
            "Time of work beside the chain's, in seconds: checkpoint, prune, snapshot; restore_chunk is one chunk of state sync.",
        );
        let sizes = HistogramOpts::new("openledger_block_txs", "Transactions of a committed block.");
        let txs = counters(
            "openledger_txs_total",
            "Transactions of executed blocks, by result; code 0 succeeded.",
            &["codespace", "code"],
        )?;
        let checks = counters(
            "openledger_mempool_checks_total",
            "Transactions checked for the mempool, by kind (new, recheck) and result.",
            &["kind", "codespace", "code"],
        )?;
        let metrics = Self {
            registry: Registry::new(),
            folder: folder.into(),
            height: IntGauge::new("openledger_block_height", "Height committed last.")?,
            block_txs: Histogram::with_opts(sizes.buckets(TXS.to_vec()))?,
            txs_passed: txs.with_label_values(&["", "0"]),
            txs,
            gas_used: IntCounter::new("openledger_gas_used_total", "Gas used in committed blocks.")?,
            changed_keys: IntCounter::new(
                "openledger_changed_keys_total",
                "Keys of the state that committed blocks changed.",
            )?,
            checks_passed: [NEW, AGAIN].map(|kind| checks.with_label_values(&[kind, "", "0"])),
            checks,
            optimistic: counters(
                "openledger_optimistic_total",
                "Blocks executed before they were decided on: hit, miss, discarded; absent where none was begun.",
                &["end"],
            )?,
            seconds: HistogramVec::new(times.buckets(SECONDS.to_vec()), &["call"])?,
            work: HistogramVec::new(work.buckets(WORK_SECONDS.to_vec()), &["work"])?,
            snapshot_height: IntGauge::new(
                "openledger_snapshot_height",
                "Height of the snapshot for state sync that was made last, since the start.",
            )?,
            signatures: counters(
                "openledger_signature_cache_total",
                "Signatures looked up among those verified before: hit or miss.",
                &["result"],
            )?,
            store_bytes: IntGauge::new("openledger_store_bytes", "Bytes of the application's database on disk.")?,
        };
        let info = Opts::new("openledger_info", "Always 1; its label names the version.");
        let info = IntGauge::with_opts(info.const_label("version", super::VERSION))?;
        info.set(1);
        let all: [Box<dyn Collector>; 13] = [
            Box::new(metrics.height.clone()),
            Box::new(metrics.block_txs.clone()),
            Box::new(metrics.txs.clone()),
            Box::new(metrics.gas_used.clone()),
            Box::new(metrics.changed_keys.clone()),
            Box::new(metrics.checks.clone()),
            Box::new(metrics.optimistic.clone()),
            Box::new(metrics.seconds.clone()),
            Box::new(metrics.work.clone()),
            Box::new(metrics.snapshot_height.clone()),
            Box::new(metrics.signatures.clone()),
            Box::new(metrics.store_bytes.clone()),
            Box::new(info),
        ];
        all.into_iter().try_for_each(|metric| metrics.registry.register(metric))?;
        Ok(metrics)
    }

    /// Times a call from now until the value is dropped.
    pub fn time(&self, call: &str) -> HistogramTimer {
        self.seconds.with_label_values(&[call]).start_timer()
    }

    /// Times work in the background from now until the value is dropped.
    pub fn work(&self, work: &str) -> HistogramTimer {
        self.work.with_label_values(&[work]).start_timer()
    }

    /// Who tells of the store's work in the background.
    pub fn observer(&self) -> Observer {
        let work = self.work.clone();
        Observer::new(move |what, took| work.with_label_values(&[what]).observe(took.as_secs_f64()))
    }

    /// A snapshot for state sync was made.
    pub fn snapshot_made(&self, height: u64) {
        self.snapshot_height.set(i64::try_from(height).unwrap_or(i64::MAX));
    }

    /// A block was committed, or the chain opened at it.
    pub fn at_height(&self, height: u64) {
        self.height.set(i64::try_from(height).unwrap_or(i64::MAX));
    }

    /// A block was committed.
    pub fn committed(&self, height: u64, block: &Summary) {
        self.at_height(height);
        self.block_txs.observe(f64::from(u32::try_from(block.txs).unwrap_or(u32::MAX)));
        self.gas_used.inc_by(u64::try_from(block.gas_used).unwrap_or_default());
        self.changed_keys.inc_by(u64::try_from(block.changed_keys).unwrap_or_default());
    }

    /// A transaction of a block has a result.
    pub fn executed(&self, codespace: &str, code: u32) {
        if code == 0 {
            return self.txs_passed.inc();
        }
        self.txs.with_label_values(&[codespace, &code.to_string()]).inc();
    }

    /// A transaction was checked for the mempool.
    pub fn checked(&self, recheck: bool, outcome: &Outcome) {
        let [new, again] = &self.checks_passed;
        match &outcome.result {
            Ok(_) => if recheck { again } else { new }.inc(),
            Err(error) => {
                let (kind, code) = (if recheck { AGAIN } else { NEW }, error.code.to_string());
                self.checks.with_label_values(&[kind, error.codespace, &code]).inc();
            }
        }
    }

    /// A guess at a block ended.
    pub fn guessed(&self, end: GuessEnd) {
        let end = match end {
            GuessEnd::Hit => "hit",
            GuessEnd::Miss => "miss",
            GuessEnd::Discarded => "discarded",
            GuessEnd::Absent => "absent",
        };
        self.optimistic.with_label_values(&[end]).inc();
    }

    /// Everything in Prometheus's text format; `lookups` are those of signatures.
    pub fn render(&self, lookups: &Lookups) -> prometheus::Result<String> {
        for (result, total) in [("hit", &lookups.hits), ("miss", &lookups.misses)] {
            let counter = self.signatures.with_label_values(&[result]);
            counter.inc_by(total.load(Ordering::Relaxed).saturating_sub(counter.get()));
        }
        self.store_bytes.set(i64::try_from(size_of_folder(&self.folder)).unwrap_or(i64::MAX));
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// Bytes of the files in a folder; those that vanish meanwhile count nothing.
fn size_of_folder(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.filter_map(|entry| entry.ok()?.metadata().ok()).filter(std::fs::Metadata::is_file);
    sizes.map(|file| file.len()).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("000001.sst"), [0; 77]).unwrap();
        let metrics = Metrics::new(folder.path()).unwrap();
        metrics.committed(9, &Summary { txs: 3, failed: 1, gas_used: 1_000, changed_keys: 5 });
        metrics.executed("sdk", 5);
        metrics.executed("", 0);
        metrics.guessed(GuessEnd::Hit);
        drop(metrics.time("commit"));
        drop(metrics.work("snapshot"));
        metrics.snapshot_made(8);
        metrics.checked(false, &Outcome::refused(openledger_core::SdkError::OutOfGas("x".into())));
        let lookups = Lookups::default();
        assert!(lookups.count(true) && !lookups.count(false));
        // Twice: a scrape changes nothing.
        metrics.render(&lookups).unwrap();
        let text = metrics.render(&lookups).unwrap();
        for line in [
            "openledger_block_height 9",
            "openledger_block_txs_count 1",
            "openledger_txs_total{code=\"5\",codespace=\"sdk\"} 1",
            "openledger_gas_used_total 1000",
            "openledger_changed_keys_total 5",
            "openledger_optimistic_total{end=\"hit\"} 1",
            "openledger_txs_total{code=\"0\",codespace=\"\"} 1",
            "openledger_mempool_checks_total{code=\"0\",codespace=\"\",kind=\"recheck\"} 0",
            "openledger_mempool_checks_total{code=\"11\",codespace=\"sdk\",kind=\"new\"} 1",
            "openledger_seconds_count{call=\"commit\"} 1",
            "openledger_signature_cache_total{result=\"hit\"} 1",
            "openledger_signature_cache_total{result=\"miss\"} 1",
            "openledger_store_bytes 77",
            "openledger_snapshot_height 8",
            "openledger_background_seconds_count{work=\"snapshot\"} 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in\n{text}");
        }
        let board = include_str!("../../../cometbft-config/grafana.json");
        let names = board.split("openledger_").skip(1).map(|rest| {
            let len = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap();
            format!("openledger_{}", &rest[..len])
        });
        let names: std::collections::BTreeSet<String> = names.collect();
        assert!(names.len() > 12, "{names:?}");
        for name in names {
            let shown =
                text.lines().any(|line| line.strip_prefix(&name).is_some_and(|rest| rest.starts_with(['{', ' '])));
            assert!(shown, "the board asks for {name}, which is not in\n{text}");
        }
    }
}
