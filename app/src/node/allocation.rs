//! Who holds OPEN at the first block of the main network, and when it may be spent: `cometbft-config/allocation.json`, and the accounts
//! that a genesis has by it.
//!
//! A category's coins vest in equal parts at the ends of months, `linear_months` of them, the first of which begins when the genesis or,
//! where there is a cliff, the cliff is over. A month is a twelfth of 365.25 days. What a part's division leaves over vests with the last
//! month, so that a category is exact to the base unit. `free_open` is free from the first block on.

use anyhow::{bail, ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_auth::vesting::{Period, Schedule, Vesting};
use openledger_core::coin::BASE_DENOM;
use openledger_core::{Address, Coin, Coins};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::app_state;

const TABLE: &str = include_str!("../../../cometbft-config/allocation.json");
/// Base units of one OPEN.
const ONE_OPEN: u128 = 1_000_000_000_000_000_000;
/// Seconds of a month.
pub const MONTH_SECONDS: i64 = 2_629_800;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allocation {
    /// All of it, in OPEN.
    pub total_open: u64,
    /// The categories, whose sum it is.
    pub categories: Vec<Category>,
}

/// A category of holders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its name on a command line.
    pub name: String,
    /// What it is for.
    pub what: String,
    /// How much, in OPEN.
    pub open: u64,
    /// How much of it is free at once.
    pub free_open: u64,
    /// Months in which nothing of the rest vests.
    pub cliff_months: i64,
    /// Months after them, at the end of each of which a part vests.
    pub linear_months: i64,
}

/// An account that holds a part of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The category.
    pub category: String,
    /// The account.
    pub address: Address,
    /// How much, in OPEN; all of the category where nothing is said.
    pub open: Option<u64>,
}

impl Holder {
    /// Reads `team=open1…` or `team=open1…:5000000`.
    pub fn read(text: &str) -> Result<Self> {
        let parts = text.split_once('=');
        let (category, rest) =
            parts.with_context(|| format!("{text:?}: write CATEGORY=ADDRESS or CATEGORY=ADDRESS:OPEN"))?;
        let (address, open) = match rest.split_once(':') {
            None => (rest, None),
            Some((address, open)) => (address, Some(open)),
        };
        let open = open.map(str::parse).transpose();
        let open = open.with_context(|| format!("{text:?}: after the colon stands a whole number of OPEN"))?;
        let address = address.parse().with_context(|| format!("{text:?}: {address:?} is no address"))?;
        Ok(Self { category: category.into(), address, open })
    }
}

impl Allocation {
    /// The table that the binary holds.
    pub fn read() -> Result<Self> {
        let table: Self = serde_json::from_str(TABLE).context("cometbft-config/allocation.json")?;
        let sum: u64 = table.categories.iter().map(|category| category.open).sum();
        ensure!(sum == table.total_open, "the categories sum to {sum} OPEN, not {}", table.total_open);
        Ok(table)
    }

    /// Gives each holder its part in a genesis that holds no money yet, which then holds the total and nothing else. The coins vest from
    /// `start`, in seconds since 1970.
    pub fn write(&self, app_state: &mut Map<String, Value>, holders: &[Holder], start: i64) -> Result<()> {
        let shares = self.shares(holders)?;
        for (holder, category, open) in shares {
            let coins = Coins::from(open_coin(open.into()));
            match category.vesting(open, start)? {
                None => app_state::add_account(app_state, &holder.address, &coins, false)?,
                Some(vesting) => app_state::add_vesting_account(app_state, &holder.address, &coins, vesting)?,
            }
        }
        let total = Coins::from(open_coin(self.total_open.into()));
        let supply = app_state::supply(app_state)?;
        ensure!(supply == total, "the genesis held money before: its supply would be {supply}, not {total}");
        Ok(())
    }

    /// Every holder with its category and how much it holds; refuses categories that are not given away in full.
    fn shares<'a>(&'a self, holders: &'a [Holder]) -> Result<Vec<(&'a Holder, &'a Category, u64)>> {
        if let Some(holder) =
            holders.iter().find(|holder| !self.categories.iter().any(|one| one.name == holder.category))
        {
            let names: Vec<&str> = self.categories.iter().map(|category| category.name.as_str()).collect();
            bail!("there is no category {:?}; there are {}", holder.category, names.join(", "));
        }
        let mut shares = Vec::new();
        for category in &self.categories {
            let of: Vec<&Holder> = holders.iter().filter(|holder| holder.category == category.name).collect();
            let parts: Vec<u64> = match of.as_slice() {
                [one] => vec![one.open.unwrap_or(category.open)],
                several => several
                    .iter()
                    .map(|holder| {
                        holder.open.with_context(|| format!("how much of {} is {}'s?", category.name, holder.address))
                    })
                    .collect::<Result<_>>()?,
            };
            let sum = parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part)).unwrap_or(u64::MAX);
            ensure!(
                sum == category.open,
                "{} has {} OPEN, of which {sum} are given to somebody",
                category.name,
                category.open
            );
            shares.extend(of.into_iter().zip(parts).map(|(holder, part)| (holder, category, part)));
        }
        Ok(shares)
    }
}

impl Category {
    /// How `open` of its coins vest from `start`; `None` where all are free.
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "10^9 OPEN are below 2^90 base units; quotients of numbers that are not zero"
    )]
    fn vesting(&self, open: u64, start: i64) -> Result<Option<Vesting>> {
        let all = Uint256::from(u128::from(open) * ONE_OPEN);
        // As many of these are free as of all; what does not divide vests.
        let free = all.checked_mul(self.free_open.into())? / Uint256::from(self.open);
        let vesting = all - free;
        if vesting.is_zero() {
            return Ok(None);
        }
        let months = u64::try_from(self.linear_months).ok().filter(|months| *months > 0);
        let months = months.with_context(|| format!("{} vests in no month", self.name))?;
        let part = vesting / Uint256::from(months);
        let rest = vesting - part * Uint256::from(months - 1);
        let period = |month: u64| Period {
            length: if month == 1 { MONTH_SECONDS * (self.cliff_months + 1) } else { MONTH_SECONDS },
            amount: Coin::base(if month == months { rest } else { part }).into(),
        };
        let periods = (1..=months).map(period).collect();
        Ok(Some(Vesting::new(Coin::base(vesting).into(), Schedule::Periodic { start, periods })?))
    }
}

fn open_coin(open: u128) -> Coin {
    Coin { denom: BASE_DENOM.into(), amount: Uint256::from(open.saturating_mul(ONE_OPEN)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;

    const START: i64 = 1_798_761_600;

    fn address(byte: u8) -> Address {
        Address::new([byte; 20]).unwrap()
    }

    fn holder(category: &str, byte: u8, open: Option<u64>) -> Holder {
        Holder { category: category.into(), address: address(byte), open }
    }

    fn holders() -> Vec<Holder> {
        let table = Allocation::read().unwrap();
        (1..).zip(&table.categories).map(|(byte, category)| holder(&category.name, byte, None)).collect()
    }

    /// What vests by a category, for all of it.
    fn vesting(name: &str) -> Vesting {
        let table = Allocation::read().unwrap();
        let category = table.categories.iter().find(|category| category.name == name).unwrap();
        category.vesting(category.open, START).unwrap().unwrap()
    }

    #[test]
    fn the_template_holds_exactly_1_000_000_000_open_and_is_a_valid_genesis() {
        let mut state = Runtime::default().default_genesis().unwrap();
        Allocation::read().unwrap().write(&mut state, &holders(), START).unwrap();
        assert_eq!(app_state::supply(&state).unwrap().to_string(), "1000000000000000000000000000aopen");
        Runtime::default().validate_genesis(&state).unwrap();
        let types: Vec<&str> = state["auth"]["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|account| account["@type"].as_str().unwrap())
            .collect();
        let periodic = "/cosmos.vesting.v1beta1.PeriodicVestingAccount";
        assert_eq!(types, [periodic, periodic, periodic, periodic, "/cosmos.auth.v1beta1.BaseAccount"]);
    }

    #[test]
    fn team_and_investors_wait_a_year_and_vest_in_three() {
        for name in ["team", "investors"] {
            let vesting = vesting(name);
            let vested = |months: i64| vesting.vested(START + MONTH_SECONDS * months).unwrap().amount_of("aopen");
            let all = vesting.original.amount_of("aopen");
            assert_eq!((vested(12), vested(48)), (Uint256::zero(), all));
            assert_eq!(vested(13), all / Uint256::from(36u64));
            assert_eq!(vested(30), all / Uint256::from(36u64) * Uint256::from(18u64));
            assert!(vested(47) < all);
        }
    }

    #[test]
    fn a_part_of_the_community_s_coins_and_all_for_markets_are_free_at_once() {
        let table = Allocation::read().unwrap();
        let free: u64 = table.categories.iter().map(|category| category.free_open).sum();
        assert_eq!(free, 215_500_000);
        let locked = vesting("community").original;
        assert_eq!(locked, open_coin(517_100_000 - 165_500_000).into());
    }

    #[test]
    fn a_category_may_have_several_holders_who_hold_all_of_it() {
        let table = Allocation::read().unwrap();
        let with = |team: Vec<Holder>| {
            let mut all: Vec<Holder> = holders().into_iter().filter(|holder| holder.category != "team").collect();
            all.extend(team);
            let mut state = Runtime::default().default_genesis().unwrap();
            table.write(&mut state, &all, START).map(|()| state)
        };
        let state = with(vec![holder("team", 20, Some(149_999_999)), holder("team", 21, Some(1))]).unwrap();
        Runtime::default().validate_genesis(&state).unwrap();
        for (team, why) in [
            (vec![], "given to somebody"),
            (vec![holder("team", 20, Some(7))], "given to somebody"),
            (vec![holder("team", 20, None), holder("team", 21, Some(1))], "how much"),
            (vec![holder("team", 20, None), holder("friends", 21, None)], "no category"),
            (vec![holder("team", 1, None)], "already"),
        ] {
            let error = with(team).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        let mut rich = Runtime::default().default_genesis().unwrap();
        app_state::add_account(&mut rich, &address(99), &"1aopen".parse().unwrap(), false).unwrap();
        assert!(table.write(&mut rich, &holders(), START).unwrap_err().to_string().contains("held money before"));
    }

    #[test]
    fn holders_are_written_as_category_and_address() {
        let text = format!("team={}", address(1));
        assert_eq!(Holder::read(&text).unwrap(), holder("team", 1, None));
        assert_eq!(Holder::read(&format!("{text}:500")).unwrap(), holder("team", 1, Some(500)));
        for bad in ["team", "team=x", &format!("{text}:0.5")] {
            assert!(Holder::read(bad).is_err(), "{bad}");
        }
    }
}
