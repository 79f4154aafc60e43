//! What can be wrong with consensus parameters and validators; codespace `consensus`.
//!
//! SDK v0.50 reports these as plain errors (codespace `undefined`, code 1); here they have stable codes.

use openledger_core::Coded;

/// Errors of the consensus module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsensusError {
    /// Code 2: parameters that CometBFT would not take.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 3: validators that CometBFT would not take.
    #[error("{0}")]
    InvalidValidators(String),
    /// Code 4: a genesis where there must be none.
    #[error("the consensus module has no genesis: parameters and validators come with InitChain")]
    InvalidGenesis,
}

impl Coded for ConsensusError {
    fn codespace(&self) -> &'static str {
        "consensus"
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidParams(_) => 2,
            Self::InvalidValidators(_) => 3,
            Self::InvalidGenesis => 4,
        }
    }
}
