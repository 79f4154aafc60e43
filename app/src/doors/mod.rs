//! The doors through which queries come in from outside; `abci_query` is the other, in [`crate::execution::query`].
//!
//! | door | file |
//! | --- | --- |
//! | gRPC, with reflection | [`grpc`] |
//!
//! How much a door takes in at once is bounded in [`intake`].
//!
//! All of them ask a [`Desk`], which asks [`Chain::answer`]. Guarantees that queries run on threads of their own, never on those of
//! consensus, and that there are never more than a bounded number of them at once.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod grpc;
pub mod intake;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openledger_core::query::Code;
use openledger_core::Status;
use tokio::sync::Semaphore;

use crate::execution::Chain;

/// The metadata with which a client names the height it asks about, and is told which was read.
pub const HEIGHT_HEADER: &str = "x-cosmos-block-height";
/// How many queries run at once; some of them only wait for CometBFT.
const AT_ONCE: usize = 64;
/// How long a query waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the doors hand their queries over; clones share its bounds.
#[derive(Clone)]
pub struct Desk {
    chain: Arc<Chain>,
    room: Arc<Semaphore>,
}

impl Desk {
    /// The desk of a chain.
    pub fn new(chain: Arc<Chain>) -> Self {
        Self { chain, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The chain.
    pub fn chain(&self) -> &Arc<Chain> {
        &self.chain
    }

    /// [`Chain::answer`] from a thread that may wait.
    pub async fn ask(&self, path: String, request: Bytes, height: u64) -> Result<(Vec<u8>, u64), Status> {
        let turn = tokio::time::timeout(PATIENCE, self.room.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Status::new(
                Code::ResourceExhausted,
                "this node has too many queries to answer; try again later",
            ));
        };
        let chain = self.chain.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Held until the query ends, even where the client has gone.
            let _turn = turn;
            chain.answer(&path, &request, height)
        });
        answer.await.unwrap_or_else(|error| Err(Status::internal(error.to_string())))
    }

    /// The services that have a query here, sorted.
    pub fn service_names(&self) -> Vec<String> {
        let added = self.chain.service_paths();
        let paths = self.chain.router().query_paths().chain(added.iter().map(String::as_str));
        let names = paths.filter_map(|path| Some(path.strip_prefix('/')?.split_once('/')?.0.to_string()));
        let names: std::collections::BTreeSet<String> = names.collect();
        names.into_iter().collect()
    }
}

/// The height in a [`HEIGHT_HEADER`]; 0 where it is empty (SDK `server/grpc` and `baseapp.RegisterGRPCServer`).
pub fn parse_height(header: &str) -> Result<u64, Status> {
    if header.is_empty() {
        return Ok(0);
    }
    header.parse::<u64>().map_err(|error| {
        Status::invalid_argument(format!(
            "invalid height header {HEIGHT_HEADER:?}: {header:?}: {error}; write a number"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_height_is_a_number_or_nothing() {
        assert_eq!(parse_height(""), Ok(0));
        assert_eq!(parse_height("17"), Ok(17));
        for bad in ["-1", "x", "1.5", "18446744073709551616"] {
            assert_eq!(parse_height(bad).unwrap_err().code, Code::InvalidArgument, "{bad}");
        }
    }
}
