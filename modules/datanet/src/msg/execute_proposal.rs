//! `MsgExecuteProposal`: a member carries out what the council has carried; all of the messages, or none.
//!
//! The proposal is removed before its messages run, so nothing they do can meet it again; if one fails, the transaction's undo brings it
//! back, and it may be tried again until it expires.

use openledger_contributor::Outcome;
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgExecuteProposal, MsgExecuteProposalResponse};

use crate::error::DatanetError;
use crate::keeper::Datanets;

impl Handle<MsgExecuteProposal> for Datanets {
    type Response = MsgExecuteProposalResponse;

    fn validate(&self, msg: &MsgExecuteProposal) -> Result<()> {
        msg.executor.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgExecuteProposal) -> Result<MsgExecuteProposalResponse> {
        let (executor, id): (Address, _) = (msg.executor.parse()?, msg.proposal_id);
        let (proposal, council, _) = self.open_proposal(ctx, id, &executor)?;
        let (now, expires) = (ctx.block().time_seconds, proposal.expires_seconds);
        if now > expires {
            let text = format!("proposal {id} could be executed up to second {expires}; it is {now}");
            return Err(DatanetError::InvalidProposal(text).into());
        }
        if proposal.yes < council.threshold {
            let (yes, threshold) = (proposal.yes, council.threshold);
            return Err(DatanetError::NotCarried { id, yes, threshold }.into());
        }
        self.close(ctx, id, &proposal, Outcome::Executed)?;
        Ok(MsgExecuteProposalResponse { responses: self.run(ctx, &proposal)? })
    }
}
