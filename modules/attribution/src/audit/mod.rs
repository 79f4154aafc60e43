//! Looking behind claims: what the maker of claims is made to open, who draws what, and whose text nobody claimed.
//!
//! | file | what |
//! | --- | --- |
//! | `types.rs`, `wire.rs`, `params.rs` | what is stored, its protobuf forms, the parameters |
//! | `demands.rs` | demands to open (D3) and to publish (S-open): made, answered, lapsed, void |
//! | `epochs.rs` | auditors' commits and reveals become the seed of an epoch |
//! | `sampling.rs` | which receipts of a settlement the seed draws |
//! | `replacements.rs` | who may replace refuted claims: commits and their order |
//! | `undeclared.rs` | text that no claim owns, shown in a contribution outside the corpus |
//! | `genesis.rs`, `query.rs`, `invariants.rs` | as for the whole module |
//!
//! **A weak dispute by an accomplice.** A round is false or it is not; how it was shown changes nothing but who has the quarter. A server that
//! has an accomplice refute it first, by whatever is weakest, gets back a quarter of L at most, loses three quarters, and its claims are
//! gone as if the strongest dispute had hit them; the replacement is judged anew, whole, with its own window. So there is nothing to gain
//! by being refuted early, little, or by a friend: L is twice the pool, and three quarters of it are more than the pool whose
//! misdirection could have been the aim.
//!
//! **Corpus heights.** That a receipt's corpus is at most 600 blocks old when the answer is given is for the payer's client to refuse: the chain
//! sees a receipt only when it is settled, which may rightly be weeks later, and knows no height at which the answer was given. What
//! it can say it says: a corpus height never falls in a session and is below the height of the settlement.

mod demands;
mod epochs;
pub(crate) mod genesis;
pub(crate) mod invariants;
pub mod params;
pub(crate) mod query;
pub(crate) mod replacements;
mod sampling;
pub mod types;
pub(crate) mod undeclared;
mod wire;

pub(crate) use demands::is_chain;
pub use replacements::MAX_REPLACEMENT_COMMITS;
pub use sampling::MAX_TRIES;
pub use undeclared::MAX_UNDECLARED;
