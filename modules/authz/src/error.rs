//! What can be wrong with grants; codespace `authz`.
//!
//! Codes 2 to 12 are the SDK's (v0.50 `x/authz/errors.go`); those from 100 are ours, where the SDK has plain errors.

use openledger_core::Coded;

/// Errors of the authz module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthzError {
    /// Code 2: there is no such grant.
    #[error("{0}: authorization not found")]
    NotFound(String),
    /// Code 3: a grant that would have expired already.
    #[error("{0}: expiration time of authorization should be more than current time")]
    InvalidExpiration(String),
    /// Code 4: an authorization to stake that says not for what.
    #[error("unknown authorization type")]
    UnknownType,
    /// Code 6: a grant that has expired.
    #[error("authorization expired")]
    Expired,
    /// Code 7: nobody needs a grant from themselves.
    #[error("grantee and granter should be different")]
    GranteeIsGranter,
    /// Code 9: a message with no signer or several.
    #[error("authorization can be given to msg with only one signer")]
    NumberOfSigners,
    /// Code 12: a limit on stake that is none.
    #[error("{0}: max tokens should be positive")]
    NegativeMaxTokens(String),
    /// Code 100: a genesis that cannot be taken over.
    #[error("authz genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for AuthzError {
    fn codespace(&self) -> &'static str {
        "authz"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NotFound(_) => 2,
            Self::InvalidExpiration(_) => 3,
            Self::UnknownType => 4,
            Self::Expired => 6,
            Self::GranteeIsGranter => 7,
            Self::NumberOfSigners => 9,
            Self::NegativeMaxTokens(_) => 12,
            Self::InvalidGenesis(_) => 100,
        }
    }
}
