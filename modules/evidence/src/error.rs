//! What can be wrong with evidence; codespace `evidence`.
//!
//! Source of texts and codes: `cosmossdk.io/x/evidence` v0.1.1 `types/errors.go`. The SDK reports a wrong genesis as a plain error (codespace
//! `undefined`, code 1); here it has a code behind its own.

use openledger_core::Coded;

/// Errors of the evidence module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Code 2: no module judges such evidence.
    #[error("{0}: unregistered handler for evidence type")]
    NoHandler(&'static str),
    /// Code 3: it is missing or no evidence.
    #[error("{0}: invalid evidence")]
    InvalidEvidence(String),
    /// Code 5: it is known, under this hash.
    #[error("{0}: evidence already exists")]
    Exists(String),
    /// Code 6: a genesis that cannot be taken over.
    #[error("evidence genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for EvidenceError {
    fn codespace(&self) -> &'static str {
        "evidence"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NoHandler(_) => 2,
            Self::InvalidEvidence(_) => 3,
            Self::Exists(_) => 5,
            Self::InvalidGenesis(_) => 6,
        }
    }
}
