//! The demo: from an empty folder to paid authors, on real text, with a real CometBFT; one line a step.
//!
//! | file | what |
//! | --- | --- |
//! | [`library`] | the corpus: README files of the workspace's dependencies, as they lie in the local crate registry |
//! | [`localnet`] | a one-validator chain in a temporary home |
//! | [`community`] | accounts, datanet, contributions, version |
//! | [`market`] | model, deployment, the server's and the payer's processes |
//! | [`frauds`] | a false settlement that is refused, and one that is disputed |
//! | [`report`] | who was paid for which bytes, and what the chain says of it |

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod community;
mod frauds;
mod library;
mod localnet;
mod market;
mod report;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;

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

    let published = community::publish(&net, &cast, &library, &mut stage).await?;
    let mut market = market::Market::open(&net, &cast, &published, &mut stage).await?;
    market.ask(&net, &mut stage).await?;
    let settlement = market.settled(&net, &mut stage).await?;
    let frauds = frauds::commit(&net, &cast, &market, &published, &mut stage).await?;
    let paid = report::collect(&net, &cast, &published, settlement, &frauds, &mut stage).await?;
    report::print(&net, &published, &paid).await?;
    println!("\nall of it took {:.1} s", stage.begun.elapsed().as_secs_f64());
    if args.keep {
        market.keep();
        net.keep();
    }
    Ok(())
}
