//! `config/genesis.json`: the SDK's AppGenesis (v0.50 `x/genutil/types/genesis.go`), and CometBFT's own document made from it.
//!
//! CometBFT's GenesisDoc, the form of SDK 0.47 and before, is read as well. The document that CometBFT gets depends on the
//! AppGenesis alone, byte for byte: CometBFT compares its hash at every start.

use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use prost_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::home::write_file;
use super::keys;

/// The longest chain id that CometBFT admits.
pub const MAX_CHAIN_ID_BYTES: usize = 50;
const CONSENSUS_PARAMS: &str = include_str!("../../../cometbft-config/consensus_params.json");
const ED25519: &str = "tendermint/PubKeyEd25519";
const SECP256K1: &str = "tendermint/PubKeySecp256k1";

/// The genesis of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppGenesis {
    /// What wrote it.
    #[serde(default)]
    pub app_name: String,
    /// Its version.
    #[serde(default)]
    pub app_version: String,
    /// RFC 3339. No block is made before.
    pub genesis_time: String,
    /// The chain's id.
    pub chain_id: String,
    /// The first block's height; 0 and nothing mean 1.
    #[serde(default, deserialize_with = "number")]
    pub initial_height: i64,
    /// The app hash before the first block, base64 here and hexadecimal in CometBFT's document.
    #[serde(default)]
    pub app_hash: Option<String>,
    /// The modules' genesis by name.
    pub app_state: Map<String, Value>,
    /// What consensus starts from.
    pub consensus: Consensus,
}

/// Validators and limits of the first block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consensus {
    /// The validators; none where the modules name them at InitChain.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<Validator>,
    /// CometBFT's ConsensusParams; CometBFT's defaults where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
}

/// A validator from the first block on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validator {
    /// Hexadecimal; derived from the key where it is empty.
    #[serde(default)]
    pub address: String,
    /// The consensus key.
    pub pub_key: PublicKey,
    /// Voting power.
    #[serde(deserialize_with = "number", serialize_with = "string")]
    pub power: i64,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// A consensus key as CometBFT's JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Base64.
    pub value: String,
}

/// The form of SDK 0.47 and before, which is CometBFT's own.
#[derive(Serialize, Deserialize)]
struct GenesisDoc {
    genesis_time: String,
    chain_id: String,
    #[serde(default, deserialize_with = "number", serialize_with = "string")]
    initial_height: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consensus_params: Option<Value>,
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    validators: Vec<Validator>,
    #[serde(default)]
    app_hash: String,
    app_state: Map<String, Value>,
}

/// A genesis file of which nothing but the chain's id is read: all that a node needs of it once CometBFT has its own document. A state
/// of a million accounts takes seconds and gigabytes to read.
pub struct Source {
    /// The chain's id.
    pub chain_id: String,
    bytes: Vec<u8>,
}

impl Source {
    /// Reads a file in either form.
    pub fn read(path: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            chain_id: String,
        }
        let bytes = std::fs::read(path).with_context(|| format!("reading the genesis {}", path.display()))?;
        let wrong = || format!("the genesis {} is wrong", path.display());
        let Head { chain_id } = serde_json::from_slice(&bytes).with_context(wrong)?;
        check_chain_id(&chain_id).with_context(wrong)?;
        Ok(Self { chain_id, bytes })
    }

    /// SHA-256 of its bytes, in hexadecimal.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    /// The whole of it, checked.
    pub fn parse(&self) -> Result<AppGenesis> {
        AppGenesis::parse(&self.bytes)
    }
}

impl AppGenesis {
    /// The genesis of a new chain that starts now, with this chain's own limits.
    pub fn new(
        chain_id: &str,
        initial_height: i64,
        validator: Validator,
        app_state: Map<String, Value>,
    ) -> Result<Self> {
        let mut genesis = Self::without_validators(chain_id, app_state)?;
        genesis.initial_height = initial_height;
        genesis.consensus.validators.push(validator);
        Ok(genesis)
    }

    /// The genesis of a new chain whose validators are made by transactions in it.
    pub fn without_validators(chain_id: &str, app_state: Map<String, Value>) -> Result<Self> {
        let consensus = Consensus { validators: Vec::new(), params: Some(serde_json::from_str(CONSENSUS_PARAMS)?) };
        Ok(Self {
            app_name: "openledgerd".into(),
            app_version: env!("CARGO_PKG_VERSION").into(),
            genesis_time: Timestamp::from(std::time::SystemTime::now()).to_string(),
            chain_id: chain_id.into(),
            initial_height: 1,
            app_hash: None,
            app_state,
            consensus,
        })
    }

    /// Reads and checks a file in either form.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("reading the genesis {}", path.display()))?;
        Self::parse(&bytes).with_context(|| format!("the genesis {} is wrong", path.display()))
    }

    /// Reads and checks either form; the modules' part is checked by [`super::app_state`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let value: Value = serde_json::from_slice(bytes).context("it is no JSON")?;
        let app_genesis = value.get("consensus").is_some();
        let mut genesis = if app_genesis { serde_json::from_value(value)? } else { Self::from_doc(value)? };
        genesis.check()?;
        if genesis.initial_height == 0 {
            genesis.initial_height = 1;
        }
        Ok(genesis)
    }

    fn from_doc(value: Value) -> Result<Self> {
        let doc: GenesisDoc = serde_json::from_value(value)?;
        let app_hash = hex::decode(&doc.app_hash).context("app_hash is no hexadecimal")?;
        Ok(Self {
            app_name: "openledgerd".into(),
            app_version: String::new(),
            genesis_time: doc.genesis_time,
            chain_id: doc.chain_id,
            initial_height: doc.initial_height,
            app_hash: (!app_hash.is_empty()).then(|| BASE64.encode(app_hash)),
            app_state: doc.app_state,
            consensus: Consensus { validators: doc.validators, params: doc.consensus_params },
        })
    }

    fn check(&self) -> Result<()> {
        let (id, height, time) = (&self.chain_id, self.initial_height, &self.genesis_time);
        check_chain_id(id)?;
        ensure!(height >= 0, "initial_height is {height} and must not be negative");
        time.parse::<Timestamp>()
            .map_err(|_| anyhow::anyhow!("genesis_time {time:?} is not like 2026-01-31T12:00:00Z"))?;
        self.app_hash_bytes()?;
        self.consensus.validators.iter().enumerate().try_for_each(|(index, validator)| {
            validator.check().with_context(|| format!("consensus.validators[{index}]"))
        })
    }

    fn app_hash_bytes(&self) -> Result<Vec<u8>> {
        BASE64.decode(self.app_hash.as_deref().unwrap_or_default()).context("app_hash is no base64")
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        write_file(path, text.as_bytes(), 0o644)
    }

    /// CometBFT's own document.
    pub fn to_comet(&self) -> Result<Vec<u8>> {
        let doc = GenesisDoc {
            genesis_time: self.genesis_time.clone(),
            chain_id: self.chain_id.clone(),
            initial_height: self.initial_height,
            consensus_params: self.consensus.params.clone(),
            validators: self.consensus.validators.clone(),
            app_hash: hex::encode_upper(self.app_hash_bytes()?),
            app_state: self.app_state.clone(),
        };
        Ok(serde_json::to_vec(&doc)?)
    }
}

/// Refuses what CometBFT would not take as a chain's id.
pub fn check_chain_id(id: &str) -> Result<()> {
    let length = id.len();
    ensure!(
        (1..=MAX_CHAIN_ID_BYTES).contains(&length),
        "chain_id {id:?} has {length} bytes and must have 1 to {MAX_CHAIN_ID_BYTES}"
    );
    Ok(())
}

impl Validator {
    /// The validator of an ed25519 key.
    pub fn new(key: &keys::Key, power: i64, name: &str) -> Self {
        let pub_key = PublicKey { kind: ED25519.into(), value: BASE64.encode(key.public()) };
        Self { address: hex::encode_upper(key.address()), pub_key, power, name: name.into() }
    }

    fn check(&self) -> Result<()> {
        ensure!(self.power > 0, "power is {} and must be positive", self.power);
        let key = BASE64.decode(&self.pub_key.value).context("pub_key.value is no base64")?;
        let (length, address) = match self.pub_key.kind.as_str() {
            ED25519 => (32, keys::address(&key)),
            SECP256K1 => (33, ripemd::Ripemd160::digest(Sha256::digest(&key)).to_vec()),
            other => bail!("pub_key.type {other:?} is unknown: {ED25519} and {SECP256K1} are supported"),
        };
        ensure!(key.len() == length, "pub_key has {} bytes and must have {length}", key.len());
        let right = hex::encode_upper(address);
        let matches = self.address.is_empty() || self.address.eq_ignore_ascii_case(&right);
        ensure!(matches, "address {} does not belong to the key, whose address is {right}", self.address);
        Ok(())
    }
}

/// An integer, which the SDK writes as a number and CometBFT as a string.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    number.ok_or_else(|| serde::de::Error::custom(format!("{value} is no integer of 64 bits")))
}

fn string<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Go writes an empty list as `null`.
fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Validator>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn genesis() -> AppGenesis {
        let state = json!({"bank": {"balances": []}}).as_object().unwrap().clone();
        AppGenesis::new("test-1", 1, Validator::new(&keys::Key::from_mnemonic("v"), 10, "val"), state).unwrap()
    }

    #[test]
    fn a_genesis_is_read_back_as_it_was_written_and_in_cometbft_s_form() {
        let folder = tempfile::tempdir().unwrap();
        let (path, genesis) = (folder.path().join("genesis.json"), genesis());
        genesis.write(&path).unwrap();
        assert_eq!(AppGenesis::read(&path).unwrap(), genesis);
        let from_doc = AppGenesis::parse(&genesis.to_comet().unwrap()).unwrap();
        assert_eq!(AppGenesis { app_version: genesis.app_version.clone(), ..from_doc }, genesis);
    }

    #[test]
    fn cometbft_s_document_has_its_forms_of_numbers_and_hashes() {
        let genesis = AppGenesis { app_hash: Some(BASE64.encode([0xab, 1])), initial_height: 7, ..genesis() };
        let doc: Value = serde_json::from_slice(&genesis.to_comet().unwrap()).unwrap();
        assert_eq!(doc["initial_height"], "7");
        assert_eq!(doc["app_hash"], "AB01");
        assert_eq!(doc["validators"][0]["power"], "10");
        assert_eq!(doc["consensus_params"]["block"]["max_bytes"], "4194304");
        assert_eq!(doc["app_state"]["bank"], json!({"balances": []}));
        assert!(doc.get("consensus").is_none());
    }

    #[test]
    fn what_go_writes_is_read() {
        // encoding/json sorts the keys of a map, writes int64 as numbers and empty slices as null.
        let text = r#"{"app_hash":null,"app_name":"simd","app_state":{},"app_version":"","chain_id":"c","consensus":{"params":null},
            "genesis_time":"2026-11-21T03:18:43.042980627Z","initial_height":1}"#;
        let genesis = AppGenesis::parse(text.as_bytes()).unwrap();
        assert_eq!((genesis.initial_height, genesis.consensus.validators.len()), (1, 0));
        let legacy = r#"{"genesis_time":"2026-11-21T03:18:43Z","chain_id":"c","initial_height":"0","validators":null,"app_hash":"","app_state":{}}"#;
        assert_eq!(AppGenesis::parse(legacy.as_bytes()).unwrap().initial_height, 1);
    }

    #[test]
    fn each_wrong_field_is_named() {
        let cases = [
            ("/chain_id", json!(""), "chain_id"),
            ("/chain_id", json!("x".repeat(51)), "51 bytes"),
            ("/initial_height", json!(-1), "negative"),
            ("/initial_height", json!("one"), "integer"),
            ("/genesis_time", json!("yesterday"), "yesterday"),
            ("/app_hash", json!("%"), "app_hash"),
            ("/consensus/validators/0/power", json!("0"), "positive"),
            ("/consensus/validators/0/address", json!("00"), "does not belong"),
            ("/consensus/validators/0/pub_key/value", json!("AAAA"), "3 bytes"),
            ("/consensus/validators/0/pub_key/type", json!("bls"), "bls"),
        ];
        let right = serde_json::to_value(genesis()).unwrap();
        for (pointer, value, text) in cases {
            let mut wrong = right.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            let error = AppGenesis::parse(wrong.to_string().as_bytes()).unwrap_err();
            assert!(format!("{error:#}").contains(text), "{pointer}: {error:#}");
        }
        assert!(AppGenesis::parse(b"{").is_err());
    }
}
