//! The events of rewards, kind by kind as indexers of Cosmos chains read them.
//!
//! Source: SDK v0.50 `x/distribution/types/events.go`.

use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, Coins, DecCoins, Event};

/// A delegator chose where rewards go.
pub(crate) fn set_withdraw_address(to: &Address) -> Event {
    Event::new("set_withdraw_address").attr("withdraw_address", to)
}

/// A validator's commission of what was shared out to it.
pub(crate) fn commission(amount: &DecCoins, operator: &Address) -> Event {
    Event::new("commission").attr("amount", amount).attr("validator", operator.to_bech32(VALOPER_PREFIX))
}

/// What was shared out to a validator and its stakers.
pub(crate) fn rewards(amount: &DecCoins, operator: &Address) -> Event {
    Event::new("rewards").attr("amount", amount).attr("validator", operator.to_bech32(VALOPER_PREFIX))
}

/// A delegation's rewards were paid; `amount` names the base denomination even where it is nothing.
pub(crate) fn withdraw_rewards(amount: &str, operator: &Address, delegator: &Address) -> Event {
    Event::new("withdraw_rewards")
        .attr("amount", amount)
        .attr("validator", operator.to_bech32(VALOPER_PREFIX))
        .attr("delegator", delegator)
}

/// A validator's commission was paid.
pub(crate) fn withdraw_commission(amount: &Coins) -> Event {
    Event::new("withdraw_commission").attr("amount", amount)
}
