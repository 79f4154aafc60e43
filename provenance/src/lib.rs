//! Content commitments, canonical attribution, claims and their refutation: pure, no I/O, no clock.
//!
//! The chain, the engine and a browser run this same code, so each of them can check what another says.
//! Every function is total: hostile bytes give an error, never a panic, and work is bounded by the limits below.
//! The exact bytes are written down in `docs/attribution-spec.md`, with vectors under `provenance/vectors/`.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`tags`], [`hash`], [`codec`] | domain tags; SHA-256 and tagged preimages; canonical encoding |
//! | [`merkle`], [`frontier`], [`mmr`] | RFC 6962 trees, range proofs, append-only frontiers, datanet versions |
//! | [`content`], [`commit`] | chunks, commitments and openings; commit-reveal hashes |
//! | [`transcript`], [`receipt`], [`voucher`] | what a payer and a server agree on |
//! | [`credit`], [`agent`] | what a server gives back; an agent's receipts and those of its parts |
//! | [`canonical`], [`reference`], [`claim`] | who owns each window; the claim that says so |
//! | [`existence`], [`dispute`] | what an opening proves, what it refutes |
//! | [`inquiry`], [`sampling`], [`undeclared`] | what a claimant is asked to open; which receipts are drawn; whose unexplained text is |
//! | [`duplicate`] | whether a later work copies earlier ones |
//! | [`audit`], [`prover`] | finding a claim's deviations, and making the openings that refute them |
//! | [`amount`], [`split`], [`payout`] | how a pool and a fee divide, and the root over what is owed |
//!
//! Order of a proof: a voucher signs `receipts_root`; a settlement's root holds a leaf for each receipt with its `segments_root`;
//! a segment names windows of the transcript (`transcript_root`) and of a source ([`content::Commitment`]).

#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod agent;
pub mod amount;
pub mod audit;
pub mod canonical;
pub mod claim;
pub mod codec;
pub mod commit;
pub mod content;
pub mod credit;
pub mod dispute;
pub mod duplicate;
pub mod existence;
pub mod frontier;
pub mod hash;
pub mod inquiry;
pub mod merkle;
pub mod mmr;
pub mod payout;
pub mod prover;
pub mod receipt;
pub mod reference;
pub mod sampling;
pub mod split;
pub mod tags;
pub mod transcript;
pub mod undeclared;
pub mod voucher;

pub use hash::Hash;

/// Bytes in a chunk of content; the last chunk of a content may be shorter, never empty.
pub const CHUNK_BYTES: usize = 256;
/// Bytes in a window (`K`), the unit that is attributed.
pub const WINDOW_BYTES: u32 = 32;
/// Most bytes in a contribution: 5 MiB.
pub const MAX_CONTRIBUTION_BYTES: u64 = 5 * 1024 * 1024;
/// Most bytes in a transcript (prompt and output together): 64 KiB.
pub const MAX_TRANSCRIPT_BYTES: u32 = 64 * 1024;
/// Most bytes in an encoded dispute: each is one transaction of constant work.
pub const MAX_DISPUTE_BYTES: usize = 4096;
/// The source that stands for the prompt's own words or a repetition; a contribution's `seq` starts at 1.
pub const ECHO: u64 = 0;

/// Number of windows that are attributed: `max(0, output bytes − 32 + 1)`.
pub fn window_count(output_bytes: u32) -> u32 {
    output_bytes.saturating_sub(WINDOW_BYTES.saturating_sub(1))
}
