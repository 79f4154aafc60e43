//! The module's events.

use cosmwasm_std::Uint256;
use openledger_core::{Address, Event};

/// A profile was set.
pub fn profile_set(account: &Address) -> Event {
    Event::new("profile_set").attr("account", account)
}

/// An account committed to a handle, which may be claimed at these heights.
pub fn handle_committed(account: &Address, first_height: u64, last_height: u64) -> Event {
    Event::new("handle_committed")
        .attr("account", account)
        .attr("first_height", first_height)
        .attr("last_height", last_height)
}

/// An account took a handle, until a header time in seconds, for base units that were burnt.
pub fn handle_claimed(account: &Address, handle: &str, until: i64, burnt: Uint256) -> Event {
    rented("handle_claimed", account, handle, until, burnt)
}

/// An account paid its handle for longer.
pub fn handle_renewed(account: &Address, handle: &str, until: i64, burnt: Uint256) -> Event {
    rented("handle_renewed", account, handle, until, burnt)
}

fn rented(name: &str, account: &Address, handle: &str, until: i64, burnt: Uint256) -> Event {
    let event = Event::new(name).attr("account", account).attr("handle", handle);
    event.attr("until_seconds", until).attr("burnt", burnt)
}

/// An account gave a handle up.
pub fn handle_released(account: &Address, handle: &str) -> Event {
    Event::new("handle_released").attr("account", account).attr("handle", handle)
}

/// An account says where it has tied itself to its handle.
pub fn proof_claimed(account: &Address, handle: &str, place: &str) -> Event {
    Event::new("handle_proof_claimed").attr("account", account).attr("handle", handle).attr("place", place)
}

/// An account took that back.
pub fn proof_withdrawn(account: &Address, handle: &str, place: &str) -> Event {
    Event::new("handle_proof_withdrawn").attr("account", account).attr("handle", handle).attr("place", place)
}
