//! Figures for Prometheus, at `/metrics` of a port of their own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::routing::get;
use axum::Router;
use cosmwasm_std::Uint256;
use prometheus::{Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use tokio::net::TcpListener;

use crate::serve::door::{self, Limits};

/// Base units of a thousandth of a token: what fees are counted in, for they pass 64 bits.
const MILLI: u64 = 1_000_000_000_000_000;

/// What the engine counts.
pub struct Metrics {
    registry: Registry,
    /// Requests by path and status.
    pub requests: IntCounterVec,
    answers: IntCounter,
    refused: IntCounter,
    output_bytes: IntCounter,
    answer_seconds: Histogram,
    fees: IntCounter,
    settlements: IntCounter,
    settled_receipts: IntCounter,
    /// Attempts to settle that failed.
    pub settle_failures: IntCounter,
    /// Demands answered.
    pub openings: IntCounter,
    /// Chunks shown to who asked for them, or tried to.
    pub chunks: IntCounter,
    index_bytes: IntGauge,
    index_segments: IntGauge,
    /// Height up to which a watcher has looked.
    pub watched_height: IntGauge,
    /// Settlements that a watcher has looked at.
    pub watched: IntCounter,
    /// Disputes committed, by what became of them.
    pub disputes: IntCounterVec,
}

impl Metrics {
    /// All figures at zero.
    pub fn new() -> Result<Arc<Self>> {
        let registry = Registry::new_custom(Some("openledger_engine".into()), None)?;
        let counter = |name: &str, help: &str| -> Result<IntCounter> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let gauge = |name: &str, help: &str| -> Result<IntGauge> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let by = |name: &str, help: &str, labels: &[&str]| -> Result<IntCounterVec> {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let times = HistogramOpts::new("answer_seconds", "Time from a question to its answer, waiting included")
            .buckets(vec![0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]);
        let answer_seconds = Histogram::with_opts(times)?;
        registry.register(Box::new(answer_seconds.clone()))?;
        Ok(Arc::new(Self {
            requests: by("requests_total", "HTTP requests by route and status", &["route", "status"])?,
            answers: counter("answers_total", "Answers given")?,
            refused: counter("refused_total", "Questions refused")?,
            output_bytes: counter("output_bytes_total", "Bytes of output")?,
            answer_seconds,
            fees: counter("fees_milliopen_total", "Fees of answers, in thousandths of OPEN, rounded down each")?,
            settlements: counter("settlements_total", "Settlements that arrived")?,
            settled_receipts: counter("settled_receipts_total", "Receipts settled")?,
            settle_failures: counter("settle_failures_total", "Attempts to settle that failed")?,
            openings: counter("openings_total", "Demands and samples answered")?,
            chunks: counter("chunks_total", "Answers sent to challenges of availability")?,
            index_bytes: gauge("index_bytes", "Bytes of text in the index")?,
            index_segments: gauge("index_segments", "Segments of the index")?,
            watched_height: gauge("watched_height", "Height up to which settlements were looked at")?,
            watched: counter("watched_settlements_total", "Settlements looked at")?,
            disputes: by("disputes_total", "Disputes by outcome", &["outcome"])?,
            registry,
        }))
    }

    /// Counts a question: its answer's bytes and fee, or that it was refused.
    pub fn answered(&self, told: Option<(usize, [u8; 32])>, time: Duration) {
        let Some((bytes, fee)) = told else { return self.refused.inc() };
        self.answers.inc();
        self.output_bytes.inc_by(bytes as u64);
        self.answer_seconds.observe(time.as_secs_f64());
        let fee = Uint256::from_be_bytes(fee) / Uint256::from(MILLI);
        self.fees.inc_by(fee.to_string().parse().unwrap_or(u64::MAX));
    }

    /// Counts a settlement.
    pub fn settled(&self, receipts: u64) {
        self.settlements.inc();
        self.settled_receipts.inc_by(receipts);
    }

    /// Sets the index' size.
    pub fn index(&self, bytes: usize, segments: usize) {
        self.index_bytes.set(bytes as i64);
        self.index_segments.set(segments as i64);
    }

    /// Everything in Prometheus' text form.
    pub fn text(&self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Serves the figures at an address until the process ends.
pub async fn serve(metrics: Arc<Metrics>, address: &str) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    tracing::info!("figures at http://{}/metrics", listener.local_addr()?);
    let router = Router::new().route("/metrics", get(move || async move { metrics.text().unwrap_or_default() }));
    let seconds = Duration::from_secs;
    let limits = Limits { connections: 32, read: seconds(10), write: seconds(30), body: 0 };
    tokio::spawn(door::serve(listener, door::bounded(router, limits), limits, std::future::pending()));
    Ok(())
}
