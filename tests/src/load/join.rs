//! A second node that joins a chain under load tests by state sync; for simd too.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_client::{free_port, Rpc};
use serde_json::json;

use super::{Chain, Peer, Ports, CHAIN_ID};

/// How long CometBFT only looks for snapshots: the least that it takes.
pub const DISCOVERY: Duration = Duration::from_secs(5);
/// How long a node may take to join.
const PATIENCE: Duration = Duration::from_secs(600);

/// A daemon that ends with this value.
struct Joined(Child);

impl Drop for Joined {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Chain {
    /// Has the node make a snapshot of its height, and go on; the snapshot's size in bytes.
    pub async fn offer_snapshot(&mut self, peer: &Peer) -> Result<u64> {
        self.stop();
        peer.run(self.home.path(), &["snapshots", "export"])?;
        let bytes = size(&self.home.path().join("data/snapshots"))?;
        self.node = self.ports.spawn(peer, self.home.path(), &[])?;
        let height = self.wait_for(1).await?;
        // Light clients verify a state by the headers of the two blocks after it.
        self.wait_for(height + 3).await?;
        Ok(bytes)
    }

    /// The time from a new node's start until it has the height that the chain had then, by state sync.
    pub async fn joined(&self, peer: &Peer) -> Result<Duration> {
        let home = tempfile::Builder::new().prefix("openledger-join-").tempdir()?;
        peer.run(home.path(), &["init", "joins", "--chain-id", CHAIN_ID])?;
        std::fs::copy(self.home.path().join("config/genesis.json"), home.path().join("config/genesis.json"))?;
        let block = self.rpc.call("block", json!({"height": "1"})).await?;
        let hash = block["block_id"]["hash"].as_str().context("a block has a hash")?.to_string();
        with_state_sync(home.path(), self.ports.rpc, &hash)?;
        let id = Command::new(&peer.binary).args(["comet", "show-node-id", "--home"]).arg(self.home.path()).output()?;
        let id = String::from_utf8(id.stdout)?;
        let peers = format!("{}@127.0.0.1:{}", id.trim(), self.ports.p2p);
        let ports = Ports { rpc: free_port()?, p2p: free_port()?, grpc: free_port()? };
        let (_, height) = self.rpc.chain().await?;
        let from = Instant::now();
        let node = Joined(ports.spawn(peer, home.path(), &["--p2p.persistent_peers", &peers])?);
        let rpc = Rpc::new(&format!("http://127.0.0.1:{}", ports.rpc));
        while !rpc.chain().await.is_ok_and(|(_, at)| at >= height) {
            let log = || std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
            ensure!(from.elapsed() < PATIENCE, "the node did not join:\n{}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = from.elapsed();
        drop(node);
        // The restored node holds what it offers in its turn, and no block before it.
        ensure!(size(&home.path().join("data/snapshots"))? > 0, "the node did not restore a snapshot");
        Ok(took)
    }
}

fn size(path: &Path) -> Result<u64> {
    if !path.is_dir() {
        return Ok(std::fs::metadata(path)?.len());
    }
    let mut sum = 0;
    for entry in std::fs::read_dir(path)? {
        sum += size(&entry?.path())?;
    }
    Ok(sum)
}

/// Sets `[statesync]` in `config.toml`, where both daemons have it.
fn with_state_sync(home: &Path, rpc: u16, hash: &str) -> Result<()> {
    let path = home.join("config/config.toml");
    let text = std::fs::read_to_string(&path)?;
    let mut section = String::new();
    let mut line = |line: &str| {
        if line.starts_with('[') {
            section = line.into();
        }
        let key = line.split_once(" = ").map(|(key, _)| key);
        match (section.as_str(), key) {
            (_, Some("addr_book_strict")) => "addr_book_strict = false\n".to_string(),
            (_, Some("allow_duplicate_ip")) => "allow_duplicate_ip = true\n".into(),
            ("[statesync]", Some("enable")) => "enable = true\n".into(),
            ("[statesync]", Some("rpc_servers")) => {
                format!("rpc_servers = \"http://127.0.0.1:{rpc},http://127.0.0.1:{rpc}\"\n")
            }
            ("[statesync]", Some("trust_height")) => "trust_height = 1\n".into(),
            ("[statesync]", Some("trust_hash")) => format!("trust_hash = \"{hash}\"\n"),
            ("[statesync]", Some("discovery_time")) => format!("discovery_time = \"{}s\"\n", DISCOVERY.as_secs()),
            _ => format!("{line}\n"),
        }
    };
    Ok(std::fs::write(&path, text.lines().map(&mut line).collect::<String>())?)
}
