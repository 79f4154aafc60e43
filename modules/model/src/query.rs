//! The queries of models, versions, deployments and attestations; the others are in `query_more.rs`.

use cosmwasm_std::from_json;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Router, Status};
use openledger_proto::openledger::model::v1::*;

use crate::deployment;
use crate::error::ModelError;
use crate::keeper::Models;
use crate::sequence::{id_of, prefix};
use crate::state::*;
use crate::types;

pub(crate) type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(models: Models, router: &mut Router) {
    let path = |method: &str| format!("/openledger.model.v1.Query/{method}");
    router.query(&path("Params"), move |ctx, _: QueryParamsRequest| {
        Ok(QueryParamsResponse { params: Some(models.params(ctx)?.to_proto()) })
    });
    router.query(&path("Model"), move |ctx, request: QueryModelRequest| {
        let model = models.model(ctx, request.id)?.ok_or_else(|| missing("model", request.id))?;
        Ok(QueryModelResponse { model: Some(model.to_proto()) })
    });
    router.query(&path("ModelVersion"), move |ctx, request: QueryModelVersionRequest| {
        let version = models.version(ctx, request.id)?.ok_or_else(|| missing("model version", request.id))?;
        Ok(QueryModelVersionResponse { version: Some(version.to_proto()) })
    });
    router.query(&path("Deployment"), move |ctx, request: QueryDeploymentRequest| {
        let deployment = models.deployment(ctx, request.id)?.ok_or_else(|| missing("deployment", request.id))?;
        Ok(QueryDeploymentResponse { deployment: Some(deployment.to_proto()) })
    });
    router.query(&path("Models"), move |ctx, request| list_models(&models, ctx, &request));
    router.query(&path("ModelVersions"), move |ctx, request| list_versions(&models, ctx, &request));
    router.query(&path("Deployments"), move |ctx, request| list_deployments(&models, ctx, &request));
    router.query(&path("Attestations"), list_attestations);
}

pub(crate) fn missing(what: &'static str, id: u64) -> Status {
    Status::not_found(ModelError::NotFound { what, id }.to_string())
}

fn list_models(models: &Models, ctx: &Context, request: &QueryModelsRequest) -> Answer<QueryModelsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (models, pagination) = if request.owner.is_empty() {
        paginate(&*kv, &prefix(&MODELS, ()), page, |_, value| Ok(Some(from_json::<types::Model>(value)?.to_proto())))?
    } else {
        let owner: Address = request.owner.parse()?;
        paginate(&*kv, &prefix(&MODELS_BY_OWNER, owner.as_bytes()), page, |key, _| {
            Ok(Some(models.model_or_error(ctx, id_of(key)?)?.to_proto()))
        })?
    };
    Ok(QueryModelsResponse { models, pagination: Some(pagination) })
}

fn list_versions(
    models: &Models,
    ctx: &Context,
    request: &QueryModelVersionsRequest,
) -> Answer<QueryModelVersionsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let (versions, pagination) = match request.model {
        0 => paginate(&*kv, &prefix(&VERSIONS, ()), page, |_, value| {
            Ok(Some(from_json::<types::ModelVersion>(value)?.to_proto()))
        })?,
        model => paginate(&*kv, &prefix(&VERSIONS_BY_MODEL, model), page, |key, _| {
            Ok(Some(models.version_or_error(ctx, id_of(key)?)?.to_proto()))
        })?,
    };
    Ok(QueryModelVersionsResponse { versions, pagination: Some(pagination) })
}

fn list_deployments(
    models: &Models,
    ctx: &Context,
    request: &QueryDeploymentsRequest,
) -> Answer<QueryDeploymentsResponse> {
    let (kv, page) = (ctx.kv(STORE), request.pagination.as_ref());
    let listed =
        |key: &[u8], _: &[u8]| -> Answer<_> { Ok(Some(models.deployment_or_error(ctx, id_of(key)?)?.to_proto())) };
    let (deployments, pagination) = match (request.model_version, request.server.as_str()) {
        (0, "") => paginate(&*kv, &prefix(&DEPLOYMENTS, ()), page, |_, value| {
            Ok(Some(from_json::<deployment::Deployment>(value)?.to_proto()))
        })?,
        (0, server) => {
            let server: Address = server.parse()?;
            paginate(&*kv, &prefix(&DEPLOYMENTS_BY_SERVER, server.as_bytes()), page, listed)?
        }
        (version, "") => paginate(&*kv, &prefix(&DEPLOYMENTS_BY_VERSION, version), page, listed)?,
        _ => return Err(Status::invalid_argument("deployments are listed by model_version or by server, not by both")),
    };
    Ok(QueryDeploymentsResponse { deployments, pagination: Some(pagination) })
}

fn list_attestations(ctx: &Context, request: QueryAttestationsRequest) -> Answer<QueryAttestationsResponse> {
    let deployment = request.deployment;
    let (attestations, pagination) =
        paginate(&*ctx.kv(STORE), &prefix(&ATTESTATIONS, deployment), request.pagination.as_ref(), |key, value| {
            // The datanet, with its length before it, and the version.
            let corpus =
                key.get(2..10).zip(key.get(10..)).map(|(datanet, version)| (datanet.try_into(), version.try_into()));
            let Some((Ok(datanet), Ok(version))) = corpus else {
                return Err(Status::internal("an attestation's key is malformed"));
            };
            let (datanet, version) = (u64::from_be_bytes(datanet), u32::from_be_bytes(version));
            Ok(Some(Attestation {
                deployment,
                corpus: Some(DatanetVersion { datanet, version }),
                height: from_json(value)?,
            }))
        })?;
    Ok(QueryAttestationsResponse { attestations, pagination: Some(pagination) })
}
