//! The demo: from an empty folder to paid authors, on real text, with a real CometBFT; one line a step.
//!
//! | file | what |
//! | --- | --- |
//! | [`library`] | the corpus: README files of the workspace's dependencies, as they lie in the local crate registry |
//! | [`localnet`] | a one-validator chain in a temporary home |
//! | [`community`] | accounts, datanets, contributions, versions |
//! | [`market`] | models, deployments, the servers' and the payer's processes |
//! | [`family`] | a second datanet that overlaps with the first: a copycat, a correction |
//! | [`agents`] | an agent over two models |
//! | [`frauds`] | a false settlement that is refused, and one that a watcher's process disputes |
//! | [`report`] | who was paid for which bytes, and what the chain says of it |

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod agents;
mod community;
mod family;
mod frauds;
mod library;
mod localnet;
mod market;
mod report;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;

/// What the user asks.
const PROMPTS: [&str; 3] =
    ["This crate provides ", "## Usage\n\nAdd this to your `Cargo.toml`:\n", "The minimum supported Rust version "];

/// OpenLedger's demo.
#[derive(Parser)]
#[command(name = "openledger-demo", version)]
struct Args {
    /// Leave the chain running, and say where it is.
    #[arg(long)]
    keep: bool,
    /// Folder with the binaries `openledgerd` and `openledger-engine` [default: this program's].
    #[arg(long)]
    bin: Option<PathBuf>,
    /// The most documents that are contributed.
    #[arg(long, default_value_t = 400)]
    documents: usize,
}

/// Says what happens, and how long it took.
struct Stage {
    begun: Instant,
    last: Instant,
}

impl Stage {
    fn new() -> Self {
        Self { begun: Instant::now(), last: Instant::now() }
    }

    /// A step is done: its line, with the time since the one before.
    fn done(&mut self, what: &str) {
        println!("[{:7.1} s] {what}", self.last.elapsed().as_secs_f64());
        self.last = Instant::now();
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let bin = match args.bin {
        Some(bin) => bin,
        None => std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default(),
    };
    let mut stage = Stage::new();

    let library = library::Library::collect(args.documents)?;
    stage.done(&format!(
        "corpus: {} README files and {} licence texts of {} crates, {} kB",
        library.documents.len(),
        library.boilerplate.len(),
        library.crates(),
        library.bytes() / 1000
    ));

    let cast = community::Cast::new()?;
    let net = localnet::Localnet::start(&bin, &cast).await?;
    stage.done(&format!("chain {} makes blocks behind CometBFT, RPC {}", localnet::CHAIN_ID, net.rpc_url));

    let readmes = community::publish(&net, &cast, &library, &mut stage).await?;
    let base = market::Offer {
        who: ("server", &cast.server),
        name: "infini-gram",
        recipe: "a byte-level infini-gram language model, context 4 to 32 bytes",
        corpus: &[&readmes],
        parent: None,
    };
    let mut base = market::Service::open(&net, &base, &mut stage).await?;
    let session = base.ask(&net, &PROMPTS, &mut stage)?;
    let mut honest = vec![market::settled(&net, session, &mut stage).await?];

    let copied = report::most_used(&net, honest[0], &readmes).await?;
    let family = family::publish(&net, &cast, &readmes, copied, &mut stage).await?;
    let child = market::Offer {
        who: ("tuner", &cast.tuner),
        name: "infini-gram, with notes",
        recipe: "the same over two datanets",
        corpus: &[&readmes, &family.published],
        parent: Some(base.model_version),
    };
    let mut child = market::Service::open(&net, &child, &mut stage).await?;
    let more = family.prompts(&child.corpus.index, market::SEED + PROMPTS.len() as u64)?;
    let prompts: Vec<_> = PROMPTS.into_iter().chain(more.iter().map(String::as_str)).collect();
    let session = child.ask(&net, &prompts, &mut stage)?;
    honest.push(market::settled(&net, session, &mut stage).await?);
    let mut assisted = agents::assist(&net, &cast, [&base, &child], PROMPTS[0], &mut stage).await?;
    honest.append(&mut assisted.settlements);

    let contents = readmes.contents.display().to_string();
    let mut watcher = market::Engine::start(&net, "watcher", &["watch", "--contents", &contents])?;
    let frauds = frauds::commit(&net, &cast, &base, &readmes, &mut stage).await?;
    let datanets = [&readmes, &family.published];
    let story = report::Story { datanets, family: &family, honest, frauds: &frauds };
    let paid = report::collect(&net, &cast, &story, &mut stage).await?;
    report::print(&net, &cast, &story, &paid).await?;
    println!("\nall of it took {:.1} s", stage.begun.elapsed().as_secs_f64());
    if args.keep {
        for engine in [&mut base.engine, &mut child.engine, &mut assisted.engine, &mut watcher] {
            engine.keep();
        }
        net.keep();
    }
    Ok(())
}
