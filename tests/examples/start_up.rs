//! How long a node with many accounts takes to start: from its genesis to the first block, and again on what it left; and its memory then.
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
    println!("{accounts} accounts: keys, genesis and first block made in {:.1} s", from.elapsed().as_secs_f64());
    for _ in 0..3 {
        let took = chain.restart(&peer).await?;
        println!("started again in {:.1} s, {} MiB resident", took.as_secs_f64(), chain.resident_mib()?);
    }
    Ok(())
}
