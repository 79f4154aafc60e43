//! Who handles what: each message and each query is registered once, in one line, under its protobuf name.
//!
//! A keeper implements [`Handle<M>`] for each message type it handles and registers it with [`Router::msg`]; queries are plain
//! functions registered with [`Router::query`]. Decoding happens once; the decoded message is shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use openledger_proto::Any;
use prost::{Message, Name};

use crate::context::Context;
use crate::error::{Result, SdkError};
use crate::query::Status;

/// How a keeper treats one type of message.
pub trait Handle<M: Message>: Send + Sync + 'static {
    /// The message's response, as its protobuf service names it.
    type Response: Message + Name;

    /// Stateless checks, made before the fee is taken, in parallel; the SDK's `ValidateBasic`. Of the SDK's own messages v0.50 checks
    /// nearly all where they are executed, so that a senseless one pays its fee and counts in its sender's sequence: those check nothing
    /// here and everything in [`Handle::handle`].
    fn validate(&self, _msg: &M) -> Result<()> {
        Ok(())
    }

    /// Executes the message. What it changed is undone if it fails.
    fn handle(&self, ctx: &mut Context, msg: &M) -> Result<Self::Response>;
}

/// A decoded message, shared between the phases of a transaction.
pub type AnyMsg = Arc<dyn std::any::Any + Send + Sync>;

type DecodeFn = Box<dyn Fn(&[u8]) -> Result<AnyMsg> + Send + Sync>;
type HandleFn = Box<dyn Fn(&mut Context, &AnyMsg) -> Result<Vec<u8>> + Send + Sync>;
type GateFn = Box<dyn Fn(&Context, &str) -> Result<()> + Send + Sync>;
type QueryFn = Box<dyn Fn(&Context, &[u8]) -> std::result::Result<Vec<u8>, Status> + Send + Sync>;

/// What is known of one type of message.
pub struct MsgRoute {
    /// The module whose message this is, for the `message.module` attribute.
    pub module: &'static str,
    /// Type URL of the response.
    pub response_type_url: String,
    decode: DecodeFn,
    handle: HandleFn,
}

impl MsgRoute {
    /// Decodes a message and makes its stateless checks.
    pub fn decode(&self, bytes: &[u8]) -> Result<AnyMsg> {
        (self.decode)(bytes)
    }

    /// Executes a message that [`MsgRoute::decode`] returned; its response, encoded.
    pub fn handle(&self, ctx: &mut Context, msg: &AnyMsg) -> Result<Vec<u8>> {
        (self.handle)(ctx, msg)
    }
}

/// Every message and every query of the chain.
#[derive(Default)]
pub struct Router {
    msgs: BTreeMap<String, MsgRoute>,
    queries: BTreeMap<String, QueryFn>,
    gates: Vec<GateFn>,
}

impl Router {
    /// Registers `keeper` for messages of type `M` of `module`.
    pub fn msg<M, K>(&mut self, module: &'static str, keeper: &K)
    where
        M: Message + Name + Default + 'static,
        K: Handle<M> + Clone,
    {
        let (validator, handler) = (keeper.clone(), keeper.clone());
        let decode = move |bytes: &[u8]| -> Result<AnyMsg> {
            let msg = M::decode(bytes).map_err(|error| SdkError::TxDecode(format!("{}: {error}", M::NAME)))?;
            validator.validate(&msg)?;
            Ok(Arc::new(msg))
        };
        let handle = move |ctx: &mut Context, msg: &AnyMsg| -> Result<Vec<u8>> {
            let msg =
                msg.downcast_ref::<M>().ok_or_else(|| SdkError::Logic(format!("message is not a {}", M::NAME)))?;
            Ok(handler.handle(ctx, msg)?.encode_to_vec())
        };
        let route = MsgRoute {
            module,
            response_type_url: K::Response::type_url(),
            decode: Box::new(decode),
            handle: Box::new(handle),
        };
        let twice = self.msgs.insert(M::type_url(), route).is_some();
        debug_assert!(!twice, "{} is registered twice", M::NAME);
    }

    /// Registers a query under its path `/package.Service/Method`.
    pub fn query<Req, Resp, F>(&mut self, path: &str, handler: F)
    where
        Req: Message + Default,
        Resp: Message,
        F: Fn(&Context, Req) -> std::result::Result<Resp, Status> + Send + Sync + 'static,
    {
        let query = move |ctx: &Context, bytes: &[u8]| {
            let request = Req::decode(bytes).map_err(|error| Status::invalid_argument(error.to_string()))?;
            Ok(handler(ctx, request)?.encode_to_vec())
        };
        let twice = self.queries.insert(path.to_string(), Box::new(query)).is_some();
        debug_assert!(!twice, "{path} is registered twice");
    }

    /// The route of a message by its type URL.
    pub fn msg_route(&self, type_url: &str) -> Option<&MsgRoute> {
        self.msgs.get(type_url)
    }

    /// Registers what is asked before a message is executed, by its type URL: whether it may be (the circuit breaker).
    pub fn gate(&mut self, gate: impl Fn(&Context, &str) -> Result<()> + Send + Sync + 'static) {
        self.gates.push(Box::new(gate));
    }

    /// Refuses a type of message that a gate refuses.
    pub fn check_gates(&self, ctx: &Context, type_url: &str) -> Result<()> {
        self.gates.iter().try_for_each(|gate| gate(ctx, type_url))
    }

    /// Executes a message within another (of a proposal, of a grant): decoded, its stateless checks made, through the gates. Its
    /// events stay in `ctx`; what it changed before it failed is for the caller to revert. Who signed is for the caller to check.
    pub fn execute(&self, ctx: &mut Context, msg: &Any) -> Result<Any> {
        let route = self.msg_route(&msg.type_url).ok_or_else(|| unknown(&msg.type_url))?;
        self.check_gates(ctx, &msg.type_url)?;
        let decoded = route.decode(&msg.value)?;
        let value = route.handle(ctx, &decoded)?;
        Ok(Any { type_url: route.response_type_url.clone(), value })
    }

    /// Whether there is such a query.
    pub fn has_query(&self, path: &str) -> bool {
        self.queries.contains_key(path)
    }

    /// Answers a query.
    pub fn answer(&self, ctx: &Context, path: &str, request: &[u8]) -> std::result::Result<Vec<u8>, Status> {
        let query =
            self.queries.get(path).ok_or_else(|| Status::unimplemented(format!("unknown query path {path}")))?;
        query(ctx, request)
    }

    /// Paths of all queries, in order.
    pub fn query_paths(&self) -> impl Iterator<Item = &str> {
        self.queries.keys().map(String::as_str)
    }
}

/// No module of this chain handles such a message.
pub fn unknown(type_url: &str) -> SdkError {
    SdkError::UnknownRequest(format!("no message handler found for {type_url}"))
}
