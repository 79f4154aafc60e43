//! What can be wrong with sessions, settlements, disputes and claims for pay; codespace `attribution`.

use cosmwasm_std::Uint256;
use openledger_core::Coded;

/// Errors of the attribution module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributionError {
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
    /// Code 5: a deployment that takes no such session.
    #[error("{0}")]
    NotServed(String),
    /// Code 6: the deployment asks more than the payer would pay.
    #[error("deployment asks {asked} aopen {unit}, more than the highest price of {most}")]
    Price {
        /// For what.
        unit: &'static str,
        /// Its price.
        asked: Uint256,
        /// The payer's limit.
        most: Uint256,
    },
    /// Code 7: a session in another state.
    #[error("{0}")]
    SessionState(String),
    /// Code 8: a voucher that does not hold.
    #[error("voucher: {0}")]
    Voucher(String),
    /// Code 9: receipts that are not the voucher's, or cost or say what they may not.
    #[error("receipt {index}: {reason}")]
    Receipt {
        /// Its index.
        index: u64,
        /// What is wrong.
        reason: String,
    },
    /// Code 10: a claim refused without anyone's bytes.
    #[error("claim of receipt {index}: {reason}")]
    Claim {
        /// The receipt's index.
        index: u64,
        /// What is wrong.
        reason: String,
    },
    /// Code 11: openings that do not show what is claimed.
    #[error("openings of receipt {index}: {reason}")]
    Existence {
        /// The receipt's index.
        index: u64,
        /// What is wrong.
        reason: String,
    },
    /// Code 12: more than one transaction may settle.
    #[error("{0}")]
    TooLarge(String),
    /// Code 13: a settlement in another state.
    #[error("{0}")]
    SettlementState(String),
    /// Code 14: too late, or too early.
    #[error("{0}")]
    Window(String),
    /// Code 15: a dispute that was not committed so.
    #[error("{0}")]
    Dispute(String),
    /// Code 16: nothing to claim.
    #[error("nothing is owed to {0}")]
    NothingOwed(String),
    /// Code 17: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 18: a genesis that cannot be taken over.
    #[error("attribution genesis: {0}")]
    InvalidGenesis(String),
    /// Code 19: a demand that may not be made, or an answer that answers nothing.
    #[error("{0}")]
    Demand(String),
    /// Code 20: an auditor that may not do this now.
    #[error("{0}")]
    Auditor(String),
    /// Code 21: a replacement that was not committed so, or may not be now.
    #[error("{0}")]
    Replacement(String),
    /// Code 22: an undeclared source that is none, or comes after another.
    #[error("{0}")]
    Undeclared(String),
    /// Code 23: a credit note that does not hold, or gives nothing.
    #[error("credit: {0}")]
    Credit(String),
}

impl Coded for AttributionError {
    fn codespace(&self) -> &'static str {
        crate::NAME
    }

    fn code(&self) -> u32 {
        match self {
            Self::NotFound { .. } => 2,
            Self::NotOwner { .. } => 3,
            Self::Invalid(_) => 4,
            Self::NotServed(_) => 5,
            Self::Price { .. } => 6,
            Self::SessionState(_) => 7,
            Self::Voucher(_) => 8,
            Self::Receipt { .. } => 9,
            Self::Claim { .. } => 10,
            Self::Existence { .. } => 11,
            Self::TooLarge(_) => 12,
            Self::SettlementState(_) => 13,
            Self::Window(_) => 14,
            Self::Dispute(_) => 15,
            Self::NothingOwed(_) => 16,
            Self::InvalidParams(_) => 17,
            Self::InvalidGenesis(_) => 18,
            Self::Demand(_) => 19,
            Self::Auditor(_) => 20,
            Self::Replacement(_) => 21,
            Self::Undeclared(_) => 22,
            Self::Credit(_) => 23,
        }
    }
}
