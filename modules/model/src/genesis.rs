//! Genesis: all objects; indices and numbers follow from them.

use cosmwasm_std::{Empty, Order, Uint256};
use openledger_core::{wire, Address, Context, Result, BASE_DENOM};
use openledger_proto::openledger::model::v1::{Attestation, GenesisState};
use openledger_proto::Message;

use crate::error::ModelError;
use crate::keeper::Models;
use crate::msg::{check_datanets, check_modes, check_terms};
use crate::params::Params;
use crate::state::*;
use crate::types::{DatanetVersion, Deployment, Model, ModelVersion};
use crate::NAME;

/// A genesis, read and checked as far as it goes without the other modules.
pub(crate) struct Genesis {
    params: Params,
    models: Vec<Model>,
    versions: Vec<ModelVersion>,
    deployments: Vec<Deployment>,
    attestations: Vec<(u64, DatanetVersion, u64)>,
}

/// The parameters' defaults and nothing else.
pub(crate) fn default() -> GenesisState {
    GenesisState { params: Some(Params::default().to_proto()), ..GenesisState::default() }
}

/// Decodes and checks.
pub(crate) fn read(genesis: &[u8]) -> Result<Genesis> {
    let genesis = GenesisState::decode(genesis).map_err(|error| invalid(error.to_string()))?;
    let attestation = |a: &Attestation| {
        let corpus = a.corpus.as_ref().map(DatanetVersion::from_proto);
        corpus
            .map(|corpus| (a.deployment, corpus, a.height))
            .ok_or_else(|| invalid("an attestation has no corpus".into()))
    };
    let read = Genesis {
        params: Params::from_proto(genesis.params.as_ref())?,
        models: genesis.models.iter().map(Model::from_proto).collect::<Result<_>>()?,
        versions: genesis.versions.iter().map(ModelVersion::from_proto).collect::<Result<_>>()?,
        deployments: genesis.deployments.iter().map(Deployment::from_proto).collect::<Result<_>>()?,
        attestations: genesis.attestations.iter().map(attestation).collect::<Result<_, _>>()?,
    };
    read.check()?;
    Ok(read)
}

impl Genesis {
    fn check(&self) -> Result<()> {
        ascending("models", self.models.iter().map(|model| model.id))?;
        ascending("versions", self.versions.iter().map(|version| version.id))?;
        ascending("deployments", self.deployments.iter().map(|deployment| deployment.id))?;
        let model = |id| self.models.binary_search_by_key(&id, |model| model.id).is_ok();
        for (place, version) in self.versions.iter().enumerate() {
            check_datanets(&version.datanets)?;
            check_terms(&version.parents, version.royalty_bps)?;
            let before = self.versions.get(..place).unwrap_or_default();
            let earlier = |id: u64| before.iter().any(|other| other.id == id);
            let lineage = version.parents.iter().map(|parent| parent.version);
            let known = lineage.chain(version.ancestors.iter().map(|ancestor| ancestor.version)).all(earlier);
            let sum = version.ancestors.iter().fold(0u64, |sum, a| sum.saturating_add(u64::from(a.royalty_bps)));
            if !model(version.model) || !known || sum > u64::from(crate::lineage::WHOLE) {
                return Err(invalid(format!("version {} has an unknown model or lineage", version.id)).into());
            }
        }
        let version = |id| self.versions.iter().find(|version| version.id == id);
        for deployment in &self.deployments {
            check_modes(&deployment.modes)?;
            if version(deployment.model_version).is_none() || deployment.locked > deployment.bond {
                let text = format!("deployment {} has no model version, or locks more than its bond", deployment.id);
                return Err(invalid(text).into());
            }
        }
        for (deployment, corpus, _) in &self.attestations {
            let of = self.deployments.iter().find(|other| other.id == *deployment);
            let declared = of.and_then(|of| version(of.model_version)).is_some_and(|v| v.datanets.contains(corpus));
            if !declared {
                return Err(invalid(format!("deployment {deployment} attests what is not declared")).into());
            }
        }
        Ok(())
    }
}

fn ascending(what: &str, ids: impl Iterator<Item = u64>) -> Result<()> {
    let mut last = 0;
    for id in ids {
        if id <= last {
            return Err(invalid(format!("{what} are numbered from 1, ascending; {id} follows {last}")).into());
        }
        last = id;
    }
    Ok(())
}

fn invalid(text: String) -> ModelError {
    ModelError::InvalidGenesis(text)
}

/// Takes a genesis over; the bank's must be there already.
pub(crate) fn init(models: &Models, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let genesis = read(genesis)?;
    models.auth.ensure_module(ctx, NAME)?;
    let kv = &mut ctx.kv_mut(STORE);
    PARAMS.save(kv, &genesis.params)?;
    for model in &genesis.models {
        MODELS.save(kv, model.id, model)?;
        MODELS_BY_OWNER.save(kv, (model.owner.as_bytes(), model.id), &Empty {})?;
        MODEL_SEQ.save(kv, &model.id)?;
    }
    for version in &genesis.versions {
        VERSIONS.save(kv, version.id, version)?;
        VERSIONS_BY_MODEL.save(kv, (version.model, version.id), &Empty {})?;
        VERSION_SEQ.save(kv, &version.id)?;
    }
    for deployment in &genesis.deployments {
        DEPLOYMENTS.save(kv, deployment.id, deployment)?;
        DEPLOYMENTS_BY_VERSION.save(kv, (deployment.model_version, deployment.id), &Empty {})?;
        DEPLOYMENT_SEQ.save(kv, &deployment.id)?;
    }
    for (deployment, corpus, height) in &genesis.attestations {
        ATTESTATIONS.save(kv, (*deployment, corpus.datanet, corpus.version), height)?;
    }
    check_solvency(models, ctx)
}

/// The state as a genesis.
pub(crate) fn export(models: &Models, ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut genesis = GenesisState { params: Some(models.params(ctx)?.to_proto()), ..GenesisState::default() };
    for entry in MODELS.range(&*kv, None, None, Order::Ascending) {
        genesis.models.push(entry?.1.to_proto());
    }
    for entry in VERSIONS.range(&*kv, None, None, Order::Ascending) {
        genesis.versions.push(entry?.1.to_proto());
    }
    for entry in DEPLOYMENTS.range(&*kv, None, None, Order::Ascending) {
        genesis.deployments.push(entry?.1.to_proto());
    }
    for entry in ATTESTATIONS.range(&*kv, None, None, Order::Ascending) {
        let ((deployment, datanet, version), height) = entry?;
        let corpus = Some(DatanetVersion { datanet, version }.to_proto());
        genesis.attestations.push(Attestation { deployment, corpus, height });
    }
    Ok(genesis)
}

/// The module account holds exactly all bonds and unbondings, and no bond is locked beyond itself.
pub(crate) fn check_solvency(models: &Models, ctx: &Context) -> Result<()> {
    let mut owed = Uint256::zero();
    for entry in DEPLOYMENTS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let (id, deployment) = entry?;
        if deployment.locked > deployment.bond {
            let Deployment { locked, bond, .. } = deployment;
            return Err(invalid(format!("deployment {id} locks {locked} of a bond of {bond}")).into());
        }
        owed = wire::add(owed, deployment.bond)?;
        for unbonding in &deployment.unbondings {
            owed = wire::add(owed, unbonding.amount)?;
        }
    }
    let held = models.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
    if held != owed {
        return Err(invalid(format!("bonds and unbondings are {owed}, the module account holds {held}")).into());
    }
    Ok(())
}
