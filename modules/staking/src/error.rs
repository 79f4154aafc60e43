//! What can be wrong with validators and delegations; codespace `staking`.
//!
//! Source of codes and texts: SDK v0.50 `x/staking/types/errors.go`; those that nothing there returns any more are left out.
//! Codes from 100 on are ours, where the SDK has plain errors (codespace `undefined`, code 1).

use openledger_core::Coded;

/// Errors of the staking module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StakingError {
    /// Code 3.
    #[error("validator does not exist")]
    NoValidatorFound,
    /// Code 4.
    #[error("validator already exist for this operator address; must use new validator operator address")]
    ValidatorOwnerExists,
    /// Code 5.
    #[error("validator already exist for this pubkey; must use new validator pubkey")]
    ValidatorPubKeyExists,
    /// Code 6.
    #[error("got: {got}, expected: {expected:?}: validator pubkey type is not supported")]
    ValidatorPubKeyTypeNotSupported {
        /// The key's type.
        got: String,
        /// The types that the consensus parameters allow.
        expected: Vec<String>,
    },
    /// Code 7.
    #[error("validator for this address is currently jailed")]
    ValidatorJailed,
    /// Code 8.
    #[error("{0}: failed to remove validator")]
    BadRemoveValidator(&'static str),
    /// Code 9.
    #[error("commission must be positive")]
    CommissionNegative,
    /// Code 10.
    #[error("commission cannot be more than 100%")]
    CommissionHuge,
    /// Code 11.
    #[error("commission cannot be more than the max rate")]
    CommissionGtMaxRate,
    /// Code 12.
    #[error("commission cannot be changed more than once in 24h")]
    CommissionUpdateTime,
    /// Code 13.
    #[error("commission change rate must be positive")]
    CommissionChangeRateNegative,
    /// Code 14.
    #[error("commission change rate cannot be more than the max rate")]
    CommissionChangeRateGtMaxRate,
    /// Code 15.
    #[error("commission cannot be changed more than max change rate")]
    CommissionGtMaxChangeRate,
    /// Code 16.
    #[error("validator's self delegation must be greater than their minimum self delegation")]
    SelfDelegationBelowMinimum,
    /// Code 17.
    #[error("minimum self delegation cannot be decrease")]
    MinSelfDelegationDecreased,
    /// Code 19.
    #[error("no delegation for (address, validator) tuple")]
    NoDelegation,
    /// Code 21.
    #[error("delegator does not contain delegation")]
    NoDelegatorForAddress,
    /// Code 22.
    #[error("insufficient delegation shares")]
    InsufficientShares,
    /// Code 24, with the shares that there are.
    #[error("{0}: not enough delegation shares")]
    NotEnoughDelegationShares(String),
    /// Code 26.
    #[error("no unbonding delegation found")]
    NoUnbondingDelegation,
    /// Code 27.
    #[error("too many unbonding delegation entries for (delegator, validator) tuple")]
    MaxUnbondingDelegationEntries,
    /// Code 28.
    #[error("no redelegation found")]
    NoRedelegation,
    /// Code 29.
    #[error("cannot redelegate to the same validator")]
    SelfRedelegation,
    /// Code 30.
    #[error("too few tokens to redelegate (truncates to zero tokens)")]
    TinyRedelegationAmount,
    /// Code 31.
    #[error("redelegation destination validator not found")]
    BadRedelegationDst,
    /// Code 32.
    #[error(
        "redelegation to this validator already in progress; first redelegation to this validator must complete before next \
         redelegation"
    )]
    TransitiveRedelegation,
    /// Code 33.
    #[error("too many redelegation entries for (delegator, src-validator, dst-validator) tuple")]
    MaxRedelegationEntries,
    /// Code 34.
    #[error("cannot delegate to validators with invalid (zero) ex-rate")]
    DelegatorShareExRateInvalid,
    /// Code 39.
    #[error("empty validator public key")]
    EmptyValidatorPubKey,
    /// Code 40, with the least rate.
    #[error(
        "cannot set validator commission to less than minimum rate of {0}: commission cannot be less than min rate"
    )]
    CommissionLtMinRate(String),
    /// Code 41.
    #[error("unbonding operation not found")]
    UnbondingNotFound,
    /// Code 42, with the operation's number.
    #[error("unbonding operation {0}: cannot un-hold unbonding operation that is not on hold")]
    UnbondingOnHoldRefCountNegative(u64),
    /// Code 44.
    #[error("redelegation source validator not found")]
    BadRedelegationSrc,
    /// Code 45.
    #[error("unbonding type not found")]
    NoUnbondingType,
    /// Code 100: a genesis that cannot be taken over.
    #[error("staking genesis: {0}")]
    InvalidGenesis(String),
    /// Code 101: a parameter outside its range.
    #[error("{0}")]
    InvalidParams(String),
    /// Code 102: a slash that must not be.
    #[error("{0}")]
    BadSlash(String),
    /// Code 103: a validator that is not jailed cannot be let out.
    #[error("cannot unjail already unjailed validator {0}")]
    NotJailed(String),
}

impl Coded for StakingError {
    fn codespace(&self) -> &'static str {
        "staking"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NoValidatorFound => 3,
            Self::ValidatorOwnerExists => 4,
            Self::ValidatorPubKeyExists => 5,
            Self::ValidatorPubKeyTypeNotSupported { .. } => 6,
            Self::ValidatorJailed => 7,
            Self::BadRemoveValidator(_) => 8,
            Self::CommissionNegative => 9,
            Self::CommissionHuge => 10,
            Self::CommissionGtMaxRate => 11,
            Self::CommissionUpdateTime => 12,
            Self::CommissionChangeRateNegative => 13,
            Self::CommissionChangeRateGtMaxRate => 14,
            Self::CommissionGtMaxChangeRate => 15,
            Self::SelfDelegationBelowMinimum => 16,
            Self::MinSelfDelegationDecreased => 17,
            Self::NoDelegation => 19,
            Self::NoDelegatorForAddress => 21,
            Self::InsufficientShares => 22,
            Self::NotEnoughDelegationShares(_) => 24,
            Self::NoUnbondingDelegation => 26,
            Self::MaxUnbondingDelegationEntries => 27,
            Self::NoRedelegation => 28,
            Self::SelfRedelegation => 29,
            Self::TinyRedelegationAmount => 30,
            Self::BadRedelegationDst => 31,
            Self::TransitiveRedelegation => 32,
            Self::MaxRedelegationEntries => 33,
            Self::DelegatorShareExRateInvalid => 34,
            Self::EmptyValidatorPubKey => 39,
            Self::CommissionLtMinRate(_) => 40,
            Self::UnbondingNotFound => 41,
            Self::UnbondingOnHoldRefCountNegative(_) => 42,
            Self::BadRedelegationSrc => 44,
            Self::NoUnbondingType => 45,
            Self::InvalidGenesis(_) => 100,
            Self::InvalidParams(_) => 101,
            Self::BadSlash(_) => 102,
            Self::NotJailed(_) => 103,
        }
    }
}
