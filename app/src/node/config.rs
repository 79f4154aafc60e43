//! `config/app.toml` and `config/client.toml`: settings of the application, and of the commands that talk to a node. Flags and
//! environment variables win over both (`cli/`).

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use openledger_store::Pruning;
use serde::de::DeserializeOwned;
use serde::Deserialize;

use super::home::Home;
use crate::doors::settings::{Api, Grpc, GrpcWeb};
use crate::execution::GasPrices;

/// All settings; what the file leaves out has the default of the template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AppConfig {
    /// What CheckTx asks of a fee, e.g. `"0.1aopen"`.
    pub minimum_gas_prices: String,
    /// The most gas of one query or simulation.
    pub query_gas_limit: u64,
    /// `default`, `nothing`, `everything` or `custom`; see [`AppConfig::pruning`].
    pub pruning: String,
    /// How many states `custom` keeps.
    pub pruning_keep_recent: u64,
    /// Every how many blocks `custom` prunes.
    pub pruning_interval: u64,
    /// The last height that is executed; 0 for none.
    pub halt_height: u64,
    /// The last block time that is executed, in seconds since 1970; 0 for none.
    pub halt_time: u64,
    /// How many blocks CometBFT keeps; 0 for all.
    pub min_retain_blocks: u64,
    /// Every how many blocks invariants are checked; 0 for never.
    pub inv_check_period: u64,
    /// Whether blocks are executed while they are voted on.
    pub optimistic_execution: bool,
    /// Figures for Prometheus.
    pub telemetry: Telemetry,
    /// The state's store.
    pub store: Store,
    /// Snapshots for state sync.
    pub state_sync: StateSync,
    /// The ABCI server.
    pub abci: Abci,
    /// The consensus engine.
    pub comet: Comet,
    /// The REST server.
    pub api: Api,
    /// The gRPC server.
    pub grpc: Grpc,
    /// gRPC-web.
    pub grpc_web: GrpcWeb,
}

/// Defaults of the commands that talk to a node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClientConfig {
    /// The chain that transactions are signed for.
    pub chain_id: String,
    /// Where keys are.
    pub keyring_backend: String,
    /// `text` or `json`.
    pub output: String,
    /// CometBFT's RPC.
    pub node: String,
    /// `sync` or `async`.
    pub broadcast_mode: String,
}

/// The store's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Store {
    /// What the state's trees may take in memory, in MiB; 0: no limit.
    pub memory_limit_mb: u64,
}

/// Snapshots for state sync.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StateSync {
    /// Every how many heights one is made; 0 never.
    pub snapshot_interval: u64,
    /// How many are kept; 0 all.
    pub snapshot_keep_recent: u32,
}

/// The ABCI server's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Abci {
    /// The longest message in bytes.
    pub max_message_bytes: usize,
}

/// Figures for Prometheus.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Telemetry {
    /// Whether there are any.
    pub enabled: bool,
    /// The SDK's second switch: 0 serves none, any other number serves them; they are never forgotten.
    pub prometheus_retention_time: u64,
    /// Where they are served.
    pub address: String,
}

/// The consensus engine's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Comet {
    /// Its binary; empty to look for it.
    pub bin: PathBuf,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            minimum_gas_prices: "0aopen".into(),
            query_gas_limit: 300_000_000,
            pruning: "default".into(),
            pruning_keep_recent: 0,
            pruning_interval: 0,
            halt_height: 0,
            halt_time: 0,
            min_retain_blocks: 0,
            inv_check_period: 0,
            optimistic_execution: true,
            telemetry: Telemetry::default(),
            store: Store::default(),
            state_sync: StateSync::default(),
            abci: Abci::default(),
            comet: Comet::default(),
            api: Api::default(),
            grpc: Grpc::default(),
            grpc_web: GrpcWeb::default(),
        }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            chain_id: String::new(),
            keyring_backend: "test".into(),
            output: "text".into(),
            node: "tcp://127.0.0.1:26657".into(),
            broadcast_mode: "sync".into(),
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { enabled: false, prometheus_retention_time: 60, address: "127.0.0.1:26661".into() }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { memory_limit_mb: 1_024 }
    }
}

impl Default for StateSync {
    fn default() -> Self {
        Self { snapshot_interval: 0, snapshot_keep_recent: 2 }
    }
}

impl Default for Abci {
    fn default() -> Self {
        Self { max_message_bytes: crate::abci::Options::default().max_message_bytes }
    }
}

/// A file of settings; the defaults where there is none.
fn read<T: DeserializeOwned + Default>(home: &Home, name: &str) -> Result<T> {
    let path = home.config(name);
    if !path.exists() {
        return Ok(T::default());
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is wrong", path.display()))
}

impl ClientConfig {
    /// Reads the home's `client.toml`; the defaults where there is none.
    pub fn read(home: &Home) -> Result<Self> {
        let config: Self = read(home, "client.toml")?;
        config.check().with_context(|| format!("{} is wrong", home.config("client.toml").display()))?;
        Ok(config)
    }

    /// Refuses values that no command takes.
    pub fn check(&self) -> Result<()> {
        self.keyring_backend.parse::<openledger_client::keyring::Backend>()?;
        let Self { output, broadcast_mode, .. } = self;
        ensure!(matches!(output.as_str(), "text" | "json"), "output {output:?} is unknown: choose text or json");
        ensure!(
            matches!(broadcast_mode.as_str(), "sync" | "async"),
            "broadcast-mode {broadcast_mode:?} is unknown: choose sync or async"
        );
        Ok(())
    }
}

impl AppConfig {
    /// Reads the home's `app.toml`; the defaults where there is none.
    pub fn read(home: &Home) -> Result<Self> {
        read(home, "app.toml")
    }

    /// Where metrics are served, if they are.
    pub fn metrics_address(&self) -> Option<&str> {
        let Telemetry { enabled, prometheus_retention_time, address } = &self.telemetry;
        (*enabled && *prometheus_retention_time > 0).then_some(address.as_str())
    }

    /// What this node asks of a fee.
    pub fn gas_prices(&self) -> Result<GasPrices> {
        let prices: GasPrices = self.minimum_gas_prices.parse().context("minimum-gas-prices")?;
        ensure!(
            prices != GasPrices::default(),
            "minimum-gas-prices is empty: set what this node asks of a fee in app.toml or with --minimum-gas-prices, e.g. \
             1000000aopen (0aopen takes transactions without a fee)"
        );
        Ok(prices)
    }

    /// Refuses values that `start` does not take.
    pub fn check(&self) -> Result<()> {
        self.gas_prices()?;
        self.pruning().map(drop)
    }

    /// The pruning strategy (SDK v0.50 `server/pruning.go`).
    pub fn pruning(&self) -> Result<Pruning> {
        match self.pruning.to_lowercase().as_str() {
            "default" => Ok(Pruning::DEFAULT),
            "everything" => Ok(Pruning::EVERYTHING),
            "nothing" => Ok(Pruning::NOTHING),
            "custom" => Pruning::custom(self.pruning_keep_recent, self.pruning_interval)
                .context("invalid custom pruning options"),
            other => bail!("unknown pruning strategy {other}: choose default, nothing, everything or custom"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_hold_the_defaults() {
        let template: AppConfig = toml::from_str(include_str!("../../../cometbft-config/app.toml")).unwrap();
        assert_eq!(template, AppConfig::default());
        let template = include_str!("../../../cometbft-config/client.toml").replace("{{chain_id}}", "\"\"");
        assert_eq!(toml::from_str::<ClientConfig>(&template).unwrap(), ClientConfig::default());
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let error = toml::from_str::<AppConfig>("minimum-gas-price = \"1aopen\"").unwrap_err();
        assert!(error.to_string().contains("minimum-gas-price"), "{error}");
    }

    #[test]
    fn pruning_strategies_are_the_sdk_s() {
        let strategy = |text: &str| toml::from_str::<AppConfig>(text).unwrap().pruning();
        assert_eq!(strategy("").unwrap(), Pruning::DEFAULT);
        assert_eq!(strategy("pruning = \"nothing\"").unwrap(), Pruning::NOTHING);
        assert_eq!(strategy("pruning = \"Everything\"").unwrap(), Pruning::EVERYTHING);
        let custom = "pruning = \"custom\"\npruning-keep-recent = 100\npruning-interval = 10";
        assert_eq!(strategy(custom).unwrap(), Pruning::custom(100, 10).unwrap());
        let error = format!("{:#}", strategy("pruning = \"custom\"").unwrap_err());
        assert!(error.starts_with("invalid custom pruning options: 'pruning-interval' must not be 0"), "{error}");
        assert!(strategy("pruning = \"some\"").unwrap_err().to_string().contains("everything"));
    }
}
