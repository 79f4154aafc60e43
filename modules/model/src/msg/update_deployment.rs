//! `MsgUpdateDeployment`: endpoint, prices of new sessions, and whether it takes any. Open sessions keep what they pinned.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgUpdateDeployment, MsgUpdateDeploymentResponse};

use super::deploy::{check_prices, MAX_ENDPOINT_BYTES};
use crate::events;
use crate::keeper::Models;

impl Handle<MsgUpdateDeployment> for Models {
    type Response = MsgUpdateDeploymentResponse;

    fn validate(&self, msg: &MsgUpdateDeployment) -> Result<()> {
        wire::address("server", &msg.server)?;
        wire::text("endpoint", &msg.endpoint, MAX_ENDPOINT_BYTES)?;
        check_prices(&msg.base_price, &msg.byte_price).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateDeployment) -> Result<Self::Response> {
        let mut deployment = self.deployment_or_error(ctx, msg.deployment)?;
        deployment.check_server(&msg.server)?;
        (deployment.base_price, deployment.byte_price) = check_prices(&msg.base_price, &msg.byte_price)?;
        let version = self.version_or_error(ctx, deployment.model_version)?;
        version.terms.check_prices(version.id, deployment.base_price, deployment.byte_price)?;
        deployment.endpoint = msg.endpoint.clone();
        let retired = deployment.active && !msg.active;
        deployment.active = msg.active;
        self.save_deployment(ctx, &deployment)?;
        ctx.emit(
            Event::new(events::DEPLOYMENT_UPDATED)
                .attr("deployment", deployment.id)
                .attr("server", &msg.server)
                .attr("endpoint", &msg.endpoint)
                .attr("base_price", deployment.base_price)
                .attr("byte_price", deployment.byte_price)
                .attr("active", deployment.active),
        );
        let outcome = if retired { Outcome::Retired } else { Outcome::Updated };
        self.contributors.record(
            ctx,
            &deployment.server,
            Role::Server,
            (ObjectKind::Deployment, deployment.id),
            outcome,
        )?;
        Ok(MsgUpdateDeploymentResponse {})
    }
}
