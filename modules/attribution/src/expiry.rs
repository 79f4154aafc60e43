//! Sessions that nobody touches end by themselves, so that no deposit lies for ever.
//!
//! Opening, topping up, settling and a notice set a session's time anew: `session_idle_seconds` from then. From that time on it
//! settles nothing more; end block gives the rest back, a bounded number a block, the queue being the cursor. No parameters have a
//! notice that is longer, so a payer's notice never outlasts its session.

use cosmwasm_std::{Empty, Order, Uint256};
use cw_storage_plus::Bound;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::{Address, Coin, Context, Event, Result};

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{SESSION_EXPIRY, STORE};
use crate::till::Pot;
use crate::types::{Session, SessionStatus};
use crate::NAME;

/// Most sessions that end by themselves a block.
const MOST_PER_BLOCK: usize = 100;

/// A session's key in the queue.
pub(crate) fn expiry_key(session: &Session) -> (u64, u64) {
    (u64::try_from(session.expires_at).unwrap_or_default(), session.id)
}

impl Session {
    /// Refuses a session whose time is over, whether or not end block has come to it.
    pub(crate) fn check_not_expired(&self, ctx: &Context) -> Result<()> {
        let now = ctx.block().time_seconds;
        if now < self.expires_at {
            return Ok(());
        }
        let text = format!("session {} expired at {}; it is {now}", self.id, self.expires_at);
        Err(AttributionError::SessionState(text).into())
    }
}

impl Attribution {
    /// Sets a session's time anew. Saves the queue alone.
    pub(crate) fn touch(&self, ctx: &mut Context, session: &mut Session) -> Result<()> {
        let idle = self.kept_params(ctx, session.params_version)?.session_idle_seconds;
        let idle = i64::try_from(idle).unwrap_or(i64::MAX);
        SESSION_EXPIRY.remove(&mut ctx.kv_mut(STORE), expiry_key(session));
        session.expires_at = ctx.block().time_seconds.saturating_add(idle);
        SESSION_EXPIRY.save(&mut ctx.kv_mut(STORE), expiry_key(session), &Empty {})?;
        Ok(())
    }

    /// Ends a session: what is left of the deposit goes back to its payer. Returns it.
    pub(crate) fn end_session(&self, ctx: &mut Context, session: &mut Session, outcome: Outcome) -> Result<Uint256> {
        let refund = session.left()?;
        session.status = SessionStatus::Closed;
        session.credits.clear();
        SESSION_EXPIRY.remove(&mut ctx.kv_mut(STORE), expiry_key(session));
        self.save_session(ctx, session)?;
        if !refund.is_zero() {
            self.take(ctx, Pot::Sessions, refund)?;
            self.bank.send(ctx, &Address::module(NAME), &session.payer, &Coin::base(refund).into())?;
            self.contributors.record_income(ctx, &session.payer, IncomeKind::Refund, refund)?;
        }
        let expired = outcome == Outcome::Expired;
        if session.agent == 0 {
            self.count_record(ctx, session.deployment, |record| {
                let unsettled = u64::from(session.settled_count == 0);
                record.unsettled_sessions = record.unsettled_sessions.saturating_add(unsettled);
                record.expired_sessions = record.expired_sessions.saturating_add(u64::from(expired));
                Ok(())
            })?;
        }
        self.contributors.record(ctx, &session.payer, Role::Payer, (ObjectKind::Session, session.id), outcome)?;
        Ok(refund)
    }

    /// End block: sessions whose time is over.
    pub(crate) fn expire_sessions(&self, ctx: &mut Context) -> Result<()> {
        let now = u64::try_from(ctx.block().time_seconds).unwrap_or_default();
        let until = Some(Bound::exclusive((now.saturating_add(1), 0)));
        let over = SESSION_EXPIRY
            .keys(&*ctx.kv(STORE), None, until, Order::Ascending)
            .take(MOST_PER_BLOCK)
            .collect::<Result<Vec<_>, _>>()?;
        for (_, id) in over {
            let mut session = self.known_session(ctx, id)?;
            let refund = self.end_session(ctx, &mut session, Outcome::Expired)?;
            ctx.emit(
                Event::new(events::SESSION_EXPIRED)
                    .attr("session", id)
                    .attr("payer", &session.payer)
                    .attr("refund", refund),
            );
        }
        Ok(())
    }
}
