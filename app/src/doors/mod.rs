//! The doors through which queries come in from outside; `abci_query` is the other, in [`crate::execution::query`].
//!
//! | door | file |
//! | --- | --- |
//! | gRPC and gRPC-web, with reflection | [`grpc`] |
//! | REST, and gRPC-web there too | [`rest`], errors in [`reply`], its description in [`openapi`] |
//!
//! All of them stand on a [`Listener`], which bounds what a client may do ([`intake`]: what gRPC holds), and ask a [`Desk`], which asks [`Chain::answer`].
//! Guarantees that queries never run on the threads of consensus, that there are never more than a bounded number of them at once, and
//! that each has an end for who asked. Those of [`QUICK`] are answered where they arrive, all others on threads of their own. [`settings`] are those of `app.toml`.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod grpc;
pub mod intake;
pub mod openapi;
pub mod reply;
pub mod rest;
pub mod settings;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openledger_core::query::Code;
use openledger_core::Status;
use openledger_net::Listener;
use tokio::sync::Semaphore;

use crate::execution::Chain;

/// The metadata with which a client names the height it asks about, and is told which was read.
pub const HEIGHT_HEADER: &str = "x-cosmos-block-height";
/// How many queries wait for CometBFT at once.
const WAITING: usize = 64;
/// How many queries compute at once, for each core: more would only take time from consensus.
const COMPUTING_PER_CORE: usize = 2;
/// How many searches through CometBFT's index run at once; each may take it seconds.
const SEARCHING: usize = 8;
/// Services that compute rather than wait.
const COMPUTES: [&str; 7] = [
    "/openledger.base.v1.Query/Invariants",
    "/cosmos.tx.v1beta1.Service/Simulate",
    "/cosmos.tx.v1beta1.Service/TxDecode",
    "/cosmos.tx.v1beta1.Service/TxDecodeAmino",
    "/cosmos.tx.v1beta1.Service/TxEncode",
    "/cosmos.tx.v1beta1.Service/TxEncodeAmino",
    "/cosmos.base.tendermint.v1beta1.Service/ABCIQuery",
];
/// Queries that read a few short values of the latest state and no more, whatever the request says (an account's may be long): to hand one to another thread and back takes
/// longer than its answer, and much longer where a block keeps the cores busy.
const QUICK: [&str; 3] = [
    "/cosmos.bank.v1beta1.Query/Balance",
    "/cosmos.bank.v1beta1.Query/SupplyOf",
    "/cosmos.staking.v1beta1.Query/Params",
];
/// Services that search.
const SEARCHES: [&str; 2] = ["/cosmos.tx.v1beta1.Service/GetTxsEvent", "/cosmos.tx.v1beta1.Service/GetBlockWithTxs"];
/// How long a query waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long who asked waits for an answer. A query that takes longer goes on until its gas ends, in its place.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Where the doors hand their queries over; clones share its bounds.
#[derive(Clone)]
pub struct Desk {
    chain: Arc<Chain>,
    metrics: bool,
    computing: Arc<Semaphore>,
    searching: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Desk {
    /// The desk of a chain.
    pub fn new(chain: Arc<Chain>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let computing = Arc::new(Semaphore::new(cores.saturating_mul(COMPUTING_PER_CORE)));
        let (searching, waiting) = (Arc::new(Semaphore::new(SEARCHING)), Arc::new(Semaphore::new(WAITING)));
        Self { chain, metrics: false, computing, searching, waiting }
    }

    /// The same desk, which shows the node's figures at the REST server's `/metrics` (SDK `server/api`) or not.
    pub fn with_metrics(self, metrics: bool) -> Self {
        Self { metrics, ..self }
    }

    /// Whether it shows figures.
    pub fn has_metrics(&self) -> bool {
        self.metrics
    }

    /// The chain.
    pub fn chain(&self) -> &Arc<Chain> {
        &self.chain
    }

    /// [`Chain::answer`] from a thread that may wait.
    pub async fn ask(&self, path: String, request: Bytes, height: u64) -> Result<(Vec<u8>, u64), Status> {
        self.ask_for(path, request, height, |answer, height| Ok((answer, height))).await
    }

    /// What `make` makes of the answer and its height, on the thread that answers.
    pub async fn ask_for<T: Send + 'static>(
        &self,
        path: String,
        request: Bytes,
        height: u64,
        make: impl FnOnce(Vec<u8>, u64) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        if height == 0 && QUICK.contains(&path.as_str()) {
            let (answer, height) = self.chain.answer(&path, &request, height)?;
            return make(answer, height);
        }
        let computes = self.chain.router().has_query(&path) || COMPUTES.contains(&path.as_str());
        let room = match path.as_str() {
            _ if computes => &self.computing,
            path if SEARCHES.contains(&path) => &self.searching,
            _ => &self.waiting,
        };
        let turn = tokio::time::timeout(PATIENCE, room.clone().acquire_owned()).await;
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
            let (answer, height) = chain.answer(&path, &request, height)?;
            make(answer, height)
        });
        match tokio::time::timeout(ANSWER_LIMIT, answer).await {
            Ok(answer) => answer.unwrap_or_else(|error| Err(Status::internal(error.to_string()))),
            Err(_) => {
                let why = format!("the query is not answered within {} s", ANSWER_LIMIT.as_secs());
                Err(Status::new(Code::DeadlineExceeded, why))
            }
        }
    }

    /// Whether a path has a query here.
    pub fn has(&self, path: &str) -> bool {
        self.chain.router().has_query(path) || self.chain.service_paths().iter().any(|known| known == path)
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

/// The doors of a node.
pub struct Doors(Vec<Listener>);

impl Doors {
    /// Opens what the settings ask for.
    pub async fn open(
        desk: Desk,
        api: &settings::Api,
        grpc: &settings::Grpc,
        grpc_web: settings::GrpcWeb,
    ) -> anyhow::Result<Self> {
        let mut open = Vec::new();
        if grpc.enable {
            open.push(grpc::open(desk.clone(), &grpc.address).await?);
        }
        if api.enable {
            let web = if grpc.enable && grpc_web.enable { Some(grpc::web(desk.clone())?) } else { None };
            open.push(rest::open(desk, api, web).await?);
        }
        Ok(Self(open))
    }

    /// Takes no more requests, and ends once those in progress are answered or cut off.
    pub async fn close(self) {
        for door in self.0 {
            door.close().await;
        }
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
    fn what_is_answered_where_it_arrives_are_queries_of_the_modules() {
        let runtime = crate::runtime::Runtime::default();
        assert!(QUICK.iter().all(|path| runtime.router().has_query(path)));
    }

    #[test]
    fn a_height_is_a_number_or_nothing() {
        assert_eq!(parse_height(""), Ok(0));
        assert_eq!(parse_height("17"), Ok(17));
        for bad in ["-1", "x", "1.5", "18446744073709551616"] {
            assert_eq!(parse_height(bad).unwrap_err().code, Code::InvalidArgument, "{bad}");
        }
    }
}
