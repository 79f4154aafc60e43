//! The queries of IBC core: `ibc.core.client.v1.Query`, `ibc.core.connection.v1.Query` and `ibc.core.channel.v1.Query`.
//!
//! Everything is read from the store under its ICS-24 path, which is what relayers prove too, and each answer names the height of
//! the state that it was read from. Proofs are not in these answers: `abci_query` on `store/ibc/key` has them.
//!
//! Lists of clients, connections and channels, and of what a client knows, have no longest page: hermes asks for all of them once and
//! follows no `next_key`, so that whoever fills a page with what is worth nothing would hide the rest. Lists of packets have one, and
//! hermes follows it.
//!
//! Sources of semantics and texts: ibc-go v8 `modules/core/*/keeper/grpc_query.go`, `modules/core/24-host`.

mod channel;
mod client;
mod connection;
mod membership;
mod packet;
mod read;

use openledger_core::context::ReadKv;
use openledger_core::{Context, Router, Status};

use crate::keeper::Ibc;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(ibc: &Ibc, router: &mut Router) {
    client::register(*ibc, router);
    connection::register(*ibc, router);
    channel::register(router);
    packet::register(router);
}

/// The store, read through the query's meter.
fn kv<'a>(ctx: &'a Context) -> ReadKv<'a> {
    ctx.kv(crate::state::STORE)
}
