//! Behaviour of the contributor module, one file a message; invariants are checked after each step.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test may fail")]

mod chain;
mod genesis;
mod handles;
mod history;
mod proofs;
mod reputation;
mod set_profile;
mod statement;
mod update_params;
