//! `export`: the state at a height as a genesis, from which a new chain can start (SDK v0.50 `server/export.go`).
//!
//! The node must be stopped: its database has one reader and writer. `genesis_time` becomes the exported block's time (the SDK keeps
//! the old chain's), so that time never goes back for the modules.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{bail, ensure, Context as _, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use clap::Args;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, ConsensusKey, Context, GasMeter};
use openledger_proto::tendermint::types::ConsensusParams;
use prost_types::Timestamp;
use serde_json::{json, Map, Value};

use super::output::document;
use super::Global;
use crate::execution::{Chain, Config};
use crate::node::genesis::{Consensus, PublicKey, Validator};
use crate::node::AppGenesis;
use crate::runtime::{begin_unused_anew, Runtime};

/// See the file's head.
#[derive(Args)]
#[command(after_help = "\
The new chain goes on at the next height (initial_height), under the chain id that you give it. Stop the node first.
Modules that are left out begin with their defaults. A chain begins from such a part only where what is left out held no money
(`openledgerd genesis validate` tells): its account would hold what nobody is owed.

Examples:
  openledgerd export --output-document exported.json
  openledgerd export --height 1000 --modules-to-export auth,bank,consensus
  # From height 1, with one of the validators; the others are jailed:
  openledgerd export --for-zero-height --jail-allowed-addrs openvaloper1…
  # A new chain from it, with the same validators:
  openledgerd init new --home new-home && cp exported.json new-home/config/genesis.json
  cp config/priv_validator_key.json new-home/config/ && openledgerd start --home new-home")]
pub struct Export {
    /// The height that is exported; -1: the last
    #[arg(long, value_name = "HEIGHT", default_value_t = -1, allow_negative_numbers = true)]
    height: i64,
    /// Let the new chain start at height 1: everybody is paid what is owed, and what counts from heights counts from 0. Refused where
    /// contributors, datanets, models, attribution or IBC hold anything: their heights were signed or are compared
    #[arg(long = "for-zero-height")]
    for_zero_height: bool,
    /// With --for-zero-height: the validators that may go on (openvaloper1…, comma-separated); all others are jailed [default: all may]
    #[arg(long = "jail-allowed-addrs", value_name = "ADDRESSES", value_delimiter = ',', requires = "for_zero_height")]
    jail_allowed_addrs: Vec<String>,
    /// The modules that are exported, comma-separated; the others start with their defaults [default: all]
    #[arg(long = "modules-to-export", value_name = "MODULES", value_delimiter = ',')]
    modules: Vec<String>,
    /// Write the genesis to this file, not to standard output
    #[arg(long = "output-document", value_name = "FILE")]
    output_document: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        home.require()?;
        let allowed = self.allowed()?;
        let height = match self.height {
            -1 => 0,
            height => u64::try_from(height)
                .ok()
                .filter(|height| *height > 0)
                .with_context(|| format!("--height {height}: name a height from 1 on, or -1 for the last"))?,
        };
        let _lock = home.lock()?;
        let genesis = AppGenesis::read(&home.genesis())?;
        let path = home.application_db();
        ensure!(path.exists(), "{} is missing: no block was committed here, so there is no state", path.display());
        let config = Config::new(genesis.chain_id.as_str());
        let chain =
            Chain::open(&path, Runtime::default(), config).with_context(|| format!("opening {}", path.display()))?;
        let exported = self.export(&chain, genesis, height, allowed.as_ref())?;
        document(&serde_json::to_string(&exported)?, self.output_document.as_deref())
    }

    /// The validators that may go on; `None`: all.
    fn allowed(&self) -> Result<Option<BTreeSet<Address>>> {
        let read = |text: &String| {
            Address::from_bech32(text.trim(), VALOPER_PREFIX)
                .with_context(|| format!("--jail-allowed-addrs {text}: name operators of validators (openvaloper1…)"))
        };
        let allowed = self.jail_allowed_addrs.iter().map(read).collect::<Result<BTreeSet<_>>>()?;
        Ok((!allowed.is_empty()).then_some(allowed))
    }

    fn export(
        &self,
        chain: &Chain,
        genesis: AppGenesis,
        height: u64,
        allowed: Option<&BTreeSet<Address>>,
    ) -> Result<AppGenesis> {
        let (mut state, block) = chain.state_at(height).context("error exporting state")?;
        let runtime = chain.runtime();
        if self.for_zero_height {
            runtime.begin_anew(&mut state, &block, allowed).context("--for-zero-height")?;
        }
        let ctx = Context::query(&state, &block, GasMeter::infinite());
        let mut app_state = self.chosen(runtime.export_genesis(&ctx)?)?;
        if self.for_zero_height {
            begin_unused_anew(&mut app_state, &runtime.default_genesis()?)?;
        }
        let next = i64::try_from(block.height.saturating_add(1)).context("the height is too large")?;
        let params = params_json(&runtime.consensus.params(&ctx)?);
        let name = |address: &str| {
            let known = genesis.consensus.validators.iter();
            let mut known = known.filter(|validator| validator.address.eq_ignore_ascii_case(address));
            known.next().map(|validator| validator.name.clone()).unwrap_or_default()
        };
        let mut validators = Vec::new();
        for validator in runtime.consensus.validator_set(&ctx)? {
            let address = hex::encode_upper(validator.address.as_bytes());
            validators.push(Validator {
                name: name(&address),
                address,
                pub_key: public_key(&validator.key),
                power: i64::try_from(validator.power)?,
            });
        }
        let time = Timestamp { seconds: block.time_seconds, nanos: i32::try_from(block.time_nanos)? };
        Ok(AppGenesis {
            app_name: "openledgerd".into(),
            app_version: env!("CARGO_PKG_VERSION").into(),
            genesis_time: time.to_string(),
            initial_height: if self.for_zero_height { 0 } else { next },
            app_hash: None,
            app_state,
            consensus: Consensus { validators, params: Some(params) },
            ..genesis
        })
    }

    /// Of a whole state, the modules that were asked for.
    fn chosen(&self, mut state: Map<String, Value>) -> Result<Map<String, Value>> {
        if self.modules.is_empty() {
            return Ok(state);
        }
        if let Some(unknown) = self.modules.iter().find(|module| !state.contains_key(module.as_str())) {
            let known: Vec<&str> = state.keys().map(String::as_str).collect();
            bail!("--modules-to-export: there is no module {unknown:?}; this chain has {}", known.join(", "));
        }
        state.retain(|module, _| self.modules.contains(module));
        Ok(state)
    }
}

fn public_key(key: &ConsensusKey) -> PublicKey {
    let (kind, bytes) = match key {
        ConsensusKey::Ed25519(bytes) => ("tendermint/PubKeyEd25519", bytes),
        ConsensusKey::Secp256k1(bytes) => ("tendermint/PubKeySecp256k1", bytes),
    };
    PublicKey { kind: kind.into(), value: BASE64.encode(bytes) }
}

/// CometBFT's JSON of the parameters, which a genesis has: integers as text, durations in nanoseconds.
fn params_json(params: &ConsensusParams) -> Value {
    let block = params.block.unwrap_or_default();
    let evidence = params.evidence.unwrap_or_default();
    let age = evidence.max_age_duration.unwrap_or_default();
    let age = i128::from(age.seconds) * 1_000_000_000 + i128::from(age.nanos);
    let kinds = params.validator.clone().unwrap_or_default().pub_key_types;
    let version = params.version.unwrap_or_default();
    let abci = params.abci.unwrap_or_default();
    json!({
        "block": {"max_bytes": block.max_bytes.to_string(), "max_gas": block.max_gas.to_string()},
        "evidence": {
            "max_age_num_blocks": evidence.max_age_num_blocks.to_string(),
            "max_age_duration": age.to_string(),
            "max_bytes": evidence.max_bytes.to_string(),
        },
        "validator": {"pub_key_types": kinds},
        "version": {"app": version.app.to_string()},
        "abci": {"vote_extensions_enable_height": abci.vote_extensions_enable_height.to_string()},
    })
}
