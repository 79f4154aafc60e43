//! Several validators on this machine, each a whole node: made by `testnet init-files`, started on ports of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use nix::sys::signal::Signal;
use openledger_client::{free_port, Key, Wallet};
use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::Address;
use openledger_proto::cosmos::slashing::v1beta1::{
    QuerySigningInfoRequest, QuerySigningInfoResponse, ValidatorSigningInfo,
};
use openledger_proto::cosmos::staking::v1beta1::{QueryValidatorRequest, QueryValidatorResponse, Validator};
use serde_json::{json, Value};

use crate::node::{Home, Node, PATIENCE};

/// The path under which keys of the test's operators are derived.
const HD_PATH: &str = "m/44'/118'/0'/0/0";

/// A network.
pub struct Network {
    folder: Home,
    /// Its validators, the first of which is 0.
    pub validators: Vec<Validating>,
}

/// A validator and its node.
pub struct Validating {
    /// Its home.
    pub home: Home,
    /// The key of its operator.
    pub operator: Key,
    /// Its consensus address.
    pub cons: String,
    /// Where it is to be found.
    pub place: Place,
    /// Its node's id.
    pub node_id: String,
    /// Its node, while it runs.
    pub node: Option<Node>,
}

/// Where a node listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The network namespace, where it is in one.
    pub namespace: Option<String>,
    /// The host's address as others see it.
    pub host: String,
    /// The port of CometBFT's RPC.
    pub rpc: u16,
    /// The port for peers.
    pub p2p: u16,
    /// The port of gRPC, on loopback.
    pub grpc: u16,
}

impl Place {
    /// On loopback, on ports that are free now.
    pub fn here() -> Result<Self> {
        Ok(Self { namespace: None, host: "127.0.0.1".into(), rpc: free_port()?, p2p: free_port()?, grpc: free_port()? })
    }
}

impl Network {
    /// Makes the files of a network at these places. `change` edits the genesis before anybody has read it.
    pub fn new(chain_id: &str, places: Vec<Place>, change: impl FnOnce(&mut Value)) -> Result<Self> {
        let folder = Home::empty()?;
        let root = folder.path().join("net");
        let root_text = root.to_str().context("a path of letters")?.to_string();
        let count = places.len().to_string();
        let args = ["testnet", "init-files", "--v", &count, "--output-dir", &root_text, "--chain-id", chain_id];
        folder.succeed(&[&args[..], &["--single-host", "--commit-timeout", "200ms"]].concat())?;
        let genesis = edited_genesis(&home_of(&root, 0), change)?;
        let mut validators = Vec::new();
        for (index, place) in places.into_iter().enumerate() {
            let path = home_of(&root, index);
            std::fs::write(path.join("config/genesis.json"), &genesis)?;
            hurry(&path)?;
            validators.push(Validating::new(Home::at(path), place)?);
        }
        Ok(Self { folder, validators })
    }

    /// Makes and starts a network of four on loopback; it has made its second block.
    pub async fn start(chain_id: &str, change: impl FnOnce(&mut Value)) -> Result<Self> {
        let places = (0..4).map(|_| Place::here()).collect::<Result<Vec<_>>>()?;
        let mut network = Self::new(chain_id, places, change)?;
        network.start_all()?;
        network.reach(2).await?;
        Ok(network)
    }

    /// The folder that holds it.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("net")
    }

    /// Who a node's peers are: all others.
    pub fn peers(&self, but: usize) -> String {
        let others = self.validators.iter().enumerate().filter(|(index, _)| *index != but);
        let peers = others.map(|(_, other)| format!("{}@{}:{}", other.node_id, other.place.host, other.place.p2p));
        peers.collect::<Vec<_>>().join(",")
    }

    /// Starts a node that does not run.
    pub fn start_one(&mut self, index: usize) -> Result<()> {
        let peers = self.peers(index);
        let validator = &mut self.validators[index];
        validator.node = Some(start(&validator.home, &validator.place, &peers)?);
        Ok(())
    }

    /// Starts all nodes.
    pub fn start_all(&mut self) -> Result<()> {
        (0..self.validators.len()).try_for_each(|index| self.start_one(index))
    }

    /// Ends a node by a signal and waits for its end.
    pub fn end(&mut self, index: usize, signal: Signal) -> Result<()> {
        let mut node = self.validators[index].node.take().context("it runs")?;
        node.signal(signal)?;
        node.wait(PATIENCE)?;
        Ok(())
    }

    /// The running node of a validator.
    pub fn node(&self, index: usize) -> &Node {
        self.validators[index].node.as_ref().expect("it runs")
    }

    /// Waits until every running node is at `height`.
    pub async fn reach(&mut self, height: u64) -> Result<()> {
        for (index, validator) in self.validators.iter_mut().enumerate() {
            if let Some(node) = &mut validator.node {
                node.reach(height).await.with_context(|| format!("node {index}"))?;
            }
        }
        Ok(())
    }

    /// How a validator signs, as another's node says.
    pub async fn signing_info(&self, asked: usize, about: usize) -> Result<ValidatorSigningInfo> {
        let request = QuerySigningInfoRequest { cons_address: self.validators[about].cons.clone() };
        let path = "/cosmos.slashing.v1beta1.Query/SigningInfo";
        let answer: QuerySigningInfoResponse = self.node(asked).rpc.query(path, &request).await?;
        answer.val_signing_info.context("an answer has an info")
    }

    /// A validator, as another's node says.
    pub async fn validator(&self, asked: usize, about: usize) -> Result<Validator> {
        let request = QueryValidatorRequest { validator_addr: self.validators[about].operator_text() };
        let path = "/cosmos.staking.v1beta1.Query/Validator";
        let answer: QueryValidatorResponse = self.node(asked).rpc.query(path, &request).await?;
        answer.validator.context("an answer has a validator")
    }

    /// Asks until the answer is right.
    pub async fn until<'a, F>(&'a self, what: &str, ask: impl Fn(&'a Self) -> F) -> Result<()>
    where
        F: std::future::Future<Output = Result<bool>> + 'a,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = ask(self).await;
            if matches!(answer, Ok(true)) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}; the last answer: {answer:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The powers of CometBFT's set, as a node says.
    pub async fn powers(&self, asked: usize) -> Result<Vec<u64>> {
        let answer = self.node(asked).rpc.call("validators", json!({"per_page": "100"})).await?;
        let validators = answer["validators"].as_array().context("an answer has validators")?;
        let powers = validators.iter().map(|one| Ok(one["voting_power"].as_str().context("a power")?.parse()?));
        let mut powers = powers.collect::<Result<Vec<u64>>>()?;
        powers.sort_unstable();
        Ok(powers)
    }

    /// Compares the blocks that every running node has, up to the height that all have reached: hashes of blocks and of states. The height.
    pub async fn check_no_fork(&self) -> Result<u64> {
        let mut known: BTreeMap<u64, (String, String)> = BTreeMap::new();
        let mut common = u64::MAX;
        let running: Vec<(usize, &Node)> =
            self.validators.iter().enumerate().filter_map(|(index, one)| Some((index, one.node.as_ref()?))).collect();
        for (_, node) in &running {
            common = common.min(node.rpc.chain().await?.1);
        }
        for (index, node) in running {
            for height in 1..=common {
                let seen = (node.block_hash(height).await?, node.app_hash(height).await?);
                let first = known.entry(height).or_insert_with(|| seen.clone());
                ensure!(*first == seen, "FORK: at height {height}, node {index} has {seen:?}, another {first:?}");
            }
        }
        Ok(common)
    }

    /// The events of these kinds in a block's results, in order: the block's own first.
    pub async fn events(&self, asked: usize, height: u64, kind: &str) -> Result<Vec<Value>> {
        let results = self.node(asked).rpc.call("block_results", json!({"height": height.to_string()})).await?;
        let events = results["finalize_block_events"].as_array().cloned().unwrap_or_default();
        Ok(events.into_iter().filter(|event| event["type"] == kind).collect())
    }
}

impl Validating {
    fn new(home: Home, place: Place) -> Result<Self> {
        let seed: Value = serde_json::from_slice(&std::fs::read(home.path().join("key_seed.json"))?)?;
        let words = seed["secret"].as_str().context("key_seed.json has words")?;
        let operator = Key::from_mnemonic(words, HD_PATH)?;
        let node_id = home.succeed(&["comet", "show-node-id"])?.trim().to_string();
        let cons = home.succeed(&["comet", "show-address"])?.trim().to_string();
        Address::from_bech32(&cons, VALCONS_PREFIX)?;
        Ok(Self { home, operator, cons, place, node_id, node: None })
    }

    /// Its operator's address as staking has it.
    pub fn operator_text(&self) -> String {
        self.operator.address().to_bech32(VALOPER_PREFIX)
    }

    /// Its operator's wallet, at a node.
    pub async fn wallet(&self, at: &Node) -> Result<Wallet> {
        Ok(Wallet::connect(at.rpc.clone(), Key::from_secret(self.operator.secret())?).await?)
    }
}

/// Starts a node of a network on this home.
pub fn start(home: &Home, place: &Place, peers: &str) -> Result<Node> {
    let Place { namespace, host, rpc, p2p, grpc } = place;
    let rpc_address = format!("tcp://{host}:{rpc}");
    let (p2p, grpc) = (format!("tcp://{host}:{p2p}"), format!("127.0.0.1:{grpc}"));
    let flags = [
        ["--rpc.laddr", &rpc_address],
        ["--p2p.laddr", &p2p],
        ["--grpc.address", &grpc],
        ["--p2p.persistent_peers", peers],
    ];
    let flags = [&flags.concat()[..], &["--api.enable=false"]].concat();
    Node::spawn_in(home, namespace.as_deref(), &flags, rpc_address.clone())
}

fn home_of(root: &Path, index: usize) -> PathBuf {
    root.join(format!("node{index}/openledgerd"))
}

fn edited_genesis(home: &Path, change: impl FnOnce(&mut Value)) -> Result<Vec<u8>> {
    let mut genesis: Value = serde_json::from_slice(&std::fs::read(home.join("config/genesis.json"))?)?;
    change(&mut genesis);
    Ok(serde_json::to_vec(&genesis)?)
}

/// Waits less for those who are away, so that a test sees many blocks without one of four.
fn hurry(home: &Path) -> Result<()> {
    let path = home.join("config/config.toml");
    let text = std::fs::read_to_string(&path)?;
    let steps = "timeout_propose = \"1s\"\ntimeout_propose_delta = \"200ms\"\ntimeout_prevote = \"300ms\"\ntimeout_precommit = \"300ms\"";
    let changed = text.replace("timeout_propose = \"3s\"", steps);
    ensure!(changed != text, "config.toml has no timeout_propose = \"3s\" any more");
    Ok(std::fs::write(&path, changed)?)
}
