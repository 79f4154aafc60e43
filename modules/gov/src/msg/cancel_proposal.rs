//! `cosmos.gov.v1.MsgCancelProposal`: whoever proposed takes the proposal back, at a charge.

use openledger_core::{Context, Handle, Result, Time};
use openledger_proto::cosmos::gov::v1::{MsgCancelProposal, MsgCancelProposalResponse};

use super::read_address;
use crate::events;
use crate::keeper::Gov;

impl Handle<MsgCancelProposal> for Gov {
    type Response = MsgCancelProposalResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgCancelProposal) -> Result<MsgCancelProposalResponse> {
        read_address("proposer", &msg.proposer)?;
        self.cancel(ctx, msg.proposal_id, &msg.proposer)?;
        ctx.emit(events::cancel_proposal(msg.proposal_id, &msg.proposer));
        Ok(MsgCancelProposalResponse {
            proposal_id: msg.proposal_id,
            canceled_time: Some(Time::now(ctx).to_proto()),
            canceled_height: ctx.height(),
        })
    }
}
