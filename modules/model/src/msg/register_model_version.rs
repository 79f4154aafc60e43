//! `MsgRegisterModelVersion`: what a model is made of, fixed for ever.
//!
//! The declared datanet versions are what answers are attributed to; they exist and are frozen, so nothing can be added to or taken out
//! of a model version's corpus later (a tombstone apart).

use cosmwasm_std::Empty;
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{LineageKind, MsgRegisterModelVersion, MsgRegisterModelVersionResponse};

use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;
use crate::lineage::{self, MAX_PARENTS, WHOLE};
use crate::sequence;
use crate::state::{STORE, VERSIONS, VERSIONS_BY_MODEL, VERSION_SEQ};
use crate::types::{DatanetVersion, ModelVersion, Parent};

/// Most bytes of a recipe.
const MAX_RECIPE_BYTES: usize = 4_096;
/// Most datanets of a version: their baselines are credited one by one.
const MAX_DATANETS: usize = 16;

impl Handle<MsgRegisterModelVersion> for Models {
    type Response = MsgRegisterModelVersionResponse;

    fn validate(&self, msg: &MsgRegisterModelVersion) -> Result<()> {
        wire::address("owner", &msg.owner)?;
        wire::hash("weights_hash", &msg.weights_hash)?;
        wire::text("recipe", &msg.recipe, MAX_RECIPE_BYTES)?;
        check_datanets(&msg.datanets.iter().map(DatanetVersion::from_proto).collect::<Vec<_>>())?;
        let parents: Vec<_> = msg.parents.iter().map(|p| Parent { version: p.version, kind: p.kind }).collect();
        check_terms(&parents, msg.royalty_bps)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRegisterModelVersion) -> Result<Self::Response> {
        let model = self.model_or_error(ctx, msg.model)?;
        let owner = model.owner.to_string();
        if owner != msg.owner {
            return Err(ModelError::NotOwner { what: "model", id: model.id, owner, got: msg.owner.clone() }.into());
        }
        let datanets: Vec<_> = msg.datanets.iter().map(DatanetVersion::from_proto).collect();
        for DatanetVersion { datanet, version } in &datanets {
            if self.datanets.version(ctx, *datanet, *version)?.is_none() {
                return Err(ModelError::Corpus(format!("datanet {datanet} has no version {version}")).into());
            }
        }
        let parents: Vec<_> = msg.parents.iter().map(|p| Parent { version: p.version, kind: p.kind }).collect();
        let (ancestors, depth) = lineage::flatten(self, ctx, &parents)?;
        let id = sequence::next(ctx, STORE, &VERSION_SEQ)?;
        let version = ModelVersion {
            id,
            model: model.id,
            weights_hash: msg.weights_hash.clone().into(),
            recipe: msg.recipe.clone(),
            datanets,
            parents,
            royalty_bps: msg.royalty_bps,
            ancestors,
            depth,
            registered_height: ctx.height(),
        };
        VERSIONS.save(&mut ctx.kv_mut(STORE), id, &version)?;
        VERSIONS_BY_MODEL.save(&mut ctx.kv_mut(STORE), (model.id, id), &Empty {})?;
        ctx.emit(
            Event::new(events::VERSION_REGISTERED)
                .attr("model_version", id)
                .attr("model", model.id)
                .attr("owner", &owner)
                .attr("weights_hash", hex::encode(&msg.weights_hash))
                .attr("depth", depth),
        );
        self.contributors.record(ctx, &model.owner, Role::Owner, (ObjectKind::ModelVersion, id), Outcome::Published)?;
        Ok(MsgRegisterModelVersionResponse { model_version: id })
    }
}

/// 1 to 16 datanet versions, ascending, each datanet once: a datanet's baseline has one accumulator.
pub(crate) fn check_datanets(datanets: &[DatanetVersion]) -> Result<()> {
    if datanets.is_empty() || datanets.len() > MAX_DATANETS {
        let text = format!("a model version declares 1 to {MAX_DATANETS} datanets, not {}", datanets.len());
        return Err(ModelError::Invalid(text).into());
    }
    let ascending = datanets.iter().zip(datanets.iter().skip(1)).all(|(a, b)| a.datanet < b.datanet);
    if !ascending {
        return Err(ModelError::Invalid("datanets stand in ascending order, each once".into()).into());
    }
    Ok(())
}

/// At most 16 parents, ascending, each in a known relation; a royalty of at most the whole.
pub(crate) fn check_terms(parents: &[Parent], royalty_bps: u32) -> Result<()> {
    if parents.len() > MAX_PARENTS {
        return Err(ModelError::Invalid(format!("{} parents are more than {MAX_PARENTS}", parents.len())).into());
    }
    if !parents.iter().zip(parents.iter().skip(1)).all(|(a, b)| a.version < b.version) {
        return Err(ModelError::Invalid("parents stand in ascending order, each once".into()).into());
    }
    let known = |kind| LineageKind::try_from(kind).is_ok_and(|kind| kind != LineageKind::Unspecified);
    if let Some(parent) = parents.iter().find(|parent| !known(parent.kind)) {
        let text = format!("parent {} has no known kind of lineage ({})", parent.version, parent.kind);
        return Err(ModelError::Invalid(text).into());
    }
    if royalty_bps > WHOLE {
        return Err(ModelError::Invalid(format!("a royalty of {royalty_bps} basis points passes {WHOLE}")).into());
    }
    Ok(())
}
