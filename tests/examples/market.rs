//! Makes a chain and a market on it, serves it, opens a session, and runs a command with what `openledger-engine open` prints as its last
//! argument; ends as the command ends.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use openledger_tests::market::{Market, OPEN};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut command = std::env::args().skip(1);
    let program = command.next().context("a command to run")?;
    let market = Market::open("market-1", |_| {}).await?;
    let mut engine = market.serve(&[])?;
    let deposit = (5 * OPEN).to_string();
    let deployment = market.deployment.to_string();
    let session = market.engine("payer", &["open", "--deployment", &deployment, "--deposit", &deposit])?;
    let status = Command::new(program).args(command).arg(session).status()?;
    if !status.success() {
        eprintln!("the engine's log ends:\n{}", engine.log_tail());
    }
    engine.stop()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
