//! Reputation: what an account's acts in a role came to, in a datanet and on the whole chain.
//!
//! Nothing but outcomes ([`crate::points`]) and burnt fees moves it, and time ([`crate::decay`]); no message sets it. An act in a
//! datanet counts there and, unless it is one that whoever has a datanet can stage for gas ([`is_local`]), for the whole chain. A datanet's own reputation says what that community made of somebody; the
//! chain's says no more than the datanets it comes from: whoever owns one can accept their own work there.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::contributor::v1::{Outcome, Role};

use crate::decay::{Clock, Moment, Sums};
use crate::keeper::{byte, Contributors};
use crate::params::Params;
use crate::points::{is_local, points};
use crate::state::{CLOCK, REPUTATIONS, REPUTATIONS_IN, STORE};

/// The scope of the whole chain; every other is a datanet's id.
pub const WHOLE_CHAIN: u64 = 0;

/// What other modules ask and tell.
impl Contributors {
    /// An account's reputation in a datanet (0: on the whole chain) and a role, in points, at this block's time. 0 where there is none.
    pub fn reputation(&self, ctx: &Context, actor: &Address, datanet: u64, role: Role) -> Result<u64> {
        let key = (actor.as_bytes(), datanet, byte(role as i32)?);
        let Some(sums) = REPUTATIONS.may_load(&*ctx.kv(STORE), key)? else { return Ok(0) };
        let params = self.params(ctx)?;
        Ok(sums.points(self.moment(ctx, &params)?, params.usage_price))
    }

    /// Credits usage: fees that were burnt, in base units, by what the account did in this role, in a datanet (0: in none) and on the
    /// whole chain. Burnt fees alone, so that whoever pays themselves buys reputation at the price of what is burnt.
    pub fn credit_usage(
        &self,
        ctx: &mut Context,
        actor: &Address,
        datanet: u64,
        role: Role,
        burnt: Uint256,
    ) -> Result<()> {
        if burnt.is_zero() {
            return Ok(());
        }
        self.change(ctx, actor, datanet, byte(role as i32)?, |sums, moment| sums.add_burnt(burnt, moment))
    }

    /// Counts an outcome, in a datanet (0: in none) and on the whole chain; most are worth nothing and write nothing.
    pub(crate) fn credit_outcome(
        &self,
        ctx: &mut Context,
        actor: &Address,
        datanet: u64,
        role: Role,
        outcome: Outcome,
    ) -> Result<()> {
        let points = points(role, outcome);
        if points == 0 {
            return Ok(());
        }
        let number = byte(role as i32)?;
        if is_local(role, outcome) {
            let moment = self.moment(ctx, &self.params(ctx)?)?;
            return match datanet {
                WHOLE_CHAIN => Ok(()),
                _ => self.change_in(ctx, actor, datanet, number, |sums| sums.add_points(points, moment)),
            };
        }
        self.change(ctx, actor, datanet, number, |sums, moment| sums.add_points(points, moment))
    }

    fn change(
        &self,
        ctx: &mut Context,
        actor: &Address,
        datanet: u64,
        role: u8,
        change: impl Fn(Sums, Moment) -> Sums,
    ) -> Result<()> {
        let moment = self.moment(ctx, &self.params(ctx)?)?;
        self.change_in(ctx, actor, WHOLE_CHAIN, role, |sums| change(sums, moment))?;
        if datanet != WHOLE_CHAIN {
            self.change_in(ctx, actor, datanet, role, |sums| change(sums, moment))?;
        }
        Ok(())
    }

    fn change_in(
        &self,
        ctx: &mut Context,
        actor: &Address,
        scope: u64,
        role: u8,
        change: impl Fn(Sums) -> Sums,
    ) -> Result<()> {
        let key = (actor.as_bytes(), scope, role);
        match REPUTATIONS.may_load(&*ctx.kv(STORE), key)? {
            Some(sums) => Ok(REPUTATIONS.save(&mut ctx.kv_mut(STORE), key, &change(sums))?),
            None => self.save_reputation(ctx, actor, scope, role, &change(Sums::default())),
        }
    }

    /// Saves a new reputation, with its index.
    pub(crate) fn save_reputation(
        &self,
        ctx: &mut Context,
        actor: &Address,
        scope: u64,
        role: u8,
        sums: &Sums,
    ) -> Result<()> {
        let mut kv = ctx.kv_mut(STORE);
        REPUTATIONS.save(&mut kv, (actor.as_bytes(), scope, role), sums)?;
        REPUTATIONS_IN.save(&mut kv, (scope, role, actor.as_bytes()), &Empty {})?;
        Ok(())
    }
}

/// Which epoch it is.
impl Contributors {
    pub(crate) fn clock(&self, ctx: &Context, params: &Params) -> Result<Clock> {
        let clock = CLOCK.may_load(&*ctx.kv(STORE))?;
        Ok(clock.unwrap_or_else(|| Clock::plain(params.reputation_epoch_seconds)))
    }

    pub(crate) fn moment(&self, ctx: &Context, params: &Params) -> Result<Moment> {
        Ok(self.clock(ctx, params)?.at(ctx.block().time_seconds, params.reputation_epoch_seconds))
    }

    /// Lets the epoch that runs end as it was to, before the parameters change.
    pub(crate) fn keep_epoch(&self, ctx: &mut Context, before: &Params) -> Result<()> {
        let clock = Clock::of(self.moment(ctx, before)?, ctx.block().time_seconds.max(0));
        CLOCK.save(&mut ctx.kv_mut(STORE), &clock)?;
        Ok(())
    }
}

/// The number of a role that there is.
pub(crate) fn known_role(role: i32) -> std::result::Result<u8, String> {
    let byte = Role::try_from(role).ok().and_then(|_| byte(role).ok());
    byte.ok_or_else(|| format!("{role} is no role"))
}
