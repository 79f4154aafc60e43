//! One of the two chains: a process that serves ABCI, and how its addresses begin.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};
use openledger_proto::tendermint::abci::{RequestInitChain, ResponseFinalizeBlock, ValidatorUpdate};
use openledger_proto::tendermint::types::{BlockParams, ConsensusParams, EvidenceParams, ValidatorParams};
use openledger_proto::{walker, Duration as ProtoDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::abci::{Block, Client};
use super::genesis::Template;
use super::{translate, CHAIN_ID};
use crate::node::{openledgerd, Home, PATIENCE};

/// How our addresses begin.
pub const OURS: &str = "open";
/// How the SDK's addresses begin.
pub const THEIRS: &str = "cosmos";

/// A chain. Its process ends with this value.
pub struct Side {
    /// How its addresses begin.
    pub prefix: &'static str,
    child: Child,
    client: Client,
    defaults: Value,
    _home: Home,
    _sockets: TempDir,
}

impl Drop for Side {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Side {
    /// `openledgerd` without CometBFT.
    pub fn ours() -> Result<Self> {
        let home = Home::init(CHAIN_ID)?;
        let genesis: Value = serde_json::from_slice(&std::fs::read(home.path().join("config/genesis.json"))?)?;
        let mut command = Command::new(openledgerd());
        command.args(["start", "--with-comet=false", "--grpc.enable=false", "--api.enable=false"]);
        command.args(["--minimum-gas-prices", "0aopen", "--home"]).arg(home.path());
        Self::serve(OURS, command, home, genesis["app_state"].clone())
    }

    /// The SDK's chain, from `tests/differential/peer`.
    pub fn theirs(peer: &Path) -> Result<Self> {
        let printed = Command::new(peer).arg("--genesis").output()?;
        ensure!(printed.status.success(), "{}: {}", peer.display(), String::from_utf8_lossy(&printed.stderr));
        let mut command = Command::new(peer);
        command.args(["--chain-id", CHAIN_ID]);
        Self::serve(THEIRS, command, Home::empty()?, serde_json::from_slice(&printed.stdout)?)
    }

    fn serve(prefix: &'static str, mut command: Command, home: Home, defaults: Value) -> Result<Self> {
        let sockets = tempfile::Builder::new().prefix("oldiff-").tempdir()?;
        let socket: PathBuf = sockets.path().join("abci.sock");
        let log = std::fs::File::create(home.path().join("log"))?;
        command.args(["--address", &format!("unix://{}", socket.display())]);
        let mut child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let since = Instant::now();
        let client = loop {
            if let Ok(client) = Client::connect(&socket) {
                break client;
            }
            if child.try_wait()?.is_some() || since.elapsed() > PATIENCE {
                let _ = child.kill();
                bail!("no ABCI: {}", std::fs::read_to_string(home.path().join("log"))?);
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        Ok(Self { prefix, child, client, defaults, _home: home, _sockets: sockets })
    }

    /// Whether this side has a module.
    pub fn has(&self, module: &str) -> bool {
        self.defaults.get(module).is_some()
    }

    /// Makes the chain; its first validators.
    pub fn init_chain(&mut self, template: &Template, time: i64) -> Result<Vec<ValidatorUpdate>> {
        let mut state = template.over(&self.defaults);
        translate(&mut state, OURS, self.prefix);
        let params = ConsensusParams {
            block: Some(BlockParams { max_bytes: 4 << 20, max_gas: -1 }),
            evidence: Some(EvidenceParams {
                max_age_num_blocks: 100_000,
                max_age_duration: Some(ProtoDuration { seconds: 172_800, nanos: 0 }),
                max_bytes: 1 << 20,
            }),
            validator: Some(ValidatorParams { pub_key_types: vec!["ed25519".into()] }),
            ..ConsensusParams::default()
        };
        let answer = self.client.init_chain(RequestInitChain {
            time: Some(Timestamp { seconds: time, nanos: 0 }),
            chain_id: CHAIN_ID.into(),
            consensus_params: Some(params),
            validators: Vec::new(),
            app_state_bytes: serde_json::to_vec(&state)?.into(),
            initial_height: 1,
        });
        let mut validators =
            answer.with_context(|| format!("InitChain of {}: {}", self.prefix, self.log()))?.validators;
        validators.sort_by_key(|update| format!("{update:?}"));
        Ok(validators)
    }

    /// Executes a block.
    pub fn finalize(&mut self, block: &Block) -> Result<ResponseFinalizeBlock> {
        let answer = self.client.finalize(block);
        answer.with_context(|| format!("FinalizeBlock {} of {}: {}", block.height, self.prefix, self.log()))
    }

    /// Commits it.
    pub fn commit(&mut self) -> Result<()> {
        self.client.commit()
    }

    /// Asks `cosmos.<package>.Query/<method>`; request and answer are JSON with our addresses. An error is an answer, too: its code
    /// without its text.
    pub fn ask(&mut self, package: &str, method: &str, request: &Value) -> Result<Value> {
        let mut request = request.clone();
        translate(&mut request, OURS, self.prefix);
        let bytes = walker::from_json(&format!("cosmos.{package}.Query{method}Request"), &request)?;
        let answer = self.client.query(&format!("/cosmos.{package}.Query/{method}"), bytes)?;
        if answer.code != 0 {
            return Ok(serde_json::json!({ "error": { "code": answer.code, "log": answer.log } }));
        }
        let mut json = walker::to_json(&format!("cosmos.{package}.Query{method}Response"), &answer.value)?;
        translate(&mut json, self.prefix, OURS);
        Ok(json)
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self._home.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
