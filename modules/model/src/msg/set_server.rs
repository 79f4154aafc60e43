//! `MsgSetServer`: the model's owner lets a server deploy a version whose serving is permitted, or lets it no longer.
//!
//! Open sessions go on: their payers have paid in already. New ones are refused from now on.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgSetServer, MsgSetServerResponse};

use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;
use crate::state::{SERVERS, STORE};
use crate::terms::Serving;

impl Handle<MsgSetServer> for Models {
    type Response = MsgSetServerResponse;

    fn validate(&self, msg: &MsgSetServer) -> Result<()> {
        wire::address("owner", &msg.owner)?;
        wire::address("server", &msg.server).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSetServer) -> Result<Self::Response> {
        let version = self.version_or_error(ctx, msg.model_version)?;
        let model = self.owned_model(ctx, version.model, &msg.owner)?;
        let (id, server) = (version.id, wire::address("server", &msg.server)?);
        if version.terms.serving == Serving::Open {
            let text = format!("model version {id} may be served by anybody; that is fixed with it");
            return Err(ModelError::Invalid(text).into());
        }
        let key = (id, server.as_bytes());
        if SERVERS.has(&*ctx.kv(STORE), key) == msg.allowed {
            let word = if msg.allowed { "may serve" } else { "may not serve" };
            return Err(ModelError::Invalid(format!("{server} {word} model version {id} already")).into());
        }
        let height = ctx.height();
        match msg.allowed {
            true => SERVERS.save(&mut ctx.kv_mut(STORE), key, &height)?,
            false => SERVERS.remove(&mut ctx.kv_mut(STORE), key),
        }
        ctx.emit(
            Event::new(events::SERVER_SET)
                .attr("model_version", id)
                .attr("server", &server)
                .attr("allowed", msg.allowed),
        );
        self.contributors.record(ctx, &model.owner, Role::Owner, (ObjectKind::ModelVersion, id), Outcome::Updated)?;
        Ok(MsgSetServerResponse {})
    }
}
