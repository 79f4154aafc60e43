//! `MsgCreateProposal`: a member puts messages to the vote of its council, and locks a deposit.
//!
//! The messages are decoded and checked here as transactions' are, so that none is voted on that could never be carried out.

use cosmwasm_std::Uint256;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::wire::add;
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgCreateProposal, MsgCreateProposalResponse};

use crate::check;
use crate::error::DatanetError;
use crate::escrow::coins;
use crate::governance::{council, events, Proposal};
use crate::keeper::Datanets;
use crate::state::{COUNCILS, STORE};
use crate::NAME;

impl Handle<MsgCreateProposal> for Datanets {
    type Response = MsgCreateProposalResponse;

    fn validate(&self, msg: &MsgCreateProposal) -> Result<()> {
        msg.proposer.parse::<Address>()?;
        check::line("title", &msg.title)?;
        council::read_messages(msg.datanet_id, &msg.messages).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCreateProposal) -> Result<MsgCreateProposalResponse> {
        let proposer: Address = msg.proposer.parse()?;
        self.known_datanet(ctx, msg.datanet_id)?;
        let (mut council, _) = self.seat(ctx, msg.datanet_id, &proposer)?;
        let params = self.params(ctx)?;
        if council.open_proposals >= params.max_open_proposals {
            let text =
                format!("{} are open in datanet {}; wait until one ends", council.open_proposals, msg.datanet_id);
            return Err(DatanetError::InvalidProposal(text).into());
        }
        let period = i64::try_from(council.voting_seconds).unwrap_or(i64::MAX);
        let voting_ends_seconds = ctx.block().time_seconds.saturating_add(period);
        let proposal = Proposal {
            datanet: msg.datanet_id,
            proposer,
            title: msg.title.clone(),
            messages: council::read_messages(msg.datanet_id, &msg.messages)?,
            deposit: params.proposal_deposit,
            epoch: council.epoch,
            voting_ends_seconds,
            expires_seconds: voting_ends_seconds.saturating_add(period),
            yes: 0,
            no: 0,
        };
        self.lock_proposal(ctx, &proposal.proposer, proposal.deposit)?;
        council.open_proposals = council.open_proposals.saturating_add(1);
        COUNCILS.save(&mut ctx.kv_mut(STORE), msg.datanet_id, &council)?;
        let id = self.take_proposal_id(ctx)?;
        self.open(ctx, id, &proposal)?;
        let object = (ObjectKind::Proposal, id);
        self.contributors.record_in(ctx, msg.datanet_id, &proposal.proposer, Role::Owner, object, Outcome::Created)?;
        ctx.emit(events::proposal_created(id, &proposal));
        Ok(MsgCreateProposalResponse { proposal_id: id })
    }
}

impl Datanets {
    /// Locks the deposit of a proposal or an application.
    pub(crate) fn lock_proposal(&self, ctx: &mut Context, from: &Address, amount: Uint256) -> Result<()> {
        self.bank.send_to_module(ctx, from, NAME, &coins(amount))?;
        self.change_totals(ctx, |totals| {
            totals.proposals = add(totals.proposals, amount)?;
            Ok(())
        })
    }
}
