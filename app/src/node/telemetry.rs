//! `/metrics`: the chain's own figures for Prometheus, on a port of their own. CometBFT serves its figures itself
//! (`instrumentation.prometheus` in `config.toml`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::header::CONTENT_TYPE;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::execution::Chain;

/// Prometheus's text format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long a scrape in progress may take once the node ends.
const GRACE: Duration = Duration::from_millis(200);

/// The open listener.
pub struct Telemetry {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Telemetry {
    /// Serves the metrics of `chain` at `address`, e.g. `127.0.0.1:26661`; port 0 takes a free one.
    pub async fn open(chain: Arc<Chain>, address: &str) -> Result<Self> {
        let address = address.strip_prefix("tcp://").unwrap_or(address);
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("metrics cannot be served at {address:?}"))?;
        let address = listener.local_addr()?;
        let router = Router::new().route("/metrics", get(move || answer(chain.clone())));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(async {
                // A sender that is dropped stops it as well.
                let _ = stopped.await;
            });
            if let Err(error) = serving.await {
                tracing::error!(%address, %error, "metrics are served no more");
            }
        });
        tracing::info!(%address, "serving metrics");
        Ok(Self { address, stop, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests and ends.
    pub async fn close(mut self) {
        // It may have ended by itself.
        let _ = self.stop.send(());
        if tokio::time::timeout(GRACE, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

async fn answer(chain: Arc<Chain>) -> Response {
    // Reads a folder of the disk.
    match tokio::task::spawn_blocking(move || chain.metrics()).await {
        Ok(Ok(text)) => ([(CONTENT_TYPE, FORMAT)], text).into_response(),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
