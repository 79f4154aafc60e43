//! What can be wrong with the circuit breaker; codespace `circuit`.
//!
//! SDK v0.50 reports these as plain errors (codespace `undefined`, code 1); here they have stable codes. Missing permissions are the SDK's
//! `unauthorized`.

use openledger_core::Coded;

/// Errors of the circuit module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CircuitError {
    /// Code 2: a message of a type that is off.
    #[error("circuit breaker disables execution of this message: {0}")]
    Disabled(String),
    /// Code 3: what is off cannot be switched off.
    #[error("message {0} is already disabled")]
    AlreadyDisabled(String),
    /// Code 4: what is on cannot be switched on.
    #[error("message {0} is not disabled")]
    NotDisabled(String),
    /// Code 5: the message that switches on again.
    #[error("message {0} resets the circuit breaker, so it stays enabled")]
    CannotDisable(String),
    /// Code 6: a level of permission that there is not.
    #[error("{0}: invalid permission level; it is 0 (none), 1 (some messages), 2 (all messages) or 3 (super admin)")]
    InvalidLevel(i32),
    /// Code 7: a genesis that cannot be taken over.
    #[error("circuit genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for CircuitError {
    fn codespace(&self) -> &'static str {
        "circuit"
    }

    fn code(&self) -> u32 {
        match self {
            Self::Disabled(_) => 2,
            Self::AlreadyDisabled(_) => 3,
            Self::NotDisabled(_) => 4,
            Self::CannotDisable(_) => 5,
            Self::InvalidLevel(_) => 6,
            Self::InvalidGenesis(_) => 7,
        }
    }
}
