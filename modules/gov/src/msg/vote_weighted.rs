//! `cosmos.gov.v1.MsgVoteWeighted`: somebody divides their weight among options.
//!
//! Source: SDK v0.50 `x/gov/keeper/msg_server.go`: each option once, each weight above 0, together exactly 1.

use std::collections::BTreeSet;

use openledger_core::{Address, Context, Dec, Handle, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{MsgVoteWeighted, MsgVoteWeightedResponse, VoteOption, WeightedVoteOption};

use super::read_address;
use crate::error::GovError;
use crate::keeper::Gov;

impl Handle<MsgVoteWeighted> for Gov {
    type Response = MsgVoteWeightedResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgVoteWeighted) -> Result<MsgVoteWeightedResponse> {
        let voter = read(msg)?;
        self.vote(ctx, msg.proposal_id, &voter, msg.options.clone(), &msg.metadata)?;
        Ok(MsgVoteWeightedResponse {})
    }
}

fn read(msg: &MsgVoteWeighted) -> Result<Address> {
    let voter = read_address("voter", &msg.voter)?;
    check_options(&msg.options)?;
    Ok(voter)
}

/// Refuses options that do not divide a whole.
pub(crate) fn check_options(options: &[WeightedVoteOption]) -> Result<()> {
    if options.is_empty() {
        return Err(SdkError::InvalidRequest("a weighted vote has at least one option".into()).into());
    }
    let (mut total, mut used) = (Dec::ZERO, BTreeSet::new());
    for option in options {
        let shown = || GovError::InvalidVote(format!("option {} with weight {:?}", option.option, option.weight));
        let weight: Dec = option.weight.parse().map_err(|_| shown())?;
        let known = VoteOption::try_from(option.option).is_ok_and(|option| option != VoteOption::Unspecified);
        if !known || !weight.is_positive() || weight > Dec::one() {
            return Err(shown().into());
        }
        total = total.add(weight)?;
        if !used.insert(option.option) {
            return Err(GovError::InvalidVote("duplicated vote option".into()).into());
        }
    }
    if total > Dec::one() {
        return Err(GovError::InvalidVote("total weight overflow 1.00".into()).into());
    }
    if total < Dec::one() {
        return Err(GovError::InvalidVote("total weight lower than 1.00".into()).into());
    }
    Ok(())
}
