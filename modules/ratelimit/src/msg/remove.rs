//! `MsgRemoveRateLimit`: the authority ends a limit. Packets that it counted are let go as they are answered.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::ratelimit::v1::{MsgRemoveRateLimit, MsgRemoveRateLimitResponse};

use crate::genesis::check_place;
use crate::keeper::RateLimits;
use crate::state::{LIMITS, STORE};

impl Handle<MsgRemoveRateLimit> for RateLimits {
    type Response = MsgRemoveRateLimitResponse;

    fn validate(&self, msg: &MsgRemoveRateLimit) -> Result<()> {
        check_authority(&msg.authority)?;
        check_place(&msg.channel, &msg.denom)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRemoveRateLimit) -> Result<MsgRemoveRateLimitResponse> {
        self.validate(msg)?;
        self.known(ctx, &msg.channel, &msg.denom)?;
        LIMITS.remove(&mut ctx.kv_mut(STORE), (&msg.channel, &msg.denom));
        Ok(MsgRemoveRateLimitResponse {})
    }
}
