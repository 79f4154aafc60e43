//! `MsgBeginUnbond`: free bond starts on its way out; from now on nothing can be settled against it.
//!
//! What settlements lock cannot leave, so no liability is ever without money behind it, whatever the unbonding time.

use openledger_core::{wire, Context, Event, Handle, Result, SdkError};
use openledger_proto::openledger::model::v1::{MsgBeginUnbond, MsgBeginUnbondResponse};

use crate::deployment::Unbonding;
use crate::error::ModelError;
use crate::events;
use crate::keeper::Models;

/// Most unbondings under way at once (SDK x/staking's `max_entries`).
pub(crate) const MAX_UNBONDINGS: usize = 7;

impl Handle<MsgBeginUnbond> for Models {
    type Response = MsgBeginUnbondResponse;

    fn validate(&self, msg: &MsgBeginUnbond) -> Result<()> {
        wire::address("server", &msg.server)?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgBeginUnbond) -> Result<Self::Response> {
        let mut deployment = self.deployment_or_error(ctx, msg.deployment)?;
        deployment.check_server(&msg.server)?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        let free = deployment.free();
        if amount > free {
            return Err(ModelError::InsufficientBond { deployment: deployment.id, free, needed: amount }.into());
        }
        if deployment.unbondings.len() >= MAX_UNBONDINGS {
            let text = format!("{MAX_UNBONDINGS} unbondings are under way; withdraw one first");
            return Err(ModelError::Unbonding(text).into());
        }
        let seconds = self.params(ctx)?.unbonding_seconds;
        let completion_time = i64::try_from(seconds).ok().and_then(|s| ctx.block().time_seconds.checked_add(s));
        let completion_time =
            completion_time.ok_or_else(|| SdkError::Logic("the unbonding ends beyond all time".into()))?;
        deployment.bond = wire::sub(deployment.bond, amount)?;
        deployment.unbondings.push(Unbonding { amount, completion_time });
        // The parameter may have been shortened meanwhile.
        deployment.unbondings.sort_by_key(|unbonding| unbonding.completion_time);
        self.save_deployment(ctx, &deployment)?;
        ctx.emit(
            Event::new(events::UNBOND_BEGUN)
                .attr("deployment", deployment.id)
                .attr("server", &msg.server)
                .attr("amount", amount)
                .attr("completion_time", completion_time),
        );
        Ok(MsgBeginUnbondResponse { completion_time })
    }
}
