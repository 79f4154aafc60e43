//! Taking a contribution back while it is under review.
//!
//! Nobody escapes a rejection: what stands, or may stand under a hidden review, is waited for, and where a rejection would cost something a
//! withdrawal is announced first and done at the end of a later height, unless one has come by then. That it is done then or lapses, and
//! never waits for a word of its author, keeps anybody from announcing at once and choosing when a rejection is seen.

use cosmwasm_std::{Empty, Order};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Result};

use super::review::refused;
use crate::error::DatanetError;
use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{REVIEWS, REVIEW_COMMITS, REVIEW_DUE, STORE};
use crate::types::{Contribution, Status};

impl Datanets {
    /// Refuses to take back a contribution of which a rejecting review stands, or a hidden one that may be rejecting, or that cannot be
    /// accepted any more: its author would escape what the policy takes for a rejection. A retired datanet judges nothing any more.
    pub(crate) fn check_not_judged(&self, ctx: &Context, contribution: &Contribution) -> Result<()> {
        let Some(why) = self.judgement(ctx, contribution)? else { return Ok(()) };
        let by = contribution.terms.review_deadline;
        Err(refused(
            contribution.seq,
            format!("{why}; it is decided at the end of height {by} at the latest, and not taken back before"),
        ))
    }

    /// What may go against a contribution, be it a review that has begun or what rules its acceptance out.
    fn judgement(&self, ctx: &Context, contribution: &Contribution) -> Result<Option<&'static str>> {
        let (seq, kv, up) = (contribution.seq, ctx.kv(STORE), Order::Ascending);
        if self.known_datanet(ctx, contribution.datanet)?.state == State::Retired {
            return Ok(None);
        }
        let mut hidden = REVIEW_COMMITS.prefix(seq).keys(&*kv, None, None, up);
        if hidden.next().is_some() {
            return Ok(Some("hidden reviews of it are committed"));
        }
        if self.is_rejected_by_any(ctx, seq)? {
            return Ok(Some("a rejecting review of it stands"));
        }
        // What a quorum accepts at the deadline is rejected all the same where this rules it out.
        Ok((!self.can_accept(ctx, contribution)?)
            .then_some("a tombstone or an earlier copy keeps it from being accepted"))
    }

    /// Notes that an author takes a contribution back of which a rejection would cost something: not at once, so that a rejection that is
    /// on its way is not outrun, and not later than it says, so that none has the choice in store. Returns the height at whose end it
    /// is; the caller saves it. As long as an author has for a reveal, curators have to answer this.
    pub(crate) fn announce_withdrawal(&self, ctx: &mut Context, contribution: &mut Contribution) -> Result<u64> {
        let (seq, terms) = (contribution.seq, &mut contribution.terms);
        if terms.withdraw_height != 0 {
            let text = format!("it is taken back at the end of height {} already", terms.withdraw_height);
            return Err(refused(seq, text));
        }
        let height = ctx.height().checked_add(self.params(ctx)?.reveal_window_blocks);
        let height = height.ok_or(DatanetError::Overflow("a withdrawal's height"))?.min(terms.review_deadline);
        terms.withdraw_height = height;
        REVIEW_DUE.save(&mut ctx.kv_mut(STORE), (height, seq), &Empty {})?;
        Ok(height)
    }

    /// Does what is due of a pending contribution: takes it back, unless it is being rejected, or decides it.
    pub(crate) fn end_due(&self, ctx: &mut Context, height: u64, seq: u64) -> Result<()> {
        let mut contribution = self.known_contribution(ctx, seq)?;
        if contribution.terms.withdraw_height != height {
            return self.decide_due(ctx, seq);
        }
        if self.judgement(ctx, &contribution)?.is_none() {
            return self.take_back(ctx, contribution);
        }
        if contribution.terms.review_deadline == height {
            return self.decide_due(ctx, seq);
        }
        REVIEW_DUE.remove(&mut ctx.kv_mut(STORE), (height, seq));
        contribution.terms.withdraw_height = 0;
        self.save_contribution(ctx, &contribution)
    }

    /// Ends a pending contribution as its author wants it; what it put in goes back.
    pub(crate) fn take_back(&self, ctx: &mut Context, mut contribution: Contribution) -> Result<()> {
        self.end_review(ctx, &contribution, false)?;
        self.end_risk(ctx, &mut contribution, false)?;
        self.return_deposit(ctx, &mut contribution)?;
        let author = contribution.author.clone();
        self.withdraw(ctx, &mut contribution, &author)
    }

    /// Notes a contribution as taken back by its author, or by whose it is.
    pub(crate) fn withdraw(&self, ctx: &mut Context, contribution: &mut Contribution, author: &Address) -> Result<()> {
        contribution.status = Status::Withdrawn;
        self.save_contribution(ctx, contribution)?;
        let (datanet, object) = (contribution.datanet, (ObjectKind::Contribution, contribution.seq));
        self.contributors.record_in(ctx, datanet, author, Role::Author, object, Outcome::Withdrawn)?;
        ctx.emit(crate::events::contribution_withdrawn(contribution));
        Ok(())
    }

    fn is_rejected_by_any(&self, ctx: &Context, seq: u64) -> Result<bool> {
        for pair in REVIEWS.prefix(seq).range(&*ctx.kv(STORE), None, None, Order::Ascending) {
            if !pair?.1.accept {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
