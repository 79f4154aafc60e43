//! `MsgUpdateRateLimit`: the authority replaces a quota. What was counted is forgotten, as in Stride's module.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::ratelimit::v1::{MsgUpdateRateLimit, MsgUpdateRateLimitResponse};

use crate::genesis::check_place;
use crate::keeper::RateLimits;
use crate::state::{check_quota, Limit};

impl Handle<MsgUpdateRateLimit> for RateLimits {
    type Response = MsgUpdateRateLimitResponse;

    fn validate(&self, msg: &MsgUpdateRateLimit) -> Result<()> {
        check_authority(&msg.authority)?;
        check_place(&msg.channel, &msg.denom)?;
        check_quota(&msg.quota.unwrap_or_default())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateRateLimit) -> Result<MsgUpdateRateLimitResponse> {
        self.validate(msg)?;
        self.known(ctx, &msg.channel, &msg.denom)?;
        self.begin(ctx, &msg.channel, &msg.denom, Limit::new(&msg.quota.unwrap_or_default()))?;
        Ok(MsgUpdateRateLimitResponse {})
    }
}
