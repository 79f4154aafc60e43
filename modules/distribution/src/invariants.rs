//! What must hold after every block.
//!
//! Source: SDK v0.50 `x/distribution/keeper/invariants.go`; there paying everybody is tried in a copy of the state, here it is counted.

use cosmwasm_std::Order;
use openledger_core::{Address, Context, DecCoins, Result};

use crate::genesis::each_outstanding;
use crate::keeper::{fault, Distribution};
use crate::state::{HISTORICAL, SLASHES, STARTING, STORE};
use crate::NAME;

/// Checks all of them.
pub(crate) fn check(keeper: &Distribution, ctx: &Context) -> Result<()> {
    let mut expected = keeper.community_pool(ctx)?;
    for (operator, outstanding) in each_outstanding(ctx)? {
        if let Some(coin) = outstanding.iter().find(|coin| !coin.amount.is_positive()) {
            return Err(fault(format!("{coin} is outstanding at {operator}")));
        }
        expected = expected.add(&outstanding)?;
    }
    let (expected, _) = expected.truncate()?;
    let held = keeper.bank.balances(ctx, &Address::module(NAME))?;
    if held != expected {
        return Err(fault(format!("the module holds {held}; outstanding and community pool come to {expected}")));
    }
    can_withdraw(keeper, ctx)?;
    references(keeper, ctx)
}

/// Every commission and every delegation's rewards can be paid: the commission in full, the rewards but for their last places.
fn can_withdraw(keeper: &Distribution, ctx: &Context) -> Result<()> {
    for validator in keeper.staking.validators(ctx)? {
        let operator = &validator.operator;
        let (commission, _) = keeper.commission(ctx, operator)?.truncate()?;
        let left = keeper.outstanding(ctx, operator)?.sub(&DecCoins::from_coins(&commission));
        let mut left = left.map_err(|_| fault(format!("{operator} has more commission than is outstanding")))?;
        let ended = keeper.period_end(ctx, &validator)?;
        for delegation in keeper.staking.delegations_to(ctx, operator)? {
            let rewards = keeper.rewards_until(ctx, &validator, &delegation, &ended)?;
            left = left.sub(&rewards.intersect(&left))?;
        }
    }
    Ok(())
}

/// Each validator's last period is counted from, and one by each delegation and each slash.
fn references(keeper: &Distribution, ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let (mut counted, mut delegations) = (0u64, 0u64);
    for entry in HISTORICAL.range(&*kv, None, None, Order::Ascending) {
        counted = counted.saturating_add(entry?.1.references.into());
    }
    let validators = keeper.staking.validators(ctx)?;
    for validator in &validators {
        let some = keeper.staking.delegations_to(ctx, &validator.operator)?.len();
        delegations = delegations.saturating_add(some as u64);
    }
    let starting = STARTING.keys_raw(&*kv, None, None, Order::Ascending).count() as u64;
    let slashes = SLASHES.keys_raw(&*kv, None, None, Order::Ascending).count() as u64;
    let expected = delegations.saturating_add(slashes).saturating_add(validators.len() as u64);
    if counted != expected || starting != delegations {
        return Err(fault(format!(
            "periods are counted from {counted} times by {} validators, {delegations} delegations ({starting} with a start) and \
             {slashes} slashes",
            validators.len()
        )));
    }
    Ok(())
}
