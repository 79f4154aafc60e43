//! The module's events.

use openledger_core::{Address, Event};

/// A profile was set; `handle` is the one held now, empty for none.
pub fn profile_set(account: &Address, handle: &str) -> Event {
    Event::new("profile_set").attr("account", account).attr("handle", handle)
}

/// An account took a handle.
pub fn handle_taken(account: &Address, handle: &str) -> Event {
    Event::new("handle_taken").attr("account", account).attr("handle", handle)
}

/// An account gave a handle up.
pub fn handle_released(account: &Address, handle: &str) -> Event {
    Event::new("handle_released").attr("account", account).attr("handle", handle)
}
