//! What can be wrong with pointers, duplicates, availability and custody; codespace `datanet`, codes from 60.

use openledger_core::Coded;

/// Errors of contents after their reveal; each code is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Code 60.
    #[error("pointer: {0}")]
    InvalidPointer(String),
    /// Code 61.
    #[error("contribution {seq} cannot be disputed as a duplicate: {why}")]
    NotDisputable {
        /// The contribution.
        seq: u64,
        /// Why.
        why: String,
    },
    /// Code 62.
    #[error("there is no duplicate dispute {0}")]
    UnknownDuplicate(u64),
    /// Code 63.
    #[error("duplicate dispute {id} is by {disputant}, not by {got}")]
    NotDisputant {
        /// The dispute.
        id: u64,
        /// Whose it is.
        disputant: String,
        /// Who asked.
        got: String,
    },
    /// Code 64.
    #[error("duplicate dispute {id} is shown at heights {from} to {deadline}, not at {height}")]
    NotNow {
        /// The dispute.
        id: u64,
        /// First height.
        from: u64,
        /// Last height.
        deadline: u64,
        /// The height now.
        height: u64,
    },
    /// Code 65.
    #[error("duplicate dispute {0} has ended")]
    DuplicateEnded(u64),
    /// Code 66.
    #[error("the proof shows no duplicate: {0}")]
    NoDuplicate(String),
    /// Code 67.
    #[error("contribution {seq} cannot be challenged: {why}")]
    NotChallengeable {
        /// The contribution.
        seq: u64,
        /// Why.
        why: String,
    },
    /// Code 68.
    #[error("chunk {chunk} of contribution {seq} is asked for already")]
    AlreadyChallenged {
        /// The contribution.
        seq: u64,
        /// The chunk.
        chunk: u32,
    },
    /// Code 69.
    #[error("nobody asks for chunk {chunk} of contribution {seq}")]
    NotChallenged {
        /// The contribution.
        seq: u64,
        /// The chunk.
        chunk: u32,
    },
    /// Code 70.
    #[error("this is not chunk {chunk} of contribution {seq}: {why}")]
    WrongChunk {
        /// The contribution.
        seq: u64,
        /// The chunk.
        chunk: u32,
        /// Why.
        why: String,
    },
    /// Code 71.
    #[error("contribution {seq}: {why}")]
    Custody {
        /// The contribution.
        seq: u64,
        /// What is wrong.
        why: String,
    },
    /// Code 72.
    #[error("contribution {0} is unavailable: its pay is held until the chunks that were asked for are shown")]
    Unavailable(u64),
}

impl Coded for ContentError {
    fn codespace(&self) -> &'static str {
        crate::NAME
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidPointer(_) => 60,
            Self::NotDisputable { .. } => 61,
            Self::UnknownDuplicate(_) => 62,
            Self::NotDisputant { .. } => 63,
            Self::NotNow { .. } => 64,
            Self::DuplicateEnded(_) => 65,
            Self::NoDuplicate(_) => 66,
            Self::NotChallengeable { .. } => 67,
            Self::AlreadyChallenged { .. } => 68,
            Self::NotChallenged { .. } => 69,
            Self::WrongChunk { .. } => 70,
            Self::Custody { .. } => 71,
            Self::Unavailable(_) => 72,
        }
    }
}
