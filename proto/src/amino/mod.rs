//! Amino JSON: what wallets with a Ledger, Keplr and CosmJS's amino signers sign (SIGN_MODE_LEGACY_AMINO_JSON).
//!
//! | call | what it gives |
//! | --- | --- |
//! | [`json`], [`any_json`] | the amino JSON of a message |
//! | [`text`] | JSON as Go's `encoding/json` writes it, the one text that is signed |
//! | [`sign_doc`], [`sign_bytes`] | the document (`StdSignDoc`) of a transaction for one signer, and its bytes |
//! | [`Shared`] | the same for several signers, written once |
//! | [`adr036_sign_bytes`] | the document over data that is no transaction (ADR-036), as its bytes |
//! | [`encode_std_tx`], [`decode_std_tx`] | amino JSON of a `StdTx` to amino's binary form, and back |
//!
//! Every call is total: any bytes give a result or a [`WalkError`](crate::walker::WalkError). Equal to the Cosmos SDK's own results
//! (`proto/vectors/{amino,sign_docs}.json`, made by `tests/vectors-go/amino`).

mod binary;
mod encode;
mod sign;
mod special;
mod table;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;
mod text;

pub use binary::{decode_std_tx, encode_std_tx, BinaryError};
pub use encode::{any_json, json};
pub use sign::{adr036_sign_bytes, sign_bytes, sign_doc, AminoError, Shared, Signer};
pub use text::text;
