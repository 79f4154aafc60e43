//! What each command does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::payment_file::PaymentFile;
use openledger_client::{Keyring, Rpc, Wallet};
use openledger_engine::agency::{Agency, AgentPayer};
use openledger_engine::chain;
use openledger_engine::config::{LogFormat, LogSettings, Settings, EXPLAINED};
use openledger_engine::credit::{self, Note};
use openledger_engine::metrics::{self, Metrics};
use openledger_engine::payer::Payer;
use openledger_engine::payout;
use openledger_engine::progress::Progress;
use openledger_engine::serve::{gateway, Server};
use openledger_engine::sync::{holder, Contents, Corpora, Fetcher, Holder, Keeper};
use openledger_engine::watch::{self, asking, Watcher};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};

/// How long a payer who checks waits for the settlement.
const SETTLED_WITHIN: Duration = Duration::from_secs(300);

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
        Command::ServeAgent { .. } => serve_agent(&settings, figures).await,
        Command::AskAgent { agent, endpoint, deposit, max_bytes, seed, prompts } => {
            let mut wallet = connect(&settings).await?;
            let payer = AgentPayer::open(&mut wallet, agent, &endpoint, deposit).await?;
            ask_agent(&wallet.rpc, payer, (max_bytes, seed), &prompts).await
        }
        Command::Credit { session, receipt, amount, .. } => {
            let wallet = connect(&settings).await?;
            let note = credit::issue(&wallet, &settings.folders()?.sessions, session, receipt, amount).await?;
            println!("{}", serde_json::to_string_pretty(&note)?);
            Ok(())
        }
        Command::TakeCredit { note } => {
            let note: Note = serde_json::from_str(&text_of(&note)?).context("this is no credit note")?;
            credit::present(&mut connect(&settings).await?, &note).await?;
            println!("{}aopen of answer {} in session {} are given back", note.amount, note.receipt, note.session);
            Ok(())
        }
        Command::Open { deployment, deposit, sealed } => {
            let mut wallet = connect(&settings).await?;
            let payer = session(&mut wallet, deployment, deposit, sealed).await?;
            let mut handout = payer.handout();
            // Where the client asks how high the chain is: it refuses answers over an old corpus.
            handout["node"] = settings.chain.node.as_str().into();
            println!("{}", serde_json::to_string_pretty(&handout)?);
            Ok(())
        }
        Command::Ask { deployment, deposit, max_bytes, seed, sealed, check, prompts, .. } => {
            let mut wallet = connect(&settings).await?;
            let payer = session(&mut wallet, deployment, deposit, sealed).await?;
            ask(&settings, wallet, payer, (max_bytes, seed, check), &prompts).await
        }
        Command::Watch { settlement: Some(settlement), .. } => watch_one(&settings, settlement).await,
        Command::Watch { settlement: None, .. } => watch_all(&settings, figures).await,
        Command::Demand { settlement, receipt, segment, byte, contribution } => {
            let opening = segment.zip(byte);
            demand(&settings, (settlement, receipt), opening, contribution.unwrap_or(0)).await
        }
        Command::ClaimUndeclared { settlement, receipt, contribution, .. } => {
            let mut wallet = connect(&settings).await?;
            let (corpora, receipt) = (corpora(&settings, &wallet.rpc)?, (settlement, receipt));
            let (windows, answer) = asking::claim_undeclared(&mut wallet, &corpora, receipt, contribution).await?;
            println!("windows {windows:?} are contribution {contribution}'s: its author gets {}aopen", answer.amount);
            Ok(())
        }
        Command::Hold { .. } => hold(&settings, &figures).await,
        Command::ProvePayment { settlement, contribution } => {
            let rpc = Rpc::new(&settings.chain.node);
            let file = payout::explain(&rpc, settlement, contribution).await?;
            println!("{}", serde_json::to_string_pretty(&file)?);
            Ok(())
        }
        Command::VerifyPayment { file, app_hash, .. } => verify_payment(&settings, &file, app_hash.as_deref()).await,
        Command::Sync { model_version: Some(model_version), .. } => {
            let rpc = Rpc::new(&settings.chain.node);
            let (_, height) = rpc.chain().await?;
            let corpus = corpora(&settings, &rpc)?.load(model_version, height).await?;
            let (documents, bytes) = (corpus.contributions.len(), corpus.index.len());
            println!("model version {model_version} at height {height}: {documents} documents, {bytes} bytes indexed");
            Ok(())
        }
        Command::Sync { model_version: None, .. } => keep(&settings).await,
    }
}

async fn keep(settings: &Settings) -> Result<()> {
    let (rpc, folders) = (Rpc::new(&settings.chain.node), settings.folders()?);
    let (chain_id, _) = rpc.chain().await?;
    println!("{}", json!({"keeping": folders.contents, "of": chain_id}));
    let keeper = Keeper::new(rpc.clone(), corpora(settings, &rpc)?, &folders.folder)?;
    tokio::select! {
        () = keeper.run() => {}
        () = stopped() => tracing::info!("stopped"),
    }
    Ok(())
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
    gateway::serve(server.clone(), listener, stopped()).await;
    // What it is in the middle of sending is taken up again by the next run.
    tending.abort();
    tracing::info!("stopped");
    Ok(())
}

async fn serve_agent(settings: &Settings, figures: Arc<Metrics>) -> Result<()> {
    ensure!(settings.agent.agent > 0, "--agent names what is served");
    let wallet = connect(settings).await?;
    let (section, sessions) = (&settings.serve, settings.folders()?.sessions);
    let agency = Agency::start(wallet, sessions, (section.clone(), settings.agent.clone()), figures).await?;
    let listener =
        TcpListener::bind(&section.listen).await.with_context(|| format!("listening on {}", section.listen))?;
    println!("serving agent {} ({}) on http://{}", settings.agent.agent, agency.card.id, listener.local_addr()?);
    let tending = tokio::spawn(agency.clone().tend());
    gateway::serve(agency.clone(), listener, stopped()).await;
    tending.abort();
    tracing::info!("stopped");
    Ok(())
}

async fn ask_agent(
    rpc: &Rpc,
    mut payer: AgentPayer,
    (max_bytes, seed): (usize, u64),
    prompts: &[String],
) -> Result<()> {
    println!("session {}", payer.tally.terms.session);
    for (seed, prompt) in (seed..).zip(prompts) {
        let answer = payer.ask(rpc, prompt.as_bytes(), max_bytes, seed).await?;
        let (own, parts) = (answer.receipt.own_fee, answer.receipt.parts_fee);
        let (own, parts) = (Uint256::from_be_bytes(own), Uint256::from_be_bytes(parts));
        println!("answer {} ({own}aopen, its parts {parts}aopen)", answer.receipt.index);
        for part in &answer.parts {
            let (receipt, session) = (part.said.index, part.session);
            println!(
                "  deployment {}, receipt {receipt} of session {session}, {}aopen",
                part.deployment, part.said.fee
            );
        }
        println!("{}", String::from_utf8_lossy(&answer.output));
        payer.pay().await?;
    }
    let voucher = payer.tally.voucher();
    println!("voucher over {} answers, {}aopen", voucher.count, Uint256::from_be_bytes(voucher.cumulative_fee));
    Ok(())
}

async fn session(wallet: &mut Wallet, deployment: u64, deposit: Uint256, sealed: bool) -> Result<Payer> {
    match sealed {
        true => Payer::open_sealed(wallet, deployment, deposit).await,
        false => Payer::open(wallet, deployment, deposit).await,
    }
}

async fn ask(
    settings: &Settings,
    mut wallet: Wallet,
    mut payer: Payer,
    (max_bytes, seed, check): (usize, u64, bool),
    prompts: &[String],
) -> Result<()> {
    println!("session {}", payer.tally.terms.session);
    for (seed, prompt) in (seed..).zip(prompts) {
        let answer = payer.ask(&wallet, prompt.as_bytes(), max_bytes, seed).await?;
        let fee = Uint256::from_be_bytes(answer.receipt.fee);
        println!("answer {} ({fee}aopen)\n{}", answer.receipt.index, String::from_utf8_lossy(&answer.output));
    }
    let standing = payer.pay().await?;
    println!("voucher over {} answers, {}aopen", standing.vouchered, standing.cumulative_fee);
    if !check {
        return Ok(());
    }
    let corpora = corpora(settings, &wallet.rpc)?;
    for audited in payer.audit(&mut wallet, &corpora, SETTLED_WITHIN).await? {
        match audited.deviation {
            None => println!("settlement {}: {} claims, all canonical", audited.settlement, audited.receipts),
            Some((receipt, what)) => println!("settlement {}, receipt {receipt}: {what}", audited.settlement),
        }
    }
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

async fn demand(
    settings: &Settings,
    receipt: (u64, u64),
    opening: Option<(u32, u32)>,
    contribution: u64,
) -> Result<()> {
    let mut wallet = connect(settings).await?;
    let (number, deadline, deposit) = match opening {
        Some(opening) => {
            let asked = asking::demand_opening(&mut wallet, receipt, opening).await?;
            (asked.demand, asked.deadline, asked.deposit)
        }
        None => {
            let asked = asking::demand_transcript(&mut wallet, receipt, contribution).await?;
            (asked.demand, asked.deadline, asked.deposit)
        }
    };
    println!("demand {number}, for a deposit of {deposit}aopen: to be answered up to height {deadline}");
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

async fn hold(settings: &Settings, figures: &Metrics) -> Result<()> {
    let mut wallet = connect(settings).await?;
    let contents = settings.folders()?.contents;
    println!("{}", json!({"holding": contents, "as": wallet.address()}));
    let mut holder = Holder::new(Contents::new(&contents));
    let holding = async {
        loop {
            let due = holder.due(&wallet.rpc, &wallet.address()).await;
            for due in due.unwrap_or_else(|error| {
                tracing::warn!("{error:#}; it is tried again");
                Vec::new()
            }) {
                let sent = wallet.deliver(vec![due.message.clone()], holder::ANSWER_GAS).await;
                holder.sent(&due, &sent.map(|_| ()));
                figures.chunks.inc();
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    tokio::select! {
        () = holding => {}
        () = stopped() => tracing::info!("stopped"),
    }
    Ok(())
}

async fn verify_payment(settings: &Settings, file: &Path, app_hash: Option<&str>) -> Result<()> {
    let file: PaymentFile = serde_json::from_str(&text_of(file)?).context("this is no payment with its proofs")?;
    let app_hash = match app_hash {
        Some(hex) => hex::decode(hex.trim_start_matches("0x")).context("--app-hash is hexadecimal")?,
        None => {
            let rpc = Rpc::new(&settings.chain.node);
            let (chain_id, _) = rpc.chain().await?;
            ensure!(chain_id == file.chain_id, "the payment is of {}, the node's chain is {chain_id}", file.chain_id);
            payout::app_hash(&rpc, file.height).await?
        }
    };
    let verified = file.verify(&app_hash)?;
    println!(
        "settlement {} owed contribution {} exactly {}aopen, under the app hash of height {}",
        file.settlement, file.contribution, verified.amount, file.height
    );
    for (receipt, part) in &verified.by_receipt {
        println!("  receipt {receipt}: {part}aopen");
    }
    println!("it earned {}aopen in all settlements by then", verified.earned);
    for payee in &file.payees {
        let (key, value) = payee.shown();
        println!("{key} is {value} (said to be {})", payee.what);
    }
    Ok(())
}

/// What a file holds; `-` is standard input.
fn text_of(file: &Path) -> Result<String> {
    Ok(match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin())?,
        false => std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?,
    })
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
