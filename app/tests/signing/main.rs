//! Who signs, with which key and in which mode: the Cosmos SDK's rules, each refusal with its code and text, and that nobody can change
//! a signed transaction.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod keys;
mod malleability;
mod modes;
mod multisig;
mod parties;
mod signers;
mod vectors;
