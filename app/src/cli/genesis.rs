//! `genesis`: checks and edits `config/genesis.json`.

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use clap::{Args, Subcommand};
use openledger_client::Keyring;
use openledger_core::{Address, Coins};

use super::gentx::{CollectGentxs, Gentx};
use super::Global;
use crate::node::{app_state, AppGenesis, ClientConfig, Home};
use crate::runtime::Runtime;

/// The verbs.
#[derive(Subcommand)]
pub enum Genesis {
    /// Add an account with a balance
    AddGenesisAccount(AddGenesisAccount),
    /// Make the transaction with which a validator stands in the genesis, signed
    Gentx(Gentx),
    /// Put such transactions of all validators into the genesis
    CollectGentxs(CollectGentxs),
    /// Check a genesis [default: the node's own]
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
  openledgerd genesis add-genesis-account open1… 5aopen --append")]
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
        other => bail!("unrecognized subcommand {other:?}: genesis has add-genesis-account, gentx, collect-gentxs and validate"),
    }
}

impl AddGenesisAccount {
    fn run(self, home: &Home) -> Result<()> {
        let address = self.address(home)?;
        let coins: Coins = self.coins.parse()?;
        ensure!(!coins.is_empty(), "{:?} is no balance: write e.g. 1000000000000000000aopen", self.coins);
        let mut genesis = AppGenesis::read(&home.genesis())?;
        app_state::add_account(&mut genesis.app_state, &address, &coins, self.append)?;
        genesis.write(&home.genesis())
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

impl Validate {
    fn run(self, home: &Home) -> Result<()> {
        let path = self.file.unwrap_or_else(|| home.genesis());
        let genesis = AppGenesis::read(&path)?;
        Runtime::default().validate_genesis(&genesis.app_state)?;
        println!("File at {} is a valid genesis file", path.display());
        Ok(())
    }
}
