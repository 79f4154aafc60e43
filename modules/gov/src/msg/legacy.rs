//! The messages of `cosmos.gov.v1beta1.Msg`, which wallets still send: each is made one of v1's and handled as that.
//!
//! Source: SDK v0.50 `x/gov/keeper/msg_server.go` (`legacyMsgServer`).

use openledger_core::{Context, Dec, Handle, Result};
use openledger_proto::cosmos::gov::v1;
use openledger_proto::cosmos::gov::v1beta1::{
    MsgDeposit, MsgDepositResponse, MsgSubmitProposal, MsgSubmitProposalResponse, MsgVote, MsgVoteResponse,
    MsgVoteWeighted, MsgVoteWeightedResponse,
};
use openledger_proto::{Any, Message, Name};

use crate::keeper::{self, Gov};
use crate::legacy;

impl Handle<MsgSubmitProposal> for Gov {
    type Response = MsgSubmitProposalResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSubmitProposal) -> Result<MsgSubmitProposalResponse> {
        let v1::MsgSubmitProposalResponse { proposal_id } = self.handle(ctx, &proposed(msg)?)?;
        Ok(MsgSubmitProposalResponse { proposal_id })
    }
}

/// Text has the proposal's title and summary; it is executed as legacy content, and never expedited.
fn proposed(msg: &MsgSubmitProposal) -> Result<v1::MsgSubmitProposal> {
    let text = legacy::text_of(msg.content.as_ref())?;
    legacy::check_text(&text)?;
    let exec = v1::MsgExecLegacyContent { content: msg.content.clone(), authority: keeper::account().to_string() };
    Ok(v1::MsgSubmitProposal {
        messages: vec![Any { type_url: v1::MsgExecLegacyContent::type_url(), value: exec.encode_to_vec() }],
        initial_deposit: msg.initial_deposit.clone(),
        proposer: msg.proposer.clone(),
        metadata: String::new(),
        title: text.title,
        summary: text.description,
        expedited: false,
    })
}

impl Handle<MsgDeposit> for Gov {
    type Response = MsgDepositResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgDeposit) -> Result<MsgDepositResponse> {
        let v1::MsgDepositResponse {} = self.handle(ctx, &deposited(msg))?;
        Ok(MsgDepositResponse {})
    }
}

fn deposited(msg: &MsgDeposit) -> v1::MsgDeposit {
    v1::MsgDeposit { proposal_id: msg.proposal_id, depositor: msg.depositor.clone(), amount: msg.amount.clone() }
}

impl Handle<MsgVote> for Gov {
    type Response = MsgVoteResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgVote) -> Result<MsgVoteResponse> {
        let v1::MsgVoteResponse {} = self.handle(ctx, &voted(msg))?;
        Ok(MsgVoteResponse {})
    }
}

fn voted(msg: &MsgVote) -> v1::MsgVote {
    let (proposal_id, voter) = (msg.proposal_id, msg.voter.clone());
    v1::MsgVote { proposal_id, voter, option: msg.option, metadata: String::new() }
}

impl Handle<MsgVoteWeighted> for Gov {
    type Response = MsgVoteWeightedResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgVoteWeighted) -> Result<MsgVoteWeightedResponse> {
        let v1::MsgVoteWeightedResponse {} = self.handle(ctx, &weighted(msg)?)?;
        Ok(MsgVoteWeightedResponse {})
    }
}

/// v1beta1 writes weights as units of the 18th place.
fn weighted(msg: &MsgVoteWeighted) -> Result<v1::MsgVoteWeighted> {
    let mut options = Vec::with_capacity(msg.options.len());
    for option in &msg.options {
        let weight = Dec::from_proto(&option.weight)?.to_string();
        options.push(v1::WeightedVoteOption { option: option.option, weight });
    }
    let (proposal_id, voter) = (msg.proposal_id, msg.voter.clone());
    Ok(v1::MsgVoteWeighted { proposal_id, voter, options, metadata: String::new() })
}
