//! `MsgRegisterModelVersion`: what a model is made of and on what terms it may be used, fixed for ever.
//!
//! The declared datanet versions are what answers are attributed to; they exist and are frozen, so nothing can be added to or taken out
//! of a model version's corpus later (a tombstone apart). Whatever parents, datanets and feedback ask of it is checked here, once.

use cosmwasm_std::Empty;
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgRegisterModelVersion, MsgRegisterModelVersionResponse};

use crate::error::ModelError;
use crate::events;
use crate::feedback::FeedbackStatus;
use crate::keeper::Models;
use crate::lineage::{self, Lineage, MAX_ANCESTORS, WHOLE};
use crate::sequence;
use crate::state::{CHILDREN, DESCENDANTS, STORE, VERSIONS, VERSIONS_BY_MODEL, VERSION_SEQ};
use crate::terms::Terms;
use crate::types::{Adapter, DatanetVersion, FeedbackShare, ModelVersion, Parent};

/// Most bytes of a recipe.
const MAX_RECIPE_BYTES: usize = 4_096;
/// Most datanets of a version: their baselines are credited one by one.
const MAX_DATANETS: usize = 16;

impl Handle<MsgRegisterModelVersion> for Models {
    type Response = MsgRegisterModelVersionResponse;

    fn validate(&self, msg: &MsgRegisterModelVersion) -> Result<()> {
        wire::address("owner", &msg.owner)?;
        wire::hash("weights_hash", &msg.weights_hash)?;
        Terms::from_proto(msg.terms.as_ref())?;
        let datanets: Vec<_> = msg.datanets.iter().map(DatanetVersion::from_proto).collect();
        let parents: Vec<_> = msg.parents.iter().map(Parent::from_proto).collect();
        let adapter = adapter(msg)?;
        Form {
            recipe: &msg.recipe,
            datanets: &datanets,
            parents: &parents,
            adapter: adapter.as_ref(),
            royalty_bps: msg.royalty_bps,
            incorporates: &msg.incorporates,
        }
        .check()
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRegisterModelVersion) -> Result<Self::Response> {
        let model = self.owned_model(ctx, msg.model, &msg.owner)?;
        let terms = Terms::from_proto(msg.terms.as_ref())?;
        let datanets: Vec<_> = msg.datanets.iter().map(DatanetVersion::from_proto).collect();
        self.check_corpus(ctx, &datanets, &terms)?;
        let adapter = adapter(msg)?;
        let parents: Vec<_> = msg.parents.iter().map(Parent::from_proto).collect();
        let lineage = self.inherit(ctx, msg, &parents, adapter.as_ref(), &terms)?;
        let version = ModelVersion {
            id: sequence::next(ctx, STORE, &VERSION_SEQ)?,
            model: model.id,
            weights_hash: msg.weights_hash.clone().into(),
            recipe: msg.recipe.clone(),
            datanets,
            parents,
            royalty_bps: msg.royalty_bps,
            ancestors: lineage.ancestors,
            depth: lineage.depth,
            registered_height: ctx.height(),
            terms,
            adapter,
            incorporates: msg.incorporates.clone(),
            feedback: lineage.feedback,
        };
        self.save_version(ctx, &version)?;
        ctx.emit(
            Event::new(events::VERSION_REGISTERED)
                .attr("model_version", version.id)
                .attr("model", model.id)
                .attr("owner", &msg.owner)
                .attr("weights_hash", hex::encode(&msg.weights_hash))
                .attr("depth", version.depth)
                .attr("parents", listed(version.parents.iter().map(|parent| parent.version)))
                .attr("licence", &version.terms.licence)
                .attr("incorporates", listed(version.incorporates.iter().copied())),
        );
        let object = (ObjectKind::ModelVersion, version.id);
        self.contributors.record(ctx, &model.owner, Role::Developer, object, Outcome::Published)?;
        Ok(MsgRegisterModelVersionResponse { model_version: version.id })
    }
}

fn adapter(msg: &MsgRegisterModelVersion) -> Result<Option<Adapter>> {
    msg.adapter.as_ref().map(Adapter::from_proto).transpose()
}

/// Numbers with commas between.
pub(crate) fn listed(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}

impl Models {
    /// Every declared datanet version exists, and its datanet's licence is honoured.
    fn check_corpus(&self, ctx: &Context, datanets: &[DatanetVersion], terms: &Terms) -> Result<()> {
        for DatanetVersion { datanet, version } in datanets {
            if self.datanets.version(ctx, *datanet, *version)?.is_none() {
                return Err(ModelError::Corpus(format!("datanet {datanet} has no version {version}")).into());
            }
            if let Some(declared) = self.datanets.datanet(ctx, *datanet)? {
                terms.check_datanet(*datanet, &declared.licence)?;
            }
        }
        Ok(())
    }

    /// Checks a new version against its parents, and flattens what it inherits and incorporates.
    fn inherit(
        &self,
        ctx: &Context,
        msg: &MsgRegisterModelVersion,
        parents: &[Parent],
        adapter: Option<&Adapter>,
        terms: &Terms,
    ) -> Result<Lineage> {
        let mut known = Vec::new();
        for parent in parents {
            let version = self.version_or_error(ctx, parent.version)?;
            version.terms.check_child(version.id, terms)?;
            known.push((*parent, version));
        }
        lineage::check_weights(&msg.weights_hash, adapter, &known)?;
        let known: Vec<_> = known.into_iter().map(|(_, version)| version).collect();
        // First without: whose feedback may go into it depends on who its ancestors are.
        let inherited = lineage::flatten(&known, Vec::new())?;
        let mut own = Vec::new();
        for id in &msg.incorporates {
            own.push(self.incorporated(ctx, *id, msg.model, &inherited)?);
        }
        Ok(lineage::flatten(&known, own)?)
    }

    /// What a feedback earns of a version of this model with this lineage.
    fn incorporated(&self, ctx: &Context, id: u64, model: u64, lineage: &Lineage) -> Result<FeedbackShare> {
        let feedback = self.feedback_or_error(ctx, id)?;
        if feedback.status != FeedbackStatus::Accepted {
            let text = format!("feedback {id} is {:?}; only accepted feedback goes into a version", feedback.status);
            return Err(ModelError::Feedback(text).into());
        }
        let on = self.version_or_error(ctx, feedback.model_version)?;
        if on.model != model && !lineage.ancestors.iter().any(|ancestor| ancestor.version == on.id) {
            let text =
                format!("feedback {id} is on model version {}, which is neither of this model nor an ancestor", on.id);
            return Err(ModelError::Feedback(text).into());
        }
        Ok(FeedbackShare { feedback: id, author: feedback.author, bps: on.terms.feedback_bps })
    }

    /// Stores a version and its indices.
    pub(crate) fn save_version(&self, ctx: &mut Context, version: &ModelVersion) -> Result<()> {
        let (kv, id) = (&mut ctx.kv_mut(STORE), version.id);
        VERSIONS.save(kv, id, version)?;
        VERSIONS_BY_MODEL.save(kv, (version.model, id), &Empty {})?;
        for parent in &version.parents {
            CHILDREN.save(kv, (parent.version, id), &Empty {})?;
        }
        for ancestor in &version.ancestors {
            DESCENDANTS.save(kv, (ancestor.version, id), &Empty {})?;
        }
        Ok(())
    }
}

/// What of a version can be judged from itself alone.
pub(crate) struct Form<'a> {
    /// How it was made.
    pub recipe: &'a str,
    /// What it was trained on.
    pub datanets: &'a [DatanetVersion],
    /// What it comes from.
    pub parents: &'a [Parent],
    /// For an adapter.
    pub adapter: Option<&'a Adapter>,
    /// What each descendant pays.
    pub royalty_bps: u32,
    /// Feedback that went into it.
    pub incorporates: &'a [u64],
}

impl Form<'_> {
    /// Refuses what is wrong in itself. Datanets stand once each: a datanet's baseline has one accumulator.
    pub fn check(&self) -> Result<()> {
        wire::text("recipe", self.recipe, MAX_RECIPE_BYTES)?;
        let refuse = |text: String| Err(ModelError::Invalid(text).into());
        if self.datanets.is_empty() || self.datanets.len() > MAX_DATANETS {
            let count = self.datanets.len();
            return refuse(format!("a model version declares 1 to {MAX_DATANETS} datanets, not {count}"));
        }
        if !self.datanets.iter().zip(self.datanets.iter().skip(1)).all(|(a, b)| a.datanet < b.datanet) {
            return refuse("datanets stand in ascending order, each once".into());
        }
        lineage::check_kinds(self.parents, self.adapter)?;
        if self.royalty_bps > WHOLE {
            return refuse(format!("a royalty of {} basis points passes {WHOLE}", self.royalty_bps));
        }
        let ascending = self.incorporates.iter().zip(self.incorporates.iter().skip(1)).all(|(a, b)| a < b);
        if self.incorporates.len() > MAX_ANCESTORS || !ascending {
            let count = self.incorporates.len();
            let text = format!("incorporated feedback is at most {MAX_ANCESTORS}, ascending, each once, not {count}");
            return refuse(text);
        }
        Ok(())
    }
}
