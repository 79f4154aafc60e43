//! `openledger-engine`: serves a deployment, asks as a payer, watches settlements.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use cosmwasm_std::Uint256;
use openledger_client::{Keyring, Rpc, Wallet};
use openledger_engine::corpus::{Contents, Corpus};
use openledger_engine::payer::Payer;
use openledger_engine::server::Server;
use openledger_engine::{chain, gateway, watch};
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(name = "openledger-engine", version, about = "Serves models, asks them, and watches what they claim")]
struct Args {
    /// CometBFT's RPC of a node.
    #[arg(long, global = true, default_value = "http://127.0.0.1:26657")]
    node: String,
    /// Home folder with the keyring.
    #[arg(long, global = true, env = "OPENLEDGERD_HOME", default_value = "~/.openledger")]
    home: String,
    /// Where keys are kept.
    #[arg(long, global = true, default_value = "test")]
    keyring_backend: String,
    /// Name of the key that signs.
    #[arg(long, global = true, default_value = "")]
    from: String,
    /// Fee of each transaction, e.g. 1000aopen.
    #[arg(long, global = true, default_value = "")]
    fees: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a deployment over HTTP: answers, takes vouchers, settles them.
    Serve {
        /// The deployment, as registered on chain for the key's account.
        #[arg(long)]
        deployment: u64,
        /// Folder of contents, each file named by its root in hexadecimal.
        #[arg(long)]
        contents: PathBuf,
        /// Folder in which sessions are kept.
        #[arg(long)]
        sessions: PathBuf,
        /// Where to listen; port 0 takes a free one and prints it.
        #[arg(long, default_value = "127.0.0.1:8091")]
        listen: String,
    },
    /// Opens a session, asks each prompt, checks the answers and signs one voucher.
    Ask {
        /// The deployment.
        #[arg(long)]
        deployment: u64,
        /// What is paid in, base units.
        #[arg(long, value_parser = amount)]
        deposit: Uint256,
        /// The most bytes of each output.
        #[arg(long, default_value_t = 512)]
        max_bytes: usize,
        /// Seed of the first answer; each further one adds one.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The prompts.
        #[arg(required = true)]
        prompts: Vec<String>,
    },
    /// Recomputes a settlement's claims from what it published and disputes the first deviation.
    Watch {
        /// The settlement.
        #[arg(long)]
        settlement: u64,
        /// Folder of contents.
        #[arg(long)]
        contents: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let mut wallet = connect(&args).await?;
    match args.command {
        Command::Serve { deployment, contents, sessions, listen } => {
            let offer = chain::deployment(&wallet.rpc, deployment).await?;
            let corpus = Corpus::load(&wallet.rpc, offer.model_version, &Contents::new(&contents)).await?;
            let documents = corpus.contributions.len();
            let server = Server::start(wallet, deployment, corpus, sessions).await?;
            let listener = TcpListener::bind(&listen).await.with_context(|| format!("listening on {listen}"))?;
            println!("serving deployment {deployment} on http://{}: {documents} documents", listener.local_addr()?);
            Ok(gateway::serve(server, listener).await?)
        }
        Command::Ask { deployment, deposit, max_bytes, seed, prompts } => {
            let mut payer = Payer::open(&mut wallet, deployment, deposit).await?;
            println!("session {}", payer.tally.terms.session);
            for (seed, prompt) in (seed..).zip(&prompts) {
                let answer = payer.ask(&wallet, prompt.as_bytes(), max_bytes, seed).await?;
                let fee = Uint256::from_be_bytes(answer.receipt.fee);
                println!("answer {} ({fee}aopen)\n{}", answer.receipt.index, String::from_utf8_lossy(&answer.output));
            }
            let standing = payer.pay().await?;
            println!("voucher over {} answers, {}aopen", standing.vouchered, standing.cumulative_fee);
            Ok(())
        }
        Command::Watch { settlement, contents } => {
            let settled = chain::settlement(&wallet.rpc, settlement).await?;
            let corpus = Corpus::load(&wallet.rpc, settled.model_version, &Contents::new(&contents)).await?;
            match watch::watch(&mut wallet, settlement, &corpus).await? {
                None => println!("settlement {settlement} is canonical"),
                Some((deviation, outcome)) => println!(
                    "settlement {settlement}, receipt {}: {:?}; disputed: {}",
                    deviation.place, deviation.finding, outcome.finding
                ),
            }
            Ok(())
        }
    }
}

fn amount(text: &str) -> Result<Uint256, String> {
    openledger_core::coin::parse_amount(text).map_err(|error| error.to_string())
}

async fn connect(args: &Args) -> Result<Wallet> {
    let home = match args.home.strip_prefix("~/") {
        Some(rest) => PathBuf::from(std::env::var("HOME").context("HOME is not set; give --home")?).join(rest),
        None => PathBuf::from(&args.home),
    };
    let key =
        Keyring::open(&home, &args.keyring_backend)?.get(&args.from).context("--from names the key that signs")?;
    let mut wallet = Wallet::connect(Rpc::new(&args.node), key).await?;
    wallet.fee = args.fees.parse()?;
    Ok(wallet)
}
