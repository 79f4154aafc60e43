//! The events of moving coins, kind by kind as indexers of Cosmos chains read them.
//!
//! Source: SDK v0.50 `x/bank/types/events.go`. Texts are passed in, since writing an address in bech32 is the dearest part of them.

use openledger_core::Event;

/// Coins left an account.
pub(crate) fn coin_spent(spender: &str, amount: &str) -> Event {
    Event::new("coin_spent").attr("spender", spender).attr("amount", amount)
}

/// Coins reached an account.
pub(crate) fn coin_received(receiver: &str, amount: &str) -> Event {
    Event::new("coin_received").attr("receiver", receiver).attr("amount", amount)
}

/// Coins went from one account to another.
pub(crate) fn transfer(recipient: &str, sender: &str, amount: &str) -> Event {
    Event::new("transfer").attr("recipient", recipient).attr("sender", sender).attr("amount", amount)
}

/// An output of a multi-send; the SDK names no sender here.
pub(crate) fn transfer_output(recipient: &str, amount: &str) -> Event {
    Event::new("transfer").attr("recipient", recipient).attr("amount", amount)
}

/// Who sent.
pub(crate) fn message(sender: &str) -> Event {
    Event::new("message").attr("sender", sender)
}

/// Coins were created.
pub(crate) fn coinbase(minter: &str, amount: &str) -> Event {
    Event::new("coinbase").attr("minter", minter).attr("amount", amount)
}

/// Coins were destroyed.
pub(crate) fn burn(burner: &str, amount: &str) -> Event {
    Event::new("burn").attr("burner", burner).attr("amount", amount)
}
