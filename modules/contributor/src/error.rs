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
    #[error("handle {handle:?} is held by {holder} until second {until} of header time; choose another")]
    HandleTaken {
        /// The handle.
        handle: String,
        /// Who holds it.
        holder: String,
        /// Until when.
        until: i64,
    },
    /// Code 6: a handle that was held too short a time ago.
    #[error("handle {handle:?} was held by {holder} and rests until second {until} of header time; choose another")]
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
    /// Code 8: a handle that nobody may claim.
    #[error("handle {0:?} is reserved; choose another")]
    ReservedHandle(String),
    /// Code 9: a claim without a commit.
    #[error("{0} has committed to no handle; send MsgCommitHandle first")]
    NoCommit(String),
    /// Code 10: a claim of something else than what was committed.
    #[error("the commit of {account} is {expected}; this handle and salt make {got}")]
    CommitMismatch {
        /// Who claims.
        account: String,
        /// The commit, in hexadecimal.
        expected: String,
        /// The hash of what is claimed, in hexadecimal.
        got: String,
    },
    /// Code 11: a claim too early or too late.
    #[error("the commit may be revealed at heights {first} to {last}; this is height {height}")]
    NotNow {
        /// The first height.
        first: u64,
        /// The last one.
        last: u64,
        /// This one.
        height: u64,
    },
    /// Code 12: a claim by somebody who holds a handle.
    #[error("{account} holds handle {handle:?}; an account holds one: send MsgReleaseHandle first")]
    HoldsHandle {
        /// Who claims.
        account: String,
        /// The handle held.
        handle: String,
    },
    /// Code 13: somebody who holds no handle.
    #[error("{0} holds no handle; claim one first")]
    HoldsNone(String),
    /// Code 14: too many years, or none.
    #[error("{years} years are not to be paid: with them the handle must be held at least a year, at most {most} years from now")]
    InvalidYears {
        /// The years.
        years: u32,
        /// The most.
        most: u32,
    },
    /// Code 15: not a place where a proof can stand.
    #[error("proof: {0}")]
    InvalidProof(String),
    /// Code 16: more proofs than an account may claim.
    #[error("an account may claim {0} proofs; withdraw one first")]
    TooManyProofs(u32),
    /// Code 17: a proof that the account has not claimed.
    #[error("{account} has claimed no such proof at {location:?}")]
    UnknownProof {
        /// Who asks.
        account: String,
        /// Where.
        location: String,
    },
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
            Self::ReservedHandle(_) => 8,
            Self::NoCommit(_) => 9,
            Self::CommitMismatch { .. } => 10,
            Self::NotNow { .. } => 11,
            Self::HoldsHandle { .. } => 12,
            Self::HoldsNone(_) => 13,
            Self::InvalidYears { .. } => 14,
            Self::InvalidProof(_) => 15,
            Self::TooManyProofs(_) => 16,
            Self::UnknownProof { .. } => 17,
        }
    }
}
