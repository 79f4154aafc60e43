//! Amino's binary form of transactions (`StdTx`), which the SDK wrote before v0.40 and still translates for clients.
//!
//! | call | what it does |
//! | --- | --- |
//! | [`encode_std_tx`] | the amino JSON of a `StdTx` to its binary form |
//! | [`decode_std_tx`] | the binary form of a `StdTx` to its amino JSON, in the text that Go writes |
//!
//! Amino knows no .proto files: it reads the structs of Go programs. [`layout`] says what those of each message look like, by the rules
//! of the generator that makes them of the descriptors; [`registry`] which of them have a name, and the four bytes that stand for it.
//!
//! | in Go's struct | binary | JSON |
//! | --- | --- | --- |
//! | a field | its place among the fields, counted from one: not its number in the .proto file | its JSON tag |
//! | a struct, text, bytes | length and content | object, text, base64 (`null` where empty) |
//! | an integer, an enum, a duration | varint of its 64 bits, never zigzag | 64 bits as text, fewer as a number |
//! | `math.Int`, `math.LegacyDec` | decimal digits as text, of a decimal counted in 10^-18 | text, a decimal with 18 places |
//! | `time.Time` | seconds and nanoseconds, as two fields | RFC 3339 in UTC |
//! | an interface, an `Any` | the prefix of the type's name, and the content | `type` and `value` |
//! | an empty value | left out, unless a pointer says that it is there | left out where the tag says so |
//! | a list | packed where the elements are varints | `null` where empty; of coins `[]` |
//!
//! Sources: go-amino v0.16 (`binary-encode.go`, `binary-decode.go`, `json-encode.go`, `json-decode.go`, `codec.go`), SDK v0.50
//! `codec/amino.go`, `codec/types/compat.go`, `x/auth/migrations/legacytx`, `x/auth/tx/service.go`. Vectors:
//! `proto/vectors/amino_binary.json`, made by `go run ./amino` in `proto/dump`.
//!
//! Both calls are total, in time bounded by the input's length times [`MAX_DEPTH`]. Where they differ from Go, on purpose:
//! - what is not told apart from nothing is not made up: a time that may be absent and is (the expiration of an allowance without one)
//!   stays absent, where Go's decoder says 1970;
//! - integers and decimals are plain decimal digits (Go reads `0x10` and `010` too), and none is cut to 32 bits;
//! - an `Any` holds a type that its field accepts and is not absent, where Go panics; one that Go does not open and would lose
//!   (`Plan.upgraded_client_state`) must be absent;
//! - text that is not UTF-8 is refused, where Go replaces letters.

mod decode;
mod encode;
mod layout;
mod registry;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

pub use decode::decode_std_tx;
pub use encode::encode_std_tx;

use crate::walker::{WalkError, MAX_DEPTH};

/// Why a field that is never opened must be absent.
const UNOPENED: &str = "the SDK's amino does not open this Any: leave it out";

/// Why a transaction has no other form: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct BinaryError {
    path: String,
    reason: String,
}

impl BinaryError {
    fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into() }
    }

    /// Puts the place that the error came from before its path: a key, or `[index]`.
    fn within(self, place: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{place}{dot}{}", self.path), reason: self.reason }
    }
}

impl From<WalkError> for BinaryError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Wire(why) => Self::new(why),
            WalkError::Json { reason, .. } => Self::new(reason),
            other => Self::new(other.to_string()),
        }
    }
}

/// One level deeper, refused beyond the limit.
fn deeper(depth: usize) -> Result<usize, BinaryError> {
    match depth.saturating_add(1) {
        deep if deep > MAX_DEPTH => Err(BinaryError::new(format!("nested deeper than {MAX_DEPTH} levels"))),
        deep => Ok(deep),
    }
}
