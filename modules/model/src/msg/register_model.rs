//! `MsgRegisterModel`: a name under which its owner publishes versions.

use cosmwasm_std::Empty;
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgRegisterModel, MsgRegisterModelResponse};

use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;
use crate::sequence;
use crate::state::{MODELS, MODELS_BY_OWNER, MODEL_SEQ, STORE};
use crate::types::Model;

/// Most characters of a name.
const MAX_NAME_CHARS: usize = 64;
/// Most bytes of a description.
pub(crate) const MAX_DESCRIPTION_BYTES: usize = 1_024;

impl Handle<MsgRegisterModel> for Models {
    type Response = MsgRegisterModelResponse;

    fn validate(&self, msg: &MsgRegisterModel) -> Result<()> {
        wire::address("owner", &msg.owner)?;
        check_name(&msg.name)?;
        wire::text("description", &msg.description, MAX_DESCRIPTION_BYTES)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRegisterModel) -> Result<Self::Response> {
        let id = sequence::next(ctx, STORE, &MODEL_SEQ)?;
        let model = Model {
            id,
            owner: wire::address("owner", &msg.owner)?,
            name: msg.name.clone(),
            description: msg.description.clone(),
            registered_height: ctx.height(),
        };
        MODELS.save(&mut ctx.kv_mut(STORE), id, &model)?;
        MODELS_BY_OWNER.save(&mut ctx.kv_mut(STORE), (model.owner.as_bytes(), id), &Empty {})?;
        ctx.emit(
            Event::new(events::MODEL_REGISTERED).attr("model", id).attr("owner", &msg.owner).attr("name", &msg.name),
        );
        self.contributors.record(ctx, &model.owner, Role::Developer, (ObjectKind::Model, id), Outcome::Created)?;
        Ok(MsgRegisterModelResponse { model: id })
    }
}

/// A model's or an agent's name: 1 to 64 characters.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let chars = name.chars().count();
    if name.trim() != name || chars == 0 || chars > MAX_NAME_CHARS {
        let text = format!("name has 1 to {MAX_NAME_CHARS} characters without blanks around, not {name:?}");
        return Err(ModelError::Invalid(text).into());
    }
    Ok(())
}
