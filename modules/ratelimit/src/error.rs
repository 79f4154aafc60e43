//! What can be wrong with a limit; codespace `ratelimit`, codes as in Stride's module. Codes from 100 are ours.

use openledger_core::Coded;

/// Errors of the rate limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitError {
    /// Code 1.
    #[error("{0}: ratelimit key duplicated")]
    Exists(String),
    /// Code 2.
    #[error("{0}: rate limit not found")]
    NotFound(String),
    /// Code 3.
    #[error("{0}: channel value is zero")]
    ZeroChannelValue(String),
    /// Code 4.
    #[error("{0}: quota exceeded")]
    QuotaExceeded(String),
    /// Code 6.
    #[error("{0}: channel does not exist")]
    ChannelNotFound(String),
    /// Code 100.
    #[error("{0}: invalid rate limit")]
    Invalid(String),
    /// Code 101: a genesis that cannot be taken over.
    #[error("ratelimit genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for RateLimitError {
    fn codespace(&self) -> &'static str {
        "ratelimit"
    }

    fn code(&self) -> u32 {
        match self {
            Self::Exists(_) => 1,
            Self::NotFound(_) => 2,
            Self::ZeroChannelValue(_) => 3,
            Self::QuotaExceeded(_) => 4,
            Self::ChannelNotFound(_) => 6,
            Self::Invalid(_) => 100,
            Self::InvalidGenesis(_) => 101,
        }
    }
}
