//! What can be wrong with coins and their movement; codespace `bank`.
//!
//! Codes 2 to 9 are the SDK's (v0.50 `x/bank/types/errors.go`); those from 100 are ours, where the SDK has plain errors.

use openledger_core::Coded;

/// Errors of the bank module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// Code 2.
    #[error("no inputs to send transaction")]
    NoInputs,
    /// Code 3.
    #[error("no outputs to send transaction")]
    NoOutputs,
    /// Code 4.
    #[error("sum inputs != sum outputs")]
    InputOutputMismatch,
    /// Code 5.
    #[error("{0} transfers are currently disabled: send transactions are disabled")]
    SendDisabled(String),
    /// Code 9.
    #[error("multiple senders not allowed")]
    MultipleSenders,
    /// Code 100: a genesis that cannot be taken over.
    #[error("bank genesis: {0}")]
    InvalidGenesis(String),
    /// Code 101: parameters that cannot be set.
    #[error("{0}")]
    InvalidParams(String),
}

impl Coded for BankError {
    fn codespace(&self) -> &'static str {
        "bank"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NoInputs => 2,
            Self::NoOutputs => 3,
            Self::InputOutputMismatch => 4,
            Self::SendDisabled(_) => 5,
            Self::MultipleSenders => 9,
            Self::InvalidGenesis(_) => 100,
            Self::InvalidParams(_) => 101,
        }
    }
}
