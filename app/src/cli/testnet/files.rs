//! The files of a network: for each validator a folder with its node's home, its operator's key and the words of it, and one genesis
//! for all, in which the validators are made by transactions.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use openledger_client::{Key, Keyring};
use openledger_core::Coins;
use serde_json::{json, Map, Value};
use toml_edit::DocumentMut;

use super::super::init::{node_key, validator_key};
use super::gentx;
use crate::node::genesis::AppGenesis;
use crate::node::home::write_file;
use crate::node::{app_state, keys, AppConfig, Home};
use crate::runtime::Runtime;

/// What each operator has: 500 OPEN, of which it stakes 100, as in `simd`.
const BALANCE: &str = "500000000000000000000aopen";
/// Ports of the first node on one machine.
const P2P_PORT: u16 = 16_656;
const RPC_PORT: u16 = 26_657;
const REST_PORT: u16 = 1_317;
const GRPC_PORT: u16 = 9_090;
/// Where nodes on machines of their own meet.
const MACHINE_P2P_PORT: u16 = 26_656;

/// Where the nodes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All here, each on ports of its own.
    OneMachine,
    /// Each on a machine, whose addresses follow this one.
    Machines(Ipv4Addr),
}

/// A network that is to be made or run.
pub struct Network {
    /// The folder that holds it.
    pub root: PathBuf,
    /// How many validators it has.
    pub validators: u16,
    /// The chain's id.
    pub chain_id: String,
    /// What each node asks of a fee.
    pub minimum_gas_prices: String,
    /// Where the operators' keys are kept.
    pub keyring_backend: String,
    /// What the validators' folders are called.
    pub prefix: String,
    /// What a node's home is called.
    pub daemon_home: String,
    /// CometBFT's `timeout_commit`.
    pub commit_timeout: Option<String>,
    /// Where the nodes run.
    pub place: Place,
}

/// A validator whose keys are made.
struct Made {
    home: Home,
    node: keys::Key,
    validator: keys::Key,
    operator: Key,
    words: String,
}

impl Network {
    /// The home of a validator's node.
    pub fn home(&self, index: u16) -> Result<Home> {
        Home::new(Some(self.root.join(format!("{}{index}", self.prefix)).join(&self.daemon_home)))
    }

    /// The ports of a node on one machine: peers, RPC, REST, gRPC.
    pub fn ports(index: u16) -> [u16; 4] {
        [P2P_PORT, RPC_PORT, REST_PORT, GRPC_PORT].map(|port| port.saturating_add(index))
    }

    /// Makes all files; the words of the operators' keys. What is there already is not touched.
    pub fn make(&self) -> Result<Vec<String>> {
        let prices = AppConfig { minimum_gas_prices: self.minimum_gas_prices.clone(), ..AppConfig::default() };
        prices.check()?;
        for index in 0..self.validators {
            let home = self.home(index)?;
            ensure!(
                !home.root().exists(),
                "{} is there already: remove it or name another --output-dir",
                home.root().display()
            );
            self.p2p_address(index)?;
        }
        let made = (0..self.validators).map(|index| self.keys(index)).collect::<Result<Vec<_>>>()?;
        let peers: Vec<String> = (0..self.validators)
            .zip(&made)
            .map(|(index, made)| Ok(format!("{}@{}", made.node.node_id(), self.p2p_address(index)?)))
            .collect::<Result<_>>()?;
        let genesis = self.genesis(&made, &peers)?;
        for (index, made) in (0..self.validators).zip(&made) {
            genesis.write(&made.home.genesis())?;
            let others: Vec<&str> = peers
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != usize::from(index))
                .map(|(_, peer)| peer.as_str())
                .collect();
            self.settings(index, &made.home, &others.join(","))?;
        }
        Ok(made.into_iter().map(|made| made.words).collect())
    }

    fn name(&self, index: u16) -> String {
        format!("{}{index}", self.prefix)
    }

    /// Where a node's peers connect.
    fn p2p_address(&self, index: u16) -> Result<String> {
        match self.place {
            Place::OneMachine => Ok(format!("127.0.0.1:{}", Self::ports(index)[0])),
            Place::Machines(first) => {
                let [a, b, c, d] = first.octets();
                let last = u16::from(d) + index;
                let last = u8::try_from(last).with_context(|| {
                    format!("--starting-ip-address {first} leaves no address for {} validators", self.validators)
                })?;
                Ok(format!("{}:{MACHINE_P2P_PORT}", Ipv4Addr::new(a, b, c, last)))
            }
        }
    }

    fn keys(&self, index: u16) -> Result<Made> {
        let home = self.home(index)?;
        home.create()?;
        let (node, validator) = (node_key(&home)?, validator_key(&home, None)?);
        let (operator, words) = Key::generate()?;
        Keyring::open(home.root(), &self.keyring_backend)?.add(&self.name(index), &operator)?;
        let seed = json!({"secret": words}).to_string();
        write_file(&home.root().join("key_seed.json"), seed.as_bytes(), 0o600)?;
        home.write_config_toml(&self.name(index))?;
        home.write_app_and_client_toml(&self.chain_id)?;
        Ok(Made { home, node, validator, operator, words })
    }

    /// The genesis; the transactions that make the validators are kept beside it in `gentxs`, as `simd` keeps them.
    fn genesis(&self, made: &[Made], peers: &[String]) -> Result<AppGenesis> {
        let mut state: Map<String, Value> = Runtime::default().default_genesis()?;
        let balance: Coins = BALANCE.parse()?;
        let folder = self.root.join("gentxs");
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let mut txs = Vec::new();
        for ((index, made), peer) in (0..self.validators).zip(made).zip(peers) {
            let name = self.name(index);
            app_state::add_account(&mut state, &made.operator.address(), &balance, false)?;
            let tx = gentx::signed(&self.chain_id, &made.operator, &made.validator, &name, peer)?;
            write_file(&folder.join(format!("{name}.json")), tx.to_string().as_bytes(), 0o644)?;
            txs.push(tx);
        }
        let genutil = state.entry("genutil").or_insert_with(|| json!({}));
        genutil.as_object_mut().context("app_state.genutil is no object")?.insert("gen_txs".into(), Value::Array(txs));
        AppGenesis::without_validators(&self.chain_id, state)
    }

    fn settings(&self, index: u16, home: &Home, peers: &str) -> Result<()> {
        let one_machine = self.place == Place::OneMachine;
        let [p2p, rpc, rest, grpc] =
            if one_machine { Self::ports(index) } else { [MACHINE_P2P_PORT, RPC_PORT, REST_PORT, GRPC_PORT] };
        let host = if one_machine { "127.0.0.1" } else { "0.0.0.0" };
        let mut config = vec![
            ("p2p.laddr", json!(format!("tcp://{host}:{p2p}"))),
            ("p2p.persistent_peers", json!(peers)),
            ("rpc.laddr", json!(format!("tcp://{host}:{rpc}"))),
        ];
        if one_machine {
            config.extend([
                ("p2p.addr_book_strict", json!(false)),
                ("p2p.allow_duplicate_ip", json!(true)),
                ("p2p.pex", json!(false)),
            ]);
        }
        if let Some(timeout) = &self.commit_timeout {
            config.push(("consensus.timeout_commit", json!(timeout)));
        }
        set(home, "config.toml", &config)?;
        let app = [
            ("minimum-gas-prices", json!(self.minimum_gas_prices)),
            ("api.enable", json!(true)),
            ("api.address", json!(format!("tcp://{host}:{rest}"))),
            ("grpc.address", json!(format!("{host}:{grpc}"))),
        ];
        set(home, "app.toml", &app)?;
        AppConfig::read(home)?.check()?;
        let client =
            [("node", json!(format!("tcp://127.0.0.1:{rpc}"))), ("keyring-backend", json!(self.keyring_backend))];
        set(home, "client.toml", &client)
    }
}

/// Changes settings of a file (`table.key`), keeping comments and order.
fn set(home: &Home, file: &str, values: &[(&str, Value)]) -> Result<()> {
    let path = home.config(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let mut document: DocumentMut = text.parse().with_context(|| format!("{} is wrong", path.display()))?;
    for (name, value) in values {
        let value = match value {
            Value::Bool(value) => toml_edit::Value::from(*value),
            Value::String(value) => toml_edit::Value::from(value.as_str()),
            other => anyhow::bail!("{name} = {other} is neither text nor a switch"),
        };
        match name.split_once('.') {
            Some((table, key)) => document[table][key] = toml_edit::value(value),
            None => document[*name] = toml_edit::value(value),
        }
    }
    write_file(&path, document.to_string().as_bytes(), 0o644)
}
