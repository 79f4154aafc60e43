//! `openledger-engine`: serves a deployment, asks as a payer, watches settlements.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod args;
mod run;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    match run::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("openledger-engine: {error:#}");
            ExitCode::FAILURE
        }
    }
}
