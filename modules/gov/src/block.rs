//! The end of a block: proposals that waited too long for deposits are dropped, votes whose time is over are counted, and what
//! passed is executed.
//!
//! Both passes finish in the block in which their proposals are due, as the SDK's do; a tally reads each vote and each delegation of
//! its voter. Source: SDK v0.50 `x/gov/abci.go`.

use std::panic::{catch_unwind, AssertUnwindSafe};

use openledger_core::{Context, Error, Result, SdkError, Time};
use openledger_proto::cosmos::gov::v1::{Proposal, ProposalStatus};
use openledger_proto::Any;

use crate::keeper::Gov;
use crate::state::{self, Queue, STORE};
use crate::{events, time};

/// What became of a vote: the event's result and log.
struct Ruling {
    result: &'static str,
    log: String,
}

impl Gov {
    /// The block's end.
    pub(crate) fn end(&self, ctx: &mut Context) -> Result<()> {
        let now = Time::now(ctx).to_proto();
        for id in Queue::Inactive.due(&*ctx.kv(STORE), &now)? {
            self.drop_proposal(ctx, id)?;
        }
        for id in Queue::Active.due(&*ctx.kv(STORE), &now)? {
            // One that passed just before may have removed it.
            if let Some(proposal) = self.proposal(ctx, id)? {
                self.decide(ctx, proposal)?;
            }
        }
        Ok(())
    }

    fn drop_proposal(&self, ctx: &mut Context, id: u64) -> Result<()> {
        let proposal = self.known_proposal(ctx, id)?;
        state::remove_proposal(&mut ctx.kv_mut(STORE), &proposal)?;
        if self.rules(ctx)?.burn_proposal_deposit_prevote {
            self.burn_deposits(ctx, id)?;
        } else {
            self.refund_deposits(ctx, id)?;
        }
        ctx.emit(events::inactive_proposal(id));
        Ok(())
    }

    fn decide(&self, ctx: &mut Context, mut proposal: Proposal) -> Result<()> {
        let id = proposal.id;
        let outcome = self.tally(ctx, &proposal)?;
        state::remove_votes(&mut ctx.kv_mut(STORE), id);
        // The deposits of an expedited proposal that did not pass stay for its second, regular vote.
        if outcome.passes || !proposal.expedited {
            if outcome.burns {
                self.burn_deposits(ctx, id)?;
            } else {
                self.refund_deposits(ctx, id)?;
            }
        }
        if let Some(end) = &proposal.voting_end_time {
            Queue::Active.remove(&mut ctx.kv_mut(STORE), end, id)?;
        }
        let ruling = if outcome.passes {
            // Its own messages find it decided.
            proposal.status = ProposalStatus::Passed.into();
            state::set_proposal(&mut ctx.kv_mut(STORE), &proposal);
            Self::execute_all(ctx, &mut proposal)
        } else if proposal.expedited {
            self.make_regular(ctx, &mut proposal)?
        } else {
            proposal.status = ProposalStatus::Rejected.into();
            proposal.failed_reason = "proposal did not get enough votes to pass".into();
            Ruling { result: "proposal_rejected", log: "rejected".into() }
        };
        proposal.final_tally_result = Some(outcome.result);
        state::set_proposal(&mut ctx.kv_mut(STORE), &proposal);
        ctx.emit(events::active_proposal(id, ruling.result, &ruling.log));
        Ok(())
    }

    /// An expedited proposal that did not pass is voted on again, as a regular one, until the time at which that would have ended.
    fn make_regular(&self, ctx: &mut Context, proposal: &mut Proposal) -> Result<Ruling> {
        proposal.expedited = false;
        let start = proposal.voting_start_time.unwrap_or_else(|| Time::now(ctx).to_proto());
        let end = time::after(&start, &self.rules(ctx)?.voting_period)?;
        Queue::Active.insert(&mut ctx.kv_mut(STORE), &end, proposal.id)?;
        proposal.voting_end_time = Some(end);
        let log = "expedited proposal converted to regular".into();
        Ok(Ruling { result: "expedited_proposal_rejected", log })
    }

    /// Executes the messages of a proposal that passed: all of them or, where one fails, none.
    fn execute_all(ctx: &mut Context, proposal: &mut Proposal) -> Ruling {
        let point = ctx.checkpoint();
        let (log, reason) = match Self::try_all(ctx, proposal) {
            Ok(()) => {
                proposal.status = ProposalStatus::Passed.into();
                return Ruling { result: "proposal_passed", log: "passed".into() };
            }
            Err(failed) => failed,
        };
        ctx.revert(point);
        proposal.status = ProposalStatus::Failed.into();
        proposal.failed_reason = reason;
        Ruling { result: "proposal_failed", log }
    }

    /// What failed: the log, and the reason alone.
    fn try_all(ctx: &mut Context, proposal: &Proposal) -> Result<(), (String, String)> {
        for (index, message) in proposal.messages.iter().enumerate() {
            execute_one(ctx, message).map_err(|error| {
                let url = &message.type_url;
                (format!("passed, but msg {index} ({url}) failed on execution: {error}"), error.message)
            })?;
        }
        Ok(())
    }
}

/// A panic in a handler (of a dependency; our code has none) fails the proposal and not the chain. Its text is the same on every node:
/// nothing of the payload is in it.
fn execute_one(ctx: &mut Context, message: &Any) -> Result<()> {
    let router = ctx.router().ok_or_else(|| SdkError::Logic("there is no router to execute proposals with".into()))?;
    // What was half-changed is behind the journal, which the caller reverts.
    let executed = catch_unwind(AssertUnwindSafe(|| router.execute(ctx, message)));
    let panicked = |_| -> Result<Any, Error> {
        Err(SdkError::Panic(format!("handling x/gov proposal msg [{}] panicked", message.type_url)).into())
    };
    executed.unwrap_or_else(panicked).map(|_| ())
}
