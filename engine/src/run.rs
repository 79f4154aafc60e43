//! What each command does.

use std::sync::Arc;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{Keyring, Rpc, Wallet};
use openledger_engine::chain;
use openledger_engine::config::{LogFormat, LogSettings, Settings, EXPLAINED};
use openledger_engine::metrics::{self, Metrics};
use openledger_engine::payer::Payer;
use openledger_engine::progress::Progress;
use openledger_engine::serve::{gateway, Server};
use openledger_engine::sync::{Contents, Corpora, Fetcher};
use openledger_engine::watch::{self, Watcher};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};

/// Runs a command to its end.
pub async fn run(args: Args) -> Result<()> {
    let settings = args.settings()?;
    log(&settings.log)?;
    let figures = Metrics::new()?;
    if !settings.metrics.listen.is_empty() {
        metrics::serve(figures.clone(), &settings.metrics.listen).await?;
    }
    match args.command {
        Command::Config => {
            print!("{EXPLAINED}");
            Ok(())
        }
        Command::Serve(_) => serve(&settings, figures).await,
        Command::Open { deployment, deposit } => open(&settings, deployment, deposit).await,
        Command::Ask { deployment, deposit, max_bytes, seed, prompts } => {
            ask(&settings, (deployment, deposit), max_bytes, seed, &prompts).await
        }
        Command::Watch { settlement: Some(settlement), .. } => watch_one(&settings, settlement).await,
        Command::Watch { settlement: None, .. } => watch_all(&settings, figures).await,
        Command::Sync { model_version, .. } => {
            let rpc = Rpc::new(&settings.chain.node);
            let (_, height) = rpc.chain().await?;
            let corpus = corpora(&settings, &rpc)?.load(model_version, height).await?;
            let (documents, bytes) = (corpus.contributions.len(), corpus.index.len());
            println!("model version {model_version} at height {height}: {documents} documents, {bytes} bytes indexed");
            Ok(())
        }
    }
}

async fn serve(settings: &Settings, figures: Arc<Metrics>) -> Result<()> {
    let section = &settings.serve;
    ensure!(section.deployment > 0, "--deployment names what is served");
    let wallet = connect(settings).await?;
    let corpora = corpora(settings, &wallet.rpc)?;
    let sessions = settings.folders()?.sessions;
    let server = Server::start(wallet, section.deployment, corpora, sessions, section.clone(), figures).await?;
    let listener =
        TcpListener::bind(&section.listen).await.with_context(|| format!("listening on {}", section.listen))?;
    let documents = server.serving().corpus.contributions.len();
    println!(
        "serving deployment {} ({}) on http://{}: {documents} documents",
        section.deployment,
        server.card.id,
        listener.local_addr()?
    );
    let tending = tokio::spawn(server.clone().tend());
    gateway::serve(server.clone(), listener, stopped()).await?;
    // What it is in the middle of sending is taken up again by the next run.
    tending.abort();
    tracing::info!("stopped");
    Ok(())
}

async fn open(settings: &Settings, deployment: u64, deposit: Uint256) -> Result<()> {
    let mut wallet = connect(settings).await?;
    let payer = Payer::open(&mut wallet, deployment, deposit).await?;
    println!("{}", serde_json::to_string_pretty(&payer.handout())?);
    Ok(())
}

async fn ask(
    settings: &Settings,
    (deployment, deposit): (u64, Uint256),
    max_bytes: usize,
    seed: u64,
    prompts: &[String],
) -> Result<()> {
    let mut wallet = connect(settings).await?;
    let mut payer = Payer::open(&mut wallet, deployment, deposit).await?;
    println!("session {}", payer.tally.terms.session);
    for (seed, prompt) in (seed..).zip(prompts) {
        let answer = payer.ask(&wallet, prompt.as_bytes(), max_bytes, seed).await?;
        let fee = Uint256::from_be_bytes(answer.receipt.fee);
        println!("answer {} ({fee}aopen)\n{}", answer.receipt.index, String::from_utf8_lossy(&answer.output));
    }
    let standing = payer.pay().await?;
    println!("voucher over {} answers, {}aopen", standing.vouchered, standing.cumulative_fee);
    Ok(())
}

async fn watch_one(settings: &Settings, settlement: u64) -> Result<()> {
    let mut wallet = connect(settings).await?;
    let settled = chain::settlement(&wallet.rpc, settlement).await?;
    let published = watch::published(&wallet.rpc, settlement).await?;
    let height = published.last().map_or(settled.height, |last| last.settled.receipt.corpus_height);
    let corpus = corpora(settings, &wallet.rpc)?.load(settled.model_version, height).await?;
    match watch::find_deviation(&published, &corpus.index)? {
        None => println!("settlement {settlement} is canonical"),
        Some(deviation) if settings.watch.dry_run => {
            println!("settlement {settlement}, receipt {}: {:?}", deviation.place, deviation.finding);
        }
        Some(deviation) => {
            let outcome = watch::dispute(&mut wallet, settlement, &deviation.evidence).await?;
            println!(
                "settlement {settlement}, receipt {}: {:?}; disputed: {}",
                deviation.place, deviation.finding, outcome.finding
            );
        }
    }
    Ok(())
}

async fn watch_all(settings: &Settings, figures: Arc<Metrics>) -> Result<()> {
    let wallet = connect(settings).await?;
    let corpora = corpora(settings, &wallet.rpc)?;
    println!("{}", json!({"watching": wallet.chain_id(), "as": wallet.address()}));
    let folder = settings.folders()?.watch;
    let watcher = Watcher::new(wallet, corpora, &folder, settings.watch.clone(), figures)?;
    tokio::select! {
        ended = watcher.run() => ended,
        () = stopped() => {
            tracing::info!("stopped");
            Ok(())
        }
    }
}

/// SIGINT or SIGTERM.
async fn stopped() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::warn!("SIGTERM is not heard: {error}");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    tracing::info!("stopping: what is asked is answered first");
}

fn corpora(settings: &Settings, rpc: &Rpc) -> Result<Corpora> {
    let folders = settings.folders()?;
    let fetcher = Fetcher::new(Contents::new(&folders.contents), rpc.clone(), settings.sync.clone())?;
    Ok(Corpora::new(rpc.clone(), fetcher, folders.index, Progress::on_terminal()))
}

async fn connect(settings: &Settings) -> Result<Wallet> {
    let chain = &settings.chain;
    let keyring = Keyring::open(&settings.home()?, &chain.keyring_backend)?;
    let key = keyring.get(&chain.from).context("--from names the key that signs")?;
    let mut wallet = Wallet::connect(Rpc::new(&chain.node), key).await?;
    wallet.fee = chain.fees.parse()?;
    Ok(wallet)
}

fn log(settings: &LogSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.level).with_context(|| format!("log level {:?}", settings.level))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
    Ok(())
}
