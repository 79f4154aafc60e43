//! `genesis gentx` and `genesis collect-gentxs`: how the validators of a new chain come together.
//!
//! Each operator signs a transaction that makes its validator, over account number 0 and sequence 0, and hands the file on; whoever
//! writes the genesis collects them. Source of flags, defaults and texts: SDK v0.50 `x/genutil`, `x/staking/client/cli`.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use clap::Args;
use openledger_client::keyring::Record;
use openledger_client::{any, Keyring};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Coin, ConsensusKey, Dec};
use openledger_proto::cosmos::staking::v1beta1::{CommissionRates, Description, MsgCreateValidator};
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;
use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, Tx, TxBody};
use openledger_proto::{walker, Any, Message, Name};
use serde_json::{json, Value};

use super::tx::document;
use super::tx::signing::{self, Signer};
use crate::genutil::{self, GenTx};
use crate::node::keys::Key;
use crate::node::{app_state, AppGenesis, ClientConfig, Home};
use crate::runtime::Runtime;

/// `genesis gentx`.
#[derive(Args)]
#[command(after_help = "\
The file holds --node-id@--ip:--p2p-port as its memo, by which the nodes find each other.

Examples:
  openledgerd genesis gentx alice 1000000000000000000000aopen
  openledgerd genesis gentx alice 5000000000000000000aopen --moniker my-validator --commission-rate 0.07 --ip 10.0.0.7")]
pub struct Gentx {
    /// The name of the operator's key in the keyring
    key_name: String,
    /// What it delegates to itself, e.g. 1000000000000000000aopen
    amount: String,
    /// The validator's name [default: the node's, from config.toml]
    #[arg(long)]
    moniker: Option<String>,
    /// The validator's website
    #[arg(long, default_value = "", hide_default_value = true)]
    website: String,
    /// Whom to tell of a fault
    #[arg(long = "security-contact", default_value = "", hide_default_value = true)]
    security_contact: String,
    /// Anything else about the validator
    #[arg(long, default_value = "", hide_default_value = true)]
    details: String,
    /// A signature of an identity, e.g. Keybase
    #[arg(long, default_value = "", hide_default_value = true)]
    identity: String,
    /// The part of rewards that it keeps
    #[arg(long = "commission-rate", default_value = "0.1", value_name = "RATE")]
    commission_rate: Dec,
    /// The most that it may ever keep
    #[arg(long = "commission-max-rate", default_value = "0.2", value_name = "RATE")]
    commission_max_rate: Dec,
    /// The most by which the rate may rise in a day
    #[arg(long = "commission-max-change-rate", default_value = "0.01", value_name = "RATE")]
    commission_max_change_rate: Dec,
    /// The least self-delegation, in base units
    #[arg(long = "min-self-delegation", default_value = "1", value_name = "AMOUNT")]
    min_self_delegation: String,
    /// The consensus key as JSON [default: that of config/priv_validator_key.json]
    #[arg(long, value_name = "JSON")]
    pubkey: Option<String>,
    /// The node's id [default: that of config/node_key.json]
    #[arg(long = "node-id", value_name = "ID")]
    node_id: Option<String>,
    /// The node's public address [default: the one from which this machine reaches others]
    #[arg(long)]
    ip: Option<String>,
    /// The node's public port
    #[arg(long = "p2p-port", default_value_t = 26_656, value_name = "PORT")]
    p2p_port: u16,
    /// The gas limit that is written into the transaction; a genesis does not count it
    #[arg(long, default_value_t = 200_000)]
    gas: u64,
    /// The file [default: config/gentx/gentx-<node id>.json]
    #[arg(long = "output-document", value_name = "FILE")]
    output_document: Option<PathBuf>,
    /// The chain's id; must be the genesis's
    #[arg(long = "chain-id", env = "OPENLEDGERD_CHAIN_ID", value_name = "ID")]
    chain_id: Option<String>,
    /// Where keys are [default: that of config/client.toml]
    #[arg(long = "keyring-backend", env = "OPENLEDGERD_KEYRING_BACKEND", value_name = "BACKEND")]
    keyring_backend: Option<String>,
    /// The folder that holds the keyring's [default: --home]
    #[arg(long = "keyring-dir", value_name = "FOLDER")]
    keyring_dir: Option<PathBuf>,
}

/// `genesis collect-gentxs`.
#[derive(Args)]
#[command(after_help = "\
The validators of consensus.validators, which init writes, are removed: those of the transactions take their place.

Example:
  openledgerd genesis collect-gentxs")]
pub struct CollectGentxs {
    /// The folder with the transactions [default: config/gentx]
    #[arg(long = "gentx-dir", value_name = "FOLDER")]
    gentx_dir: Option<PathBuf>,
}

impl Gentx {
    pub(super) fn run(self, home: &Home) -> Result<()> {
        home.require()?;
        let genesis = AppGenesis::read(&home.genesis())?;
        let asked = self.chain_id.as_deref().unwrap_or(&genesis.chain_id);
        ensure!(asked == genesis.chain_id, "--chain-id {asked}: the genesis is that of {}", genesis.chain_id);
        let runtime = Runtime::default();
        runtime.validate_genesis(&genesis.app_state).context("failed to validate genesis state")?;
        let record = self.record(home)?;
        let value: Coin = self.amount.parse().context("failed to parse coins")?;
        app_state::check_funds(&genesis.app_state, &record.address(), &value)?;

        let node_id = match &self.node_id {
            Some(id) => id.clone(),
            None => Key::read(&home.config("node_key.json"))?.node_id(),
        };
        let tx = self.transaction(home, &record, &value, &node_id)?;
        if record.key().is_err() {
            eprintln!("Offline key passed in. Use `tx sign` command to sign.");
            println!("{}", document::to_json(&tx)?);
            return Ok(());
        }
        let json = signed(tx, &record, &genesis.chain_id)?;
        let path = self.output_document.unwrap_or_else(|| home.config("gentx").join(format!("gentx-{node_id}.json")));
        write_new(&path, &format!("{json}\n"))?;
        eprintln!("Genesis transaction written to {path:?}");
        Ok(())
    }

    fn record(&self, home: &Home) -> Result<Record> {
        let default = ClientConfig::read(home)?.keyring_backend;
        let backend = self.keyring_backend.as_deref().unwrap_or(&default);
        let folder = self.keyring_dir.as_deref().unwrap_or(home.root());
        let record = Keyring::open(folder, backend)?.find(&self.key_name);
        record.with_context(|| format!("failed to fetch '{}' from the keyring", self.key_name))
    }

    fn transaction(&self, home: &Home, record: &Record, value: &Coin, node_id: &str) -> Result<Tx> {
        let message = MsgCreateValidator {
            description: Some(Description {
                moniker: self.moniker.clone().map_or_else(|| moniker(home), Ok)?,
                identity: self.identity.clone(),
                website: self.website.clone(),
                security_contact: self.security_contact.clone(),
                details: self.details.clone(),
            }),
            commission: Some(CommissionRates {
                rate: self.commission_rate.to_proto(),
                max_rate: self.commission_max_rate.to_proto(),
                max_change_rate: self.commission_max_change_rate.to_proto(),
            }),
            min_self_delegation: self.min_self_delegation.clone(),
            validator_address: record.address().to_bech32(VALOPER_PREFIX),
            pubkey: Some(self.consensus_key(home)?),
            value: Some(value.to_proto()),
            ..MsgCreateValidator::default()
        };
        Ok(unsigned(&message, self.memo(node_id), self.gas))
    }

    fn consensus_key(&self, home: &Home) -> Result<Any> {
        let Some(text) = &self.pubkey else {
            let key = Key::read(&home.config("priv_validator_key.json"))?;
            return Ok(openledger_staking::key_to_any(&ConsensusKey::Ed25519(key.public().to_vec())));
        };
        let example = r#"{"@type":"/cosmos.crypto.ed25519.PubKey","key":"<base64>"}"#;
        let wrong = || format!("--pubkey {text}: write {example}, as `openledgerd comet show-validator` prints it");
        let json: Value = serde_json::from_str(text).with_context(wrong)?;
        let bytes = walker::from_json(&Any::full_name(), &json).with_context(wrong)?;
        Any::decode(bytes.as_slice()).with_context(wrong)
    }

    fn memo(&self, node_id: &str) -> String {
        match self.ip.clone().or_else(own_address) {
            Some(ip) if !ip.is_empty() => format!("{node_id}@{ip}:{}", self.p2p_port),
            _ => {
                eprintln!("failed to retrieve an external IP; the tx's memo field will be unset");
                String::new()
            }
        }
    }
}

impl CollectGentxs {
    pub(super) fn run(self, home: &Home) -> Result<()> {
        home.require()?;
        let mut genesis = AppGenesis::read(&home.genesis())?;
        let folder = self.gentx_dir.unwrap_or_else(|| home.config("gentx"));
        let (own, runtime) = (moniker(home)?, Runtime::default());
        let (mut txs, mut peers) = (Vec::new(), Vec::new());
        for path in files(&folder)? {
            let read = || -> Result<(Value, GenTx)> {
                let json: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
                let tx = GenTx::parse(&json, runtime.router())?;
                app_state::check_funds(&genesis.app_state, &tx.operator()?, &tx.value()?)?;
                Ok((json, tx))
            };
            let (json, tx) = read().with_context(|| format!("the genesis transaction {}", path.display()))?;
            // Not this node itself.
            if !tx.memo.is_empty() && tx.msg.description.is_some_and(|description| description.moniker != own) {
                peers.push(tx.memo);
            }
            txs.push(json);
        }
        ensure!(!txs.is_empty(), "there must be at least one genesis tx: {} has none", folder.display());
        peers.sort();
        set_persistent_peers(home, &peers.join(","))?;
        genesis.app_state.insert(genutil::NAME.into(), json!({ "gen_txs": txs }));
        genesis.consensus.validators.clear();
        genesis.write(&home.genesis())?;
        let summary = json!({
            "moniker": own,
            "chain_id": genesis.chain_id,
            "node_id": Key::read(&home.config("node_key.json"))?.node_id(),
            "gentxs_dir": folder,
            "app_message": genesis.app_state,
        });
        eprintln!("{summary:#}");
        Ok(())
    }
}

/// The transaction that makes a validator; `memo` is where its node's peers find it.
pub(super) fn unsigned(message: &MsgCreateValidator, memo: String, gas_limit: u64) -> Tx {
    let body = TxBody { messages: vec![any(message)], memo, ..TxBody::default() };
    let auth_info = AuthInfo { fee: Some(Fee { gas_limit, ..Fee::default() }), ..AuthInfo::default() };
    Tx { body: Some(body), auth_info: Some(auth_info), signatures: Vec::new() }
}

/// Signs such a transaction; as JSON. What InitChain would refuse is refused here.
pub(super) fn signed(mut tx: Tx, operator: &Record, chain_id: &str) -> Result<Value> {
    // Accounts of a genesis sign with number and sequence 0.
    let signer = Signer { chain_id, account_number: 0, sequence: 0 };
    signing::sign(&mut tx, operator, signer, SignMode::Direct, true)?;
    let json = document::to_json(&tx)?;
    GenTx::parse(&json, Runtime::default().router())?;
    Ok(json)
}

/// The files that end with `.json`, in order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading the folder {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    Ok(paths)
}

fn moniker(home: &Home) -> Result<String> {
    let config: toml::Table = std::fs::read_to_string(home.config("config.toml"))?.parse()?;
    let moniker = config.get("moniker").and_then(toml::Value::as_str);
    Ok(moniker.context("config.toml has no moniker")?.into())
}

fn set_persistent_peers(home: &Home, peers: &str) -> Result<()> {
    let path = home.config("config.toml");
    let mut config: toml_edit::DocumentMut = std::fs::read_to_string(&path)?.parse()?;
    config["p2p"]["persistent_peers"] = toml_edit::value(peers);
    crate::node::home::write_file(&path, config.to_string().as_bytes(), 0o644)
}

/// Writes a file that must not be there yet: somebody signed the one that is.
fn write_new(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.with_context(|| format!("making the file {}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// The address from which this machine would send to others; nothing is sent.
fn own_address() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified() && !address.is_loopback()).then(|| address.to_string())
}
