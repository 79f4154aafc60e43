//! Accepting and rejecting: what a verdict does to a contribution, its datanet and its deposit.
//!
//! Both return the deposit, unless the policy at the commit burns that of rejected ones: a datanet that is flooded may ask for it, and
//! its authors know before they commit. The same policy says what a rejection takes of an author's bond, and how length is capped.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Context, Result};

use crate::error::DatanetError;
use crate::events;
use crate::keeper::{broken, Datanets};
use crate::state::{ACCEPTED, ACCEPTED_ROOT, GROWTH, STORE};
use crate::types::{Acceptance, Contribution, Datanet, Status};

/// What reviews come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It becomes a part of the datanet.
    Accept {
        /// 0 to 10,000.
        score: u32,
        /// Whether it is boilerplate.
        commons: bool,
    },
    /// It does not.
    Reject,
    /// Nobody decided in time: it does not, without blame.
    Lapse,
}

impl Datanets {
    /// Appends a pending contribution to its datanet and fixes its share of the baseline: score × min(length, cap), 0 for commons.
    pub(crate) fn accept(
        &self,
        ctx: &mut Context,
        datanet: &Datanet,
        contribution: &mut Contribution,
        score: u32,
        commons: bool,
    ) -> Result<()> {
        let seq = contribution.seq;
        let leaf =
            contribution.leaf()?.ok_or_else(|| broken(format!("contribution {seq} has no content to accept")))?;
        let length = self.take_root(ctx, contribution)?;
        contribution.commons |= commons;
        let policy = self.policy_of(ctx, contribution)?;
        let capped = length.min(policy.length_cap);
        let earns = !contribution.commons && contribution.points_at().is_none();
        let share_index = if earns { capped.checked_mul(score.into()) } else { Some(0) };
        let share_index = share_index.ok_or(DatanetError::Overflow("a share index"))?;

        let mut growth = self.growth(ctx, datanet.id)?;
        let accept_index = growth.count;
        let mut frontier = growth.frontier()?;
        frontier.append(leaf).map_err(|_| DatanetError::Overflow("a datanet's count"))?;
        growth.set_frontier(&frontier);
        let total = growth.total_index.checked_add(share_index);
        growth.total_index = total.ok_or(DatanetError::Overflow("a sum of share indices"))?;
        GROWTH.save(&mut ctx.kv_mut(STORE), datanet.id, &growth)?;
        self.append_nodes(ctx, datanet.id, accept_index, leaf)?;
        ACCEPTED.save(&mut ctx.kv_mut(STORE), (datanet.id, accept_index), &seq)?;

        contribution.status = Status::Accepted;
        contribution.acceptance = Some(Acceptance {
            accept_index,
            height: ctx.height(),
            score,
            share_index,
            pointer_bps: self.take_pointer(ctx, contribution, score)?,
            pointers: policy.pointers,
        });
        self.begin_hold(ctx, contribution)?;
        self.end_risk(ctx, contribution, false)?;
        self.return_deposit(ctx, contribution)?;
        self.save_contribution(ctx, contribution)?;
        self.contributors.record_in(
            ctx,
            contribution.datanet,
            &contribution.author,
            contribution.role(),
            (ObjectKind::Contribution, seq),
            Outcome::Accepted,
        )?;
        ctx.emit(events::contribution_accepted(contribution));
        Ok(())
    }

    /// The accepted contribution whose content a later commit brings again, so that it cannot be accepted: it would only take a share of the
    /// baseline twice. A later commit that was accepted first does not stand in an earlier one's way, and what an author withdrew they
    /// may bring again: the new commit takes its own place, never the old one's.
    pub(crate) fn accepted_before(&self, ctx: &Context, contribution: &Contribution) -> Result<Option<u64>> {
        let Some(reveal) = contribution.reveal.as_ref() else { return Ok(None) };
        let known = ACCEPTED_ROOT.may_load(&*ctx.kv(STORE), (contribution.datanet, reveal.root.as_slice()))?;
        let Some(earlier) = known.filter(|earlier| *earlier < contribution.seq) else { return Ok(None) };
        let before = self.known_contribution(ctx, earlier)?;
        let again = before.status == Status::Withdrawn && before.author == contribution.author;
        Ok((!again).then_some(earlier))
    }

    /// Notes the content as accepted and returns its length; refuses a copy of what is accepted.
    fn take_root(&self, ctx: &mut Context, contribution: &Contribution) -> Result<u64> {
        let (seq, datanet) = (contribution.seq, contribution.datanet);
        let commitment =
            contribution.commitment()?.ok_or_else(|| broken(format!("contribution {seq} has no content")))?;
        if let Some(earlier) = self.accepted_before(ctx, contribution)? {
            return Err(DatanetError::Copy { seq, earlier, datanet }.into());
        }
        let key = (datanet, commitment.root.as_slice());
        ACCEPTED_ROOT.save(&mut ctx.kv_mut(STORE), key, &seq)?;
        Ok(commitment.length)
    }

    /// Refuses a pending contribution for good.
    pub(crate) fn reject(&self, ctx: &mut Context, contribution: &mut Contribution) -> Result<()> {
        contribution.status = Status::Rejected;
        self.end_risk(ctx, contribution, true)?;
        if contribution.burn_if_rejected {
            self.burn_deposit(ctx, contribution)?;
        } else {
            self.return_deposit(ctx, contribution)?;
        }
        self.save_contribution(ctx, contribution)?;
        self.contributors.record_in(
            ctx,
            contribution.datanet,
            &contribution.author,
            Role::Author,
            (ObjectKind::Contribution, contribution.seq),
            Outcome::Rejected,
        )?;
        ctx.emit(events::contribution_rejected(contribution));
        Ok(())
    }
}
