//! Decimal amounts of tokens: what rewards are counted in before they are paid.
//!
//! Source: Cosmos SDK v0.50 `types/dec_coin.go`.

use std::collections::BTreeMap;
use std::fmt;

use openledger_proto::cosmos::base::v1beta1::DecCoin as ProtoDecCoin;
use serde::{Deserialize, Serialize};

use crate::coin::{check_denom, Coin, Coins};
use crate::dec::Dec;
use crate::error::SdkError;

/// A decimal amount of one denomination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecCoin {
    /// The denomination.
    pub denom: String,
    /// How many base units.
    pub amount: Dec,
}

impl fmt::Display for DecCoin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// Positive decimal amounts, one a denomination, in order of denominations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecCoins(Vec<DecCoin>);

impl DecCoins {
    /// Whole amounts.
    pub fn from_coins(coins: &Coins) -> Self {
        Self(
            coins
                .iter()
                .map(|coin| DecCoin { denom: coin.denom.clone(), amount: Dec::from_int(coin.amount) })
                .collect(),
        )
    }

    /// Reads protobuf's decimal coins strictly: sorted, no denomination twice, all positive (`DecCoins.Validate`).
    pub fn from_proto(coins: &[ProtoDecCoin]) -> Result<Self, SdkError> {
        let mut read: Vec<DecCoin> = Vec::with_capacity(coins.len());
        for coin in coins {
            check_denom(&coin.denom)?;
            let amount = Dec::from_proto(&coin.amount)?;
            if !amount.is_positive() {
                return Err(SdkError::InvalidCoins(format!("coin {amount}{} amount is not positive", coin.denom)));
            }
            if read.last().is_some_and(|last| last.denom >= coin.denom) {
                return Err(SdkError::InvalidCoins(format!(
                    "denomination {} is not sorted or twice there",
                    coin.denom
                )));
            }
            read.push(DecCoin { denom: coin.denom.clone(), amount });
        }
        Ok(Self(read))
    }

    /// Protobuf's form.
    pub fn to_proto(&self) -> Vec<ProtoDecCoin> {
        let proto = |coin: &DecCoin| ProtoDecCoin { denom: coin.denom.clone(), amount: coin.amount.to_proto() };
        self.0.iter().map(proto).collect()
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Result<Self, SdkError> {
        self.merge(other, Dec::add)
    }

    /// The difference; an error where an amount would be negative.
    pub fn sub(&self, other: &Self) -> Result<Self, SdkError> {
        let difference = self.merge(other, Dec::sub)?;
        match difference.0.iter().find(|coin| coin.amount.is_negative()) {
            Some(coin) => Err(SdkError::Logic(format!("negative coin amount: {coin}"))),
            None => Ok(difference),
        }
    }

    /// The lesser amount of each denomination that both have.
    pub fn intersect(&self, other: &Self) -> Self {
        let least = |coin: &DecCoin| DecCoin {
            denom: coin.denom.clone(),
            amount: coin.amount.min(other.amount_of(&coin.denom)),
        };
        Self(self.0.iter().map(least).filter(|coin| !coin.amount.is_zero()).collect())
    }

    /// Each amount times a decimal, rounded half to even.
    pub fn mul(&self, by: Dec) -> Result<Self, SdkError> {
        self.each(|amount| amount.mul(by))
    }

    /// Each amount times a decimal, truncated.
    pub fn mul_truncate(&self, by: Dec) -> Result<Self, SdkError> {
        self.each(|amount| amount.mul_truncate(by))
    }

    /// Each amount divided by a decimal, rounded half to even.
    pub fn quo(&self, by: Dec) -> Result<Self, SdkError> {
        self.each(|amount| amount.quo(by))
    }

    /// Each amount divided by a decimal, truncated.
    pub fn quo_truncate(&self, by: Dec) -> Result<Self, SdkError> {
        self.each(|amount| amount.quo_truncate(by))
    }

    /// What can be paid in whole units, and what remains of it.
    pub fn truncate(&self) -> Result<(Coins, Self), SdkError> {
        let whole =
            |coin: &DecCoin| Ok::<_, SdkError>(Coin { denom: coin.denom.clone(), amount: coin.amount.truncate_int()? });
        let whole = Coins::sum(self.0.iter().map(whole).collect::<Result<Vec<_>, _>>()?)?;
        let rest = self.sub(&Self::from_coins(&whole))?;
        Ok((whole, rest))
    }

    /// The amount of one denomination, zero where there is none.
    pub fn amount_of(&self, denom: &str) -> Dec {
        let found = self.0.binary_search_by(|coin| coin.denom.as_str().cmp(denom));
        found.ok().and_then(|at| self.0.get(at)).map_or(Dec::ZERO, |coin| coin.amount)
    }

    /// The coins in order.
    pub fn iter(&self) -> std::slice::Iter<'_, DecCoin> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn each(&self, act: impl Fn(Dec) -> Result<Dec, SdkError>) -> Result<Self, SdkError> {
        let mut coins = Vec::with_capacity(self.0.len());
        for coin in &self.0 {
            let amount = act(coin.amount)?;
            if !amount.is_zero() {
                coins.push(DecCoin { denom: coin.denom.clone(), amount });
            }
        }
        Ok(Self(coins))
    }

    fn merge(&self, other: &Self, act: impl Fn(Dec, Dec) -> Result<Dec, SdkError>) -> Result<Self, SdkError> {
        let mut amounts: BTreeMap<&str, (Dec, Dec)> = BTreeMap::new();
        for coin in &self.0 {
            amounts.entry(&coin.denom).or_default().0 = coin.amount;
        }
        for coin in &other.0 {
            amounts.entry(&coin.denom).or_default().1 = coin.amount;
        }
        let mut coins = Vec::with_capacity(amounts.len());
        for (denom, (ours, theirs)) in amounts {
            let amount = act(ours, theirs)?;
            if !amount.is_zero() {
                coins.push(DecCoin { denom: denom.into(), amount });
            }
        }
        Ok(Self(coins))
    }
}

impl From<DecCoin> for DecCoins {
    /// One coin, or none for zero.
    fn from(coin: DecCoin) -> Self {
        Self(if coin.amount.is_zero() { Vec::new() } else { vec![coin] })
    }
}

impl fmt::Display for DecCoins {
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

    fn coins(text: &[(&str, &str)]) -> DecCoins {
        let coin = |(amount, denom): &(&str, &str)| DecCoin { denom: (*denom).into(), amount: amount.parse().unwrap() };
        DecCoins(text.iter().map(coin).collect())
    }

    #[test]
    fn sums_and_differences_drop_zeros_and_refuse_debts() {
        let (ours, theirs) = (coins(&[("1.5", "aopen"), ("2", "uatom")]), coins(&[("0.5", "aopen"), ("2", "uatom")]));
        assert_eq!(ours.add(&theirs).unwrap(), coins(&[("2", "aopen"), ("4", "uatom")]));
        assert_eq!(ours.sub(&theirs).unwrap(), coins(&[("1", "aopen")]));
        assert!(theirs.sub(&ours).is_err());
    }

    #[test]
    fn what_is_paid_and_what_remains_are_what_there_was() {
        let all = coins(&[("0.7", "aopen"), ("3.25", "uatom")]);
        let (paid, rest) = all.truncate().unwrap();
        assert_eq!(paid.to_string(), "3uatom");
        assert_eq!(rest, coins(&[("0.7", "aopen"), ("0.25", "uatom")]));
        assert_eq!(DecCoins::from_proto(&all.to_proto()).unwrap(), all);
    }

    #[test]
    fn an_intersection_has_the_lesser_of_what_both_have() {
        let (ours, theirs) = (coins(&[("1.5", "aopen"), ("2", "uatom")]), coins(&[("2.5", "aopen")]));
        assert_eq!(ours.intersect(&theirs), coins(&[("1.5", "aopen")]));
    }
}
