//! What can be wrong with parameters; codespace `mint`. The SDK has plain errors here.

use openledger_core::Coded;

/// Errors of the mint module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// Code 100: a genesis that cannot be taken over.
    #[error("mint genesis: {0}")]
    InvalidGenesis(String),
    /// Code 101: parameters that cannot be set.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 102: inflation, of a token whose supply is fixed.
    #[error("the supply of OPEN is fixed: {field} is 0 and cannot be {value}")]
    FixedSupply {
        /// Which parameter.
        field: &'static str,
        /// What it was to be.
        value: String,
    },
}

impl Coded for MintError {
    fn codespace(&self) -> &'static str {
        "mint"
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidGenesis(_) => 100,
            Self::InvalidParams(_) => 101,
            Self::FixedSupply { .. } => 102,
        }
    }
}
