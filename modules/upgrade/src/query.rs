//! The queries of `cosmos.upgrade.v1beta1.Query`.
//!
//! Source: `cosmossdk.io/x/upgrade` v0.1 `keeper/grpc_query.go`.

use openledger_auth::authority;
use openledger_core::{Context, Error, Router, Status};
use openledger_proto::cosmos::upgrade::v1beta1::*;

use crate::error::UpgradeError;
use crate::keeper::Upgrade;
use crate::state::{self, STORE};

/// Registers the queries.
#[allow(deprecated, reason = "the retired query is still asked")]
pub(crate) fn register(upgrade: &Upgrade, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.upgrade.v1beta1.Query/{method}");
    let keeper = upgrade.clone();
    router.query(&path("CurrentPlan"), move |ctx, _: QueryCurrentPlanRequest| {
        Ok(QueryCurrentPlanResponse { plan: keeper.plan(ctx)? })
    });
    let keeper = upgrade.clone();
    router.query(&path("AppliedPlan"), move |ctx, request: QueryAppliedPlanRequest| {
        let height = keeper.done_height(ctx, &request.name)?.unwrap_or_default();
        Ok(QueryAppliedPlanResponse { height: i64::try_from(height).unwrap_or(i64::MAX) })
    });
    let keeper = upgrade.clone();
    router.query(&path("UpgradedConsensusState"), move |ctx, request: QueryUpgradedConsensusStateRequest| {
        let height = u64::try_from(request.last_height).unwrap_or_default();
        let upgraded_consensus_state = keeper.upgraded_consensus_state(ctx, height).unwrap_or_default();
        Ok(QueryUpgradedConsensusStateResponse { upgraded_consensus_state })
    });
    router.query(&path("ModuleVersions"), |ctx, request| module_versions(ctx, &request));
    router.query(&path("Authority"), |_, _: QueryAuthorityRequest| {
        Ok(QueryAuthorityResponse { address: authority().to_string() })
    });
}

fn module_versions(ctx: &Context, request: &QueryModuleVersionsRequest) -> Result<QueryModuleVersionsResponse, Status> {
    let asked = request.module_name.as_str();
    let versions = state::versions(&*ctx.kv(STORE))?.into_iter();
    let module_versions: Vec<ModuleVersion> = versions
        .filter(|(name, _)| asked.is_empty() || name == asked)
        .map(|(name, version)| ModuleVersion { name, version })
        .collect();
    if module_versions.is_empty() && !asked.is_empty() {
        return Err(Error::from(UpgradeError::NoModuleVersion(asked.into())).into());
    }
    Ok(QueryModuleVersionsResponse { module_versions })
}
