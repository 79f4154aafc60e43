//! `MsgDeploy`: a server puts a model version on offer, with a bond behind its answers.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{Mode, MsgDeploy, MsgDeployResponse};

use crate::deployment::Deployment;
use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;
use crate::sequence;
use crate::state::{DEPLOYMENTS_BY_SERVER, DEPLOYMENTS_BY_VERSION, DEPLOYMENT_SEQ, STORE};

/// Most bytes of an endpoint.
pub(crate) const MAX_ENDPOINT_BYTES: usize = 256;

impl Handle<MsgDeploy> for Models {
    type Response = MsgDeployResponse;

    fn validate(&self, msg: &MsgDeploy) -> Result<()> {
        wire::address("server", &msg.server)?;
        wire::text("endpoint", &msg.endpoint, MAX_ENDPOINT_BYTES)?;
        check_prices(&msg.base_price, &msg.byte_price)?;
        wire::base_coin("bond", msg.bond.as_ref())?;
        check_modes(&msg.modes)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgDeploy) -> Result<Self::Response> {
        let server = wire::address("server", &msg.server)?;
        let version = self.version_or_error(ctx, msg.model_version)?;
        self.check_may_serve(ctx, &version, &server)?;
        let (base_price, byte_price) = check_prices(&msg.base_price, &msg.byte_price)?;
        version.terms.check_prices(version.id, base_price, byte_price)?;
        let bond = wire::base_coin("bond", msg.bond.as_ref())?;
        let least = self.params(ctx)?.min_bond;
        if bond < least {
            return Err(ModelError::BondTooSmall { got: bond, least }.into());
        }
        self.take(ctx, &server, bond)?;
        let id = sequence::next(ctx, STORE, &DEPLOYMENT_SEQ)?;
        let deployment = Deployment {
            id,
            server,
            model_version: msg.model_version,
            endpoint: msg.endpoint.clone(),
            base_price,
            byte_price,
            bond,
            locked: Uint256::zero(),
            unbondings: Vec::new(),
            modes: msg.modes.clone(),
            active: true,
            registered_height: ctx.height(),
        };
        self.save_deployment(ctx, &deployment)?;
        self.index_deployment(ctx, &deployment)?;
        ctx.emit(
            Event::new(events::DEPLOYED)
                .attr("deployment", id)
                .attr("server", &msg.server)
                .attr("model_version", msg.model_version)
                .attr("endpoint", &msg.endpoint)
                .attr("base_price", base_price)
                .attr("byte_price", byte_price)
                .attr("bond", bond),
        );
        self.contributors.record(
            ctx,
            &deployment.server,
            Role::Server,
            (ObjectKind::Deployment, id),
            Outcome::Created,
        )?;
        Ok(MsgDeployResponse { deployment: id })
    }
}

impl Models {
    /// Stores what a deployment is found by.
    pub(crate) fn index_deployment(&self, ctx: &mut Context, deployment: &Deployment) -> Result<()> {
        let (kv, id) = (&mut ctx.kv_mut(STORE), deployment.id);
        DEPLOYMENTS_BY_VERSION.save(kv, (deployment.model_version, id), &Empty {})?;
        Ok(DEPLOYMENTS_BY_SERVER.save(kv, (deployment.server.as_bytes(), id), &Empty {})?)
    }
}

/// The prices of an answer and of an output byte: at most 128 bits each, so that no fee passes 256.
pub(crate) fn check_prices(base: &str, byte: &str) -> Result<(Uint256, Uint256)> {
    let price = |field: &str, text: &str| -> Result<Uint256> {
        let price = wire::amount(field, text)?;
        match price > Uint256::from(u128::MAX) {
            true => Err(ModelError::Invalid(format!("{field} of {price} passes 128 bits")).into()),
            false => Ok(price),
        }
    };
    Ok((price("base_price", base)?, price("byte_price", byte)?))
}

/// One or more known modes, ascending.
pub(crate) fn check_modes(modes: &[i32]) -> Result<()> {
    let known = |mode: &i32| Mode::try_from(*mode).is_ok_and(|mode| mode != Mode::Unspecified);
    let ascending = modes.iter().zip(modes.iter().skip(1)).all(|(a, b)| a < b);
    if modes.is_empty() || !ascending || !modes.iter().all(known) {
        return Err(ModelError::Invalid(format!("modes are one or more known ones, ascending, not {modes:?}")).into());
    }
    Ok(())
}
