//! What a handler works with: the state behind a gas meter, the block it is in, the events it emits.
//!
//! `ctx.kv(STORE)` reads, `ctx.kv_mut(STORE)` reads and writes; both are `cosmwasm_std::Storage`, so cw-storage-plus works on
//! them, and both charge gas as the SDK's `gaskv` store does. A read view cannot be written through: it only lends a shared
//! `Storage`.

use std::ops::Deref;

use cosmwasm_std::{Order, Record, Storage};
use openledger_store::{BlockState, Checkpoint, StoreName, MAX_KEY_BYTES};

use crate::comet::{LastCommit, Misbehavior};
use crate::event::Event;
use crate::gas::{self, GasMeter};
use crate::router::Router;

/// The block in which something is executed; a query's is the last committed one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockInfo {
    /// The chain's id.
    pub chain_id: String,
    /// The height; the initial height during genesis.
    pub height: u64,
    /// Header time: whole seconds since 1970.
    pub time_seconds: i64,
    /// Header time: nanoseconds within the second.
    pub time_nanos: u32,
    /// The proposer's consensus address; empty where CometBFT named none.
    pub proposer: Vec<u8>,
    /// The hash of the next height's validators, from the header. This and what follows are there while a block is executed, and
    /// empty in genesis, checks, simulations and queries.
    pub next_validators_hash: Vec<u8>,
    /// The application hash that the header shows: that of the state before the block.
    pub app_hash: Vec<u8>,
    /// Who signed the block before.
    pub last_commit: LastCommit,
    /// Whose misbehaviour the block proves.
    pub misbehavior: Vec<Misbehavior>,
}

impl BlockInfo {
    /// The block as it is known after its execution: without what only its own begin and end block see.
    pub fn settled(self) -> Self {
        let Self { chain_id, height, time_seconds, time_nanos, proposer, .. } = self;
        Self { chain_id, height, time_seconds, time_nanos, proposer, ..Self::default() }
    }
}

/// Why the state machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A new transaction is checked for the mempool.
    Check,
    /// One that is in the mempool is checked again after a block.
    Recheck,
    /// Gas is being estimated; signatures and fees may be missing.
    Simulate,
    /// A block is executed, or genesis.
    Deliver,
    /// A query reads.
    Query,
}

enum State<'a> {
    Read(&'a BlockState),
    Write(&'a mut BlockState),
}

/// The world as a handler sees it.
pub struct Context<'a> {
    state: State<'a>,
    gas: GasMeter,
    block: &'a BlockInfo,
    mode: Mode,
    events: Vec<Event>,
    router: Option<&'a Router>,
}

impl<'a> Context<'a> {
    /// A context that may write to `state`.
    pub fn new(state: &'a mut BlockState, block: &'a BlockInfo, mode: Mode, gas: GasMeter) -> Self {
        Self { state: State::Write(state), gas, block, mode, events: Vec::new(), router: None }
    }

    /// A context for a query over `state`, with a limit on what it may cost.
    pub fn query(state: &'a BlockState, block: &'a BlockInfo, gas: GasMeter) -> Self {
        Self { state: State::Read(state), gas, block, mode: Mode::Query, events: Vec::new(), router: None }
    }

    /// The same, with a way to other modules' messages for those that execute them (governance, authz).
    pub fn with_router(mut self, router: &'a Router) -> Self {
        self.router = Some(router);
        self
    }

    /// The chain's messages; `None` where a module is tested alone.
    pub fn router(&self) -> Option<&'a Router> {
        self.router
    }

    /// Reads a store.
    pub fn kv(&self, store: StoreName) -> ReadKv<'_> {
        let state = match &self.state {
            State::Read(state) => State::Read(state),
            State::Write(state) => State::Read(state),
        };
        ReadKv(Kv { state, gas: &self.gas, store })
    }

    /// Reads and writes a store. A query's context has no state to write to: what is written there is dropped.
    pub fn kv_mut(&mut self, store: StoreName) -> Kv<'_> {
        let state = match &mut self.state {
            State::Read(state) => State::Read(state),
            State::Write(state) => State::Write(state),
        };
        Kv { state, gas: &self.gas, store }
    }

    /// The gas meter.
    pub fn gas(&self) -> &GasMeter {
        &self.gas
    }

    /// Puts another meter in place and returns the one that was there.
    pub fn swap_gas(&mut self, meter: GasMeter) -> GasMeter {
        std::mem::replace(&mut self.gas, meter)
    }

    /// The block this is executed in. The reference outlives this borrow of the context.
    pub fn block(&self) -> &'a BlockInfo {
        self.block
    }

    /// The block's height.
    pub fn height(&self) -> u64 {
        self.block.height
    }

    /// Why the state machine runs.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether anybody is told of events: nobody where a transaction is only checked. Who makes many need not make them then.
    pub fn tells_events(&self) -> bool {
        !matches!(self.mode, Mode::Check | Mode::Recheck)
    }

    /// Emits an event.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// How many events were emitted and not yet taken.
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    /// Takes the events emitted so far.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// A point to which [`Context::revert`] goes back.
    pub fn checkpoint(&self) -> Point {
        let journal = match &self.state {
            State::Read(state) => state.checkpoint(),
            State::Write(state) => state.checkpoint(),
        };
        Point { journal, events: self.events.len() }
    }

    /// Takes back every change and event since `point`; gas stays consumed.
    pub fn revert(&mut self, point: Point) {
        if let State::Write(state) = &mut self.state {
            state.revert(point.journal);
        }
        self.events.truncate(point.events);
    }
}

/// A point in a context's history.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    journal: Checkpoint,
    events: usize,
}

/// A store to read: lends a shared [`Storage`] and nothing else.
pub struct ReadKv<'a>(Kv<'a>);

impl<'a> Deref for ReadKv<'a> {
    type Target = dyn Storage + 'a;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A store to read and write, metered.
pub struct Kv<'a> {
    state: State<'a>,
    gas: &'a GasMeter,
    store: StoreName,
}

impl Kv<'_> {
    fn state(&self) -> &BlockState {
        match &self.state {
            State::Read(state) => state,
            State::Write(state) => state,
        }
    }
}

impl Storage for Kv<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.gas.consume(gas::READ_COST_FLAT, "ReadFlat");
        let value = self.state().get(self.store, key);
        let bytes = key.len().saturating_add(value.as_ref().map_or(0, Vec::len));
        self.gas.consume_bytes(0, gas::READ_COST_PER_BYTE, bytes, "ReadPerByte");
        value
    }

    fn range<'s>(
        &'s self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 's> {
        let pairs = self.state().range(self.store, start, end, order == Order::Descending);
        Box::new(pairs.inspect(|(key, value)| {
            let bytes = key.len().saturating_add(value.len());
            self.gas.consume_bytes(gas::ITER_NEXT_COST_FLAT, gas::READ_COST_PER_BYTE, bytes, "IterNext");
        }))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        check_key(key);
        let bytes = key.len().saturating_add(value.len());
        self.gas.consume_bytes(gas::WRITE_COST_FLAT, gas::WRITE_COST_PER_BYTE, bytes, "WriteFlat");
        if let State::Write(state) = &mut self.state {
            state.set(self.store, key, value);
        }
    }

    fn remove(&mut self, key: &[u8]) {
        check_key(key);
        self.gas.consume(gas::DELETE_COST, "Delete");
        if let State::Write(state) = &mut self.state {
            state.remove(self.store, key);
        }
    }
}

/// A key that the store cannot hold fails what writes it, as in the SDK, and not the whole block at its end: it unwinds with a text that
/// is the same on every node.
fn check_key(key: &[u8]) {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        std::panic::resume_unwind(Box::new("a key is empty or too long"));
    }
}
