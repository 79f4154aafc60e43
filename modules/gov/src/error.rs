//! What can be wrong with proposals, deposits and votes; codespace `gov`.
//!
//! Codes 2 to 23 are the SDK's (v0.50 `x/gov/types/errors.go`; 2 is what it had for an unknown proposal until v0.47, where v0.50 has a
//! plain error); those from 100 are ours, where the SDK has plain errors.

use openledger_core::Coded;

/// Errors of the gov module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GovError {
    /// Code 2.
    #[error("{0}: unknown proposal")]
    UnknownProposal(u64),
    /// Code 3.
    #[error("{0}: inactive proposal")]
    InactiveProposal(u64),
    /// Code 5.
    #[error("{0}: invalid proposal content")]
    InvalidProposalContent(String),
    /// Code 6.
    #[error("{0}: invalid proposal type")]
    InvalidProposalType(String),
    /// Code 7.
    #[error("{0}: invalid vote option")]
    InvalidVote(String),
    /// Code 8.
    #[error("{0}: invalid genesis state")]
    InvalidGenesis(String),
    /// Code 9.
    #[error("{0}: no handler exists for proposal type")]
    NoProposalHandler(String),
    /// Code 10.
    #[error("{0}: proposal message not recognized by router")]
    UnroutableProposalMsg(String),
    /// Code 11.
    #[error("{0}: no messages proposed")]
    NoProposalMsgs(String),
    /// Code 12.
    #[error("{0}: invalid proposal message")]
    InvalidProposalMsg(String),
    /// Code 13.
    #[error("{0}: expected gov account as only signer for proposal message")]
    InvalidSigner(String),
    /// Code 15.
    #[error("{0}: metadata too long")]
    MetadataTooLong(String),
    /// Code 16.
    #[error("{0}: minimum deposit is too small")]
    MinDepositTooSmall(String),
    /// Code 18.
    #[error("{0}: invalid proposer")]
    InvalidProposer(String),
    /// Code 20.
    #[error("{0}: voting period already ended")]
    VotingPeriodEnded(String),
    /// Code 21.
    #[error("{0}: invalid proposal")]
    InvalidProposal(String),
    /// Code 22.
    #[error("{0}: summary too long")]
    SummaryTooLong(String),
    /// Code 23.
    #[error("{0}: invalid deposit denom")]
    InvalidDepositDenom(String),
    /// Code 101: parameters that cannot be set.
    #[error("{0}")]
    InvalidParams(String),
}

impl Coded for GovError {
    fn codespace(&self) -> &'static str {
        "gov"
    }

    fn code(&self) -> u32 {
        match self {
            Self::UnknownProposal(_) => 2,
            Self::InactiveProposal(_) => 3,
            Self::InvalidProposalContent(_) => 5,
            Self::InvalidProposalType(_) => 6,
            Self::InvalidVote(_) => 7,
            Self::InvalidGenesis(_) => 8,
            Self::NoProposalHandler(_) => 9,
            Self::UnroutableProposalMsg(_) => 10,
            Self::NoProposalMsgs(_) => 11,
            Self::InvalidProposalMsg(_) => 12,
            Self::InvalidSigner(_) => 13,
            Self::MetadataTooLong(_) => 15,
            Self::MinDepositTooSmall(_) => 16,
            Self::InvalidProposer(_) => 18,
            Self::VotingPeriodEnded(_) => 20,
            Self::InvalidProposal(_) => 21,
            Self::SummaryTooLong(_) => 22,
            Self::InvalidDepositDenom(_) => 23,
            Self::InvalidParams(_) => 101,
        }
    }
}
