//! Behaviour of the contributor module, one file a message; invariants are checked after each step.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test may fail")]

mod chain;
mod genesis;
mod history;
mod set_profile;
mod update_params;
