//! What can be wrong with a forward; codespace `packetfowardmiddleware`, as ibc-apps' middleware spells it. All codes are ours: there all
//! errors are plain ones.

use openledger_core::Coded;

/// Errors of forwards.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// Code 2.
    #[error("error parsing forward metadata: {0}")]
    Metadata(String),
    /// Code 3.
    #[error("giving up on packet on channel ({channel}) port (transfer) after max retries")]
    GivenUp {
        /// This chain's end of the channel.
        channel: String,
    },
    /// Code 100: a genesis that cannot be taken over.
    #[error("forward genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for ForwardError {
    fn codespace(&self) -> &'static str {
        "packetfowardmiddleware"
    }

    fn code(&self) -> u32 {
        match self {
            Self::Metadata(_) => 2,
            Self::GivenUp { .. } => 3,
            Self::InvalidGenesis(_) => 100,
        }
    }
}
