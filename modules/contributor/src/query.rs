//! The queries of `openledger.contributor.v1.Query`: here reputations and statements, in `query/handles.rs` profiles and handles, in
//! `query/history.rs` histories.

mod handles;
mod history;

use cosmwasm_std::{from_json, Order, Uint256};
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::openledger::contributor::v1::*;

use crate::decay::{Moment, Sums};
use crate::keeper::Contributors;
use crate::reputation::known_role;
use crate::state::{REPUTATIONS, REPUTATIONS_IN, STATEMENTS, STORE};
use crate::statement::Line;

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Contributors, router: &mut Router) {
    let path = |method: &str| format!("/openledger.contributor.v1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(keeper.params(ctx)?.to_proto()) })
    });
    router.query(&path("Profile"), move |ctx, request| handles::profile(&keeper, ctx, &request));
    router.query(&path("ProfileByHandle"), move |ctx, request| handles::profile_by_handle(&keeper, ctx, &request));
    router.query(&path("HandleCommit"), move |ctx, request| handles::commit(&keeper, ctx, &request));
    router.query(&path("HandleProofs"), move |ctx, request| handles::proofs(&keeper, ctx, &request));
    router.query(&path("History"), move |ctx, request| history::of_actor(&keeper, ctx, &request));
    router.query(&path("HistoryByObject"), move |ctx, request| history::of_object(&keeper, ctx, &request));
    router.query(&path("HistoryByDatanet"), move |ctx, request| history::of_datanet(&keeper, ctx, &request));
    router.query(&path("Reputation"), move |ctx, request| reputation(&keeper, ctx, &request));
    router.query(&path("Reputations"), move |ctx, request| reputations(&keeper, ctx, &request));
    router.query(&path("Statement"), |ctx, request| statement(ctx, &request));
    router.query(&path("Statements"), |ctx, request| statements(ctx, &request));
}

fn reputation(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryReputationRequest,
) -> Answer<QueryReputationResponse> {
    let account: Address = request.address.parse()?;
    let view = keeper.view(ctx)?;
    let prefix = (REPUTATIONS.namespace_bytes(), account.as_bytes()).joined_prefix();
    let (reputations, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        // A datanet of 8 bytes after its length, then the role.
        let (datanet, role) = key.get(2..).and_then(|rest| rest.split_at_checked(8)).ok_or_else(no_page)?;
        let (datanet, role) = (number(datanet).ok_or_else(no_page)?, *role.first().ok_or_else(no_page)?);
        Ok(Some(view.of(from_json(value)?, &account, datanet, role)))
    })?;
    Ok(QueryReputationResponse { reputations, pagination: Some(pagination) })
}

fn reputations(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryReputationsRequest,
) -> Answer<QueryReputationsResponse> {
    let (scope, view) = (request.datanet_id, keeper.view(ctx)?);
    let kv = ctx.kv(STORE);
    let load = |role: u8, address: &[u8]| {
        let sums = REPUTATIONS.may_load(&*kv, (address, scope, role))?;
        let sums = sums.ok_or_else(|| Status::internal("a reputation is indexed and not there"))?;
        Ok(Some(view.of(sums, &Address::new(address)?, scope, role)))
    };
    let page = request.pagination.as_ref();
    let (reputations, pagination) = if request.role == 0 {
        let prefix = (REPUTATIONS_IN.namespace_bytes(), scope).joined_prefix();
        paginate(&*kv, &prefix, page, |key, _| {
            // A role of 1 byte after its length, then the address.
            let (role, address) = key.get(2..).and_then(<[u8]>::split_first).ok_or_else(no_page)?;
            load(*role, address)
        })?
    } else {
        let role = known_role(request.role).map_err(Status::invalid_argument)?;
        let prefix = (REPUTATIONS_IN.namespace_bytes(), scope, role).joined_prefix();
        paginate(&*kv, &prefix, page, |address, _| load(role, address))?
    };
    Ok(QueryReputationsResponse { reputations, pagination: Some(pagination) })
}

/// What a reputation is seen through: the moment and the price of a point.
struct View {
    moment: Moment,
    price: Uint256,
}

impl Contributors {
    fn view(&self, ctx: &Context) -> Answer<View> {
        let params = self.params(ctx)?;
        Ok(View { moment: self.moment(ctx, &params)?, price: params.usage_price })
    }
}

impl View {
    fn of(&self, sums: Sums, account: &Address, datanet: u64, role: u8) -> Reputation {
        let points = sums.points(self.moment, self.price);
        Reputation { record: Some(sums.to_proto(account, datanet, role)), points }
    }
}

fn statement(ctx: &Context, request: &QueryStatementRequest) -> Answer<QueryStatementResponse> {
    let account: Address = request.address.parse()?;
    let year = u16::try_from(request.year)
        .map_err(|_| Status::invalid_argument(format!("year {} is none: write e.g. 2026", request.year)))?;
    let mut lines = Vec::new();
    let kv = ctx.kv(STORE);
    for pair in STATEMENTS.prefix((account.as_bytes(), year)).range(&*kv, None, None, Order::Ascending) {
        let (kind, line) = pair?;
        lines.push(line.to_proto(&account, year, kind));
    }
    Ok(QueryStatementResponse { lines })
}

fn statements(ctx: &Context, request: &QueryStatementsRequest) -> Answer<QueryStatementsResponse> {
    let account: Address = request.address.parse()?;
    let prefix = (STATEMENTS.namespace_bytes(), account.as_bytes()).joined_prefix();
    let (lines, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        // A year of 2 bytes after its length, then the kind.
        let [_, _, high, low, kind] = key else { return Err(no_page()) };
        let line: Line = from_json(value)?;
        Ok(Some(line.to_proto(&account, u16::from_be_bytes([*high, *low]), *kind)))
    })?;
    Ok(QueryStatementsResponse { lines, pagination: Some(pagination) })
}

fn no_page() -> Status {
    Status::invalid_argument("pagination.key is not of a page")
}

fn number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.try_into().ok()?))
}
