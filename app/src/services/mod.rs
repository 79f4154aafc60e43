//! Queries that the modules cannot answer: they need the chain as a whole, this node's settings, or CometBFT's RPC.
//!
//! | service | file | needs |
//! | --- | --- | --- |
//! | `cosmos.tx.v1beta1.Service` | [`tx`] | the chain (Simulate), CometBFT |
//! | `cosmos.base.tendermint.v1beta1.Service` | [`tendermint`] | CometBFT; the chain (ABCIQuery) |
//! | `cosmos.base.node.v1beta1.Service` | [`node`] | the settings; CometBFT (Status) |
//!
//! [`open`] adds them to the chain, so they are answered at every door. Handlers wait for CometBFT, so doors call them on threads
//! that may wait. What they say is not consensus: two nodes may answer differently. Source: Cosmos SDK v0.50 `x/auth/tx/service.go`,
//! `client/grpc/cmtservice`, `client/grpc/node`.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod block;
pub mod comet;
pub mod node;
pub mod tendermint;
pub mod tx;

use std::sync::{Arc, Weak};

use openledger_core::query::{Code, DEFAULT_LIMIT};
use openledger_core::Status;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::Message;

use crate::execution::Chain;
pub use comet::Comet;

/// What a handler works with.
#[derive(Clone)]
pub struct Backend {
    chain: Weak<Chain>,
    comet: Comet,
}

impl Backend {
    /// The chain; gone only where the node ends.
    fn chain(&self) -> Result<Arc<Chain>, Status> {
        self.chain.upgrade().ok_or_else(|| Status::new(Code::Unavailable, "the node ends"))
    }
}

/// Adds all services to the chain.
pub fn open(chain: &Arc<Chain>, comet: Comet, settings: node::Settings) {
    let backend = Backend { chain: Arc::downgrade(chain), comet };
    tx::open(chain, &backend);
    tendermint::open(chain, &backend);
    node::open(chain, &backend, settings);
}

/// Adds a query with its types.
fn add<Req, Resp>(
    chain: &Chain,
    path: &str,
    backend: &Backend,
    handler: impl Fn(&Backend, Req) -> Result<Resp, Status> + Send + Sync + 'static,
) where
    Req: Message + Default,
    Resp: Message,
{
    let backend = backend.clone();
    let service = move |request: &[u8], _height| {
        let request = Req::decode(request).map_err(|error| Status::invalid_argument(error.to_string()))?;
        Ok(handler(&backend, request)?.encode_to_vec())
    };
    chain.add_service(path, Arc::new(service));
}

/// The page and its size in CometBFT's manner (SDK `query.ParsePagination`).
fn page_of(pagination: Option<&PageRequest>) -> (u64, u64) {
    let (offset, limit) = pagination.map_or((0, 0), |page| (page.offset, page.limit));
    let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
    (offset.checked_div(limit).unwrap_or_default().saturating_add(1), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_page_as_in_the_sdk() {
        let page = |offset, limit| page_of(Some(&PageRequest { offset, limit, ..PageRequest::default() }));
        assert_eq!(page_of(None), (1, 100));
        assert_eq!(page(0, 0), (1, 100));
        assert_eq!(page(250, 0), (3, 100));
        assert_eq!(page(10, 5), (3, 5));
        assert_eq!(page(u64::MAX, 1), (u64::MAX, 1));
    }
}
