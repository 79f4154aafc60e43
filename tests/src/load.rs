//! Load on a one-validator chain: accounts in its genesis, signed transfers between them, and the sending of these. For simd too, so that
//! both chains get the same.

mod join;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use openledger_client::rpc::MOST_AT_ONCE;
use openledger_client::{any, free_port, Key, Rpc, TxBuilder};
use openledger_core::{Coin, Coins};
use openledger_proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use openledger_proto::cosmos::bank::v1beta1::{
    Input, MsgMultiSend, MsgSend, Output, QueryBalanceRequest, QueryBalanceResponse,
};
use openledger_proto::Message;
use serde_json::{json, Value};
use tempfile::TempDir;

pub use join::DISCOVERY;

const CHAIN_ID: &str = "bench-1";
/// Who sends at the same time, each for accounts of its own.
const SENDERS: usize = 8;
const GAS: u64 = 200_000;
/// Whom one message gives to where a chain grows.
const OUTPUTS: usize = 500;
/// What an account has at first.
const RICHES: u128 = 1_000_000_000_000;

/// A daemon with simd's verbs and flags.
pub struct Peer {
    /// What it is called.
    pub name: &'static str,
    binary: PathBuf,
    denom: &'static str,
    prefix: &'static str,
}

impl Peer {
    /// The daemon that `$OPENLEDGERD` names: a release build, where speed is measured.
    pub fn openledgerd() -> Result<Self> {
        let binary =
            std::env::var_os("OPENLEDGERD").context("OPENLEDGERD must name the release build of openledgerd")?;
        Ok(Self { name: "openledgerd", binary: binary.into(), denom: "aopen", prefix: "open" })
    }

    /// simd, where `$SIMD` names it.
    pub fn simd() -> Option<Self> {
        let binary = std::env::var_os("SIMD")?;
        Some(Self { name: "simd", binary: binary.into(), denom: "stake", prefix: "cosmos" })
    }

    fn run(&self, home: &Path, arguments: &[&str]) -> Result<()> {
        let output = Command::new(&self.binary).args(arguments).arg("--home").arg(home).output()?;
        ensure!(output.status.success(), "{} {arguments:?}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// `init`, with these accounts in the genesis, blocks half a second after each other, and a mempool that holds all that comes.
    fn init(&self, home: &Path, addresses: &[String]) -> Result<()> {
        self.run(home, &["init", "bench", "--chain-id", CHAIN_ID])?;
        if self.name == "simd" {
            let (test, stake) = (["--keyring-backend", "test"], "1000000000stake");
            self.run(home, &[&["keys", "add", "val"][..], &test].concat())?;
            self.run(home, &[&["genesis", "add-genesis-account", "val", stake][..], &test].concat())?;
            self.run(home, &[&["genesis", "gentx", "val", stake, "--chain-id", CHAIN_ID][..], &test].concat())?;
            self.run(home, &["genesis", "collect-gentxs"])?;
        }
        let path = home.join("config/genesis.json");
        let mut genesis: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let state = &mut genesis["app_state"];
        for address in addresses {
            let account = json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address, "pub_key": null,
                "account_number": "0", "sequence": "0"});
            let coins = json!([{"denom": self.denom, "amount": RICHES.to_string()}]);
            list(&mut state["auth"]["accounts"])?.push(account);
            list(&mut state["bank"]["balances"])?.push(json!({"address": address, "coins": coins}));
        }
        // Both daemons sum the balances themselves where the supply is empty.
        state["bank"]["supply"] = json!([]);
        std::fs::write(&path, serde_json::to_vec(&genesis)?)?;
        let path = home.join("config/config.toml");
        let config = std::fs::read_to_string(&path)?;
        let line = |line: &str| match line.split_once(" = ").map(|(key, _)| key) {
            Some("timeout_commit") => "timeout_commit = \"500ms\"\n".into(),
            Some("size") => "size = 100000\n".into(),
            Some("addr_book_strict") => "addr_book_strict = false\n".into(),
            Some("allow_duplicate_ip") => "allow_duplicate_ip = true\n".into(),
            _ => format!("{line}\n"),
        };
        Ok(std::fs::write(&path, config.lines().map(line).collect::<String>())?)
    }
}

fn list(value: &mut Value) -> Result<&mut Vec<Value>> {
    value.as_array_mut().context("the genesis lacks a list")
}

/// A running chain and who has money on it; it ends with this value.
pub struct Chain {
    /// CometBFT's RPC.
    pub rpc: Rpc,
    /// Where gRPC is served: host and port.
    pub grpc: String,
    /// The accounts' addresses.
    pub addresses: Vec<String>,
    keys: Vec<Key>,
    denom: &'static str,
    node: Child,
    home: TempDir,
    ports: Ports,
}

/// Where a daemon listens.
struct Ports {
    rpc: u16,
    p2p: u16,
    grpc: u16,
}

impl Ports {
    fn spawn(&self, peer: &Peer, home: &Path, more: &[&str]) -> Result<Child> {
        let Self { rpc, p2p, grpc } = self;
        let log = File::create(home.join("log"))?;
        let node = Command::new(&peer.binary)
            .args(["start", "--minimum-gas-prices", &format!("0{}", peer.denom), "--api.enable=false"])
            .args(["--rpc.laddr", &format!("tcp://127.0.0.1:{rpc}"), "--p2p.laddr", &format!("tcp://127.0.0.1:{p2p}")])
            .args(["--grpc.address", &format!("127.0.0.1:{grpc}"), "--rpc.pprof_laddr", "", "--log_level", "error"])
            .args(more)
            .arg("--home")
            .arg(home)
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(node)
    }
}

impl Chain {
    /// A fresh chain with this many accounts, at its first block.
    pub async fn start(peer: &Peer, accounts: usize) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("openledger-load-").tempdir()?;
        let keys: Vec<Key> = (0..accounts).map(key).collect::<Result<_>>()?;
        let prefix = bech32::Hrp::parse(peer.prefix)?;
        let address = |key: &Key| Ok(bech32::encode::<bech32::Bech32>(prefix, key.address().as_bytes())?);
        let addresses: Vec<String> = keys.iter().map(address).collect::<Result<_>>()?;
        peer.init(home.path(), &addresses)?;
        let ports = Ports { rpc: free_port()?, p2p: free_port()?, grpc: free_port()? };
        let node = ports.spawn(peer, home.path(), &[])?;
        let rpc = Rpc::new(&format!("http://127.0.0.1:{}", ports.rpc));
        let grpc = format!("127.0.0.1:{}", ports.grpc);
        let mut chain = Self { rpc, grpc, addresses, keys, denom: peer.denom, node, home, ports };
        chain.wait_for(1).await?;
        Ok(chain)
    }

    /// Ends the daemon and starts it again on what it left; returns when it has made one more block, and the daemon's own time until it
    /// answered for the application.
    pub async fn restart(&mut self, peer: &Peer) -> Result<Duration> {
        self.start_again(peer, false).await
    }

    /// [`Chain::restart`] of a daemon that has lost the application's state: it executes every block anew.
    pub async fn replay(&mut self, peer: &Peer) -> Result<Duration> {
        self.start_again(peer, true).await
    }

    async fn start_again(&mut self, peer: &Peer, without_state: bool) -> Result<Duration> {
        let height = self.executed().await?;
        self.stop();
        if without_state {
            std::fs::remove_dir_all(self.home.path().join("data/application.db"))?;
        }
        let from = Instant::now();
        self.node = self.ports.spawn(peer, self.home.path(), &[])?;
        self.wait_for(height).await?;
        let took = from.elapsed();
        self.wait_for(height + 1).await?;
        Ok(took)
    }

    /// Waits until the application has committed a height; the height that it has then.
    async fn wait_for(&mut self, height: u64) -> Result<u64> {
        loop {
            match self.executed().await {
                Ok(executed) if executed >= height => return Ok(executed),
                _ => {}
            }
            if let Some(status) = self.node.try_wait()? {
                let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
                anyhow::bail!("the daemon ended ({status}):\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn stop(&mut self) {
        let _ = kill(Pid::from_raw(self.node.id() as i32), Signal::SIGTERM);
        let _ = self.node.wait();
    }

    /// What the daemon itself keeps in memory (CometBFT is another process).
    pub fn resident_mib(&self) -> Result<u64> {
        self.memory_mib("VmRSS:")
    }

    /// The most that it has kept in memory since it was started.
    pub fn peak_resident_mib(&self) -> Result<u64> {
        self.memory_mib("VmHWM:")
    }

    fn memory_mib(&self, what: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.node.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what)).with_context(|| format!("no {what}"))?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
    }

    /// The size of the genesis that the chain began with.
    pub fn genesis_mib(&self) -> Result<u64> {
        Ok(std::fs::metadata(self.home.path().join("config/genesis.json"))?.len() >> 20)
    }

    /// `rounds` transfers of each account to the next one; by sender, each account's in order.
    pub async fn sign(&self, rounds: usize) -> Result<Vec<Vec<Vec<u8>>>> {
        let mut numbers = Vec::new();
        for address in &self.addresses {
            let request = QueryAccountRequest { address: address.clone() };
            let answer: QueryAccountResponse = self.rpc.query("/cosmos.auth.v1beta1.Query/Account", &request).await?;
            let account = BaseAccount::decode(answer.account.context("no account")?.value.as_slice())?;
            numbers.push((account.account_number, account.sequence));
        }
        let accounts = self.addresses.len();
        let mut signed = vec![Vec::new(); SENDERS];
        for (round, account) in (0..rounds as u64).flat_map(|round| (0..accounts).map(move |account| (round, account)))
        {
            let coin = Coin { denom: self.denom.into(), amount: moved(account).into() };
            let message = MsgSend {
                from_address: self.addresses[account].clone(),
                to_address: self.addresses[(account + 1) % accounts].clone(),
                amount: Coins::from(coin).to_proto(),
            };
            let builder = TxBuilder { messages: vec![any(&message)], gas_limit: GAS, ..TxBuilder::default() };
            let (number, from) = numbers[account];
            let tx = builder.sign(CHAIN_ID, &[(&self.keys[account], number, from + round)])?;
            signed[account % SENDERS].push(tx);
        }
        Ok(signed)
    }

    /// Gives a unit to each of as many new accounts.
    pub async fn grow(&self, accounts: usize) -> Result<()> {
        let prefix = bech32::Hrp::parse("open")?;
        let unit = Coins::from(Coin { denom: self.denom.into(), amount: 1u128.into() }).to_proto();
        let mut signed = Vec::new();
        for (sequence, from) in (0..accounts).step_by(OUTPUTS).enumerate() {
            let numbers: Vec<usize> = (from..accounts.min(from + OUTPUTS)).collect();
            let output = |number: &usize| {
                let mut bytes = [0x5a; 20];
                bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
                let address = bech32::encode::<bech32::Bech32>(prefix, &bytes)?;
                Ok(Output { address, coins: unit.clone() })
            };
            let total =
                Coins::from(Coin { denom: self.denom.into(), amount: (numbers.len() as u128).into() }).to_proto();
            let message = MsgMultiSend {
                inputs: vec![Input { address: self.addresses[0].clone(), coins: total }],
                outputs: numbers.iter().map(output).collect::<Result<_>>()?,
            };
            let gas_limit = OUTPUTS as u64 * GAS;
            let builder = TxBuilder { messages: vec![any(&message)], gas_limit, ..TxBuilder::default() };
            signed.push(builder.sign(CHAIN_ID, &[(&self.keys[0], 0, sequence as u64)])?);
        }
        self.execute(vec![signed]).await
    }

    /// Broadcasts and waits until blocks hold every one.
    pub async fn execute(&self, signed: Vec<Vec<Vec<u8>>>) -> Result<()> {
        let (_, from) = self.rpc.chain().await?;
        let wanted: usize = signed.iter().map(Vec::len).sum();
        let senders: Vec<_> = signed.into_iter().map(|txs| tokio::spawn(send(self.rpc.clone(), txs))).collect();
        for sender in senders {
            sender.await??;
        }
        let (mut committed, mut next) = (0, from);
        let deadline = Instant::now() + Duration::from_secs(300);
        while committed < wanted {
            ensure!(Instant::now() < deadline, "{committed} of {wanted} transactions were committed in 300 s");
            let (_, height) = self.rpc.chain().await?;
            while next <= height {
                let block = self.rpc.call("block", json!({"height": next.to_string()})).await?;
                committed += block["block"]["data"]["txs"].as_array().map_or(0, Vec::len);
                next += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // CometBFT shows a block before the application has executed it.
        while self.executed().await? < next - 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// The height that the application committed last.
    async fn executed(&self) -> Result<u64> {
        let info = self.rpc.call("abci_info", json!({})).await?;
        Ok(info["response"]["last_block_height"].as_str().context("abci_info names no height")?.parse()?)
    }

    /// Fails unless every balance is what `rounds` rounds of transfers leave.
    pub async fn check_balances(&self, rounds: usize) -> Result<()> {
        let accounts = self.addresses.len();
        for (account, address) in self.addresses.iter().enumerate() {
            let before = (account + accounts - 1) % accounts;
            let expected = RICHES + rounds as u128 * moved(before) - rounds as u128 * moved(account);
            let request = QueryBalanceRequest { address: address.clone(), denom: self.denom.into() };
            let answer: QueryBalanceResponse = self.rpc.query("/cosmos.bank.v1beta1.Query/Balance", &request).await?;
            let held = answer.balance.context("no balance")?.amount;
            ensure!(held == expected.to_string(), "{address} holds {held}, not {expected}: a transfer was lost");
        }
        Ok(())
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.node.id() as i32), Signal::SIGTERM);
        let _ = self.node.wait();
    }
}

/// What a transfer of an account moves: of each something else, so that each balance tells what arrived.
fn moved(account: usize) -> u128 {
    1_000 + account as u128
}

fn key(number: usize) -> Result<Key> {
    let mut secret = [1; 32];
    secret[24..].copy_from_slice(&(number as u64 + 1).to_be_bytes());
    Ok(Key::from_secret(&secret)?)
}

/// Broadcasts in order, several in a request, so that the sender takes as little as it can of the cores that the chain runs on; waits where
/// the mempool is full.
async fn send(rpc: Rpc, txs: Vec<Vec<u8>>) -> Result<()> {
    for batch in txs.chunks(MOST_AT_ONCE) {
        let mut batch = batch.to_vec();
        while !batch.is_empty() {
            let answers = rpc.broadcast_all(&batch).await?;
            let mut full = Vec::new();
            for (tx, answer) in batch.into_iter().zip(answers) {
                match answer {
                    Ok(answer) => ensure!(answer.code == 0, "refused: {}", answer.log),
                    Err(error) if error.to_string().contains("mempool is full") => full.push(tx),
                    Err(error) => return Err(error.into()),
                }
            }
            if !full.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            batch = full;
        }
    }
    Ok(())
}
