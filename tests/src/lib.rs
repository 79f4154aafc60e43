//! What whole-system tests share: nodes as real processes, in folders and on ports of their own.
//!
//! A [`node::Node`] or a [`market::Engine`] is killed with the value that stands for it, so a failing test leaves nothing running.

// Tests wait and read the clock.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod differential;
pub mod load;
pub mod market;
pub mod namespaces;
pub mod network;
pub mod node;
pub mod process;
pub mod rest;
