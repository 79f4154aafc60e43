//! Proposals from their making to their end, votes, and what is known of them.
//!
//! Semantics: SDK v0.50 `x/gov/keeper/{proposal,vote}.go`, in its order of checks.

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::gas::WRITE_COST_PER_BYTE;
use openledger_core::{Address, Coins, Context, Result, SdkError, Time};
use openledger_proto::cosmos::gov::v1::{
    MsgExecLegacyContent, MsgSubmitProposal, Proposal, ProposalStatus, Vote, WeightedVoteOption,
};
use openledger_proto::{walker, Any, Message, Name};
use openledger_staking::Staking;

use crate::error::GovError;
use crate::params::{self, Rules};
use crate::state::{self, Queue, STORE};
use crate::{events, legacy, tally, time};

/// The most bytes of a title and of metadata (SDK `types/config.go`).
pub(crate) const MAX_METADATA_BYTES: usize = 255;
/// The most bytes of a summary: the SDK's forty times as many.
const MAX_SUMMARY_BYTES: usize = 10_200;

/// How the community pool, which another module keeps, is given coins by an account.
pub type FundPool = fn(&mut Context, &Address, &Coins) -> Result<()>;

/// The keeper of proposals.
#[derive(Debug, Clone, Copy)]
pub struct Gov {
    /// Accounts.
    pub auth: Auth,
    /// Balances.
    pub bank: Bank,
    /// The community pool, to which the charge for taking proposals back may go.
    pub fund_pool: FundPool,
    /// Who has how much of a vote.
    pub staking: Staking,
}

/// The account that executes proposals.
pub(crate) fn account() -> Address {
    openledger_auth::authority()
}

impl Gov {
    /// The parameters, checked; the defaults before genesis.
    pub(crate) fn rules(&self, ctx: &Context) -> Result<Rules> {
        Rules::read(&self.params(ctx)?)
    }

    /// The parameters; the defaults before genesis.
    pub fn params(&self, ctx: &Context) -> Result<openledger_proto::cosmos::gov::v1::Params> {
        Ok(state::params(&*ctx.kv(STORE))?.unwrap_or_else(params::default))
    }

    /// A proposal.
    pub fn proposal(&self, ctx: &Context, id: u64) -> Result<Option<Proposal>> {
        state::proposal(&*ctx.kv(STORE), id)
    }

    pub(crate) fn known_proposal(&self, ctx: &Context, id: u64) -> Result<Proposal> {
        Ok(self.proposal(ctx, id)?.ok_or(GovError::UnknownProposal(id))?)
    }

    /// Makes a proposal, which then waits for deposits. What the message says by itself is checked already.
    pub(crate) fn submit(&self, ctx: &mut Context, msg: &MsgSubmitProposal, proposer: &Address) -> Result<Proposal> {
        check_length("metadata", &msg.metadata)?;
        if msg.summary.len() > MAX_SUMMARY_BYTES {
            return Err(GovError::SummaryTooLong(format!("got summary with length {}", msg.summary.len())).into());
        }
        check_length("title", &msg.title)?;
        let mut urls = String::new();
        for message in &msg.messages {
            urls.push(',');
            urls.push_str(&message.type_url);
            self.check_message(ctx, message)?;
        }
        let rules = self.rules(ctx)?;
        let id = state::next_proposal(&*ctx.kv(STORE))?;
        let next = id.checked_add(1).ok_or_else(|| SdkError::Logic("there are no more proposal numbers".into()))?;
        state::set_next_proposal(&mut ctx.kv_mut(STORE), next);
        let submitted = Time::now(ctx).to_proto();
        let end = time::after(&submitted, &rules.max_deposit_period)?;
        let proposal = Proposal {
            id,
            messages: msg.messages.clone(),
            status: ProposalStatus::DepositPeriod.into(),
            final_tally_result: Some(tally::empty_result()),
            submit_time: Some(submitted),
            deposit_end_time: Some(end),
            metadata: msg.metadata.clone(),
            title: msg.title.clone(),
            summary: msg.summary.clone(),
            proposer: proposer.to_string(),
            expedited: msg.expedited,
            ..Proposal::default()
        };
        state::set_proposal(&mut ctx.kv_mut(STORE), &proposal);
        Queue::Inactive.insert(&mut ctx.kv_mut(STORE), &end, id)?;
        ctx.emit(events::submit_proposal(id, &proposal.proposer, &urls));
        // As the SDK: whoever proposes pays for the reading that every tally and query does.
        let bytes = u64::try_from(proposal.encoded_len()).unwrap_or(u64::MAX);
        ctx.gas().consume(bytes.saturating_mul(WRITE_COST_PER_BYTE).saturating_mul(3), "submit proposal");
        Ok(proposal)
    }

    /// Refuses a message that governance cannot execute: the governance account has to be its only signer, some module has to handle
    /// it, and its stateless checks have to pass. That it *will* succeed is not checked, except for legacy content.
    fn check_message(&self, ctx: &mut Context, message: &Any) -> Result<()> {
        let url = message.type_url.as_str();
        let unroutable = || GovError::UnroutableProposalMsg(url.into());
        let router = ctx.router().ok_or_else(unroutable)?;
        let route = router.msg_route(url).ok_or_else(unroutable)?;
        let signers = walker::signers(url.trim_start_matches('/'), &message.value)
            .map_err(|error| SdkError::InvalidRequest(error.to_string()))?;
        let [signer] = signers.as_slice() else {
            return Err(GovError::InvalidSigner(format!("{url} has {} signers", signers.len())).into());
        };
        // Whatever else signs it, be it written as a validator's operator or as nothing at all, is not the governance account.
        if Address::from_signer(signer).ok() != Some(account()) {
            return Err(GovError::InvalidSigner(signer.clone()).into());
        }
        let decoded = route.decode(&message.value).map_err(|error| GovError::InvalidProposalMsg(error.message))?;
        if url == MsgExecLegacyContent::type_url() {
            let point = ctx.checkpoint();
            let tried = route.handle(ctx, &decoded);
            ctx.revert(point);
            tried.map_err(legacy::refused)?;
        }
        Ok(())
    }

    /// Begins the vote on a proposal.
    pub(crate) fn start_voting(&self, ctx: &mut Context, proposal: &mut Proposal, rules: &Rules) -> Result<()> {
        let start = Time::now(ctx).to_proto();
        let period = if proposal.expedited { &rules.expedited_voting_period } else { &rules.voting_period };
        let end = time::after(&start, period)?;
        proposal.voting_start_time = Some(start);
        proposal.voting_end_time = Some(end);
        proposal.status = ProposalStatus::VotingPeriod.into();
        let mut kv = ctx.kv_mut(STORE);
        state::set_proposal(&mut kv, proposal);
        if let Some(end) = &proposal.deposit_end_time {
            Queue::Inactive.remove(&mut kv, end, proposal.id)?;
        }
        Queue::Active.insert(&mut kv, &end, proposal.id)
    }

    /// Takes a proposal back: its deposits are returned less the charge, it and its votes are removed.
    pub(crate) fn cancel(&self, ctx: &mut Context, id: u64, proposer: &str) -> Result<()> {
        let proposal = self.known_proposal(ctx, id)?;
        if proposal.proposer.is_empty() {
            let text = format!("proposal {id} doesn't have proposer {proposer}, so cannot be canceled");
            return Err(GovError::InvalidProposal(text).into());
        }
        if proposal.proposer != proposer {
            return Err(GovError::InvalidProposer(format!("invalid proposer {proposer}")).into());
        }
        if !is_open(&proposal) {
            let text = "proposal should be in the deposit or voting period";
            return Err(GovError::InvalidProposal(text.into()).into());
        }
        let end = proposal.voting_end_time.as_ref();
        if end.is_some_and(|end| Time::from_proto(Some(end)) < Time::now(ctx)) {
            let text = format!("voting period is already ended for this proposal {id}");
            return Err(GovError::VotingPeriodEnded(text).into());
        }
        let rules = self.rules(ctx)?;
        self.charge_deposits(ctx, id, &rules)?;
        if proposal.voting_start_time.is_some() {
            state::remove_votes(&mut ctx.kv_mut(STORE), id);
        }
        state::remove_proposal(&mut ctx.kv_mut(STORE), &proposal)
    }

    /// Records a vote; a voter's later vote stands for the earlier.
    pub(crate) fn vote(
        &self,
        ctx: &mut Context,
        id: u64,
        voter: &Address,
        options: Vec<WeightedVoteOption>,
        metadata: &str,
    ) -> Result<()> {
        if !state::is_voted_on(&*ctx.kv(STORE), id) {
            return Err(GovError::InactiveProposal(id).into());
        }
        check_length("metadata", metadata)?;
        let text = voter.to_string();
        let vote = Vote { proposal_id: id, voter: text.clone(), options, metadata: metadata.into() };
        state::set_vote(&mut ctx.kv_mut(STORE), voter, &vote);
        ctx.emit(events::proposal_vote(id, &text, &vote.options));
        Ok(())
    }
}

/// Whether deposits are taken: the proposal waits for them or is voted on.
pub(crate) fn is_open(proposal: &Proposal) -> bool {
    matches!(proposal.status(), ProposalStatus::DepositPeriod | ProposalStatus::VotingPeriod)
}

fn check_length(what: &str, text: &str) -> Result<()> {
    if text.len() > MAX_METADATA_BYTES {
        return Err(GovError::MetadataTooLong(format!("got {what} with length {}", text.len())).into());
    }
    Ok(())
}
