//! The queries of `cosmos.mint.v1beta1.Query`: the parameters, and twice 0.

use openledger_core::{Dec, Router};
use openledger_proto::cosmos::mint::v1beta1::*;

use crate::keeper::Mint;

/// Registers the queries.
pub(crate) fn register(keeper: Mint, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.mint.v1beta1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(keeper.params(ctx)?.to_proto()) })
    });
    router.query(&path("Inflation"), |_, _: QueryInflationRequest| Ok(QueryInflationResponse { inflation: zero() }));
    router.query(&path("AnnualProvisions"), |_, _: QueryAnnualProvisionsRequest| {
        Ok(QueryAnnualProvisionsResponse { annual_provisions: zero() })
    });
}

/// 0 as the SDK writes a decimal into bytes: the text of its units.
fn zero() -> Vec<u8> {
    Dec::ZERO.to_proto().into_bytes()
}
