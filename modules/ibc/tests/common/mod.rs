//! Two chains of this module's, and a relayer between them that has no more than what any relayer has: headers with their commits, and
//! proofs.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod app;
pub mod chain;
pub mod link;

use openledger_core::{Error, Event};

/// The value of an attribute of the first event of a kind.
pub fn attribute(events: &[Event], kind: &str, key: &str) -> String {
    let event = events.iter().find(|event| event.kind == kind).unwrap_or_else(|| panic!("no {kind} in {events:?}"));
    let found = event.attributes.iter().find(|(name, _)| name == key);
    found.unwrap_or_else(|| panic!("no {key} in {event:?}")).1.clone()
}

pub fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

/// Where an error stands in ibc-go's tables.
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, u32) {
    let error = result.unwrap_err();
    (error.codespace, error.code)
}
