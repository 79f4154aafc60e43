//! `start`: the whole node, or with `--with-comet=false` the application alone behind its ABCI socket.
//!
//! Each setting comes from its flag, else from its environment variable, else from `config/app.toml`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;

use super::simd_flags::SimdFlags;
use super::{Global, LogFormat};
use crate::abci::{Address, Options};
use crate::doors;
use crate::execution::{Chain, Config};
use crate::node::run::{raise_file_limit, CometPlan, Plan};
use crate::node::serve::serve;
use crate::node::{comet, log, AppConfig, Home, Source};
use crate::runtime::Runtime;
use crate::services;

/// See the file's head.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  openledgerd start\n  openledgerd start --grpc.address 0.0.0.0:9090 --minimum-gas-prices 1000000aopen\n  openledgerd start --with-comet=false --address unix:///tmp/abci.sock"
)]
pub struct Start {
    /// Run CometBFT as a child; =false serves ABCI alone
    #[arg(long = "with-comet", env = "OPENLEDGERD_WITH_COMET", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    with_comet: bool,
    /// How CometBFT talks to the application
    #[arg(long, env = "OPENLEDGERD_TRANSPORT", default_value = "socket", value_parser = ["socket"])]
    transport: String,
    /// Where ABCI is served: unix://PATH or tcp://HOST:PORT [default: a socket in the node's folder]
    #[arg(long, env = "OPENLEDGERD_ADDRESS")]
    address: Option<Address>,
    /// The cometbft binary [default: the first on the PATH, or in $HOME/go/bin]
    #[arg(long = "comet-bin", env = "OPENLEDGERD_COMET_BIN", value_name = "FILE")]
    comet_bin: Option<PathBuf>,
    /// Where CometBFT's RPC listens
    #[arg(long = "rpc.laddr", env = "OPENLEDGERD_RPC_LADDR", value_name = "ADDRESS")]
    rpc_laddr: Option<String>,
    /// Where CometBFT's profiler listens
    #[arg(long = "rpc.pprof_laddr", env = "OPENLEDGERD_RPC_PPROF_LADDR", value_name = "ADDRESS")]
    pprof_laddr: Option<String>,
    /// Where peers connect
    #[arg(long = "p2p.laddr", env = "OPENLEDGERD_P2P_LADDR", value_name = "ADDRESS")]
    p2p_laddr: Option<String>,
    /// Peers to stay connected with: id@host:port, comma-separated
    #[arg(long = "p2p.persistent_peers", env = "OPENLEDGERD_P2P_PERSISTENT_PEERS", value_name = "PEERS")]
    persistent_peers: Option<String>,
    /// Heights at which the plan of an upgrade is dropped instead of carried out, comma-separated; every validator has to do the same
    #[arg(
        long = "unsafe-skip-upgrades",
        env = "OPENLEDGERD_UNSAFE_SKIP_UPGRADES",
        value_name = "HEIGHTS",
        value_delimiter = ','
    )]
    unsafe_skip_upgrades: Vec<u64>,
    #[command(flatten)]
    simd: SimdFlags,
    #[command(flatten)]
    app: AppFlags,
}

/// Flags that stand for a setting of `app.toml`.
#[derive(Args)]
struct AppFlags {
    /// What CheckTx asks of a fee, e.g. 1000000aopen
    #[arg(long = "minimum-gas-prices", env = "OPENLEDGERD_MINIMUM_GAS_PRICES", value_name = "PRICES")]
    minimum_gas_prices: Option<String>,
    /// The most gas of one query or simulation
    #[arg(long = "query-gas-limit", env = "OPENLEDGERD_QUERY_GAS_LIMIT", value_name = "GAS")]
    query_gas_limit: Option<u64>,
    /// Which past heights are kept: default (362,880), nothing (all: an archive), everything (2) or custom
    #[arg(long, env = "OPENLEDGERD_PRUNING")]
    pruning: Option<String>,
    /// How many heights custom keeps, at least 2
    #[arg(long = "pruning-keep-recent", env = "OPENLEDGERD_PRUNING_KEEP_RECENT", value_name = "HEIGHTS")]
    pruning_keep_recent: Option<u64>,
    /// Every how many blocks custom removes the others, at least 10
    #[arg(long = "pruning-interval", env = "OPENLEDGERD_PRUNING_INTERVAL", value_name = "BLOCKS")]
    pruning_interval: Option<u64>,
    /// What the state's trees may take in memory, in MiB; 0 for no limit
    #[arg(long = "store.memory-limit-mb", env = "OPENLEDGERD_STORE_MEMORY_LIMIT_MB", value_name = "MIB")]
    store_memory_limit_mb: Option<u64>,
    /// Every how many heights a snapshot for state sync is made; 0 for never
    #[arg(
        long = "state-sync.snapshot-interval",
        env = "OPENLEDGERD_STATE_SYNC_SNAPSHOT_INTERVAL",
        value_name = "HEIGHTS"
    )]
    snapshot_interval: Option<u64>,
    /// How many snapshots for state sync are kept; 0 for all
    #[arg(
        long = "state-sync.snapshot-keep-recent",
        env = "OPENLEDGERD_STATE_SYNC_SNAPSHOT_KEEP_RECENT",
        value_name = "SNAPSHOTS"
    )]
    snapshot_keep_recent: Option<u32>,
    /// The last height that is executed; 0 for none
    #[arg(long = "halt-height", env = "OPENLEDGERD_HALT_HEIGHT", value_name = "HEIGHT")]
    halt_height: Option<u64>,
    /// The last block time that is executed, in seconds since 1970; 0 for none
    #[arg(long = "halt-time", env = "OPENLEDGERD_HALT_TIME", value_name = "SECONDS")]
    halt_time: Option<u64>,
    /// Check the modules' invariants every so many blocks, and stop where one is broken; 0 never
    #[arg(long = "inv-check-period", env = "OPENLEDGERD_INV_CHECK_PERIOD", value_name = "BLOCKS")]
    inv_check_period: Option<u64>,
    /// Execute blocks while they are voted on
    #[arg(long = "optimistic-execution", env = "OPENLEDGERD_OPTIMISTIC_EXECUTION", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    optimistic_execution: Option<bool>,
    /// Serve figures for Prometheus
    #[arg(long = "telemetry.enabled", env = "OPENLEDGERD_TELEMETRY_ENABLED", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    telemetry_enabled: Option<bool>,
    /// Where the figures are served
    #[arg(long = "telemetry.address", env = "OPENLEDGERD_TELEMETRY_ADDRESS", value_name = "ADDRESS")]
    telemetry_address: Option<String>,
    /// How many blocks CometBFT keeps; 0 for all
    #[arg(long = "min-retain-blocks", env = "OPENLEDGERD_MIN_RETAIN_BLOCKS", value_name = "BLOCKS")]
    min_retain_blocks: Option<u64>,
    #[command(flatten)]
    doors: doors::settings::Flags,
}

impl AppFlags {
    fn over(self, mut config: AppConfig) -> AppConfig {
        set(&mut config.minimum_gas_prices, self.minimum_gas_prices);
        set(&mut config.query_gas_limit, self.query_gas_limit);
        set(&mut config.pruning, self.pruning);
        set(&mut config.pruning_keep_recent, self.pruning_keep_recent);
        set(&mut config.pruning_interval, self.pruning_interval);
        set(&mut config.store.memory_limit_mb, self.store_memory_limit_mb);
        set(&mut config.state_sync.snapshot_interval, self.snapshot_interval);
        set(&mut config.state_sync.snapshot_keep_recent, self.snapshot_keep_recent);
        set(&mut config.halt_height, self.halt_height);
        set(&mut config.halt_time, self.halt_time);
        set(&mut config.min_retain_blocks, self.min_retain_blocks);
        set(&mut config.inv_check_period, self.inv_check_period);
        self.doors.over(&mut config.api, &mut config.grpc, &mut config.grpc_web);
        set(&mut config.optimistic_execution, self.optimistic_execution);
        set(&mut config.telemetry.enabled, self.telemetry_enabled);
        set(&mut config.telemetry.address, self.telemetry_address);
        config
    }
}

/// What the ABCI server takes: InitChain holds the whole genesis, however long that is.
fn longest_message(home: &Home, config: &AppConfig) -> Result<usize> {
    const BESIDE_THE_STATE: usize = 1 << 20;
    let path = home.genesis();
    let genesis = std::fs::metadata(&path).with_context(|| format!("reading {}", path.display()))?.len();
    let genesis = usize::try_from(genesis)?.saturating_add(BESIDE_THE_STATE);
    Ok(config.abci.max_message_bytes.max(genesis))
}

fn set<T>(setting: &mut T, flag: Option<T>) {
    if let Some(value) = flag {
        *setting = value;
    }
}

impl Start {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        self.simd.check()?;
        let home = global.home()?;
        home.require()?;
        raise_file_limit()?;
        let _lock = home.lock()?;
        let genesis = Source::read(&home.genesis())?;
        let flags = comet::Flags {
            rpc_laddr: self.rpc_laddr,
            pprof_laddr: self.pprof_laddr,
            p2p_laddr: self.p2p_laddr,
            persistent_peers: self.persistent_peers,
            log_level: global.log_level.as_deref().and_then(log::for_comet),
            log_json: global.log_format == LogFormat::Json,
        };
        let config = self.app.over(AppConfig::read(&home)?);
        let (mut comet, mut rpc_laddr) = (None, None);
        if self.with_comet {
            let named = self.comet_bin.as_deref().unwrap_or(&config.comet.bin);
            let flag = flags.rpc_laddr.clone();
            comet = Some(plan_comet(named, &home, &genesis, flags)?);
            let file = home.config("config.toml");
            let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            rpc_laddr = Some(services::comet::laddr(&text, flag.as_deref())?);
        }
        let runtime = Runtime::skipping_upgrades(self.unsafe_skip_upgrades.into_iter().collect());
        let chain_id = genesis.chain_id;
        let chain = open(&home, &chain_id, &config, runtime)?;
        let plan = Plan {
            address: self.address.unwrap_or_else(|| Address::Unix(home.socket())),
            options: Options { max_message_bytes: longest_message(&home, &config)?, ..Options::default() },
            comet,
        };
        tracing::info!(chain_id, height = chain.latest().height, "openledgerd {}", env!("CARGO_PKG_VERSION"));
        serve(chain, plan, &config, rpc_laddr.as_deref())
    }
}

fn plan_comet(named: &std::path::Path, home: &Home, genesis: &Source, flags: comet::Flags) -> Result<CometPlan> {
    let bin = comet::find(Some(named))?;
    let version = comet::version(&bin)?;
    tracing::info!(bin = %bin.display(), version, "found CometBFT");
    comet::prepare(home, genesis)?;
    Ok(CometPlan { bin, home: home.clone(), flags })
}

fn open(home: &Home, chain_id: &str, config: &AppConfig, runtime: Runtime) -> Result<Arc<Chain>> {
    let settings = Config {
        snapshot_folder: Some(home.snapshots()),
        upgrade_info: Some(home.data("upgrade-info.json")),
        ..settings(chain_id, config)?
    };
    let path = home.application_db();
    let chain = Chain::open(&path, runtime, settings).with_context(|| format!("opening {}", path.display()))?;
    Ok(Arc::new(chain))
}

/// What `app.toml` and flags say of the execution.
pub(super) fn settings(chain_id: &str, config: &AppConfig) -> Result<Config> {
    let min_gas_prices = config.gas_prices()?;
    if min_gas_prices.required(u64::MAX).is_empty() {
        tracing::warn!("minimum-gas-prices is {min_gas_prices}: anybody can fill this node's mempool without a fee");
    }
    Ok(Config {
        pruning: config.pruning()?,
        snapshot_interval: config.state_sync.snapshot_interval,
        snapshot_keep_recent: config.state_sync.snapshot_keep_recent,
        memory_limit: config.store.memory_limit_mb.saturating_mul(1 << 20),
        min_gas_prices,
        min_retain_blocks: config.min_retain_blocks,
        // 0 is no limit, as in the SDK.
        query_gas_limit: if config.query_gas_limit == 0 { u64::MAX } else { config.query_gas_limit },
        halt_height: config.halt_height,
        halt_time: config.halt_time,
        inv_check_period: config.inv_check_period,
        optimistic_execution: config.optimistic_execution,
        ..Config::new(chain_id)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::{CommandFactory, FromArgMatches, Parser};

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        start: Start,
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_win_over_the_file_and_booleans_are_written_as_simd_s() {
        let line = "x --with-comet=false --transport socket --address unix:///tmp/s --grpc.enable=false --api.enable \
                    --minimum-gas-prices 0.5aopen --halt-height 9 --halt-time 7 --unsafe-skip-upgrades 5,7 --optimistic-execution=false \
                    --telemetry.enabled --telemetry.address 127.0.0.1:0";
        let matches = Alone::command().try_get_matches_from(line.split_whitespace()).unwrap();
        let start = Alone::from_arg_matches(&matches).unwrap().start;
        assert!(!start.with_comet);
        assert_eq!(start.address, Some(Address::Unix("/tmp/s".into())));
        assert_eq!(start.unsafe_skip_upgrades, [5, 7]);
        let file = AppConfig { query_gas_limit: 5, ..AppConfig::default() };
        let config = start.app.over(file);
        assert_eq!((config.grpc.enable, config.api.enable, config.halt_height), (false, true, 9));
        assert_eq!((config.minimum_gas_prices.as_str(), config.query_gas_limit), ("0.5aopen", 5));
        assert_eq!((config.halt_time, config.optimistic_execution), (7, false));
        assert_eq!(config.metrics_address(), Some("127.0.0.1:0"));
        assert!(Alone::command().try_get_matches_from(["x", "--transport", "grpc"]).is_err());
    }
}
