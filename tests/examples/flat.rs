//! Whether a node's memory stays flat under load: transfers through CometBFT for some minutes, the daemon's resident memory every half minute.
//!
//! ```text
//! OPENLEDGERD=target/release/openledgerd cargo run -p openledger-tests --example flat [minutes]
//! ```
//!
//! Fails if it ends with a fifth more than it had after the first fifth of the time, when its caches have filled.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures time")]

use std::time::{Duration, Instant};

use anyhow::{ensure, Result};
use openledger_tests::load::{Chain, Peer};

const ACCOUNTS: usize = 1_000;
/// Transfers of each account at a time.
const ROUNDS: usize = 3;
const EVERY: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let minutes: u64 = std::env::args().nth(1).map_or(Ok(10), |text| text.parse())?;
    let chain = Chain::start(&Peer::openledgerd()?, ACCOUNTS).await?;
    println!("fresh: {} MiB", chain.resident_mib()?);
    let (from, all) = (Instant::now(), Duration::from_secs(60 * minutes));
    let (mut rounds, mut shown, mut warm) = (0, from, None);
    while from.elapsed() < all {
        chain.execute(chain.sign(ROUNDS).await?).await?;
        rounds += ROUNDS;
        if warm.is_none() && from.elapsed() > all / 5 {
            warm = Some(chain.resident_mib()?);
        }
        if shown.elapsed() >= EVERY {
            shown = Instant::now();
            println!(
                "{:4} s, {:7} transfers: {} MiB",
                from.elapsed().as_secs(),
                rounds * ACCOUNTS,
                chain.resident_mib()?
            );
        }
    }
    chain.check_balances(rounds).await?;
    let (warm, last) = (warm.unwrap_or_default(), chain.resident_mib()?);
    println!(
        "{} transfers in {} s: {warm} MiB after a fifth of it, {last} MiB at the end",
        rounds * ACCOUNTS,
        from.elapsed().as_secs()
    );
    ensure!(5 * last <= 6 * warm, "memory grows under load");
    Ok(())
}
