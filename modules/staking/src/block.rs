//! Before and after the transactions of a block.
//!
//! Source of the order: SDK v0.50 `x/staking/keeper/{abci,val_state_change}.go`. The set is updated before unbondings end, so that one
//! that takes no time begins and ends in one block. What a block does grows with the validators and with what ends in it, and not with
//! the delegations.

use cosmwasm_std::{Order, Storage};
use cw_storage_plus::{Map, PrefixBound};
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, Coins, Context, Event, Result, ValidatorUpdate};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::keeper::Staking;
use crate::state::{Pair, Triplet, REDELEGATION_QUEUE, STORE, UNBONDING_QUEUE};
use crate::time::Time;

impl Staking {
    /// Writes the header and set down.
    pub(crate) fn begin(&self, ctx: &mut Context) -> Result<()> {
        self.track_history(ctx)
    }

    /// Updates the set and ends what is due.
    pub(crate) fn end(&self, ctx: &mut Context) -> Result<Vec<ValidatorUpdate>> {
        let updates = self.update_set(ctx)?;
        self.unbond_mature_validators(ctx)?;
        self.complete_unbondings(ctx)?;
        self.complete_redelegations(ctx)?;
        Ok(updates)
    }

    fn complete_unbondings(&self, ctx: &mut Context) -> Result<()> {
        let now = Time::now(ctx);
        for Pair { delegator, operator } in take_due(&mut ctx.kv_mut(STORE), &UNBONDING_QUEUE, now)? {
            let paid = tried(ctx, |ctx| self.complete_unbonding(ctx, &delegator, &operator));
            let Some(paid) = paid else { continue };
            let event = Event::new("complete_unbonding").attr("amount", paid);
            ctx.emit(event.attr("validator", operator_text(&operator)).attr("delegator", &delegator));
        }
        Ok(())
    }

    fn complete_redelegations(&self, ctx: &mut Context) -> Result<()> {
        let now = Time::now(ctx);
        for Triplet { delegator, source, destination } in take_due(&mut ctx.kv_mut(STORE), &REDELEGATION_QUEUE, now)? {
            let moved = tried(ctx, |ctx| self.complete_redelegation(ctx, &delegator, &source, &destination));
            let Some(moved) = moved else { continue };
            let event = Event::new("complete_redelegation").attr("amount", moved).attr("delegator", &delegator);
            let event = event.attr("source_validator", operator_text(&source));
            ctx.emit(event.attr("destination_validator", operator_text(&destination)));
        }
        Ok(())
    }
}

/// What is due, in the order in which it was queued; it is removed from the queue.
fn take_due<T: Serialize + DeserializeOwned>(
    kv: &mut dyn Storage,
    queue: &Map<(&[u8], u64), T>,
    now: Time,
) -> Result<Vec<T>> {
    let end = now.key();
    let end = PrefixBound::inclusive(end.as_slice());
    let due = queue.prefix_range(kv, None, Some(end), Order::Ascending).collect::<Result<Vec<_>, _>>()?;
    let mut taken = Vec::with_capacity(due.len());
    for ((time, number), parties) in due {
        queue.remove(kv, (&time, number));
        taken.push(parties);
    }
    Ok(taken)
}

/// One ending that fails is undone and passed over, as in the SDK: the block goes on.
fn tried(ctx: &mut Context, end: impl FnOnce(&mut Context) -> Result<Option<Coins>>) -> Option<Coins> {
    let point = ctx.checkpoint();
    match end(ctx) {
        Ok(coins) => coins,
        Err(_) => {
            ctx.revert(point);
            None
        }
    }
}

fn operator_text(operator: &Address) -> String {
    operator.to_bech32(VALOPER_PREFIX)
}
