//! What can be wrong with an unjailing, parameters and genesis; codespace `slashing`.
//!
//! Source of the texts and codes 2 to 9: SDK v0.50 `x/slashing/types/errors.go`. The SDK reports wrong parameters and a wrong genesis as
//! plain errors (codespace `undefined`, code 1); here they have codes behind its own.

use openledger_core::Coded;

/// Errors of the slashing module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlashingError {
    /// Code 4: it is tombstoned, or its time in jail is not over.
    #[error("validator still jailed; cannot be unjailed")]
    StillJailed,
    /// Code 5: it is not in jail.
    #[error("validator not jailed; cannot be unjailed")]
    NotJailed,
    /// Code 7: its operator has less of its own at stake than the validator promised.
    #[error("{0}: validator's self delegation less than minimum; cannot be unjailed")]
    SelfDelegationTooLow(String),
    /// Code 8: nobody with this consensus address was ever bonded.
    #[error("{0}: no validator signing info found")]
    NoSigningInfo(String),
    /// Code 9: it was tombstoned before.
    #[error("cannot tombstone validator that is already tombstoned: validator already tombstoned")]
    Tombstoned,
    /// Code 10: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 11: a genesis that cannot be taken over.
    #[error("slashing genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for SlashingError {
    fn codespace(&self) -> &'static str {
        "slashing"
    }

    fn code(&self) -> u32 {
        match self {
            Self::StillJailed => 4,
            Self::NotJailed => 5,
            Self::SelfDelegationTooLow(_) => 7,
            Self::NoSigningInfo(_) => 8,
            Self::Tombstoned => 9,
            Self::InvalidParams(_) => 10,
            Self::InvalidGenesis(_) => 11,
        }
    }
}
