//! `MsgResetRateLimit`: the authority lets a limit begin anew, with the supply of now.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::ratelimit::v1::{MsgResetRateLimit, MsgResetRateLimitResponse};

use crate::genesis::check_place;
use crate::keeper::RateLimits;

impl Handle<MsgResetRateLimit> for RateLimits {
    type Response = MsgResetRateLimitResponse;

    fn validate(&self, msg: &MsgResetRateLimit) -> Result<()> {
        check_authority(&msg.authority)?;
        check_place(&msg.channel, &msg.denom)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgResetRateLimit) -> Result<MsgResetRateLimitResponse> {
        self.validate(msg)?;
        let limit = self.known(ctx, &msg.channel, &msg.denom)?;
        self.begin(ctx, &msg.channel, &msg.denom, limit)?;
        Ok(MsgResetRateLimitResponse {})
    }
}
