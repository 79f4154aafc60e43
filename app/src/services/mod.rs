//! Queries that the modules cannot answer: they need the chain as a whole, this node's settings, or CometBFT's RPC.
//!
//! | service | file | needs |
//! | --- | --- | --- |
//! | `cosmos.tx.v1beta1.Service` | [`tx`] | the chain (Simulate), CometBFT |
//! | `cosmos.base.tendermint.v1beta1.Service` | [`tendermint`] | CometBFT; the chain (ABCIQuery) |
//! | `cosmos.base.node.v1beta1.Service` | [`node`] | the settings; CometBFT (Status) |
//! | `openledger.base.v1.Query` | `invariants` | the chain as a whole |
//!
//! [`open`] adds them to the chain, so they are answered at every door. Handlers wait for CometBFT, so doors call them on threads
//! that may wait. What they say is not consensus: two nodes may answer differently. Source: Cosmos SDK v0.50 `x/auth/tx/service.go`,
//! `client/grpc/cmtservice`, `client/grpc/node`.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod block;
pub mod comet;
mod invariants;
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
    invariants::open(chain, &backend);
}

/// Adds a query with its types; the height that was asked for does not matter to it.
fn add<Req, Resp>(
    chain: &Chain,
    path: &str,
    backend: &Backend,
    handler: impl Fn(&Backend, Req) -> Result<Resp, Status> + Send + Sync + 'static,
) where
    Req: Message + Default,
    Resp: Message,
{
    add_at(chain, path, backend, move |backend: &Backend, request, _| handler(backend, request));
}

/// Adds a query whose answer is of a height, 0 for the latest. A height that is not there yet is refused before (SDK `baseapp`,
/// `CreateQueryContext`).
fn add_at<Req, Resp>(
    chain: &Chain,
    path: &str,
    backend: &Backend,
    handler: impl Fn(&Backend, Req, u64) -> Result<Resp, Status> + Send + Sync + 'static,
) where
    Req: Message + Default,
    Resp: Message,
{
    let backend = backend.clone();
    let service = move |request: &[u8], height: u64| {
        if height > backend.chain()?.latest().height {
            let why = "cannot query with height in the future; please provide a valid height: invalid height";
            return Err(Status::invalid_argument(why));
        }
        let request = Req::decode(request).map_err(|error| Status::invalid_argument(error.to_string()))?;
        Ok(handler(&backend, request, height)?.encode_to_vec())
    };
    chain.add_service(path, Arc::new(service));
}

/// The page and its size in CometBFT's manner (SDK `query.ParsePagination`, which reads both as signed numbers).
fn page_of(pagination: Option<&PageRequest>) -> Result<(u64, u64), Status> {
    let (offset, limit) = pagination.map_or((0, 0), |page| (page.offset, page.limit));
    for (name, value) in [("offset", offset), ("limit", limit)] {
        if i64::try_from(value).is_err() {
            return Err(Status::invalid_argument(format!("{name} must greater than 0: {value} is beyond 63 bits")));
        }
    }
    let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
    Ok((offset.checked_div(limit).unwrap_or_default().saturating_add(1), limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_page_as_in_the_sdk() {
        let page = |offset, limit| page_of(Some(&PageRequest { offset, limit, ..PageRequest::default() }));
        assert_eq!(page_of(None), Ok((1, 100)));
        assert_eq!(page(0, 0), Ok((1, 100)));
        assert_eq!(page(250, 0), Ok((3, 100)));
        assert_eq!(page(10, 5), Ok((3, 5)));
        assert_eq!(page(u64::MAX, 1).unwrap_err().code, Code::InvalidArgument);
        assert_eq!(page(1, u64::MAX).unwrap_err().code, Code::InvalidArgument);
    }
}
