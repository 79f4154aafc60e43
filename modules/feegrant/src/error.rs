//! What can be wrong with allowances; codespace `feegrant`.
//!
//! Codes 2 to 7 are the SDK's (`cosmossdk.io/x/feegrant/errors.go`); those from 100 are ours, where the SDK has plain errors.

use openledger_core::Coded;

/// Errors of the feegrant module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeegrantError {
    /// Code 2: a fee that the allowance does not cover.
    #[error("{0}: fee limit exceeded")]
    LimitExceeded(String),
    /// Code 3: an allowance whose time is over.
    #[error("{0}: fee allowance expired")]
    Expired(String),
    /// Code 4: a time or a duration that is none.
    #[error("{0}: invalid duration")]
    InvalidDuration(String),
    /// Code 5: no allowance where one is needed.
    #[error("{0}: no allowance")]
    NoAllowance(String),
    /// Code 6: an allowance for messages that names none.
    #[error("{0}: allowed messages are empty")]
    NoMessages(String),
    /// Code 7: a message that the allowance is not for.
    #[error("{0}: message not allowed")]
    MessageNotAllowed(String),
    /// Code 100: a genesis that cannot be taken over.
    #[error("feegrant genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for FeegrantError {
    fn codespace(&self) -> &'static str {
        "feegrant"
    }

    fn code(&self) -> u32 {
        match self {
            Self::LimitExceeded(_) => 2,
            Self::Expired(_) => 3,
            Self::InvalidDuration(_) => 4,
            Self::NoAllowance(_) => 5,
            Self::NoMessages(_) => 6,
            Self::MessageNotAllowed(_) => 7,
            Self::InvalidGenesis(_) => 100,
        }
    }
}
