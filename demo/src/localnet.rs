//! A one-validator chain in a temporary home: `openledgerd init`, genesis with the demo's parameters and accounts, `start`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{free_port, Key, Keyring, Rpc, Wallet};
use serde_json::{json, Value};

use crate::community::Cast;

/// The chain's id.
pub const CHAIN_ID: &str = "openledger-demo-1";
/// One OPEN in base units.
pub const OPEN: u128 = 1_000_000_000_000_000_000;

/// A running chain; it ends with this value unless it is kept.
pub struct Localnet {
    /// CometBFT's RPC.
    pub rpc_url: String,
    /// Where gRPC is served.
    pub grpc: String,
    /// The node's home.
    pub home: PathBuf,
    /// Folder with the binaries.
    pub bin: PathBuf,
    node: Child,
    keep: bool,
}

impl Localnet {
    /// Makes the home, starts the node and waits for its second block.
    pub async fn start(bin: &Path, cast: &Cast) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("openledger-demo-").tempdir()?.keep();
        let daemon = bin.join("openledgerd");
        run(Command::new(&daemon).args(["init", "demo", "--chain-id", CHAIN_ID, "--home"]).arg(&home))?;
        for (name, key) in cast.named() {
            Keyring::open(&home, "test")?.add(name, key)?;
            run(Command::new(&daemon)
                .args(["genesis", "add-genesis-account", name])
                .arg(format!("{}aopen", 1_000_000 * OPEN))
                .args(["--keyring-backend", "test", "--home"])
                .arg(&home))?;
        }
        edit_genesis(&home.join("config/genesis.json"))?;
        let (rpc, p2p, grpc) = (free_port()?, free_port()?, free_port()?);
        let log = File::create(home.join("node.log"))?;
        let node = Command::new(&daemon)
            .args(["start", "--home"])
            .arg(&home)
            .args(["--rpc.laddr", &format!("tcp://127.0.0.1:{rpc}"), "--p2p.laddr", &format!("tcp://127.0.0.1:{p2p}")])
            .args(["--rpc.pprof_laddr", "", "--grpc.address", &format!("127.0.0.1:{grpc}"), "--api.enable=false"])
            .args(["--minimum-gas-prices", "0aopen"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", daemon.display()))?;
        let mut net = Self {
            rpc_url: format!("http://127.0.0.1:{rpc}"),
            grpc: format!("127.0.0.1:{grpc}"),
            home,
            bin: bin.to_path_buf(),
            node,
            keep: false,
        };
        net.wait_ready().await?;
        Ok(net)
    }

    async fn wait_ready(&mut self) -> Result<()> {
        for _ in 0..600 {
            if let Some(status) = self.node.try_wait()? {
                let log = std::fs::read_to_string(self.home.join("node.log")).unwrap_or_default();
                bail!("the node ended ({status}):\n{log}");
            }
            if self.rpc().chain().await.is_ok_and(|(_, height)| height >= 2) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the chain made no blocks within a minute; see {}", self.home.join("node.log").display())
    }

    /// The node's RPC.
    pub fn rpc(&self) -> Rpc {
        Rpc::new(&self.rpc_url)
    }

    /// A wallet of this key.
    pub async fn wallet(&self, key: &Key) -> Result<Wallet> {
        Ok(Wallet::connect(self.rpc(), key.clone()).await?)
    }

    /// Leaves the node running.
    pub fn keep(mut self) {
        self.keep = true;
        println!(
            "\nThe chain goes on: home {}, pid {}; end it with: kill {}",
            self.home.display(),
            self.node.id(),
            self.node.id()
        );
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // SIGTERM, so that CometBFT ends too.
        let _ = Command::new("kill").arg(self.node.id().to_string()).status();
        let _ = self.node.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// The demo's parameters: windows of a few blocks where the main network has a day.
fn edit_genesis(path: &Path) -> Result<()> {
    let mut genesis: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let state = &mut genesis["app_state"];
    let params = state["attribution"]["params"].as_array_mut().and_then(|versions| versions.first_mut());
    let params = params.context("the genesis has no attribution parameters")?;
    let changes = [
        ("dispute_window", json!("5")),
        ("answer_window", json!("3")),
        ("reveal_window", json!("3")),
        ("close_notice_seconds", json!("10")),
        ("session_idle_seconds", json!("600")),
        ("block_seconds", json!("1")),
        ("late_receipt_blocks", json!("30")),
        ("price_period_seconds", json!("60")),
    ];
    for (name, value) in changes {
        ensure!(!params["params"][name].is_null(), "attribution has no parameter {name}");
        params["params"][name] = value;
    }
    ensure!(!params["params"]["audit"]["samples"].is_null(), "attribution has no parameters of the audit");
    params["params"]["audit"]["samples"] = json!(1);
    params["params"]["audit"]["epoch_blocks"] = json!("5");
    state["model"]["params"]["unbonding_seconds"] = json!("60");
    state["model"]["params"]["feedback_window_seconds"] = json!("60");
    let changes = [
        ("treasury_timelock_seconds", json!("10")),
        ("curator_bond_period_seconds", json!("10")),
        ("min_voting_seconds", json!("5")),
    ];
    let params = &mut state["datanet"]["params"];
    for (name, value) in changes {
        ensure!(!params[name].is_null(), "datanet has no parameter {name}");
        params[name] = value;
    }
    Ok(std::fs::write(path, serde_json::to_vec_pretty(&genesis)?)?)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
