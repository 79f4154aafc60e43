//! What can be wrong with profiles, handles and their genesis; codespace `contributor`.

use openledger_core::Coded;

/// Errors of the contributor module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContributorError {
    /// Code 2.
    #[error("contributor genesis: {0}")]
    InvalidGenesis(String),
    /// Code 3: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 4: not a handle.
    #[error(
        "handle {0:?}: use 3 to 32 of a-z, 0-9 and single inner hyphens, led by a letter, and not like an address"
    )]
    InvalidHandle(String),
    /// Code 5: somebody else holds the handle.
    #[error("handle {handle:?} is held by {holder}; choose another")]
    HandleTaken {
        /// The handle.
        handle: String,
        /// Who holds it.
        holder: String,
    },
    /// Code 6: a handle that was given up too short a time ago.
    #[error(
        "handle {handle:?} was given up by {holder} and rests until second {until} of header time; choose another"
    )]
    HandleResting {
        /// The handle.
        handle: String,
        /// Its last holder, who alone may take it now.
        holder: String,
        /// From when on others may.
        until: i64,
    },
    /// Code 7: a profile's text is too long or is no such text.
    #[error("profile: {0}")]
    InvalidProfile(String),
}

impl Coded for ContributorError {
    fn codespace(&self) -> &'static str {
        crate::NAME
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidGenesis(_) => 2,
            Self::InvalidParams(_) => 3,
            Self::InvalidHandle(_) => 4,
            Self::HandleTaken { .. } => 5,
            Self::HandleResting { .. } => 6,
            Self::InvalidProfile(_) => 7,
        }
    }
}
