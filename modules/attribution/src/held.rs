//! Pay that is held: of custodial contributions until it is proven whose they are, and of unavailable ones until they are shown.
//!
//! It is noted with the contribution that it waits for: where a copy's pay goes to a custodial source, with the source. Whose that is, is
//! datanet's to say ([`openledger_datanet::Datanets::holder`]); a ruling or a withdrawal that comes after takes nothing of it, as it takes
//! nothing that was paid. Held pay moves when somebody asks for it
//! (`msg/release_held.rs`), or when the time is over that datanet holds it for: `held_due` is a queue by that time, which end block takes
//! from the front, at most [`MOST_PER_BLOCK`] a block. An entry whose pay was moved meanwhile does nothing.

use cosmwasm_std::{Empty, Order, StdResult, Uint256};
use cw_storage_plus::Bound;
use openledger_contributor::IncomeKind;
use openledger_core::wire::add;
use openledger_core::{Address, Context, Event, Result};
use openledger_datanet::Payee;

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{EARNINGS, HELD_DUE, STORE};
use crate::till::Pot;

/// Most contributions whose held pay is looked at in a block.
const MOST_PER_BLOCK: usize = 100;

impl Attribution {
    /// Holds pay for whoever a contribution turns out to be; the money is in no category.
    pub(crate) fn hold(&self, ctx: &mut Context, seq: u64, amount: Uint256) -> Result<()> {
        let mut earnings = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default();
        if earnings.held.is_zero() {
            self.queue_held(ctx, seq)?;
        }
        earnings.held = add(earnings.held, amount)?;
        EARNINGS.save(&mut ctx.kv_mut(STORE), seq, &earnings)?;
        self.put(ctx, Pot::Held, amount)
    }

    /// Has end block look at a contribution's held pay when its time is over.
    pub(crate) fn queue_held(&self, ctx: &mut Context, seq: u64) -> Result<()> {
        let next = ctx.block().time_seconds.saturating_add(1);
        // No earlier than the next block: a hold that has just ended is looked at once more, not for ever.
        let due = self.datanets.held_until(ctx, seq)?.unwrap_or(next).max(next);
        Ok(HELD_DUE.save(&mut ctx.kv_mut(STORE), (due, seq), &Empty {})?)
    }

    /// Looks at held pay whose time is over.
    pub(crate) fn visit_held(&self, ctx: &mut Context) -> Result<()> {
        let upto = Some(Bound::exclusive((ctx.block().time_seconds.saturating_add(1), 0)));
        let due = HELD_DUE
            .keys(&*ctx.kv(STORE), None, upto, Order::Ascending)
            .take(MOST_PER_BLOCK)
            .collect::<StdResult<Vec<_>>>()?;
        for (time, seq) in due {
            HELD_DUE.remove(&mut ctx.kv_mut(STORE), (time, seq));
            let held = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.is_some_and(|earnings| !earnings.held.is_zero());
            if !held {
                continue;
            }
            match self.datanets.holder(ctx, seq)? {
                Payee::Held => self.queue_held(ctx, seq)?,
                payee => {
                    self.move_held(ctx, seq, payee)?;
                }
            }
        }
        Ok(())
    }

    /// Moves what is held for a contribution to whose it is now; the amount, and the account that may claim it.
    pub(crate) fn release_held(&self, ctx: &mut Context, seq: u64) -> Result<(Uint256, Option<Address>)> {
        let nothing = || AttributionError::Invalid(format!("nothing is held of contribution {seq}'s pay"));
        let earnings = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.ok_or_else(nothing)?;
        if earnings.held.is_zero() {
            return Err(nothing().into());
        }
        match self.datanets.holder(ctx, seq)? {
            Payee::Held => {
                let until = self.datanets.held_until(ctx, seq)?.unwrap_or_default();
                let text = format!("contribution {seq}'s pay is held, until header time {until} at most");
                Err(AttributionError::Invalid(text).into())
            }
            payee => self.move_held(ctx, seq, payee),
        }
    }

    fn move_held(&self, ctx: &mut Context, seq: u64, payee: Payee) -> Result<(Uint256, Option<Address>)> {
        let mut earnings = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default();
        let amount = std::mem::take(&mut earnings.held);
        EARNINGS.save(&mut ctx.kv_mut(STORE), seq, &earnings)?;
        self.take(ctx, Pot::Held, amount)?;
        let mut event = Event::new(events::HELD_RELEASED).attr("contribution", seq).attr("amount", amount);
        let account = match payee {
            Payee::Account(account) => {
                self.earn(ctx, &account, IncomeKind::Custody, amount)?;
                event = event.attr("author", &account);
                Some(account)
            }
            Payee::Held | Payee::Baseline => {
                self.baseline_of(ctx, seq, amount)?;
                None
            }
        };
        ctx.emit(event);
        Ok((amount, account))
    }

    /// Gives what nobody may have to the baseline of the contribution's own datanet, or, where that was never frozen and so has none that
    /// shares, to its treasury: the end of a block must not fail on what an undeclared source was paid.
    fn baseline_of(&self, ctx: &mut Context, seq: u64, amount: Uint256) -> Result<()> {
        let contribution = self.datanets.contribution(ctx, seq)?;
        let datanet = contribution.ok_or(AttributionError::NotFound { what: "contribution", id: seq })?.datanet;
        let last = self.datanets.last_version(ctx, datanet)?;
        let payer = Address::module(crate::NAME);
        if last == 0 {
            return self.datanets.credit_treasury_of(ctx, &payer, datanet, amount);
        }
        self.datanets.credit_baseline(ctx, &payer, &[(datanet, last)], amount)
    }
}
