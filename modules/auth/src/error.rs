//! What can be wrong with accounts, their parameters and their genesis; codespace `auth`.
//!
//! SDK v0.50 reports these as plain errors (codespace `undefined`, code 1); here they have stable codes.

use openledger_core::Coded;

/// Errors of the auth module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Code 2: a genesis that cannot be taken over.
    #[error("auth genesis: {0}")]
    InvalidGenesis(String),
    /// Code 3: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 4: a module account that the table of permissions does not name, or a permission it does not grant.
    #[error("{0}: unknown module account or permission")]
    ModuleAccount(String),
    /// Code 5: a vesting schedule that is none.
    #[error("{0}")]
    InvalidVesting(String),
}

impl Coded for AuthError {
    fn codespace(&self) -> &'static str {
        "auth"
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidGenesis(_) => 2,
            Self::InvalidParams(_) => 3,
            Self::ModuleAccount(_) => 4,
            Self::InvalidVesting(_) => 5,
        }
    }
}
