//! The chain's modules: which there are, and THE order in which they act in genesis, in a block and in export. Nowhere else.
//!
//! Relies on each module being complete in itself. Guarantees that genesis comes in an order in which every module finds what it
//! builds on (accounts, then money, then what uses money).

mod zero_height;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openledger_attribution::Attribution;
use openledger_auth::Auth;
use openledger_authz::Authz;
use openledger_bank::Bank;
use openledger_circuit::Circuit;
use openledger_consensus::Consensus;
use openledger_contributor::Contributors;
use openledger_core::{Address, Coins, Context, Error, Module, Result, Router, SdkError, ValidatorUpdate};
use openledger_datanet::Datanets;
use openledger_distribution::Distribution;
use openledger_evidence::Evidence;
use openledger_feegrant::Feegrants;
use openledger_forward::Forwards;
use openledger_gov::Gov;
use openledger_ibc::{Application, Ibc};
use openledger_mint::Mint;
use openledger_model::Models;
use openledger_proto::walker;
use openledger_ratelimit::{Limited, RateLimits};
use openledger_slashing::Slashing;
use openledger_staking::{Hooks, Staking};
use openledger_store::StoreName;
use openledger_transfer::{Core, Port, Remote, Transfer};
use openledger_upgrade::{Migrations, Upgrade};
use openledger_vesting::VestingAccounts;
use serde_json::{Map, Value};

use crate::genutil::{self, GenTx};
use crate::upgrades;

pub use zero_height::begin_unused_anew;

/// Genesis and export: whoever stands later may use whoever stands earlier. The SDK's modules in the order of its simapp.
const GENESIS_ORDER: &[&str] = &[
    "auth",
    "bank",
    "consensus",
    "distribution",
    "staking",
    "slashing",
    "gov",
    "mint",
    "ibc",
    "evidence",
    "authz",
    "transfer",
    "ratelimit",
    "forward",
    "feegrant",
    "upgrade",
    "vesting",
    "circuit",
    "contributor",
    "datanet",
    "model",
    "attribution",
];
/// Before a block's transactions.
const BEGIN_BLOCK_ORDER: &[&str] = &[
    "upgrade",
    "mint",
    "distribution",
    "slashing",
    "evidence",
    "staking",
    "ibc",
    "authz",
    "auth",
    "bank",
    "consensus",
    "contributor",
    "datanet",
    "model",
    "attribution",
];
/// After a block's transactions.
const END_BLOCK_ORDER: &[&str] =
    &["gov", "staking", "feegrant", "auth", "bank", "consensus", "contributor", "datanet", "model", "attribution"];

const BANK: Bank = Bank { auth: Auth };
/// Distribution as staking's hooks have it: what it asks of staking calls no hooks.
static DISTRIBUTION: Distribution = Distribution { auth: Auth, bank: BANK, staking: staking(&[]) };
/// Slashing as staking's hooks have it, alike.
static SLASHING: Slashing = Slashing { staking: staking(&[]) };
/// IBC core as applications send and answer packets through it, which asks no application.
static CORE: Core = Core(Ibc { staking: staking(&[]), applications: &[] });
/// Transfers send through the limits, which count.
static LIMITS: RateLimits = RateLimits { bank: BANK, channels: &CORE };
const TRANSFERS: Transfer = Transfer { auth: Auth, bank: BANK, channels: &LIMITS };
static TRANSFER: Transfer = TRANSFERS;
/// The stack behind the port `transfer`, from below: tokens move, memos act, tokens go on, limits count.
static REMOTE: Remote = Remote { transfer: TRANSFERS, under: &TRANSFER };
static FORWARDS: Forwards = Forwards { transfer: TRANSFERS, under: &REMOTE };
static LIMITED: Limited = Limited { limits: RateLimits { bank: BANK, channels: &CORE }, under: &FORWARDS };
static TRANSFER_PORT: Port = Port { transfer: TRANSFERS, stack: &LIMITED };
/// What stands behind the ports of IBC.
static APPLICATIONS: &[&dyn Application] = &[&TRANSFER_PORT];
/// Who is told of validators and delegations, in the SDK's order.
const STAKING_HOOKS: Hooks = &[&DISTRIBUTION, &SLASHING];

const fn staking(hooks: Hooks) -> Staking {
    Staking { auth: Auth, bank: BANK, consensus: Consensus, hooks }
}

/// The modules, wired.
pub struct Runtime {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// Consensus parameters and validators.
    pub consensus: Consensus,
    /// Validators and delegations.
    pub staking: Staking,
    /// Allowances for fees.
    pub feegrants: Feegrants,
    /// Packets between chains.
    pub ibc: Ibc,
    /// Plans for the binary that comes next.
    pub upgrade: Upgrade,
    modules: BTreeMap<&'static str, Arc<dyn Module>>,
    /// Modules beside the chain's own (tests), after them in every order.
    guests: Vec<Arc<dyn Module>>,
    router: Router,
}

impl Default for Runtime {
    fn default() -> Self {
        Self::with(Vec::new())
    }
}

impl Runtime {
    /// The chain's modules, and after them `guests`.
    pub fn with(guests: Vec<Arc<dyn Module>>) -> Self {
        Self::made(guests, BTreeSet::new())
    }

    /// The chain's modules, for a node that drops plans of upgrades at these heights.
    pub fn skipping_upgrades(heights: BTreeSet<u64>) -> Self {
        Self::made(Vec::new(), heights)
    }

    fn made(guests: Vec<Arc<dyn Module>>, skip: BTreeSet<u64>) -> Self {
        let (auth, consensus) = (Auth, Consensus);
        let (bank, staking) = (BANK, staking(STAKING_HOOKS));
        let distribution = Distribution { auth, bank, staking };
        let mint = Mint { auth, bank };
        let slashing = Slashing { staking };
        let evidence = Evidence { consensus, staking, slashing };
        let (authz, feegrants) = (Authz { auth, bank }, Feegrants { auth, bank });
        let contributors = Contributors { bank };
        let datanets = Datanets { auth, bank, contributors };
        let models = Models { auth, bank, contributors, datanets };
        let attribution = Attribution { auth, bank, consensus, contributors, datanets, models };
        let gov = Gov { auth, bank, staking, fund_pool };
        let ibc = Ibc { staking, applications: APPLICATIONS };
        let all: Vec<Arc<dyn Module>> = vec![
            Arc::new(auth),
            Arc::new(authz),
            Arc::new(bank),
            Arc::new(Circuit),
            Arc::new(consensus),
            Arc::new(distribution),
            Arc::new(mint),
            Arc::new(staking),
            Arc::new(slashing),
            Arc::new(evidence),
            Arc::new(gov),
            Arc::new(ibc),
            Arc::new(TRANSFERS),
            Arc::new(LIMITS),
            Arc::new(FORWARDS),
            Arc::new(contributors),
            Arc::new(datanets),
            Arc::new(feegrants),
            Arc::new(models),
            Arc::new(attribution),
            Arc::new(VestingAccounts { auth, bank }),
        ];
        let mut modules: BTreeMap<_, _> = all.into_iter().map(|module| (module.name(), module)).collect();
        let upgraded = GENESIS_ORDER.iter().filter_map(|name| modules.get(name)).chain(&guests).cloned().collect();
        let upgrade = upgrades::keeper(Migrations::over(upgraded), skip);
        modules.insert(openledger_upgrade::NAME, Arc::new(upgrade.clone()));
        let mut router = Router::default();
        for module in modules.values().chain(&guests) {
            module.register(&mut router);
        }
        Self { auth, bank, consensus, feegrants, ibc, staking, upgrade, modules, guests, router }
    }

    /// Every message and query.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// The names of all stores.
    pub fn stores(&self) -> Vec<StoreName> {
        self.all().filter_map(|module| module.store()).collect()
    }

    fn in_order<'a>(&'a self, order: &'a [&'static str]) -> impl Iterator<Item = &'a Arc<dyn Module>> {
        order.iter().filter_map(|name| self.modules.get(name)).chain(&self.guests)
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Module>> {
        self.in_order(GENESIS_ORDER)
    }

    /// The `app_state` of a new chain.
    pub fn default_genesis(&self) -> Result<Map<String, Value>> {
        let state = |module: &Arc<dyn Module>| {
            let state = to_json(module.as_ref(), &module.default_genesis())?;
            Ok((module.name().to_string(), state))
        };
        self.all().map(state).chain([Ok((genutil::NAME.into(), genutil::default()))]).collect()
    }

    /// Checks an `app_state` without a chain.
    pub fn validate_genesis(&self, app_state: &Map<String, Value>) -> Result<()> {
        for (module, genesis) in self.read_genesis(app_state)? {
            module.validate_genesis(&genesis).map_err(|error| in_genesis(module.name(), error))?;
        }
        self.gen_txs(app_state).map(|_| ())
    }

    /// The transactions of an `app_state`, checked as far as that goes without a state.
    pub fn gen_txs(&self, app_state: &Map<String, Value>) -> Result<Vec<GenTx>> {
        let wrong = |error: anyhow::Error| SdkError::InvalidRequest(format!("genesis of genutil: {error:#}")).into();
        genutil::read(app_state, &self.router).map_err(wrong)
    }

    /// Takes an `app_state` over, but for its transactions; a module that it does not name begins with its defaults.
    pub fn init_genesis(&self, ctx: &mut Context, app_state: &Map<String, Value>) -> Result<()> {
        for (module, genesis) in self.read_genesis(app_state)? {
            module.validate_genesis(&genesis).map_err(|error| in_genesis(module.name(), error))?;
            module.init_genesis(ctx, &genesis).map_err(|error| in_genesis(module.name(), error))?;
        }
        Ok(())
    }

    /// The state as an `app_state`.
    pub fn export_genesis(&self, ctx: &Context) -> Result<Map<String, Value>> {
        let state = |module: &Arc<dyn Module>| {
            let state = to_json(module.as_ref(), &module.export_genesis(ctx)?)?;
            Ok((module.name().to_string(), state))
        };
        self.all().map(state).chain([Ok((genutil::NAME.into(), genutil::default()))]).collect()
    }

    fn read_genesis(&self, app_state: &Map<String, Value>) -> Result<Vec<(&dyn Module, Vec<u8>)>> {
        let known: Vec<&str> = self.all().map(|module| module.name()).chain([genutil::NAME]).collect();
        if let Some(name) = app_state.keys().find(|name| !known.contains(&name.as_str())) {
            let text = format!("genesis: app_state names {name:?}; this chain has the modules {}", known.join(", "));
            return Err(SdkError::InvalidRequest(text).into());
        }
        let mut read = Vec::new();
        for module in self.all() {
            let genesis = match app_state.get(module.name()) {
                None | Some(Value::Null) => module.default_genesis(),
                Some(json) => walker::from_json(module.genesis_type(), json)
                    .map_err(|error| in_genesis(module.name(), SdkError::InvalidRequest(error.to_string()).into()))?,
            };
            read.push((module.as_ref(), genesis));
        }
        Ok(read)
    }

    /// Before the transactions of a block.
    pub fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        self.in_order(BEGIN_BLOCK_ORDER).try_for_each(|module| module.begin_block(ctx))
    }

    /// After the transactions of a block.
    pub fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        let mut updates = Vec::new();
        for module in self.in_order(END_BLOCK_ORDER) {
            updates.append(&mut module.end_block(ctx)?);
        }
        self.consensus.apply_updates(ctx, &updates)
    }

    /// What must hold after every block.
    pub fn check_invariants(&self, ctx: &Context) -> Result<()> {
        self.invariants(ctx).try_for_each(|(name, check)| {
            check().map_err(|error| Error { message: format!("an invariant of {name} is broken: {error}"), ..error })
        })
    }

    /// What must hold after every block, by module: each is checked when it is called.
    pub fn invariants<'a>(
        &'a self,
        ctx: &'a Context,
    ) -> impl Iterator<Item = (&'static str, impl FnOnce() -> Result<()> + 'a)> + 'a {
        self.all().map(move |module| (module.name(), move || module.check_invariants(ctx)))
    }
}

/// Gives coins to the community pool.
fn fund_pool(ctx: &mut Context, from: &Address, coins: &Coins) -> Result<()> {
    DISTRIBUTION.fund_community_pool(ctx, from, coins)
}

fn to_json(module: &dyn Module, genesis: &[u8]) -> Result<Value> {
    walker::to_json(module.genesis_type(), genesis)
        .map_err(|error| SdkError::Logic(format!("the genesis of {}: {error}", module.name())).into())
}

fn in_genesis(module: &str, error: Error) -> Error {
    Error { message: format!("genesis of {module}: {error}"), ..error }
}
