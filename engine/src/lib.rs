//! Off chain: what serves a model, attributes its outputs, settles them, and watches what others settle.
//!
//! | file | what |
//! | --- | --- |
//! | [`index`] | [`index::Index`]: suffix array over a datanet version, the owner of each window |
//! | [`lm`] | the embedded model: a byte-level infini-gram language model over the index |
//! | [`attributor`] | the canonical attribution of an output over the index |
//! | [`chain`], [`corpus`] | what the chain says is in a corpus; its bytes, checked and indexed |
//! | [`tally`], [`wire`] | what payer and server both compute; what they say to each other |
//! | [`forms`] | receipts and claims as messages carry them |
//! | [`server`], [`gateway`], [`journal`] | the server's side: sessions, HTTP door, what survives a crash |
//! | [`payer`] | the payer's side |
//! | [`settle`], [`watch`] | from answers to a settlement; from a settlement to a dispute |

// Off chain, so clocks, hash maps and the environment may be used.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod attributor;
pub mod chain;
pub mod corpus;
pub mod forms;
pub mod gateway;
pub mod index;
pub mod journal;
pub mod lm;
pub mod payer;
pub mod server;
pub mod settle;
pub mod tally;
pub mod watch;
pub mod wire;
