//! `/metrics`: the chain's own figures for Prometheus, on a port of their own. CometBFT serves its figures itself
//! (`instrumentation.prometheus` in `config.toml`).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::http::header::CONTENT_TYPE;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use openledger_net::{Limits, Listener};

use crate::execution::Chain;

/// Prometheus's text format.
pub const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Scrapers are few, and ask every few seconds or minutes on one connection each.
const LIMITS: Limits = Limits {
    connections: 16,
    header: Some(Duration::from_secs(120)),
    write: Some(Duration::from_secs(30)),
    silence: Some(Duration::from_secs(120)),
    http2: false,
};

/// Serves the metrics of `chain` at `address`, e.g. `127.0.0.1:26661`; port 0 takes a free one.
pub async fn open(chain: Arc<Chain>, address: &str) -> Result<Listener> {
    serve(address, move || text(chain.clone())).await
}

async fn serve<F>(address: &str, text: impl Fn() -> F + Clone + Send + Sync + 'static) -> Result<Listener>
where
    F: Future<Output = Result<String>> + Send + 'static,
{
    let router = Router::new().route("/metrics", get(move || answer(text())));
    Listener::open("metrics", address, LIMITS, router).await
}

/// The metrics of `chain` as text.
pub async fn text(chain: Arc<Chain>) -> Result<String> {
    // Reads a folder of the disk.
    tokio::task::spawn_blocking(move || chain.metrics()).await?
}

async fn answer(text: impl Future<Output = Result<String>>) -> Response {
    match text.await {
        Ok(text) => ([(CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    /// What a machine with much else to do may need for what takes no time.
    const PATIENCE: Duration = Duration::from_secs(30);
    const ASK: &[u8] = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    async fn figures() -> Listener {
        serve("127.0.0.1:0", || async { Ok("openledger_block_height 7\n".to_string()) }).await.unwrap()
    }

    async fn said(door: &Listener, text: &[u8]) -> TcpStream {
        let mut client = TcpStream::connect(door.address()).await.unwrap();
        client.write_all(text).await.unwrap();
        client
    }

    async fn answer_to(mut client: TcpStream) -> String {
        let mut answer = Vec::new();
        // A connection that is cut off has said what it had to say before.
        let _ = timeout(PATIENCE, client.read_to_end(&mut answer)).await.expect("the connection stays");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn one_scraper_more_than_there_is_room_for_waits_until_another_leaves() {
        let door = figures().await;
        let mut idle = Vec::new();
        for _ in 0..LIMITS.connections {
            // Answered, so that each has its place.
            let mut client = said(&door, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
            timeout(PATIENCE, client.read_exact(&mut [0; 12])).await.unwrap().unwrap();
            idle.push(client);
        }
        let mut next = said(&door, ASK).await;
        assert!(timeout(Duration::from_millis(200), next.read(&mut [0; 1])).await.is_err(), "one too many is answered");
        idle.pop();
        let answer = answer_to(next).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("openledger_block_height 7\n"), "{answer}");
    }

    #[tokio::test]
    async fn a_header_without_end_is_refused_and_a_body_is_not_read() {
        let door = figures().await;
        let long = [b"GET /metrics HTTP/1.1\r\nx: ".to_vec(), vec![b'a'; openledger_net::MAX_HEADER + 1]].concat();
        let answer = answer_to(said(&door, &long).await).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
        let claim = b"GET /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1073741824\r\n\r\nhalf";
        let answer = answer_to(said(&door, claim).await).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[test]
    fn a_scraper_that_stands_still_is_dropped() {
        assert!(LIMITS.header.is_some() && LIMITS.write.is_some() && LIMITS.silence.is_some() && !LIMITS.http2);
    }
}
