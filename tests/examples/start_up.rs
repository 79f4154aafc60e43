//! How long a node with many accounts takes to start: from its genesis, which goes through ABCI whole, to
//! the first block, and again on what it left; and its memory then. With 1,000,000 accounts the genesis is longer than any block may be.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd cargo run -p openledger-tests --example start_up [accounts]
//! ```

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

use anyhow::Result;
use openledger_tests::load::{Chain, Peer};

#[tokio::main]
async fn main() -> Result<()> {
    let accounts: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let peer = Peer::openledgerd()?;
    let from = Instant::now();
    let mut chain = Chain::start(&peer, accounts).await?;
    println!(
        "{accounts} accounts, a genesis of {} MiB: keys, genesis and first block made in {:.1} s; {} MiB resident, at most {}",
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
