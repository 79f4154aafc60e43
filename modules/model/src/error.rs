//! What can be wrong with models, versions, deployments, bonds, agents and feedback; codespace `model`.

use cosmwasm_std::Uint256;
use openledger_core::Coded;

/// Errors of the model module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Code 2.
    #[error("{what} {id} does not exist")]
    NotFound {
        /// Kind of object.
        what: &'static str,
        /// Its number.
        id: u64,
    },
    /// Code 3: somebody else's object.
    #[error("{what} {id} belongs to {owner}, not to {got}")]
    NotOwner {
        /// Kind of object.
        what: &'static str,
        /// Its number.
        id: u64,
        /// Whose it is.
        owner: String,
        /// Who asked.
        got: String,
    },
    /// Code 4: a field outside its range.
    #[error("{0}")]
    Invalid(String),
    /// Code 5: a lineage that is too deep, too wide or too dear.
    #[error("{0}")]
    Lineage(String),
    /// Code 6: a declared datanet version that does not exist, or an attestation of one that is not declared.
    #[error("{0}")]
    Corpus(String),
    /// Code 7: less than the least bond.
    #[error("a bond of {got} is below the least of {least} aopen")]
    BondTooSmall {
        /// What was offered.
        got: Uint256,
        /// The parameter `min_bond`.
        least: Uint256,
    },
    /// Code 8: more than the free part of the bond.
    #[error("deployment {deployment} has {free} aopen of free bond, {needed} are needed")]
    InsufficientBond {
        /// The deployment.
        deployment: u64,
        /// Bond that no settlement locks.
        free: Uint256,
        /// What was asked for.
        needed: Uint256,
    },
    /// Code 9: nothing to withdraw yet, or too much under way.
    #[error("{0}")]
    Unbonding(String),
    /// Code 10: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 11: a genesis that cannot be taken over.
    #[error("model genesis: {0}")]
    InvalidGenesis(String),
    /// Code 12: what the terms of a model version, or the licence of a datanet, do not allow.
    #[error("{0}")]
    Licence(String),
    /// Code 13: a deployment that takes no new sessions, or a server that the model's owner has not let.
    #[error("{0}")]
    NotServing(String),
    /// Code 14: feedback that cannot be decided, reclaimed or incorporated as it stands.
    #[error("{0}")]
    Feedback(String),
    /// Code 15: less than the least deposit.
    #[error("a deposit of {got} is below the least of {least} aopen")]
    DepositTooSmall {
        /// What was offered.
        got: Uint256,
        /// What the version's terms and the parameters ask for.
        least: Uint256,
    },
}

impl Coded for ModelError {
    fn codespace(&self) -> &'static str {
        crate::NAME
    }

    fn code(&self) -> u32 {
        match self {
            Self::NotFound { .. } => 2,
            Self::NotOwner { .. } => 3,
            Self::Invalid(_) => 4,
            Self::Lineage(_) => 5,
            Self::Corpus(_) => 6,
            Self::BondTooSmall { .. } => 7,
            Self::InsufficientBond { .. } => 8,
            Self::Unbonding(_) => 9,
            Self::InvalidParams(_) => 10,
            Self::InvalidGenesis(_) => 11,
            Self::Licence(_) => 12,
            Self::NotServing(_) => 13,
            Self::Feedback(_) => 14,
            Self::DepositTooSmall { .. } => 15,
        }
    }
}
