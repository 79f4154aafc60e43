//! A validator: who it is, what is delegated to it, and how shares and tokens are converted.
//!
//! Source of the arithmetic and its rounding: SDK v0.50 `x/staking/types/validator.go`. Shares are parts of a validator's tokens:
//! a slash takes tokens and leaves shares, so that a share is worth less for all alike.

use cosmwasm_std::{Binary, Uint256};
use openledger_auth::PublicKey;
use openledger_consensus::consensus_address;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::{Address, ConsensusKey, Dec, Result, SdkError, ValidatorUpdate};
use openledger_proto::cosmos::staking::v1beta1 as proto;
use openledger_proto::Any;
use serde::{Deserialize, Serialize};

use crate::commission::Commission;
use crate::description::Description;
use crate::error::StakingError;
use crate::time::Time;

/// Tokens for one unit of consensus power: 10^18 base units, one OPEN.
pub const POWER_REDUCTION: u64 = 1_000_000_000_000_000_000;

/// Whether a validator is in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BondStatus {
    /// Not in the set.
    Unbonded,
    /// It left the set; its delegations may still be slashed.
    Unbonding,
    /// In the set.
    Bonded,
}

impl BondStatus {
    /// Protobuf's number.
    pub fn to_proto(self) -> proto::BondStatus {
        match self {
            Self::Unbonded => proto::BondStatus::Unbonded,
            Self::Unbonding => proto::BondStatus::Unbonding,
            Self::Bonded => proto::BondStatus::Bonded,
        }
    }

    pub(crate) fn from_proto(status: i32) -> Result<Self> {
        match proto::BondStatus::try_from(status) {
            Ok(proto::BondStatus::Unbonded) => Ok(Self::Unbonded),
            Ok(proto::BondStatus::Unbonding) => Ok(Self::Unbonding),
            Ok(proto::BondStatus::Bonded) => Ok(Self::Bonded),
            _ => Err(StakingError::InvalidGenesis(format!("invalid validator status {status}")).into()),
        }
    }
}

/// A validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// Its operator's address; printed with [`VALOPER_PREFIX`].
    #[serde(with = "operator_text")]
    pub operator: Address,
    /// The key with which it signs blocks.
    #[serde(with = "key_bytes")]
    pub consensus_key: ConsensusKey,
    /// Whether it is kept out of the set.
    pub jailed: bool,
    /// Whether it is in the set.
    pub status: BondStatus,
    /// What is delegated to it, self-delegation included.
    pub tokens: Uint256,
    /// The shares that its delegations have of its tokens.
    pub delegator_shares: Dec,
    /// How it presents itself.
    pub description: Description,
    /// The height at which it left the set last.
    pub unbonding_height: u64,
    /// When its unbonding ends.
    pub unbonding_time: Time,
    /// What it keeps of its delegators' rewards.
    pub commission: Commission,
    /// Tokens that its operator must delegate to it; below them it is jailed.
    pub min_self_delegation: Uint256,
    /// How often its unbonding is put on hold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unbonding_on_hold_ref_count: u64,
    /// The numbers of its unbondings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbonding_ids: Vec<u64>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Validator {
    /// A validator to which nothing is delegated yet.
    pub(crate) fn new(
        operator: Address,
        consensus_key: ConsensusKey,
        description: Description,
        commission: Commission,
    ) -> Self {
        Self {
            operator,
            consensus_key,
            jailed: false,
            status: BondStatus::Unbonded,
            tokens: Uint256::zero(),
            delegator_shares: Dec::ZERO,
            description,
            unbonding_height: 0,
            unbonding_time: Time::EPOCH,
            commission,
            min_self_delegation: Uint256::one(),
            unbonding_on_hold_ref_count: 0,
            unbonding_ids: Vec::new(),
        }
    }

    /// Its consensus address, by which CometBFT names it.
    pub fn consensus_address(&self) -> Address {
        consensus_address(&self.consensus_key)
    }

    /// Its operator's address as text, `openvaloper1…`.
    pub fn operator_text(&self) -> String {
        self.operator.to_bech32(VALOPER_PREFIX)
    }

    /// Whether it is in the set.
    pub fn is_bonded(&self) -> bool {
        self.status == BondStatus::Bonded
    }

    /// Whether it left the set and may still be slashed.
    pub fn is_unbonding(&self) -> bool {
        self.status == BondStatus::Unbonding
    }

    /// Whether it is neither in the set nor unbonding.
    pub fn is_unbonded(&self) -> bool {
        self.status == BondStatus::Unbonded
    }

    /// Its power in CometBFT's set: 0 unless bonded.
    pub fn consensus_power(&self) -> u64 {
        if self.is_bonded() {
            self.potential_power()
        } else {
            0
        }
    }

    /// The power that it would have in the set: whole OPEN.
    pub fn potential_power(&self) -> u64 {
        let power = self.tokens.checked_div(Uint256::from(POWER_REDUCTION)).unwrap_or_default();
        // A billion OPEN is all there is; more than 64 bits cannot be staked.
        cosmwasm_std::Uint64::try_from(power).map_or(u64::MAX, |power| power.u64())
    }

    /// Whether it has shares and no tokens: all was slashed, and no further share has a price.
    pub fn has_invalid_rate(&self) -> bool {
        self.tokens.is_zero() && self.delegator_shares.is_positive()
    }

    /// What shares are worth, rounded half to even at the 18th place.
    pub fn tokens_from_shares(&self, shares: Dec) -> Result<Dec> {
        Ok(shares.mul_int(self.tokens)?.quo(self.delegator_shares)?)
    }

    /// What shares are worth, truncated.
    pub fn tokens_from_shares_truncated(&self, shares: Dec) -> Result<Dec> {
        Ok(shares.mul_int(self.tokens)?.quo_truncate(self.delegator_shares)?)
    }

    /// What shares are worth, rounded up.
    pub fn tokens_from_shares_round_up(&self, shares: Dec) -> Result<Dec> {
        Ok(shares.mul_int(self.tokens)?.quo_round_up(self.delegator_shares)?)
    }

    /// The shares that tokens buy.
    pub fn shares_from_tokens(&self, tokens: Uint256) -> Result<Dec> {
        if self.tokens.is_zero() {
            return Err(StakingError::InsufficientShares.into());
        }
        Ok(self.delegator_shares.mul_int(tokens)?.quo_int(self.tokens)?)
    }

    /// The shares that tokens buy, truncated.
    pub fn shares_from_tokens_truncated(&self, tokens: Uint256) -> Result<Dec> {
        if self.tokens.is_zero() {
            return Err(StakingError::InsufficientShares.into());
        }
        Ok(self.delegator_shares.mul_int(tokens)?.quo_truncate(Dec::from_int(self.tokens))?)
    }

    /// Adds a delegation's tokens; the shares that they got. The first ones get a share a token.
    pub(crate) fn add_tokens(&mut self, amount: Uint256) -> Result<Dec> {
        let issued =
            if self.delegator_shares.is_zero() { Dec::from_int(amount) } else { self.shares_from_tokens(amount)? };
        self.tokens = openledger_core::wire::add(self.tokens, amount)?;
        self.delegator_shares = self.delegator_shares.add(issued)?;
        Ok(issued)
    }

    /// Takes tokens, and no shares: a slash.
    pub(crate) fn remove_tokens(&mut self, amount: Uint256) -> Result<()> {
        self.tokens = openledger_core::wire::sub(self.tokens, amount)?;
        Ok(())
    }

    /// Takes shares; the tokens that they were worth. Fractions stay with those who stay, the last share gets all.
    pub(crate) fn remove_shares(&mut self, shares: Dec) -> Result<Uint256> {
        let rest = self.delegator_shares.sub(shares)?;
        let tokens = if rest.is_zero() { self.tokens } else { self.tokens_from_shares(shares)?.truncate_int()? };
        self.tokens = openledger_core::wire::sub(self.tokens, tokens)?;
        self.delegator_shares = rest;
        Ok(tokens)
    }

    /// How CometBFT is told of it.
    pub fn update(&self) -> ValidatorUpdate {
        ValidatorUpdate { key: self.consensus_key.clone(), power: self.consensus_power() }
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Validator {
        proto::Validator {
            operator_address: self.operator_text(),
            consensus_pubkey: Some(key_to_any(&self.consensus_key)),
            jailed: self.jailed,
            status: self.status.to_proto().into(),
            tokens: self.tokens.to_string(),
            delegator_shares: self.delegator_shares.to_proto(),
            description: Some(self.description.to_proto()),
            unbonding_height: i64::try_from(self.unbonding_height).unwrap_or(i64::MAX),
            unbonding_time: Some(self.unbonding_time.to_proto()),
            commission: Some(self.commission.to_proto()),
            min_self_delegation: self.min_self_delegation.to_string(),
            unbonding_on_hold_ref_count: i64::try_from(self.unbonding_on_hold_ref_count).unwrap_or(i64::MAX),
            unbonding_ids: self.unbonding_ids.clone(),
        }
    }

    /// Reads a validator of a genesis.
    pub(crate) fn from_proto(validator: &proto::Validator) -> Result<Self> {
        let invalid = |text: &str| StakingError::InvalidGenesis(format!("{text} of {}", validator.operator_address));
        let key = validator.consensus_pubkey.as_ref().ok_or(StakingError::EmptyValidatorPubKey)?;
        let key = read_key(key)?;
        let unsupported = || StakingError::InvalidGenesis(format!("a consensus key of type {}", type_of(&key)));
        let count = u64::try_from(validator.unbonding_on_hold_ref_count);
        let height = u64::try_from(validator.unbonding_height);
        Ok(Self {
            operator: Address::from_bech32(&validator.operator_address, VALOPER_PREFIX)?,
            consensus_key: consensus_key(&key).ok_or_else(unsupported)?,
            jailed: validator.jailed,
            status: BondStatus::from_proto(validator.status)?,
            tokens: openledger_core::wire::amount("tokens", &validator.tokens)?,
            delegator_shares: shares(&validator.delegator_shares)?,
            description: Description::from_proto(validator.description.as_ref()),
            unbonding_height: height.map_err(|_| invalid("negative unbonding_height"))?,
            unbonding_time: Time::from_proto(validator.unbonding_time.as_ref()),
            commission: Commission::from_proto(validator.commission.as_ref())?,
            min_self_delegation: openledger_core::wire::amount("min_self_delegation", &validator.min_self_delegation)?,
            unbonding_on_hold_ref_count: count.map_err(|_| invalid("negative unbonding_on_hold_ref_count"))?,
            unbonding_ids: validator.unbonding_ids.clone(),
        })
    }
}

/// Shares of a genesis: not negative.
pub(crate) fn shares(text: &str) -> Result<Dec> {
    let shares = Dec::from_proto(text)?;
    if shares.is_negative() {
        return Err(StakingError::InvalidGenesis(format!("negative shares {shares}")).into());
    }
    Ok(shares)
}

/// Reads a key of any type that accounts may have.
pub(crate) fn read_key(any: &Any) -> Result<PublicKey> {
    PublicKey::from_any(any)
}

/// The consensus key that a key is; `None` where its type is none of CometBFT's.
pub(crate) fn consensus_key(key: &PublicKey) -> Option<ConsensusKey> {
    match key {
        PublicKey::Ed25519(key) => Some(ConsensusKey::Ed25519(key.to_vec())),
        PublicKey::Secp256k1(key) => Some(ConsensusKey::Secp256k1(key.to_vec())),
        PublicKey::Secp256r1(_) | PublicKey::Multisig { .. } => None,
    }
}

/// The name of a key's type, as consensus parameters have it.
pub(crate) fn type_of(key: &PublicKey) -> &'static str {
    match key {
        PublicKey::Ed25519(_) => "ed25519",
        PublicKey::Secp256k1(_) => "secp256k1",
        PublicKey::Secp256r1(_) => "secp256r1",
        PublicKey::Multisig { .. } => "PubKeyMultisigThreshold",
    }
}

/// A consensus key's protobuf form.
pub fn key_to_any(key: &ConsensusKey) -> Any {
    let key = match key {
        ConsensusKey::Ed25519(key) => PublicKey::Ed25519(Binary::from(key.as_slice())),
        ConsensusKey::Secp256k1(key) => PublicKey::Secp256k1(Binary::from(key.as_slice())),
    };
    key.to_any()
}

/// An operator's address in state: with its own prefix.
pub(crate) mod operator_text {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(operator: &Address, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&operator.to_bech32(VALOPER_PREFIX))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let text = String::deserialize(deserializer)?;
        Address::from_bech32(&text, VALOPER_PREFIX).map_err(serde::de::Error::custom)
    }
}

/// A consensus key in state.
mod key_bytes {
    use super::*;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Stored {
        Ed25519(Binary),
        Secp256k1(Binary),
    }

    pub(crate) fn serialize<S: Serializer>(key: &ConsensusKey, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = match key {
            ConsensusKey::Ed25519(key) => Stored::Ed25519(key.as_slice().into()),
            ConsensusKey::Secp256k1(key) => Stored::Secp256k1(key.as_slice().into()),
        };
        stored.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ConsensusKey, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Ed25519(key) => ConsensusKey::Ed25519(key.into()),
            Stored::Secp256k1(key) => ConsensusKey::Secp256k1(key.into()),
        })
    }
}

/// An operator's address of a message; the error is the SDK's.
pub(crate) fn read_operator(whose: &str, text: &str) -> Result<Address> {
    Address::from_bech32(text, VALOPER_PREFIX).map_err(|error| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid {whose} address: {why}")).into(),
        other => other.into(),
    })
}
