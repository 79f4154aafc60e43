//! Amounts of tokens: a denomination and 256 bits, and sorted sets of them.
//!
//! Source: Cosmos SDK v0.50 `types/coin.go`. Amounts never go below zero; every operation is checked.

use std::collections::BTreeMap;
use std::fmt;

use cosmwasm_std::Uint256;
use openledger_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use serde::{Deserialize, Serialize};

use crate::error::SdkError;

/// The base denomination: 10^18 of it are one OPEN.
pub const BASE_DENOM: &str = "aopen";

/// An amount of one denomination; zero is allowed (a balance), see [`Coins`] for what may not be zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coin {
    /// The denomination.
    pub denom: String,
    /// How many base units.
    pub amount: Uint256,
}

impl Coin {
    /// `amount` of the base denomination.
    pub fn base(amount: impl Into<Uint256>) -> Self {
        Self { denom: BASE_DENOM.into(), amount: amount.into() }
    }

    /// Reads a protobuf coin: a valid denomination and a decimal amount of at most 256 bits.
    pub fn from_proto(coin: &ProtoCoin) -> Result<Self, SdkError> {
        check_denom(&coin.denom)?;
        Ok(Self { denom: coin.denom.clone(), amount: parse_amount(&coin.amount)? })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoCoin {
        ProtoCoin { denom: self.denom.clone(), amount: self.amount.to_string() }
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

impl std::str::FromStr for Coin {
    type Err = SdkError;

    /// Reads `"10aopen"`.
    fn from_str(text: &str) -> Result<Self, SdkError> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (amount, denom) = text.split_at(digits);
        check_denom(denom).map_err(|_| SdkError::InvalidCoins(format!("invalid decimal coin expression: {text}")))?;
        Ok(Self { denom: denom.into(), amount: parse_amount(amount)? })
    }
}

/// Reads a non-negative decimal amount: digits only, at most 256 bits.
pub fn parse_amount(text: &str) -> Result<Uint256, SdkError> {
    if text.is_empty() || text.len() > 78 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SdkError::InvalidCoins(format!(
            "amount {text:?} is not a non-negative integer of at most 256 bits"
        )));
    }
    text.parse().map_err(|_| SdkError::InvalidCoins(format!("amount {text:?} exceeds 256 bits")))
}

/// Refuses what is not a denomination: a letter, then 2 to 127 letters, digits or `/ : . _ -`.
pub fn check_denom(denom: &str) -> Result<(), SdkError> {
    let mut bytes = denom.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let rest = bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b':' | b'.' | b'_' | b'-'));
    if first && rest && (3..=128).contains(&denom.len()) {
        Ok(())
    } else {
        Err(SdkError::InvalidCoins(format!("invalid denom: {denom}")))
    }
}

/// A set of positive amounts, one a denomination, in order of denominations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coins(Vec<Coin>);

impl Coins {
    /// Reads protobuf coins strictly: sorted, no denomination twice, all positive, as the SDK's `Coins.Validate`.
    pub fn from_proto(coins: &[ProtoCoin]) -> Result<Self, SdkError> {
        let coins = coins.iter().map(Coin::from_proto).collect::<Result<Vec<_>, _>>()?;
        if let Some(zero) = coins.iter().find(|coin| coin.amount.is_zero()) {
            return Err(SdkError::InvalidCoins(format!("coin {zero} amount is not positive")));
        }
        if let Some((_, next)) = coins.iter().zip(coins.iter().skip(1)).find(|(a, b)| a.denom >= b.denom) {
            return Err(SdkError::InvalidCoins(format!("denomination {} is not sorted or twice there", next.denom)));
        }
        Ok(Self(coins))
    }

    /// Sums coins in any order, dropping zeros; fails where a sum exceeds 256 bits.
    pub fn sum(coins: impl IntoIterator<Item = Coin>) -> Result<Self, SdkError> {
        let mut sums: BTreeMap<String, Uint256> = BTreeMap::new();
        for coin in coins {
            let sum = sums.entry(coin.denom).or_default();
            *sum =
                sum.checked_add(coin.amount).map_err(|_| SdkError::InvalidCoins("amounts exceed 256 bits".into()))?;
        }
        let positive = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
        Ok(Self(positive.map(|(denom, amount)| Coin { denom, amount }).collect()))
    }

    /// The sum; fails above 256 bits.
    pub fn add(&self, other: &Self) -> Result<Self, SdkError> {
        Self::sum(self.0.iter().chain(&other.0).cloned())
    }

    /// The difference; an error where an amount would be negative.
    pub fn sub(&self, other: &Self) -> Result<Self, SdkError> {
        let short = |coin: &Coin| SdkError::InsufficientFunds(format!("{self} is smaller than {coin}"));
        if let Some(coin) = other.0.iter().find(|coin| self.amount_of(&coin.denom) < coin.amount) {
            return Err(short(coin));
        }
        let mut rest = Vec::with_capacity(self.0.len());
        for Coin { denom, amount } in &self.0 {
            let taken = other.amount_of(denom);
            let amount = amount.checked_sub(taken).map_err(|_| short(&Coin { denom: denom.clone(), amount: taken }))?;
            if !amount.is_zero() {
                rest.push(Coin { denom: denom.clone(), amount });
            }
        }
        Ok(Self(rest))
    }

    /// Whether each amount of `other` is covered here.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|coin| self.amount_of(&coin.denom) >= coin.amount)
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> Vec<ProtoCoin> {
        self.0.iter().map(Coin::to_proto).collect()
    }

    /// The amount of one denomination, zero where there is none.
    pub fn amount_of(&self, denom: &str) -> Uint256 {
        let at = self.0.binary_search_by(|coin| coin.denom.as_str().cmp(denom)).ok();
        at.and_then(|at| self.0.get(at)).map_or(Uint256::zero(), |coin| coin.amount)
    }

    /// The coins in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Coin> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Coin> for Coins {
    /// A set of one coin, or the empty set for a zero amount.
    fn from(coin: Coin) -> Self {
        Self(if coin.amount.is_zero() { Vec::new() } else { vec![coin] })
    }
}

impl std::str::FromStr for Coins {
    type Err = SdkError;

    /// Reads `"10aopen,5ibc/AB"` in any order; the empty text is no coins.
    fn from_str(text: &str) -> Result<Self, SdkError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Self::sum(parts.map(str::parse).collect::<Result<Vec<Coin>, _>>()?)
    }
}

impl fmt::Display for Coins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, coin) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{coin}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proto(coins: &[(&str, &str)]) -> Vec<ProtoCoin> {
        coins.iter().map(|(denom, amount)| ProtoCoin { denom: (*denom).into(), amount: (*amount).into() }).collect()
    }

    #[test]
    fn coins_are_sorted_positive_and_distinct() {
        assert!(Coins::from_proto(&proto(&[("aopen", "1"), ("bopen", "2")])).is_ok());
        for bad in [
            &[("bopen", "1"), ("aopen", "2")][..],
            &[("aopen", "1"), ("aopen", "2")],
            &[("aopen", "0")],
            &[("aopen", "-1")],
            &[("aopen", "+1")],
            &[("a", "1")],
            &[("1abc", "1")],
        ] {
            assert!(Coins::from_proto(&proto(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_largest_amount_is_256_bits() {
        assert_eq!(parse_amount(&Uint256::MAX.to_string()).unwrap(), Uint256::MAX);
        assert!(parse_amount("115792089237316195423570985008687907853269984665640564039457584007913129639936").is_err());
        assert!(Coins::sum([Coin::base(Uint256::MAX), Coin::base(1u128)]).is_err());
    }

    #[test]
    fn coins_read_what_they_print() {
        let coins: Coins = "5uatom, 10aopen".parse().unwrap();
        assert_eq!(coins.to_string(), "10aopen,5uatom");
        assert!("aopen".parse::<Coins>().is_err());
    }
}
