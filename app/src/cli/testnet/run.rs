//! All nodes of a network as children of this process, until a signal or the end of one of them; then all end in order.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use futures_util::stream::FuturesUnordered;
use futures_util::StreamExt;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{signal, SignalKind};

use super::files::Network;
use crate::node::comet::die_with_us;
use crate::node::Home;

/// How long a node may take to end: the five seconds that an operator is promised, and one to spare on a busy machine.
const GRACE: Duration = Duration::from_secs(6);

struct Node {
    name: String,
    home: Home,
    child: Child,
}

/// Runs the network.
pub fn run(network: &Network, comet_bin: Option<&Path>, show_logs: bool) -> Result<()> {
    let mut homes = Vec::new();
    for index in 0..network.validators {
        let home = network.home(index)?;
        home.require().with_context(|| {
            format!("{} holds no network of {} validators", network.root.display(), network.validators)
        })?;
        homes.push((format!("{}{index}", network.prefix), home));
    }
    // On the main thread, which the children's lives are tied to.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut nodes = Vec::new();
        for (name, home) in homes {
            let child = start(&home, comet_bin, show_logs).with_context(|| format!("starting {name}"))?;
            nodes.push(Node { name, home, child });
        }
        for (index, node) in (0..).zip(&nodes) {
            let [p2p, rpc, rest, grpc] = Network::ports(index);
            let (name, home) = (&node.name, node.home.root().display());
            eprintln!("{name}: RPC {rpc}, REST {rest}, gRPC {grpc}, peers {p2p}; {home}");
        }
        eprintln!("Ctrl-C ends the network");
        let end = tokio::select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
            (index, status) = first_to_end(&mut nodes) => Err((index, status)),
        };
        let told = match end {
            Ok(()) => Ok(()),
            Err((index, status)) => Err(told(&nodes, index, status, show_logs)),
        };
        stop(nodes).await?;
        told
    })
}

fn start(home: &Home, comet_bin: Option<&Path>, show_logs: bool) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("start").arg("--home").arg(home.root());
    if let Some(bin) = comet_bin {
        command.arg("--comet-bin").arg(bin);
    }
    // A group of its own, so that Ctrl-C reaches this process alone and it ends them in order.
    command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    if !show_logs {
        let path = home.root().join("node.log");
        let log = File::options().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("opening {}", path.display()))?;
        command.stdout(log.try_clone()?).stderr(log);
    }
    die_with_us(&mut command);
    Ok(command.spawn()?)
}

async fn first_to_end(nodes: &mut [Node]) -> (usize, std::io::Result<ExitStatus>) {
    let ends = nodes.iter_mut().enumerate().map(|(index, node)| async move { (index, node.child.wait().await) });
    let mut ends: FuturesUnordered<_> = ends.collect();
    match ends.next().await {
        Some(end) => end,
        // There is at least one node.
        None => std::future::pending().await,
    }
}

fn told(nodes: &[Node], index: usize, status: std::io::Result<ExitStatus>, show_logs: bool) -> anyhow::Error {
    let (name, home) = nodes.get(index).map_or(("a node", String::new()), |node| {
        (node.name.as_str(), node.home.root().join("node.log").display().to_string())
    });
    let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    let wherefore = if show_logs { "its log is above".into() } else { format!("see {home}") };
    anyhow::anyhow!("{name} ended by itself: {how}; {wherefore}")
}

/// Ends all nodes: politely, all at once, and by force who takes too long.
async fn stop(mut nodes: Vec<Node>) -> Result<()> {
    for node in &nodes {
        if let Some(id) = node.child.id() {
            // It may have ended in between, which is as good.
            let _ = kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM);
        }
    }
    let mut forced = Vec::new();
    for node in &mut nodes {
        match tokio::time::timeout(GRACE, node.child.wait()).await {
            Ok(status) => drop(status.with_context(|| format!("waiting for {}", node.name))?),
            Err(_) => {
                node.child.kill().await?;
                forced.push(node.name.clone());
            }
        }
    }
    ensure!(forced.is_empty(), "did not end within {} s and were killed: {}", GRACE.as_secs(), forced.join(", "));
    Ok(())
}
