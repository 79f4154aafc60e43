//! How long a node with many accounts takes to start, and its memory then.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd cargo run -p openledger-tests --example start_up [accounts] [genesis]
//! ```
//!
//! The accounts come by transactions, as they do in a chain's life; with `genesis`, by the genesis, which goes through ABCI whole and of which
//! CometBFT reads everything at each start. With 1,000,000 accounts it is longer than any block may be.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

use anyhow::Result;
use openledger_tests::load::{Chain, Peer};

#[tokio::main]
async fn main() -> Result<()> {
    let accounts: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let by_genesis = std::env::args().nth(2).is_some_and(|text| text == "genesis");
    let peer = Peer::openledgerd()?;
    let from = Instant::now();
    let mut chain = Chain::start(&peer, if by_genesis { accounts } else { 1 }).await?;
    if !by_genesis {
        chain.grow(accounts).await?;
    }
    println!(
        "{accounts} accounts, a genesis of {} MiB: made in {:.1} s; {} MiB resident, at most {}",
        chain.genesis_mib()?,
        from.elapsed().as_secs_f64(),
        chain.resident_mib()?,
        chain.peak_resident_mib()?,
    );
    for _ in 0..3 {
        let took = chain.restart(&peer).await?;
        println!(
            "started again in {:.1} s; {} MiB resident, at most {}",
            took.as_secs_f64(),
            chain.resident_mib()?,
            chain.peak_resident_mib()?,
        );
    }
    Ok(())
}
