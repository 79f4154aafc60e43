//! How long a new node takes to join by state sync, beside simd: a chain with many accounts, whose node offers a snapshot, and a node that
//! has nothing but the genesis.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd SIMD=… cargo run -p openledger-tests --example state_sync [accounts]
//! ```
//!
//! Prints, for each daemon, the snapshot's size, and the seconds from the new node's start until it has executed a block of its own, less the
//! five seconds in which CometBFT only looks for snapshots; and the ratio. Without `SIMD`, this chain alone.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use anyhow::Result;
use openledger_tests::load::{Chain, Peer, DISCOVERY};

#[tokio::main]
async fn main() -> Result<()> {
    let accounts: usize = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let mut peers = vec![Peer::openledgerd()?];
    peers.extend(Peer::simd());
    let mut times = Vec::new();
    for peer in &peers {
        let mut chain = Chain::start(peer, accounts).await?;
        let bytes = chain.offer_snapshot(peer).await?;
        let took = (chain.joined(peer).await? - DISCOVERY).as_secs_f64();
        println!("{}: {took:.1} s with {accounts} accounts, a snapshot of {:.1} MB", peer.name, bytes as f64 / 1e6);
        times.push(took);
    }
    if let [ours, simd] = times[..] {
        println!("ratio simd/openledgerd: {:.2}", simd / ours);
    }
    Ok(())
}
