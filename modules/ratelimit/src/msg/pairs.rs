//! `MsgAddWhitelistedPair`, `MsgRemoveWhitelistedPair`: the authority says whose transfers no limit counts.

use cosmwasm_std::Empty;
use openledger_auth::check_authority;
use openledger_core::{Context, Handle, Result};
use openledger_proto::openledger::ratelimit::v1::{
    MsgAddWhitelistedPair, MsgAddWhitelistedPairResponse, MsgRemoveWhitelistedPair, MsgRemoveWhitelistedPairResponse,
};

use crate::error::RateLimitError;
use crate::genesis::check_pair;
use crate::keeper::RateLimits;
use crate::state::{PAIRS, STORE};

impl Handle<MsgAddWhitelistedPair> for RateLimits {
    type Response = MsgAddWhitelistedPairResponse;

    fn validate(&self, msg: &MsgAddWhitelistedPair) -> Result<()> {
        check_authority(&msg.authority)?;
        check_pair(&msg.sender, &msg.receiver)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAddWhitelistedPair) -> Result<MsgAddWhitelistedPairResponse> {
        self.validate(msg)?;
        PAIRS.save(&mut ctx.kv_mut(STORE), (&msg.sender, &msg.receiver), &Empty {})?;
        Ok(MsgAddWhitelistedPairResponse {})
    }
}

impl Handle<MsgRemoveWhitelistedPair> for RateLimits {
    type Response = MsgRemoveWhitelistedPairResponse;

    fn validate(&self, msg: &MsgRemoveWhitelistedPair) -> Result<()> {
        check_authority(&msg.authority)?;
        check_pair(&msg.sender, &msg.receiver)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRemoveWhitelistedPair) -> Result<MsgRemoveWhitelistedPairResponse> {
        self.validate(msg)?;
        let key = (msg.sender.as_str(), msg.receiver.as_str());
        if !PAIRS.has(&*ctx.kv(STORE), key) {
            let text = format!("{} and {} are no pair of the whitelist", msg.sender, msg.receiver);
            return Err(RateLimitError::Invalid(text).into());
        }
        PAIRS.remove(&mut ctx.kv_mut(STORE), key);
        Ok(MsgRemoveWhitelistedPairResponse {})
    }
}
