//! How long a Balance query by gRPC takes, asked 2,000 times a second while blocks of thousands of transfers execute; the daemon's memory
//! before and after; and a proof at a past height.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd cargo run -p openledger-tests --example query_latency [seconds]
//! ```

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{ensure, Result};
use openledger_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use openledger_tests::load::{Chain, Peer};
use tonic::client::Grpc;
use tonic::codec::ProstCodec;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::Request;

const ACCOUNTS: usize = 2_000;
const PER_MILLISECOND: u64 = 2;
/// Proofs that are timed.
const PROOFS: usize = 50;

#[tokio::main]
async fn main() -> Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(10), |text| text.parse())?;
    let chain = Arc::new(Chain::start(&Peer::openledgerd()?, ACCOUNTS).await?);
    println!("resident when fresh: {} MiB", chain.resident_mib()?);
    let rounds = 10;
    let signed = chain.sign(rounds).await?;
    let load = tokio::spawn({
        let chain = chain.clone();
        async move { chain.execute(signed).await }
    });
    // On a thread of its own, so that what is timed is the daemon and not this program's queue of broadcasts.
    let (grpc, addresses) = (chain.grpc.clone(), chain.addresses.clone());
    let asking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(ask(grpc, addresses, seconds))
    });
    let took = tokio::task::spawn_blocking(move || asking.join()).await?;
    let mut took = took.map_err(|_| anyhow::anyhow!("the asker panicked"))??;
    load.await??;
    chain.check_balances(rounds).await?;
    println!("resident after {} transfers: {} MiB", ACCOUNTS * rounds, chain.resident_mib()?);
    report("balance by gRPC under load", &mut took);
    let mut took = prove(&chain).await?;
    report("proof at a past height, through CometBFT's RPC", &mut took);
    Ok(())
}

/// Asks for balances at a steady rate; how long each answer took, from when it was due.
async fn ask(grpc: String, addresses: Vec<String>, seconds: u64) -> Result<Vec<Duration>> {
    let channel = Endpoint::from_shared(format!("http://{grpc}"))?.connect().await?;
    // The runtime's timer ticks once a millisecond and rounds up: what falls due on its ticks, a little before them, is not kept waiting by it.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let from = tokio::time::Instant::now() - Duration::from_micros(200);
    let mut asked = Vec::new();
    for number in 0..seconds * 1_000 * PER_MILLISECOND {
        let due = from + Duration::from_millis(number / PER_MILLISECOND);
        tokio::time::sleep_until(due).await;
        let address = addresses[number as usize % addresses.len()].clone();
        asked.push(tokio::spawn(balance(channel.clone(), address, due)));
    }
    let mut took = Vec::with_capacity(asked.len());
    for answer in asked {
        took.push(answer.await??);
    }
    Ok(took)
}

async fn balance(channel: Channel, address: String, due: tokio::time::Instant) -> Result<Duration> {
    let mut grpc = Grpc::new(channel);
    grpc.ready().await?;
    let path = PathAndQuery::from_static("/cosmos.bank.v1beta1.Query/Balance");
    let request = Request::new(QueryBalanceRequest { address, denom: "aopen".into() });
    let codec: ProstCodec<QueryBalanceRequest, QueryBalanceResponse> = ProstCodec::default();
    let answer = grpc.unary(request, path, codec).await?.into_inner();
    ensure!(answer.balance.is_some(), "an answer without a balance");
    Ok(due.elapsed())
}

async fn prove(chain: &Chain) -> Result<Vec<Duration>> {
    let (_, height) = chain.rpc.chain().await?;
    let mut took = Vec::new();
    for number in 0..PROOFS {
        let key = [&[0x02, 20][..], &[number as u8; 20], b"aopen"].concat();
        let past = height.saturating_sub(1 + number as u64 % height.min(50)).max(2);
        let from = Instant::now();
        let answer = chain.rpc.abci_query("store/bank/key", &key, past, true).await?;
        took.push(from.elapsed());
        ensure!(answer.code == 0, "no proof at {past}: {}", answer.log);
        ensure!(!answer.proof_ops.is_null(), "an answer without a proof");
    }
    Ok(took)
}

fn report(what: &str, took: &mut [Duration]) {
    took.sort();
    let at = |per_mille: usize| took[(took.len() - 1) * per_mille / 1000].as_secs_f64() * 1000.0;
    println!("{what}: median {:.2} ms, p99 {:.2} ms, most {:.2} ms of {}", at(500), at(990), at(1000), took.len());
}
