//! Proposals: whoever deposits enough puts messages to the vote of those who have staked; what passes is executed by the governance
//! account, which every module asks for before it changes its parameters.
//!
//! | message | what | file |
//! | --- | --- | --- |
//! | `cosmos.gov.v1.MsgSubmitProposal` | somebody proposes messages | `msg/submit_proposal.rs` |
//! | `cosmos.gov.v1.MsgDeposit` | somebody adds to a proposal's deposits | `msg/deposit.rs` |
//! | `cosmos.gov.v1.MsgVote` | somebody votes | `msg/vote.rs` |
//! | `cosmos.gov.v1.MsgVoteWeighted` | somebody divides a vote among options | `msg/vote_weighted.rs` |
//! | `cosmos.gov.v1.MsgCancelProposal` | whoever proposed takes it back | `msg/cancel_proposal.rs` |
//! | `cosmos.gov.v1.MsgExecLegacyContent` | the authority executes a text | `msg/exec_legacy_content.rs` |
//! | `cosmos.gov.v1.MsgUpdateParams` | the authority changes governance's parameters | `msg/update_params.rs` |
//! | `cosmos.gov.v1beta1.Msg{SubmitProposal,Deposit,Vote,VoteWeighted}` | the same, as older wallets send it | `msg/legacy.rs` |
//!
//! Queries (`query.rs`, `query_legacy.rs`): all of `cosmos.gov.v1.Query` and `cosmos.gov.v1beta1.Query`. Keys: [`state`]. Genesis:
//! `cosmos.gov.v1.GenesisState`. Votes are counted in [`tally`]; each block ends with `block.rs`.
//!
//! Invariants: the governance account holds at least all deposits (anybody may send it more), and the bank lets it spend none of them; each proposal's deposits sum to its
//! total, and ended proposals have none; exactly the open proposals are in the queue of their status; votes are there for proposals
//! that are voted on alone.
//!
//! Semantics: SDK v0.50 `x/gov`. Other than there: a proposal that another one removed in the same block is skipped, where the SDK
//! stops; a depositor that may not receive gets its deposit back all the same; and what others deposited cannot be spent by governance,
//! neither by a proposal nor by whom it granted to, and pays no fees, where the SDK's next refund stops the chain.

mod block;
mod deposit;
mod error;
mod events;
mod genesis;
mod keeper;
mod legacy;
mod msg;
mod params;
mod query;
mod query_legacy;
pub mod state;
pub mod tally;
mod time;

pub use error::GovError;
pub use keeper::{FundPool, Gov};

use std::collections::BTreeMap;

use openledger_core::{Coins, Context, Module, Result, Router, SdkError, ValidatorUpdate};
use openledger_proto::cosmos::gov::v1::{
    GenesisState, MsgCancelProposal, MsgDeposit, MsgExecLegacyContent, MsgSubmitProposal, MsgUpdateParams, MsgVote,
    MsgVoteWeighted, Proposal, ProposalStatus,
};
use openledger_proto::cosmos::gov::v1beta1;
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::{Queue, STORE};

/// The module's name.
pub const NAME: &str = "gov";

impl Module for Gov {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        router.msg::<MsgSubmitProposal, _>(NAME, self);
        router.msg::<MsgDeposit, _>(NAME, self);
        router.msg::<MsgVote, _>(NAME, self);
        router.msg::<MsgVoteWeighted, _>(NAME, self);
        router.msg::<MsgCancelProposal, _>(NAME, self);
        router.msg::<MsgExecLegacyContent, _>(NAME, self);
        router.msg::<MsgUpdateParams, _>(NAME, self);
        router.msg::<v1beta1::MsgSubmitProposal, _>(NAME, self);
        router.msg::<v1beta1::MsgDeposit, _>(NAME, self);
        router.msg::<v1beta1::MsgVote, _>(NAME, self);
        router.msg::<v1beta1::MsgVoteWeighted, _>(NAME, self);
        query::register(*self, router);
        query_legacy::register(*self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "cosmos.gov.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::read(genesis).map(|_| ())
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        genesis::init(self, ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(self, ctx)?.encode_to_vec())
    }

    fn end_block(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        self.end(ctx)?;
        Ok(Vec::new())
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let (deposits, balance) = (genesis::deposits(ctx)?, self.bank.balances(ctx, &keeper::account())?);
        if !balance.covers(&deposits) {
            return Err(broken(format!("the account holds {balance}, but deposits are {deposits}")));
        }
        let locked = self.bank.deposits(ctx)?;
        if locked != deposits {
            return Err(broken(format!("{locked} of the account is locked, but deposits are {deposits}")));
        }
        let kv = ctx.kv(STORE);
        let mut deposited: BTreeMap<u64, Coins> = BTreeMap::new();
        for deposit in state::deposits(&*kv, None)? {
            let sum = deposited.entry(deposit.proposal_id).or_default();
            *sum = sum.add(&Coins::from_proto(&deposit.amount)?)?;
        }
        let (mut active, mut inactive) = (0usize, 0usize);
        for proposal in state::proposals(&*kv)? {
            let deposited = deposited.remove(&proposal.id).unwrap_or_default();
            match check_queued(&*kv, &proposal)? {
                Some(Queue::Active) => active = active.saturating_add(1),
                Some(Queue::Inactive) => inactive = inactive.saturating_add(1),
                None if deposited.is_empty() => continue,
                None => return Err(broken(format!("ended proposal {} has deposits of {deposited}", proposal.id))),
            }
            let total = Coins::from_proto(&proposal.total_deposit)?;
            if deposited != total {
                let id = proposal.id;
                return Err(broken(format!("proposal {id} says {total} were deposited, deposits are {deposited}")));
            }
        }
        if let Some(id) = deposited.keys().next() {
            return Err(broken(format!("there are deposits on {id}, which is no proposal")));
        }
        if (active, inactive) != (Queue::Active.len(&*kv), Queue::Inactive.len(&*kv)) {
            return Err(broken("a queue has proposals that are not open".into()));
        }
        match state::votes(&*kv, None)?.iter().find(|vote| !state::is_voted_on(&*kv, vote.proposal_id)) {
            Some(vote) => Err(broken(format!("there are votes on {}, which is not voted on", vote.proposal_id))),
            None => Ok(()),
        }
    }
}

/// The queue that an open proposal has to be in, and is.
fn check_queued(kv: &dyn cosmwasm_std::Storage, proposal: &Proposal) -> Result<Option<Queue>> {
    let (queue, end) = match proposal.status() {
        ProposalStatus::DepositPeriod => (Queue::Inactive, &proposal.deposit_end_time),
        ProposalStatus::VotingPeriod => (Queue::Active, &proposal.voting_end_time),
        _ => return Ok(None),
    };
    let queued = match end {
        Some(end) => queue.has(kv, end, proposal.id)?,
        None => false,
    };
    if !queued || state::is_voted_on(kv, proposal.id) != (queue == Queue::Active) {
        return Err(broken(format!("proposal {} is not in the queue of its status", proposal.id)));
    }
    Ok(Some(queue))
}

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("gov: {text}")).into()
}
