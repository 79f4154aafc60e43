//! What can be wrong with rewards; codespace `distribution`.
//!
//! Codes 2 to 13 are the SDK's (v0.50 `x/distribution/types/errors.go`); those from 100 are ours, where the SDK has plain errors.

use openledger_core::{Coded, Error};

/// Errors of the distribution module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DistributionError {
    /// Code 5.
    #[error("no delegation distribution info")]
    NoDelegationInfo,
    /// Code 7.
    #[error("no validator commission to withdraw")]
    NoCommission,
    /// Code 8.
    #[error("set withdraw address disabled")]
    WithdrawAddressDisabled,
    /// Code 9.
    #[error("community pool does not have sufficient coins to distribute")]
    PoolTooSmall,
    /// Code 100: a genesis that cannot be taken over.
    #[error("distribution genesis: {0}")]
    InvalidGenesis(String),
    /// Code 101: parameters that cannot be set.
    #[error("{0}")]
    InvalidParams(String),
}

impl Coded for DistributionError {
    fn codespace(&self) -> &'static str {
        "distribution"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NoDelegationInfo => 5,
            Self::NoCommission => 7,
            Self::WithdrawAddressDisabled => 8,
            Self::PoolTooSmall => 9,
            Self::InvalidGenesis(_) => 100,
            Self::InvalidParams(_) => 101,
        }
    }
}

/// There is no such validator: the error of `x/staking`, whose keeper the SDK asks.
pub(crate) fn no_validator() -> Error {
    Error { codespace: "staking", code: 3, message: "validator does not exist".into() }
}

/// There is no such delegation: the error of `x/staking`, whose keeper the SDK asks.
pub(crate) fn no_delegation() -> Error {
    Error { codespace: "staking", code: 19, message: "no delegation for (address, validator) tuple".into() }
}
