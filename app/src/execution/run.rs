//! One transaction through the state machine: the ante handler, then its messages (Cosmos SDK v0.50 `baseapp.runTx`).
//!
//! Guarantees: if the ante handler fails, nothing changed; if a message fails, the fee and the sequences stay and all messages are
//! undone; nothing that a transaction does unwinds past here. The gas of a block is used up by failed transactions too.

use std::sync::Arc;

use openledger_core::{router, BlockInfo, Context, Error, Event, GasMeter, Mode, OutOfGas, Result, SdkError};
use openledger_proto::cosmos::base::abci::v1beta1::TxMsgData;
use openledger_proto::{Any, Message as _};
use openledger_store::BlockState;

use super::ante::Ante;
use super::config::Config;
use super::decoded::DecodedTxs;
use super::panics::{contained, out_of_gas};
use super::prepare::{Prepared, Proven};
use super::signatures::Signatures;
use super::tx::{Message, Tx};
use crate::runtime::Runtime;

/// Executes transactions: the modules, the node's settings, the memory of signatures, the threads. Holds no state of the chain.
pub struct Executor {
    pub(super) runtime: Runtime,
    pub(super) config: Config,
    pub(super) signatures: Signatures,
    pub(super) decoded: DecodedTxs,
    pub(super) pool: rayon::ThreadPool,
}

/// The gas of a block (SDK's block gas meter): what its transactions used, up to the limits of each.
#[derive(Debug, Clone)]
pub struct BlockGas {
    limit: Option<u64>,
    used: u64,
}

impl BlockGas {
    /// An unused meter; `None` never ends.
    pub fn new(limit: Option<u64>) -> Self {
        Self { limit, used: 0 }
    }

    fn is_spent(&self) -> bool {
        self.limit.is_some_and(|limit| self.used >= limit)
    }

    /// Adds what a transaction used; false where the block's limit is passed.
    fn consume(&mut self, gas: u64) -> bool {
        self.used = self.used.saturating_add(gas);
        self.limit.is_none_or(|limit| self.used <= limit)
    }
}

/// What became of a transaction.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The gas that was allowed.
    pub gas_wanted: u64,
    /// The gas that was used.
    pub gas_used: u64,
    /// The ante handler's events, then the messages' where they succeeded.
    pub events: Vec<Event>,
    /// The responses of the messages, or what failed.
    pub result: Result<Vec<Any>>,
}

impl Outcome {
    /// A failure before anything was executed.
    pub fn refused(error: impl Into<Error>) -> Self {
        Self { gas_wanted: 0, gas_used: 0, events: Vec::new(), result: Err(error.into()) }
    }

    /// The `data` of the result: the responses as `TxMsgData`, empty where there are none.
    pub fn data(&self) -> Vec<u8> {
        match &self.result {
            #[allow(deprecated)]
            Ok(responses) => TxMsgData { data: Vec::new(), msg_responses: responses.clone() }.encode_to_vec(),
            Err(_) => Vec::new(),
        }
    }
}

impl Executor {
    /// An executor of these modules with these settings.
    pub fn new(runtime: Runtime, config: Config) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(config.threads)
            .thread_name(|index| format!("execution-{index}"))
            .build()?;
        let signatures = Signatures::new(config.signature_cache);
        let decoded = DecodedTxs::new(config.decoded_cache);
        Ok(Self { runtime, config, signatures, decoded, pool })
    }

    /// Executes a transaction of a block.
    pub fn deliver(
        &self,
        state: &mut BlockState,
        block: &BlockInfo,
        prepared: &Prepared,
        gas: &mut BlockGas,
    ) -> Outcome {
        let tx = match &prepared.tx {
            Ok(tx) => tx,
            Err(error) => return Outcome::refused(error.clone()),
        };
        if gas.is_spent() {
            return Outcome::refused(SdkError::OutOfGas("no block gas left to run tx".into()));
        }
        self.run(Mode::Deliver, state, block, tx, &prepared.proven, gas)
    }

    /// Runs a transaction in any mode but a block's, where `gas` only says what a transaction may want.
    pub fn attempt(
        &self,
        mode: Mode,
        state: &mut BlockState,
        block: &BlockInfo,
        tx: &Arc<Tx>,
        proven: &[Option<Proven>],
        max_block_gas: Option<u64>,
    ) -> Outcome {
        self.run(mode, state, block, tx, proven, &mut BlockGas::new(max_block_gas))
    }

    fn run(
        &self,
        mode: Mode,
        state: &mut BlockState,
        block: &BlockInfo,
        tx: &Tx,
        proven: &[Option<Proven>],
        block_gas: &mut BlockGas,
    ) -> Outcome {
        let ante = Ante {
            auth: &self.runtime.auth,
            bank: &self.runtime.bank,
            feegrants: &self.runtime.feegrants,
            ibc: &self.runtime.ibc,
            config: &self.config,
            signatures: &self.signatures,
            max_block_gas: block_gas.limit,
        };
        let mut ctx = Context::new(state, block, mode, GasMeter::infinite()).with_router(self.runtime.router());
        let mut undo_to = ctx.checkpoint();
        let mut events = Vec::new();
        let mut result = contained(|| ante.run(&mut ctx, tx, proven)).map(|()| Vec::new());
        if result.is_ok() {
            events = ctx.take_events();
            undo_to = ctx.checkpoint();
            if matches!(mode, Mode::Deliver | Mode::Simulate) {
                result = contained(|| self.run_messages(&mut ctx, tx));
            }
        }
        let (gas_wanted, gas_used) = (ctx.gas().limit(), ctx.gas().consumed());
        if mode == Mode::Deliver && !block_gas.consume(gas_used.min(gas_wanted)) {
            let out = OutOfGas { descriptor: "block gas meter", limit: gas_wanted, consumed: gas_used };
            result = Err(out_of_gas(&out).into());
        }
        match &result {
            Ok(_) => events.append(&mut ctx.take_events()),
            Err(_) => ctx.revert(undo_to),
        }
        Outcome { gas_wanted, gas_used, events, result }
    }

    /// Executes the messages in order; their responses. Their events stay in `ctx`, each message's led by `message`.
    fn run_messages(&self, ctx: &mut Context, tx: &Tx) -> Result<Vec<Any>> {
        let (mut responses, mut events) = (Vec::with_capacity(tx.messages.len()), Vec::new());
        for (index, message) in tx.messages.iter().enumerate() {
            let route = self.runtime.router().msg_route(&message.type_url);
            let route = route.ok_or_else(|| router::unknown(&message.type_url))?;
            // The ante handler asked for all of them; since then only messages before this one can have changed the answer.
            if index > 0 {
                self.runtime.router().check_gates(ctx, &message.type_url)?;
            }
            let response = route.handle(ctx, &message.decoded).map_err(|error| Error {
                message: format!("failed to execute message; message index: {index}: {error}"),
                ..error
            })?;
            let own = ctx.take_events();
            let index = index.to_string();
            events.push(message_event(message, route.module, &own).attr("msg_index", &index));
            events.extend(own.into_iter().map(|event| event.attr("msg_index", &index)));
            responses.push(Any { type_url: route.response_type_url.clone(), value: response });
        }
        for event in events {
            ctx.emit(event);
        }
        Ok(responses)
    }
}

/// The event that leads a message's own: what was done, by whom, in which module, unless an event of its own says so.
fn message_event(message: &Message, module: &str, own: &[Event]) -> Event {
    let mut event = Event::new("message").attr("action", &message.type_url);
    if let Some(sender) = message.signers.first() {
        event = event.attr("sender", sender);
    }
    let named = own.iter().any(|event| event.attributes.iter().any(|(key, _)| key == "module"));
    if named {
        event
    } else {
        event.attr("module", module)
    }
}
