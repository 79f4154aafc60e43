//! The chain as one object: what is committed, what is in the making, and everybody who asks.
//!
//! | state | what | guarded by |
//! | --- | --- | --- |
//! | [`Latest`] | the committed height, atomically replaced at Commit; queries never wait for a block | `latest` |
//! | `Making` | genesis until the first commit, the block that was finalized, the last proposal's transactions and its block | `making` |
//! | `Checked` | what CheckTx has let in since the last commit | `checked` |
//!
//! Proposals, and the guess at the block that one becomes, are in `chain/proposals.rs`.
//!
//! Only [`Chain::commit`] writes to disk. Every other call may be repeated, or never followed by another.

mod proposals;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use openledger_core::{BlockInfo, Context, Error, GasMeter, Mode, Result, Router, SdkError, Status};
use openledger_proto::tendermint::abci;
use openledger_proto::tendermint::types::ConsensusParams;
use openledger_store::snapshots::Snapshots;
use openledger_store::{BlockState, Multistore, MultistoreOptions, Snapshot};

use super::block::max_gas;
use super::config::Config;
use super::finalize::{Base, Finalized, Summary};
use super::genesis::Genesis;
use super::metrics::{GuessEnd, Metrics};
use super::optimistic::{Cancel, Guess};
use super::prepare::{Decoded, Prepared};
use super::run::{Executor, Outcome};
use super::snapshots::StateSync;
use super::{header, HALT};
use crate::runtime::Runtime;
use crate::upgrades;

/// Answers a query for which the modules are not enough: from the request's bytes and the height asked for (0: the latest).
pub type Service = Arc<dyn Fn(&[u8], u64) -> std::result::Result<Vec<u8>, Status> + Send + Sync>;

/// What is committed, consistent in itself.
pub struct Latest {
    /// The height; 0 before the first commit.
    pub height: u64,
    /// The app hash.
    pub app_hash: Vec<u8>,
    /// The state; that of genesis before the first commit.
    pub snapshot: Arc<dyn Snapshot>,
    /// The block that made it.
    pub block: BlockInfo,
    /// The consensus parameters of the next block.
    pub params: ConsensusParams,
}

/// What becomes of the next block.
#[derive(Default)]
struct Making {
    genesis: Option<Genesis>,
    finalized: Option<Finalized>,
    decoded: Arc<Decoded>,
    guess: Option<Guess<Made>>,
}

/// A block, and what CometBFT is told of it.
type Made = Result<(Finalized, abci::ResponseFinalizeBlock)>;

/// The state after the transactions that CheckTx let in.
struct Checked {
    state: BlockState,
    latest: Arc<Latest>,
}

/// The chain.
pub struct Chain {
    /// First, so that it ends before what it reads from is closed.
    pub(super) sync: StateSync,
    executor: Arc<Executor>,
    store: Arc<Multistore>,
    pub(super) metrics: Metrics,
    latest: RwLock<Arc<Latest>>,
    making: Mutex<Making>,
    checked: Mutex<Checked>,
    services: RwLock<BTreeMap<String, Service>>,
}

impl Chain {
    /// Opens the chain whose state is in the folder `path`, at the height committed last.
    pub fn open(path: &Path, runtime: Runtime, config: Config) -> anyhow::Result<Self> {
        let options = Self::store_options(&runtime, &config);
        Self::open_with(path, options, runtime, config)
    }

    /// How a node with these settings opens its store.
    pub fn store_options(runtime: &Runtime, config: &Config) -> MultistoreOptions {
        MultistoreOptions {
            threads: config.threads,
            pruning: config.pruning,
            memory_limit: config.memory_limit,
            ..MultistoreOptions::new(runtime.stores())
        }
    }

    /// [`Chain::open`] with other options of the store.
    pub fn open_with(
        path: &Path,
        mut options: MultistoreOptions,
        runtime: Runtime,
        config: Config,
    ) -> anyhow::Result<Self> {
        let executor = Executor::new(runtime, config)?;
        let metrics = Metrics::new(path)?;
        options.observer = Some(metrics.observer());
        let store = Multistore::open(path, options)?;
        let latest = Arc::new(committed(&executor, &store)?);
        let checked = Checked { state: BlockState::new(latest.snapshot.clone()), latest: latest.clone() };
        metrics.at_height(latest.height);
        let snapshots = executor.config.snapshot_folder.as_ref().map(Snapshots::open).transpose()?;
        Ok(Self {
            executor: Arc::new(executor),
            store: Arc::new(store),
            metrics,
            sync: StateSync::new(snapshots.map(Arc::new)),
            latest: RwLock::new(latest),
            making: Mutex::default(),
            checked: Mutex::new(checked),
            services: RwLock::default(),
        })
    }

    /// What is committed.
    pub fn latest(&self) -> Arc<Latest> {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The node's settings.
    pub fn config(&self) -> &Config {
        &self.executor.config
    }

    /// The modules.
    pub fn runtime(&self) -> &Runtime {
        &self.executor.runtime
    }

    /// Every message and query of the modules.
    pub fn router(&self) -> &Router {
        self.executor.runtime.router()
    }

    /// The stores.
    pub fn store(&self) -> &Multistore {
        &self.store
    }

    /// Counts and times in Prometheus's text format.
    pub fn metrics(&self) -> anyhow::Result<String> {
        Ok(self.metrics.render(&self.executor.signatures.lookups)?)
    }

    /// Adds a query `/package.Service/Method` that needs more than the modules, e.g. the chain itself or CometBFT. It is answered at
    /// all doors, after the modules' own.
    pub fn add_service(&self, path: impl Into<String>, service: Service) {
        self.services.write().unwrap_or_else(PoisonError::into_inner).insert(path.into(), service);
    }

    pub(super) fn service(&self, path: &str) -> Option<Service> {
        self.services.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// Paths of the queries that were added, in order.
    pub fn service_paths(&self) -> Vec<String> {
        self.services.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    fn making(&self) -> MutexGuard<'_, Making> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn checked(&self) -> MutexGuard<'_, Checked> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a state the one that queries, checks and proposals see.
    fn publish(&self, latest: Latest) {
        let latest = Arc::new(latest);
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = latest.clone();
        *self.checked() = Checked { state: BlockState::new(latest.snapshot.clone()), latest };
    }

    /// Takes the store's state for the latest: it was restored from a snapshot.
    pub(super) fn reload(&self) -> anyhow::Result<()> {
        let mut making = self.making();
        let latest = committed(&self.executor, &self.store)?;
        self.metrics.at_height(latest.height);
        self.publish(latest);
        *making = Making::default();
        Ok(())
    }

    /// InitChain. CometBFT keeps its own parameters: they are the ones it sent. So it does with its validators where staking has none.
    pub fn init_chain(&self, request: &abci::RequestInitChain) -> Result<abci::ResponseInitChain> {
        if self.latest().height > 0 {
            return Err(SdkError::Logic(format!("InitChain at height {}", self.latest().height)).into());
        }
        self.give_up_restore().map_err(|error| SdkError::Logic(error.to_string()))?;
        let genesis = self.executor.init(request)?;
        let app_hash = self.store.app_hash().to_vec();
        self.publish(Latest {
            height: 0,
            app_hash: app_hash.clone(),
            snapshot: genesis.snapshot.clone(),
            block: genesis.block.clone(),
            params: genesis.params.clone(),
        });
        let validators = genesis.validators.clone();
        *self.making() = Making { genesis: Some(genesis), ..Making::default() };
        Ok(abci::ResponseInitChain { app_hash: app_hash.into(), validators, ..Default::default() })
    }

    /// CheckTx of transactions that arrived together: decoded and verified in parallel, then let in one after the other.
    pub fn check_all(&self, requests: &[abci::RequestCheckTx]) -> Vec<Outcome> {
        let _timer = self.metrics.time("check_tx");
        let latest = self.latest();
        let state = BlockState::new(latest.snapshot.clone());
        let is_recheck = |request: &abci::RequestCheckTx| request.r#type == abci::CheckTxType::Recheck as i32;
        let prepare = |request: &abci::RequestCheckTx| {
            if is_recheck(request) {
                return Prepared { tx: self.executor.recall(&request.tx, &Decoded::new()), proven: Vec::new() };
            }
            self.executor.prepare_new(&request.tx, &state, &latest.block)
        };
        // What is checked again was verified before and is known: a thread each would take longer.
        let prepared = if requests.iter().all(is_recheck) {
            requests.iter().map(prepare).collect()
        } else {
            self.executor.on_pool(requests, prepare)
        };
        requests.iter().zip(&prepared).map(|(request, prepared)| self.check(is_recheck(request), prepared)).collect()
    }

    /// The ante handler on the state of what was let in before.
    fn check(&self, recheck: bool, prepared: &Prepared) -> Outcome {
        let outcome = self.let_in(recheck, prepared);
        if let (Ok(_), Ok(tx), false) = (&outcome.result, &prepared.tx, recheck) {
            self.executor.decoded.put(tx.clone());
        }
        self.metrics.checked(recheck, &outcome);
        outcome
    }

    fn let_in(&self, recheck: bool, prepared: &Prepared) -> Outcome {
        let tx = match &prepared.tx {
            Ok(tx) => tx,
            Err(error) => return Outcome::refused(error.clone()),
        };
        let mode = if recheck { Mode::Recheck } else { Mode::Check };
        let mut checked = self.checked();
        let Checked { state, latest } = &mut *checked;
        let outcome = self.executor.attempt(mode, state, &latest.block, tx, &prepared.proven, max_gas(&latest.params));
        state.seal();
        outcome
    }

    /// Executes a transaction on the state of what was let in, and forgets it: an estimate of its gas. Signatures may be empty.
    pub fn simulate(&self, tx: &Bytes) -> Outcome {
        let tx = match self.executor.decode(tx) {
            Ok(tx) => tx,
            Err(error) => return Outcome::refused(error),
        };
        let (mut state, latest) = self.pending();
        let max_gas = max_gas(&latest.params);
        self.executor.attempt(Mode::Simulate, &mut state, &latest.block, &tx, &[], max_gas)
    }

    /// A copy of CheckTx's state, so that neither CheckTx nor Commit waits for what is done with it.
    fn pending(&self) -> (BlockState, Arc<Latest>) {
        let checked = self.checked();
        let mut state = BlockState::new(checked.latest.snapshot.clone());
        for (store, changes) in checked.state.changes() {
            for (key, value) in changes {
                match value {
                    Some(value) => state.set(store, key, value),
                    None => state.remove(store, key),
                }
            }
        }
        state.seal();
        (state, checked.latest.clone())
    }

    /// FinalizeBlock: executes the block and hashes the state after it, in memory, unless both happened already on a guess. A former
    /// block of the same height is discarded.
    pub fn finalize_block(&self, request: &abci::RequestFinalizeBlock) -> Result<abci::ResponseFinalizeBlock> {
        let _timer = self.metrics.time("finalize_block");
        let latest = self.latest();
        let mut making = self.making();
        self.expect_height(request, &latest, making.genesis.as_ref())?;
        making.finalized = None;
        let guess = making.guess.take();
        let absent = if guess.is_some() { GuessEnd::Miss } else { GuessEnd::Absent };
        let guessed = guess.and_then(|guess| guess.result_for(request));
        self.metrics.guessed(if guessed.is_some() { GuessEnd::Hit } else { absent });
        let made = guessed.unwrap_or_else(|| {
            let genesis = making.genesis.as_ref().map(|genesis| genesis.changes.clone()).unwrap_or_default();
            let base = Base { snapshot: latest.snapshot.clone(), genesis, decoded: making.decoded.clone() };
            self.maker().make(&base, request, &Cancel::default())
        });
        let (finalized, response) = made.inspect_err(|error| self.note_upgrade(error, &latest, request))?;
        response.tx_results.iter().for_each(|result| self.metrics.executed(&result.codespace, result.code));
        making.finalized = Some(finalized);
        Ok(response)
    }

    /// Where a block needs the next binary, leaves its plan to whoever changes binaries. The node ends for that error in any case.
    fn note_upgrade(&self, error: &Error, latest: &Latest, request: &abci::RequestFinalizeBlock) {
        let needed = (error.codespace, error.code) == (openledger_upgrade::NAME, openledger_upgrade::NEEDED);
        let Some(path) = self.config().upgrade_info.as_deref().filter(|_| needed) else { return };
        let state = BlockState::new(latest.snapshot.clone());
        let plan = self.runtime().upgrade.plan(&Context::query(&state, &latest.block, GasMeter::infinite()));
        let height = u64::try_from(request.height).unwrap_or_default();
        let written = match plan {
            Ok(Some(plan)) => upgrades::write_info(path, &plan, height).map_err(|error| format!("{error:#}")),
            Ok(None) => Err("the plan was made in the block that needs it".into()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = written {
            tracing::error!(%why, path = %path.display(), "unable to write upgrade info");
        }
    }

    /// Whether it is this block's turn.
    fn expect_height(
        &self,
        request: &abci::RequestFinalizeBlock,
        latest: &Latest,
        genesis: Option<&Genesis>,
    ) -> Result<()> {
        let expected = match (latest.height, genesis) {
            (0, Some(genesis)) => genesis.initial_height,
            (0, None) => return Err(SdkError::Logic("FinalizeBlock before InitChain".into()).into()),
            (height, _) => height.saturating_add(1),
        };
        if u64::try_from(request.height) != Ok(expected) {
            let text = format!("invalid height: {}; expected: {expected}", request.height);
            return Err(SdkError::Logic(text).into());
        }
        let (height, time) = (self.config().halt_height, self.config().halt_time);
        let seconds = request.time.map_or(0, |time| time.seconds);
        let is_late = time > 0 && u64::try_from(seconds).is_ok_and(|seconds| seconds > time);
        if (height > 0 && expected > height) || is_late {
            return Err(SdkError::Logic(format!("{HALT} height {height} time {time}")).into());
        }
        Ok(())
    }

    /// Commit: the finalized block becomes the latest state, on disk and for everybody. CometBFT may drop blocks below the height
    /// returned; 0 keeps all.
    pub fn commit(&self) -> Result<u64> {
        let _timer = self.metrics.time("commit");
        let mut making = self.making();
        let finalized = making.finalized.take();
        let finalized = finalized.ok_or_else(|| SdkError::Logic("Commit without a finalized block".into()))?;
        let Finalized { prepared, block, params, summary } = finalized;
        let (height, app_hash) = (prepared.height(), prepared.app_hash().to_vec());
        self.store.commit(prepared).map_err(|error| SdkError::Logic(error.to_string()))?;
        let snapshot = self.store.snapshot();
        let retain = self.retain_height(height, &params);
        let Summary { txs, failed, gas_used, .. } = summary;
        tracing::info!(height, txs, failed, gas_used, app_hash = %hex::encode_upper(&app_hash), "committed state");
        self.metrics.committed(height, &summary);
        self.publish(Latest { height, app_hash, snapshot, block: block.settled(), params });
        *making = Making::default();
        self.snapshot_if_due(height);
        Ok(retain)
    }

    /// The lowest height whose block is needed (SDK `GetBlockRetentionHeight`): for evidence, for nodes that restore the oldest snapshot,
    /// and `min-retain-blocks`.
    fn retain_height(&self, height: u64, params: &ConsensusParams) -> u64 {
        let min_retain = self.executor.config.min_retain_blocks;
        if min_retain == 0 {
            return 0;
        }
        let evidence = params.evidence.as_ref().map_or(0, |evidence| evidence.max_age_num_blocks);
        let evidence = u64::try_from(evidence).unwrap_or_default();
        let Config { snapshot_interval, snapshot_keep_recent, .. } = self.config();
        let snapshots = snapshot_interval.saturating_mul(u64::from(*snapshot_keep_recent));
        height.saturating_sub(evidence.max(min_retain).max(snapshots))
    }

    /// Checks the modules' invariants on what is committed.
    pub fn check_invariants(&self) -> Result<()> {
        let latest = self.latest();
        let state = BlockState::new(latest.snapshot.clone());
        self.runtime().check_invariants(&Context::query(&state, &latest.block, GasMeter::infinite()))
    }

    /// The committed state as an `app_state` (`export`).
    pub fn export(&self) -> Result<serde_json::Map<String, serde_json::Value>> {
        let latest = self.latest();
        let state = BlockState::new(latest.snapshot.clone());
        self.runtime().export_genesis(&Context::query(&state, &latest.block, GasMeter::infinite()))
    }

    /// Info: the name, and where the chain stands.
    pub fn info(&self) -> abci::ResponseInfo {
        let latest = self.latest();
        let app_hash = if latest.height == 0 { Vec::new() } else { latest.app_hash.clone() };
        abci::ResponseInfo {
            data: super::NAME.into(),
            version: super::VERSION.into(),
            app_version: super::APP_VERSION,
            last_block_height: i64::try_from(latest.height).unwrap_or(i64::MAX),
            last_block_app_hash: app_hash.into(),
        }
    }

    /// CheckTx.
    pub fn check_tx(&self, request: &abci::RequestCheckTx) -> Outcome {
        self.check_all(std::slice::from_ref(request))
            .pop()
            .unwrap_or_else(|| Outcome::refused(SdkError::Logic("CheckTx".into())))
    }
}

/// What is committed in a store.
fn committed(executor: &Executor, store: &Multistore) -> anyhow::Result<Latest> {
    let committed = store.committed();
    let block = header::read(&committed.state, &executor.config.chain_id)?;
    if block.height != committed.height {
        anyhow::bail!("the state at height {} says it is of height {}", committed.height, block.height);
    }
    let params = executor.params(&BlockState::new(committed.state.clone()), &block)?;
    let app_hash = if committed.height == 0 { Vec::new() } else { committed.app_hash.to_vec() };
    Ok(Latest { height: committed.height, app_hash, snapshot: committed.state, block, params })
}
