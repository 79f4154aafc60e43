//! The queries of `cosmos.slashing.v1beta1.Query`.
//!
//! Source of semantics and texts: SDK v0.50 `x/slashing/keeper/grpc_query.go`.

use cosmwasm_std::from_json;
use openledger_core::address::VALCONS_PREFIX;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::cosmos::slashing::v1beta1::*;

use crate::genesis::to_proto;
use crate::keeper::Slashing;
use crate::state::{SigningInfo as Info, SIGNING_INFOS, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(slashing: Slashing, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.slashing.v1beta1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(slashing.params(ctx)?.to_proto()) })
    });
    router.query(&path("SigningInfo"), move |ctx, request| signing_info(&slashing, ctx, &request));
    router.query(&path("SigningInfos"), signing_infos);
}

fn signing_info(
    slashing: &Slashing,
    ctx: &Context,
    request: &QuerySigningInfoRequest,
) -> Answer<QuerySigningInfoResponse> {
    let text = &request.cons_address;
    if text.is_empty() {
        return Err(Status::invalid_argument("invalid request"));
    }
    let address = Address::from_bech32(text, VALCONS_PREFIX)?;
    let info = slashing.signing_info(ctx, &address)?;
    let info = info.ok_or_else(|| Status::not_found(format!("SigningInfo not found for validator {text}")))?;
    Ok(QuerySigningInfoResponse { val_signing_info: Some(to_proto(&address, &info)) })
}

fn signing_infos(ctx: &Context, request: QuerySigningInfosRequest) -> Answer<QuerySigningInfosResponse> {
    let prefix = SIGNING_INFOS.key(&[]).to_vec();
    let (info, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        let info: Info = from_json(value)?;
        Ok(Some(to_proto(&Address::new(key)?, &info)))
    })?;
    Ok(QuerySigningInfosResponse { info, pagination: Some(pagination) })
}
