//! `cosmos.gov.v1.MsgVote`: somebody votes for one option with all of their weight.

use openledger_core::{Address, Context, Dec, Handle, Result};
use openledger_proto::cosmos::gov::v1::{MsgVote, MsgVoteResponse, VoteOption, WeightedVoteOption};

use super::read_address;
use crate::error::GovError;
use crate::keeper::Gov;

impl Handle<MsgVote> for Gov {
    type Response = MsgVoteResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgVote) -> Result<MsgVoteResponse> {
        let voter = read(msg)?;
        let all = vec![WeightedVoteOption { option: msg.option, weight: Dec::one().to_string() }];
        self.vote(ctx, msg.proposal_id, &voter, all, &msg.metadata)?;
        Ok(MsgVoteResponse {})
    }
}

fn read(msg: &MsgVote) -> Result<Address> {
    let voter = read_address("voter", &msg.voter)?;
    match VoteOption::try_from(msg.option) {
        Ok(VoteOption::Unspecified) => Err(GovError::InvalidVote("VOTE_OPTION_UNSPECIFIED".into()).into()),
        Ok(_) => Ok(voter),
        Err(_) => Err(GovError::InvalidVote(msg.option.to_string()).into()),
    }
}
