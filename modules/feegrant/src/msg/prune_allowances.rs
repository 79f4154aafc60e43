//! `cosmos.feegrant.v1beta1.MsgPruneAllowances`: anyone removes some of the expired allowances, where blocks do not keep up.

use openledger_core::time::Time;
use openledger_core::{Context, Handle, Result};
use openledger_proto::cosmos::feegrant::v1beta1::{MsgPruneAllowances, MsgPruneAllowancesResponse};

use crate::events;
use crate::keeper::Feegrants;
use crate::state;

/// The most allowances that one message removes; the SDK's number.
const MOST: usize = 75;

impl Handle<MsgPruneAllowances> for Feegrants {
    type Response = MsgPruneAllowancesResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgPruneAllowances) -> Result<MsgPruneAllowancesResponse> {
        state::remove_expired(ctx, Time::now(ctx), MOST)?;
        ctx.emit(events::pruned(&msg.pruner));
        Ok(MsgPruneAllowancesResponse {})
    }
}
