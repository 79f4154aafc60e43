//! `/metrics`: the chain's own figures for Prometheus, on a port of their own. CometBFT serves its figures itself
//! (`instrumentation.prometheus` in `config.toml`).

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::http::header::CONTENT_TYPE;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;

use crate::doors::listen::{Limits, Listener};
use crate::execution::Chain;

/// Prometheus's text format.
pub const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Scrapers are few, and ask every few seconds or minutes on one connection each.
const LIMITS: Limits = Limits {
    connections: 16,
    header: Some(Duration::from_secs(120)),
    write: Some(Duration::from_secs(30)),
    silence: Duration::from_secs(120),
    http2: false,
};

/// Serves the metrics of `chain` at `address`, e.g. `127.0.0.1:26661`; port 0 takes a free one.
pub async fn open(chain: Arc<Chain>, address: &str) -> Result<Listener> {
    let router = Router::new().route("/metrics", get(move || answer(chain.clone())));
    Listener::open("metrics", address, LIMITS, router).await
}

/// The metrics of `chain` as text.
pub async fn text(chain: Arc<Chain>) -> Result<String> {
    // Reads a folder of the disk.
    tokio::task::spawn_blocking(move || chain.metrics()).await?
}

async fn answer(chain: Arc<Chain>) -> Response {
    match text(chain).await {
        Ok(text) => ([(CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
