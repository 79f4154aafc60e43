//! The query of `cosmos.consensus.v1.Query`.

use openledger_core::Router;
use openledger_proto::cosmos::consensus::v1::{QueryParamsRequest, QueryParamsResponse};

use crate::keeper::Consensus;

/// Registers the query.
pub(crate) fn register(consensus: Consensus, router: &mut Router) {
    router.query("/cosmos.consensus.v1.Query/Params", move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(consensus.params(ctx)?) })
    });
}
