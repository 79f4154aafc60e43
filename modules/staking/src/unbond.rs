//! Undelegating and redelegating: how they begin, and how they end.
//!
//! Source: SDK v0.50 `x/staking/keeper/delegation.go` (`Undelegate`, `BeginRedelegation`, `CompleteUnbonding`, `CompleteRedelegation`).

use cosmwasm_std::Uint256;
use openledger_auth::permissions::NOT_BONDED_POOL;
use openledger_core::{wire, Address, Coins, Context, Dec, Result};

use crate::delegate::Source;
use crate::delegation::{Entry, Redelegation, RedelegationEntry, UnbondingDelegation};
use crate::error::StakingError;
use crate::hooks;
use crate::keeper::Staking;
use crate::record::triplet_of;
use crate::state::{Pair, UnbondingOp};
use crate::time::Time;
use crate::validator::BondStatus;

/// What a redelegation is made of.
pub(crate) struct Move<'a> {
    pub(crate) delegator: &'a Address,
    pub(crate) source: &'a Address,
    pub(crate) destination: &'a Address,
    pub(crate) shares: Dec,
}

/// When and at which height a redelegation counts as begun.
enum Begin {
    /// Its source is not bonded and cannot be slashed: it is over at once.
    Over,
    /// It ends then.
    Until { time: Time, height: u64 },
}

/// Undelegating.
impl Staking {
    /// Takes shares from a delegation; when the tokens are paid, and how many they are.
    pub fn undelegate(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
        shares: Dec,
    ) -> Result<(Time, Uint256)> {
        let validator = self.validator(ctx, operator)?.ok_or(StakingError::NoValidatorFound)?;
        let params = self.params(ctx)?;
        let entries = self.unbonding(ctx, delegator, operator)?.map_or(0, |unbonding| unbonding.entries.len());
        if is_full(entries, params.max_entries) {
            return Err(StakingError::MaxUnbondingDelegationEntries.into());
        }
        let tokens = self.unbond(ctx, delegator, operator, shares)?;
        if validator.is_bonded() {
            self.bonded_to_not_bonded(ctx, tokens)?;
        }
        let due = Time::now(ctx).after(params.unbonding_time);
        let unbonding = self.add_unbonding(ctx, delegator, operator, due, tokens)?;
        self.queue_unbonding(ctx, &unbonding, due)?;
        Ok((due, tokens))
    }

    fn add_unbonding(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
        due: Time,
        tokens: Uint256,
    ) -> Result<UnbondingDelegation> {
        let id = self.next_unbonding_id(ctx)?;
        let unbonding = self.unbonding(ctx, delegator, operator)?;
        let (delegator, operator) = (delegator.clone(), operator.clone());
        let mut unbonding = unbonding.unwrap_or_else(|| UnbondingDelegation {
            delegator: delegator.clone(),
            operator: operator.clone(),
            entries: Vec::new(),
        });
        let is_new = unbonding.add(ctx.height(), due, tokens, id)?;
        self.save_unbonding(ctx, &unbonding)?;
        // One that joined an entry has no number of its own, and nobody is told of it twice.
        if is_new {
            self.save_unbonding_op(ctx, id, &UnbondingOp::Undelegation(Pair { delegator, operator }))?;
            hooks::call_and_go_on(self.hooks, ctx, |hook, ctx| hook.after_unbonding_initiated(ctx, id));
        }
        Ok(unbonding)
    }

    /// Pays what has unbonded; `None` where nothing is unbonding any more.
    pub(crate) fn complete_unbonding(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        operator: &Address,
    ) -> Result<Option<Coins>> {
        let Some(mut unbonding) = self.unbonding(ctx, delegator, operator)? else { return Ok(None) };
        let now = Time::now(ctx);
        let (complete, rest) = unbonding.entries.into_iter().partition(|entry| entry.is_complete(now));
        unbonding.entries = rest;
        let mut paid = Coins::default();
        let complete: Vec<crate::UnbondingEntry> = complete;
        for entry in complete {
            self.remove_unbonding_op(ctx, entry.id());
            let coins = self.pay_unbonded(ctx, delegator, entry.balance)?;
            paid = paid.add(&coins)?;
        }
        self.save_unbonding(ctx, &unbonding)?;
        Ok(Some(paid))
    }

    /// Pays an entry's balance, where anything is left of it.
    pub(crate) fn pay_unbonded(&self, ctx: &mut Context, delegator: &Address, balance: Uint256) -> Result<Coins> {
        let coins = self.coins(ctx, balance)?;
        if !coins.is_empty() {
            self.bank.undelegate(ctx, NOT_BONDED_POOL, delegator, &coins)?;
        }
        Ok(coins)
    }
}

/// Redelegating.
impl Staking {
    /// Moves shares to another validator; when they can no longer be slashed for the old one, Go's zero time where that is now.
    pub(crate) fn begin_redelegation(&self, ctx: &mut Context, what: &Move) -> Result<Time> {
        let Move { delegator, source, destination, shares } = what;
        if source == destination {
            return Err(StakingError::SelfRedelegation.into());
        }
        if self.validator(ctx, destination)?.is_none() {
            return Err(StakingError::BadRedelegationDst.into());
        }
        let status = self.validator(ctx, source)?.ok_or(StakingError::BadRedelegationSrc)?.status;
        // Who moves on before the first move is over would leave behind what may be slashed.
        if self.has_redelegation_to(ctx, delegator, source)? {
            return Err(StakingError::TransitiveRedelegation.into());
        }
        let entries = self.redelegation(ctx, delegator, source, destination)?.map_or(0, |moved| moved.entries.len());
        if is_full(entries, self.params(ctx)?.max_entries) {
            return Err(StakingError::MaxRedelegationEntries.into());
        }
        let tokens = self.unbond(ctx, delegator, source, *shares)?;
        if tokens.is_zero() {
            return Err(StakingError::TinyRedelegationAmount.into());
        }
        let bought = self.delegate(ctx, delegator, tokens, Source::Pool(status), destination)?;
        match self.redelegation_begin(ctx, source)? {
            Begin::Over => Ok(Time::ZERO),
            Begin::Until { time, height } => {
                self.add_redelegation(ctx, what, (time, height), tokens, bought)?;
                Ok(time)
            }
        }
    }

    fn redelegation_begin(&self, ctx: &Context, source: &Address) -> Result<Begin> {
        let from_now = || -> Result<Begin> {
            Ok(Begin::Until { time: Time::now(ctx).after(self.unbonding_time(ctx)?), height: ctx.height() })
        };
        // Who takes the last shares of a validator that has unbonded removes it: the SDK then refuses the move, and so it is undone.
        let validator = self.validator(ctx, source)?.ok_or(StakingError::NoValidatorFound)?;
        match validator.status {
            BondStatus::Bonded => from_now(),
            BondStatus::Unbonded => Ok(Begin::Over),
            BondStatus::Unbonding => {
                Ok(Begin::Until { time: validator.unbonding_time, height: validator.unbonding_height })
            }
        }
    }

    fn add_redelegation(
        &self,
        ctx: &mut Context,
        what: &Move,
        (due, height): (Time, u64),
        tokens: Uint256,
        shares_dst: Dec,
    ) -> Result<()> {
        let Move { delegator, source, destination, .. } = what;
        let id = self.next_unbonding_id(ctx)?;
        let redelegation = self.redelegation(ctx, delegator, source, destination)?;
        let mut redelegation = redelegation.unwrap_or_else(|| Redelegation {
            delegator: (*delegator).clone(),
            source: (*source).clone(),
            destination: (*destination).clone(),
            entries: Vec::new(),
        });
        redelegation.entries.push(RedelegationEntry {
            creation_height: height,
            completion_time: due,
            initial_balance: tokens,
            shares_dst,
            id,
            on_hold: 0,
        });
        self.save_redelegation(ctx, &redelegation)?;
        self.save_unbonding_op(ctx, id, &UnbondingOp::Redelegation(triplet_of(&redelegation)))?;
        hooks::call_and_go_on(self.hooks, ctx, |hook, ctx| hook.after_unbonding_initiated(ctx, id));
        self.queue_redelegation(ctx, &redelegation, due)
    }

    /// Forgets what is over; what had moved, `None` where nothing is on its way any more.
    pub(crate) fn complete_redelegation(
        &self,
        ctx: &mut Context,
        delegator: &Address,
        source: &Address,
        destination: &Address,
    ) -> Result<Option<Coins>> {
        let Some(mut redelegation) = self.redelegation(ctx, delegator, source, destination)? else { return Ok(None) };
        let now = Time::now(ctx);
        let (complete, rest): (Vec<_>, Vec<_>) =
            redelegation.entries.into_iter().partition(|entry| entry.is_complete(now));
        redelegation.entries = rest;
        let mut moved = Uint256::zero();
        for entry in complete {
            self.remove_unbonding_op(ctx, entry.id());
            moved = wire::add(moved, entry.initial_balance)?;
        }
        self.save_redelegation(ctx, &redelegation)?;
        Ok(Some(self.coins(ctx, moved)?))
    }
}

fn is_full(entries: usize, most: u32) -> bool {
    usize::try_from(most).is_ok_and(|most| entries >= most)
}
