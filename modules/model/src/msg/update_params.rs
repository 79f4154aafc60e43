//! `MsgUpdateParams`: the authority sets all parameters.

use openledger_auth::check_authority;
use openledger_core::{Context, Event, Handle, Result};
use openledger_proto::openledger::model::v1::{MsgUpdateParams, MsgUpdateParamsResponse};

use crate::events;
use crate::keeper::Models;
use crate::params::Params;
use crate::state::{PARAMS, STORE};

impl Handle<MsgUpdateParams> for Models {
    type Response = MsgUpdateParamsResponse;

    fn validate(&self, msg: &MsgUpdateParams) -> Result<()> {
        Params::from_proto(msg.params.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateParams) -> Result<Self::Response> {
        check_authority(&msg.authority)?;
        let params = Params::from_proto(msg.params.as_ref())?;
        PARAMS.save(&mut ctx.kv_mut(STORE), &params)?;
        ctx.emit(
            Event::new(events::PARAMS_UPDATED)
                .attr("min_bond", params.min_bond)
                .attr("unbonding_seconds", params.unbonding_seconds)
                .attr("feedback_deposit", params.feedback_deposit)
                .attr("feedback_window_seconds", params.feedback_window_seconds),
        );
        Ok(MsgUpdateParamsResponse {})
    }
}
