//! Who decides: policies, councils, admission, curators, their bonds and their pay.
//!
//! | file | what |
//! | --- | --- |
//! | `types.rs` | policies, terms and reviews as they are stored |
//! | `policy.rs` | reading a policy; each is kept under its number, and a contribution is judged by that of its commit |
//! | `council.rs` | members with weights, proposals, votes; the messages that a council may send |
//! | `admission.rs` | who may contribute, quotas by day, limits of what is revealed |
//! | `bond.rs` | bonds of contributors and curators: locking, slashing, unbonding |
//! | `tally.rs` | from reviews to a score: the median, clipped on both sides |
//! | `review.rs` | windows of a review and its end |
//! | `withdrawal.rs` | what is taken back while it is under review |
//! | `curation.rs` | the curators' pot, and rulings against scores |
//! | `block.rs` | what is due at the end of a block |
//! | `events.rs`, `genesis.rs`, `genesis_read.rs`, `invariants.rs`, `query.rs` | as in the module's root |

pub(crate) mod admission;
pub(crate) mod block;
pub mod bond;
pub mod council;
pub(crate) mod curation;
pub(crate) mod events;
pub(crate) mod genesis;
mod genesis_read;
pub(crate) mod invariants;
pub(crate) mod policy;
pub(crate) mod query;
pub(crate) mod review;
pub(crate) mod tally;
pub mod types;
pub(crate) mod withdrawal;

pub use admission::{Application, Quota};
pub use bond::{Bond, BondKind, Unbonding};
pub use council::{Council, Member, Proposal, Vote};
pub use curation::CuratorShare;
pub use review::ReviewCommit;
pub use types::{Admission, Policy, Review, Terms};
