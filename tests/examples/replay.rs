//! How fast a node that has the blocks executes them anew, beside simd: what bounds block sync.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd SIMD=… cargo run -p openledger-tests --example replay [transactions] [rounds]
//! ```
//!
//! Both daemons make blocks of the same MsgSend transactions, stop, lose the application's state, and start: CometBFT gives every block to
//! the application again. What a start with the state takes is subtracted, and every transfer is checked to be there after it. Prints each
//! round and the ratio of the medians; without `SIMD`, this chain alone.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use anyhow::{ensure, Result};
use openledger_tests::load::{Chain, Peer};

const ACCOUNTS: usize = 1_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let transactions: usize = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let each = transactions / ACCOUNTS;
    let mut peers = vec![Peer::openledgerd()?];
    peers.extend(Peer::simd());
    let mut medians = Vec::new();
    for peer in &peers {
        let mut chain = Chain::start(peer, ACCOUNTS).await?;
        let signed = chain.sign(each).await?;
        chain.execute(signed).await?;
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let (idle, full) = (chain.restart(peer).await?, chain.replay(peer).await?);
            let (idle, full) = (idle.as_secs_f64(), full.as_secs_f64());
            ensure!(full > idle, "a start without state took {full} s, one with it {idle} s");
            let rate = (ACCOUNTS * each) as f64 / (full - idle);
            println!("{}: {rate:.0} transactions a second ({full:.2} s, {idle:.2} s of it the start)", peer.name);
            rates.push(rate);
        }
        chain.check_balances(each).await?;
        rates.sort_by(f64::total_cmp);
        medians.push(rates[rates.len() / 2]);
    }
    if let [ours, simd] = medians[..] {
        println!("ratio openledgerd/simd: {:.2} ({transactions} MsgSend, median of {rounds})", ours / simd);
    }
    Ok(())
}
