//! End to end beside simd: the transactions that a one-validator chain behind CometBFT commits in a second, from the first broadcast to
//! the last block.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd SIMD=… cargo run -p openledger-tests --example throughput [transactions] [rounds]
//! ```
//!
//! Both daemons get the same CometBFT settings, accounts and signed MsgSend transactions, in turn; the sender shares their cores. Every
//! transfer is checked to have arrived. Prints each round and the ratio of the medians; without `SIMD`, this chain alone.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

use anyhow::Result;
use openledger_tests::load::{Chain, Peer};

const ACCOUNTS: usize = 1_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let transactions: usize = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let mut peers = vec![Peer::openledgerd()?];
    peers.extend(Peer::simd());
    let mut rates = vec![Vec::new(); peers.len()];
    for _ in 0..rounds {
        for (peer, rates) in peers.iter().zip(&mut rates) {
            let rate = rate(peer, transactions / ACCOUNTS).await?;
            println!("{}: {rate:.0} transactions a second", peer.name);
            rates.push(rate);
        }
    }
    let medians: Vec<f64> = rates.iter_mut().map(|rates| median(rates)).collect();
    if let [ours, simd] = medians[..] {
        println!("ratio openledgerd/simd: {:.2} ({transactions} MsgSend, median of {rounds})", ours / simd);
    }
    Ok(())
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A fresh chain, this many transfers of each account, and what it committed in a second.
async fn rate(peer: &Peer, each: usize) -> Result<f64> {
    let chain = Chain::start(peer, ACCOUNTS).await?;
    let signed = chain.sign(each).await?;
    let from = Instant::now();
    chain.execute(signed).await?;
    let took = from.elapsed().as_secs_f64();
    chain.check_balances(each).await?;
    Ok((ACCOUNTS * each) as f64 / took)
}
