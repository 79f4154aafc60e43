//! `genesis`: checks and edits `config/genesis.json`.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Subcommand};
use openledger_auth::vesting::{Schedule, Vesting};
use openledger_client::Keyring;
use openledger_core::{Address, Coins};

use super::gentx::{CollectGentxs, Gentx};
use super::Global;
use crate::node::allocation::{Allocation, Holder};
use crate::node::dry_run::dry_run;
use crate::node::{app_state, AppGenesis, ClientConfig, Home};
use crate::runtime::Runtime;

/// The verbs.
#[derive(Subcommand)]
pub enum Genesis {
    /// Add an account with a balance
    AddGenesisAccount(AddGenesisAccount),
    /// Make the transaction with which a validator stands in the genesis, signed
    Gentx(Box<Gentx>),
    /// Put such transactions of all validators into the genesis
    CollectGentxs(CollectGentxs),
    /// Give OPEN to its first holders as the main network does: 1,000,000,000 in five categories, most of it vesting
    MainnetTemplate(MainnetTemplate),
    /// Check a genesis by all that a chain would refuse at its start [default: the node's own]
    #[command(alias = "validate-genesis")]
    Validate(Validate),
    /// Verbs of `simd` that this chain has no use for yet; each says what to do instead
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// `genesis add-genesis-account`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  openledgerd genesis add-genesis-account alice 1000000000000000000000aopen
  openledgerd genesis add-genesis-account open1… 5aopen --append
  # 900 of the 1000 vest evenly within a year; without --vesting-start-time all at the end:
  openledgerd genesis add-genesis-account open1… 1000aopen --vesting-amount 900aopen \\
    --vesting-start-time 1798761600 --vesting-end-time 1830297600")]
pub struct AddGenesisAccount {
    /// An address, or the name of a key in the keyring
    account: String,
    /// Its balance, e.g. 1000000000000000000aopen
    coins: String,
    /// Where keys are [default: that of config/client.toml]
    #[arg(long = "keyring-backend", env = "OPENLEDGERD_KEYRING_BACKEND", value_name = "BACKEND")]
    keyring_backend: Option<String>,
    /// The folder that holds the keyring's [default: --home]
    #[arg(long = "keyring-dir", value_name = "FOLDER")]
    keyring_dir: Option<PathBuf>,
    /// Add to the balance of an account that is there
    #[arg(long)]
    append: bool,
    /// How much of the balance vests
    #[arg(long = "vesting-amount", default_value = "", hide_default_value = true, value_name = "COINS")]
    vesting_amount: String,
    /// When it begins to vest evenly, in seconds since 1970 [default: it vests all at the end]
    #[arg(long = "vesting-start-time", default_value_t = 0, hide_default_value = true, value_name = "SECONDS")]
    vesting_start_time: i64,
    /// When all of it has vested, in seconds since 1970
    #[arg(long = "vesting-end-time", default_value_t = 0, hide_default_value = true, value_name = "SECONDS")]
    vesting_end_time: i64,
    /// As `simd` has it: modules have their accounts here by themselves
    #[arg(long = "module-name", hide = true, value_name = "MODULE")]
    module_name: Option<String>,
}

/// `genesis mainnet-template`.
#[derive(Args)]
#[command(after_help = "\
The table is cometbft-config/allocation.json: community, ecosystem, investors, team, liquidity. Schedules begin with the genesis's
time. Examples:
  openledgerd genesis mainnet-template community=open1… ecosystem=open1… investors=open1… team=open1… liquidity=open1…
  # Several holders of a category say how much in OPEN is whose:
  openledgerd genesis mainnet-template … team=open1…:100000000 team=open1…:50000000")]
pub struct MainnetTemplate {
    /// Whose a category is; every category is given away in full
    #[arg(required = true, value_name = "CATEGORY=ADDRESS[:OPEN]")]
    holders: Vec<String>,
}

/// `genesis validate`.
#[derive(Args)]
#[command(after_help = "Examples:\n  openledgerd genesis validate\n  openledgerd genesis validate exported.json")]
pub struct Validate {
    /// The file
    file: Option<PathBuf>,
}

impl Genesis {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        match self {
            Self::AddGenesisAccount(verb) => verb.run(&global.home()?),
            Self::Gentx(verb) => verb.run(&global.home()?),
            Self::CollectGentxs(verb) => verb.run(&global.home()?),
            Self::MainnetTemplate(verb) => verb.run(&global.home()?),
            Self::Validate(verb) => verb.run(&global.home()?),
            Self::Other(line) => other(line.first().map(String::as_str).unwrap_or_default()),
        }
    }
}

/// Why there is no such verb.
fn other(verb: &str) -> Result<()> {
    match verb {
        "migrate" => bail!(
            "genesis migrate: there is no earlier version to migrate from; a genesis whose validators stand in `validators` and not in \
             consensus.validators is read as well"
        ),
        "bulk-add-genesis-account" => {
            bail!("genesis bulk-add-genesis-account: call genesis add-genesis-account once for each account")
        }
        other => bail!(
            "unrecognized subcommand {other:?}: genesis has add-genesis-account, gentx, collect-gentxs, mainnet-template and validate"
        ),
    }
}

impl AddGenesisAccount {
    fn run(self, home: &Home) -> Result<()> {
        ensure!(
            self.module_name.as_deref().unwrap_or_default().is_empty(),
            "--module-name: the chain makes its modules' accounts by itself; coins for one are sent to it when the chain runs"
        );
        let address = self.address(home)?;
        let coins: Coins = self.coins.parse()?;
        ensure!(!coins.is_empty(), "{:?} is no balance: write e.g. 1000000000000000000aopen", self.coins);
        let mut genesis = AppGenesis::read(&home.genesis())?;
        match self.vesting()? {
            None => app_state::add_account(&mut genesis.app_state, &address, &coins, self.append)?,
            Some(vesting) => app_state::add_vesting_account(&mut genesis.app_state, &address, &coins, vesting)?,
        }
        genesis.write(&home.genesis())
    }

    /// What vests of the balance, as `simd`'s flags say it.
    fn vesting(&self) -> Result<Option<Vesting>> {
        let original: Coins = self.vesting_amount.parse()?;
        let (start, end) = (self.vesting_start_time, self.vesting_end_time);
        if original.is_empty() {
            ensure!(start == 0 && end == 0, "--vesting-start-time and --vesting-end-time: name a --vesting-amount too");
            return Ok(None);
        }
        let schedule = match (start, end) {
            (_, 0) => bail!("invalid vesting parameters; must supply start and end time or end time"),
            (0, end) => Schedule::Delayed { end },
            (start, end) => {
                ensure!(start < end, "--vesting-start-time {start} is not before --vesting-end-time {end}");
                Schedule::Continuous { start, end }
            }
        };
        Ok(Some(Vesting::new(original, schedule)?))
    }

    fn address(&self, home: &Home) -> Result<Address> {
        if let Ok(address) = self.account.parse() {
            return Ok(address);
        }
        let default = ClientConfig::read(home)?.keyring_backend;
        let backend = self.keyring_backend.as_deref().unwrap_or(&default);
        let folder = self.keyring_dir.as_deref().unwrap_or(home.root());
        let record = Keyring::open(folder, backend)?.record(&self.account);
        Ok(record
            .with_context(|| format!("{:?} is neither an address (open1…) nor the name of a key", self.account))?
            .address())
    }
}

impl MainnetTemplate {
    fn run(self, home: &Home) -> Result<()> {
        let holders = self.holders.iter().map(|text| Holder::read(text)).collect::<Result<Vec<_>>>()?;
        let mut genesis = AppGenesis::read(&home.genesis())?;
        let time: prost_types::Timestamp = genesis.genesis_time.parse().context("the genesis_time of the genesis")?;
        Allocation::read()?.write(&mut genesis.app_state, &holders, time.seconds)?;
        genesis.write(&home.genesis())
    }
}

impl Validate {
    fn run(self, home: &Home) -> Result<()> {
        let path = self.file.unwrap_or_else(|| home.genesis());
        let genesis = AppGenesis::read(&path)?;
        Runtime::default().validate_genesis(&genesis.app_state)?;
        // What modules are to each other is seen when the state is made.
        dry_run(&genesis)?;
        println!("File at {} is a valid genesis file", path.display());
        Ok(())
    }
}
