//! `MsgAddRateLimit`: the authority bounds a denomination on a channel. There must be some of it: of nothing there is no part.

use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::ratelimit::v1::{MsgAddRateLimit, MsgAddRateLimitResponse};
use openledger_transfer::PORT;

use crate::error::RateLimitError;
use crate::genesis::check_place;
use crate::keeper::RateLimits;
use crate::state::{check_quota, Limit};

impl Handle<MsgAddRateLimit> for RateLimits {
    type Response = MsgAddRateLimitResponse;

    fn validate(&self, msg: &MsgAddRateLimit) -> Result<()> {
        check_authority(&msg.authority)?;
        check_place(&msg.channel, &msg.denom)?;
        check_quota(&msg.quota.unwrap_or_default())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAddRateLimit) -> Result<MsgAddRateLimitResponse> {
        self.validate(msg)?;
        let (channel, denom) = (msg.channel.as_str(), msg.denom.as_str());
        if !self.channels.has_channel(ctx, PORT, channel)? {
            return Err(RateLimitError::ChannelNotFound(channel.into()).into());
        }
        if self.bank.supply(ctx, denom)?.is_zero() {
            return Err(RateLimitError::ZeroChannelValue(denom.into()).into());
        }
        if self.limit(ctx, channel, denom)?.is_some() {
            return Err(RateLimitError::Exists(format!("{denom} on {channel}")).into());
        }
        self.begin(ctx, channel, denom, Limit::new(&msg.quota.unwrap_or_default()))?;
        Ok(MsgAddRateLimitResponse {})
    }
}
