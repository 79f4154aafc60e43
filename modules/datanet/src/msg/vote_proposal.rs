//! `MsgVoteProposal`: one member's vote, which stands.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgVoteProposal, MsgVoteProposalResponse};

use crate::error::DatanetError;
use crate::governance::{events, Vote};
use crate::keeper::Datanets;
use crate::state::{PROPOSALS, STORE, VOTES};

impl Handle<MsgVoteProposal> for Datanets {
    type Response = MsgVoteProposalResponse;

    fn validate(&self, msg: &MsgVoteProposal) -> Result<()> {
        msg.voter.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgVoteProposal) -> Result<MsgVoteProposalResponse> {
        let (voter, id): (Address, _) = (msg.voter.parse()?, msg.proposal_id);
        let (mut proposal, _, weight) = self.open_proposal(ctx, id, &voter)?;
        let (now, ends) = (ctx.block().time_seconds, proposal.voting_ends_seconds);
        if now > ends {
            let text = format!("votes on proposal {id} were taken up to second {ends}; it is {now}");
            return Err(DatanetError::InvalidProposal(text).into());
        }
        if VOTES.has(&*ctx.kv(STORE), (id, voter.as_bytes())) {
            return Err(DatanetError::AlreadyVoted { id, voter: msg.voter.clone() }.into());
        }
        VOTES.save(&mut ctx.kv_mut(STORE), (id, voter.as_bytes()), &Vote { yes: msg.yes, weight })?;
        let side = if msg.yes { &mut proposal.yes } else { &mut proposal.no };
        *side = side.saturating_add(weight);
        PROPOSALS.save(&mut ctx.kv_mut(STORE), id, &proposal)?;
        let outcome = if msg.yes { Outcome::Accepted } else { Outcome::Rejected };
        self.contributors.record_in(ctx, proposal.datanet, &voter, Role::Owner, (ObjectKind::Proposal, id), outcome)?;
        ctx.emit(events::proposal_voted(id, &proposal, &voter, msg.yes, weight));
        Ok(MsgVoteProposalResponse { yes: proposal.yes, no: proposal.no })
    }
}
