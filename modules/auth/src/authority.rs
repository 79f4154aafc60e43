//! Who may change parameters: the governance module's account.
//!
//! Source of the text and the code: SDK v0.50 `x/gov/types/errors.go` (`ErrInvalidSigner`), as `x/bank` and `x/consensus` wrap it.

use openledger_core::{Address, Coded, Result};

/// The module whose account is the authority.
pub const GOV_MODULE: &str = "gov";

/// A message for the authority that somebody else signed; codespace `gov`, code 13.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid authority; expected {expected}, got {got}: expected gov account as only signer for proposal message")]
pub struct InvalidSigner {
    /// The authority.
    pub expected: Address,
    /// Who is named in the message.
    pub got: String,
}

impl Coded for InvalidSigner {
    fn codespace(&self) -> &'static str {
        "gov"
    }

    fn code(&self) -> u32 {
        13
    }
}

/// The account that may change parameters.
pub fn authority() -> Address {
    Address::module(GOV_MODULE)
}

/// Refuses whoever is not the authority. That the authority *signed* is checked by the ante handler.
pub fn check_authority(got: &str) -> Result<()> {
    let expected = authority();
    if got == expected.to_string() {
        return Ok(());
    }
    Err(InvalidSigner { expected, got: got.into() }.into())
}
