//! What happens to contents after their reveal: who points at whom, who copies whom, what is still there, and whose it is.
//!
//! | file | what |
//! | --- | --- |
//! | `pointers.rs` | corrections, labels, evaluations and improvements, and their part of what they point at |
//! | `duplicates.rs` | disputes that a contribution copies earlier ones, and the rulings |
//! | `availability.rs` | challenges of chunks, and which versions leave an unavailable content out |
//! | `custody.rs` | until when the pay of somebody else's work waits, and who has proven that it is theirs |
//! | `ranges.rs` | the nodes of mountain ranges, so that inclusion is proven with work of log n |
//! | `block.rs` | the end of a block: deadlines that have passed, each queue bounded by `max_expiries_per_block` |
//! | `state.rs`, `types.rs`, `params.rs`, `error.rs`, `events.rs`, `genesis.rs`, `invariants.rs`, `query.rs` | as in the module |
//!
//! None of it changes what is attributed, but that a version may leave out what was unavailable when it was frozen; it changes who is
//! paid ([`crate::payees`]).

mod availability;
mod block;
mod custody;
mod duplicates;
pub mod error;
pub(crate) mod events;
pub(crate) mod genesis;
pub(crate) mod invariants;
pub mod params;
mod pointers;
pub(crate) mod query;
mod ranges;
pub(crate) mod state;
pub mod types;

pub(crate) use block::end;
pub(crate) use custody::refused as custody_refused;
pub use error::ContentError;
pub use params::ContentParams;
pub(crate) use pointers::{pointer, policy};
pub use types::{
    Challenge, Custody, DuplicateDispute, DuplicateStatus, Gap, Pointer, PointerKind, PointerPolicy, Ruling, Seed,
    Unavailable,
};
