//! Custody: contributions brought in on somebody else's behalf.
//!
//! Their pay is held from their acceptance on. A reveal that names an account of this chain as the author is proven by that account's
//! signature, and rests on nobody. Any other name, a repository or a domain, is for people to look at: the datanet's owner (or its council)
//! grants custody, says where the proof stands, and it counts after a notice in which governance may end it; governance's own word counts
//! at once. If nobody is granted custody by the end of the hold, what was held goes to the baseline, and so does what comes: until somebody
//! proves it after all, from which on they are paid.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::wire::add;
use openledger_core::{Address, Context, Result};

use super::error::ContentError;
use super::events;
use super::state::{CUSTODIES, HOLDS, HOLDS_DUE};
use super::types::Custody;
use crate::keeper::Datanets;
use crate::state::{BASELINES, GROWTH, STORE};
use crate::types::{Contribution, Rights, Status};

impl Datanets {
    /// Whose a custodial contribution is, from when on; none: nobody has shown it.
    pub fn custody(&self, ctx: &Context, seq: u64) -> Result<Option<Custody>> {
        Ok(CUSTODIES.may_load(&*ctx.kv(STORE), seq)?)
    }

    /// Header time until which an accepted custodial contribution's pay waits for its author.
    pub(crate) fn hold(&self, ctx: &Context, seq: u64) -> Result<Option<i64>> {
        Ok(HOLDS.may_load(&*ctx.kv(STORE), seq)?)
    }

    /// Who may withdraw a contribution and claim for it: its author, or whose it is proven to be.
    pub(crate) fn is_entitled(&self, ctx: &Context, contribution: &Contribution, account: &Address) -> Result<bool> {
        if !contribution.is_custodial() || contribution.status == Status::Pending {
            return Ok(contribution.author == *account);
        }
        let now = ctx.block().time_seconds;
        let custody = self.custody(ctx, contribution.seq)?;
        Ok(custody.is_some_and(|custody| custody.from <= now && custody.account == *account))
    }

    /// Starts to hold the pay of a custodial contribution that was accepted.
    pub(crate) fn begin_hold(&self, ctx: &mut Context, contribution: &Contribution) -> Result<()> {
        if !contribution.is_custodial() {
            return Ok(());
        }
        let hold = i64::try_from(self.params(ctx)?.content.hold_seconds).unwrap_or(i64::MAX);
        let until = ctx.block().time_seconds.saturating_add(hold);
        HOLDS.save(&mut ctx.kv_mut(STORE), contribution.seq, &until)?;
        HOLDS_DUE.save(&mut ctx.kv_mut(STORE), (until, contribution.seq), &Empty {})?;
        Ok(())
    }

    /// The hold is over: where nobody was granted custody, the share of the baseline ends and what it was owed goes back to the baseline.
    /// A grant that does not count yet keeps it, until it counts or is ended.
    pub(crate) fn end_hold(&self, ctx: &mut Context, until: i64, seq: u64) -> Result<()> {
        HOLDS_DUE.remove(&mut ctx.kv_mut(STORE), (until, seq));
        HOLDS.remove(&mut ctx.kv_mut(STORE), seq);
        if self.custody(ctx, seq)?.is_some() {
            return Ok(());
        }
        self.give_up(ctx, seq)
    }

    /// Nobody may claim for a custodial contribution any more: its share of the baseline ends and what it was owed goes back.
    fn give_up(&self, ctx: &mut Context, seq: u64) -> Result<()> {
        let contribution = self.known_contribution(ctx, seq)?;
        let mut growth = self.growth(ctx, contribution.datanet)?;
        self.end_share(ctx, &contribution, &mut growth)?;
        GROWTH.save(&mut ctx.kv_mut(STORE), contribution.datanet, &growth)?;
        let owed = self.take_claim(ctx, &contribution)?;
        self.return_to_baseline(ctx, contribution.datanet, owed)?;
        ctx.emit(events::hold_ended(seq, owed));
        Ok(())
    }

    /// What a claim took and nobody may have goes to whoever shares now, or to the treasury.
    fn return_to_baseline(&self, ctx: &mut Context, datanet: u64, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        let mut baseline = self.baseline(ctx, datanet)?;
        if baseline.sharing_index == 0 {
            return self.move_to_treasury(ctx, datanet, amount);
        }
        baseline.credit(amount)?;
        Ok(BASELINES.save(&mut ctx.kv_mut(STORE), datanet, &baseline)?)
    }

    /// An account takes custody of what a reveal says is its own.
    pub(crate) fn take_custody(&self, ctx: &mut Context, seq: u64, account: &Address) -> Result<()> {
        let contribution = self.custodial(ctx, seq)?;
        let named = contribution.reveal.as_ref().is_some_and(|reveal| match &reveal.rights {
            Rights::Custodial(name) => name.parse::<Address>().is_ok_and(|named| named == *account),
            _ => false,
        });
        if !named {
            return Err(refused(
                seq,
                "its reveal names no such account; its datanet's owner or governance may grant custody",
            ));
        }
        let from = ctx.block().time_seconds;
        let custody = Custody { account: account.clone(), statement: String::new(), from };
        self.set_custody(ctx, seq, &custody)
    }

    pub(crate) fn set_custody(&self, ctx: &mut Context, seq: u64, custody: &Custody) -> Result<()> {
        CUSTODIES.save(&mut ctx.kv_mut(STORE), seq, custody)?;
        ctx.emit(events::custody_set(seq, custody));
        Ok(())
    }

    /// Ends a grant that does not count yet.
    pub(crate) fn end_custody(&self, ctx: &mut Context, seq: u64) -> Result<()> {
        if self.custody(ctx, seq)?.is_none_or(|custody| custody.from <= ctx.block().time_seconds) {
            return Err(refused(seq, "there is no grant of custody that does not count yet"));
        }
        CUSTODIES.remove(&mut ctx.kv_mut(STORE), seq);
        ctx.emit(events::custody_ended(seq));
        if self.hold(ctx, seq)?.is_none() {
            // The hold ended while the grant waited; nothing else would look at it again.
            self.give_up(ctx, seq)?;
        }
        Ok(())
    }

    /// A custodial contribution that was accepted and of which nobody has custody yet, or none that counts.
    pub(crate) fn custodial(&self, ctx: &Context, seq: u64) -> Result<Contribution> {
        let contribution = self.known_contribution(ctx, seq)?;
        if !contribution.is_custodial() || contribution.acceptance.is_none() {
            return Err(refused(seq, "it is not custodial and accepted"));
        }
        if let Some(custody) = self.custody(ctx, seq)?.filter(|custody| custody.from <= ctx.block().time_seconds) {
            return Err(refused(seq, &format!("it is {}'s already", custody.account)));
        }
        Ok(contribution)
    }

    /// Counts an amount of the baselines as the treasuries'.
    fn move_to_treasury(&self, ctx: &mut Context, datanet: u64, amount: Uint256) -> Result<()> {
        self.change_totals(ctx, |totals| {
            totals.baselines = openledger_core::wire::sub(totals.baselines, amount)?;
            Ok(())
        })?;
        self.add_to_treasury(ctx, datanet, amount)
    }

    /// Locks the bond of a dispute or the deposit of a challenge.
    pub(crate) fn lock_challenge(&self, ctx: &mut Context, from: &Address, amount: Uint256) -> Result<()> {
        self.bank.send_to_module(ctx, from, crate::NAME, &crate::escrow::coins(amount))?;
        self.change_totals(ctx, |totals| {
            totals.challenges = add(totals.challenges, amount)?;
            Ok(())
        })
    }

    /// Pays a bond or deposit out.
    pub(crate) fn unlock_challenge(&self, ctx: &mut Context, to: &Address, amount: Uint256) -> Result<()> {
        self.release_challenge(ctx, amount)?;
        self.bank.send(ctx, &Address::module(crate::NAME), to, &crate::escrow::coins(amount))
    }

    /// Burns a bond.
    pub(crate) fn burn_challenge(&self, ctx: &mut Context, amount: Uint256) -> Result<()> {
        self.release_challenge(ctx, amount)?;
        self.bank.burn(ctx, crate::NAME, &crate::escrow::coins(amount))
    }

    fn release_challenge(&self, ctx: &mut Context, amount: Uint256) -> Result<()> {
        self.change_totals(ctx, |totals| {
            totals.challenges = openledger_core::wire::sub(totals.challenges, amount)?;
            Ok(())
        })
    }
}

pub(crate) fn refused(seq: u64, why: &str) -> openledger_core::Error {
    ContentError::Custody { seq, why: why.into() }.into()
}
