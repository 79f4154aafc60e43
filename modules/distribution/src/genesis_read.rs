//! Reading a genesis: everything decoded and checked before anything is written.
//!
//! Source: SDK v0.50 `x/distribution/types/genesis.go`, which checks parameters and pool alone; here no record may be there twice or be
//! unreadable either.

use std::collections::BTreeSet;

use openledger_core::address::{VALCONS_PREFIX, VALOPER_PREFIX};
use openledger_core::{Address, Dec, DecCoins, Result};
use openledger_proto::cosmos::base::v1beta1::DecCoin;
use openledger_proto::cosmos::distribution::v1beta1::{
    DelegatorStartingInfoRecord, GenesisState, ValidatorCurrentRewardsRecord, ValidatorHistoricalRewardsRecord,
    ValidatorSlashEventRecord,
};
use openledger_proto::Message;

use crate::error::DistributionError;
use crate::params::Params;
use crate::state::{Current, Historical, SlashEvent, StartingInfo};

/// A checked genesis.
pub(crate) struct Checked {
    pub params: Params,
    pub pool: DecCoins,
    pub withdraw_addresses: Vec<(Address, Address)>,
    pub previous_proposer: Vec<u8>,
    pub outstanding: Vec<(Address, DecCoins)>,
    pub commissions: Vec<(Address, DecCoins)>,
    pub historical: Vec<(Address, u64, Historical)>,
    pub current: Vec<(Address, Current)>,
    /// Operator, delegator.
    pub starting: Vec<(Address, Address, StartingInfo)>,
    pub slashes: Vec<(Address, u64, SlashEvent)>,
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let genesis = GenesisState::decode(genesis).map_err(|error| refusal(error.to_string()))?;
    let params = genesis.params.as_ref().ok_or_else(|| refusal("params are missing".into()))?;
    let pool = genesis.fee_pool.as_ref().map(|pool| coins("the community pool", &pool.community_pool));
    let withdraw = genesis.delegator_withdraw_infos.iter();
    let withdraw = withdraw.map(|info| Ok((account(&info.delegator_address)?, account(&info.withdraw_address)?)));
    let outstanding = genesis.outstanding_rewards.iter().map(|record| {
        Ok((operator(&record.validator_address)?, coins("outstanding rewards", &record.outstanding_rewards)?))
    });
    let commissions = genesis.validator_accumulated_commissions.iter().map(|record| {
        let accumulated = record.accumulated.as_ref().map(|accumulated| coins("a commission", &accumulated.commission));
        Ok((operator(&record.validator_address)?, accumulated.transpose()?.unwrap_or_default()))
    });
    let checked = Checked {
        params: Params::from_proto(params)?,
        pool: pool.transpose()?.unwrap_or_default(),
        withdraw_addresses: withdraw.collect::<Result<_>>()?,
        previous_proposer: proposer(&genesis.previous_proposer)?,
        outstanding: outstanding.collect::<Result<_>>()?,
        commissions: commissions.collect::<Result<_>>()?,
        historical: genesis.validator_historical_rewards.iter().map(historical).collect::<Result<_>>()?,
        current: genesis.validator_current_rewards.iter().map(current).collect::<Result<_>>()?,
        starting: genesis.delegator_starting_infos.iter().map(starting).collect::<Result<_>>()?,
        slashes: genesis.validator_slash_events.iter().map(slash).collect::<Result<_>>()?,
    };
    once("withdraw address", checked.withdraw_addresses.iter().map(|(delegator, _)| delegator))?;
    once("outstanding rewards", checked.outstanding.iter().map(|(operator, _)| operator))?;
    once("commission", checked.commissions.iter().map(|(operator, _)| operator))?;
    once("historical rewards", checked.historical.iter().map(|(operator, period, _)| (operator, period)))?;
    once("current rewards", checked.current.iter().map(|(operator, _)| operator))?;
    once("starting info", checked.starting.iter().map(|(operator, delegator, _)| (operator, delegator)))?;
    once("slash", checked.slashes.iter().map(|(operator, height, slash)| (operator, height, slash.period)))?;
    Ok(checked)
}

fn historical(record: &ValidatorHistoricalRewardsRecord) -> Result<(Address, u64, Historical)> {
    let rewards = record.rewards.as_ref().ok_or_else(|| refusal("historical rewards are missing".into()))?;
    let ratio = coins("historical rewards", &rewards.cumulative_reward_ratio)?;
    let references = rewards.reference_count;
    if references == 0 {
        return Err(refusal(format!("period {} is kept and nobody counts from it", record.period)).into());
    }
    Ok((operator(&record.validator_address)?, record.period, Historical { ratio, references }))
}

fn current(record: &ValidatorCurrentRewardsRecord) -> Result<(Address, Current)> {
    let current = record.rewards.as_ref().ok_or_else(|| refusal("current rewards are missing".into()))?;
    if current.period == 0 {
        return Err(refusal(format!("the present period of {} is 0; the first is 1", record.validator_address)).into());
    }
    let rewards = coins("current rewards", &current.rewards)?;
    Ok((operator(&record.validator_address)?, Current { rewards, period: current.period }))
}

fn starting(record: &DelegatorStartingInfoRecord) -> Result<(Address, Address, StartingInfo)> {
    let info = record.starting_info.as_ref().ok_or_else(|| refusal("a starting info is missing".into()))?;
    let stake = Dec::from_proto(&info.stake)?;
    if stake.is_negative() {
        return Err(refusal(format!("the stake {stake} of {} is negative", record.delegator_address)).into());
    }
    let info = StartingInfo { previous_period: info.previous_period, stake, height: info.height };
    Ok((operator(&record.validator_address)?, account(&record.delegator_address)?, info))
}

fn slash(record: &ValidatorSlashEventRecord) -> Result<(Address, u64, SlashEvent)> {
    let event = record.validator_slash_event.as_ref().ok_or_else(|| refusal("a slash is missing".into()))?;
    let fraction = Dec::from_proto(&event.fraction)?;
    if fraction.is_negative() || fraction > Dec::one() {
        return Err(refusal(format!("a slash of {fraction} is not from 0 to 1")).into());
    }
    if record.period != event.validator_period {
        let text = format!("a slash stands at period {} and says {}", record.period, event.validator_period);
        return Err(refusal(text).into());
    }
    Ok((operator(&record.validator_address)?, record.height, SlashEvent { period: record.period, fraction }))
}

fn proposer(text: &str) -> Result<Vec<u8>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Address::from_bech32(text, VALCONS_PREFIX)?.as_bytes().to_vec())
}

fn operator(text: &str) -> Result<Address> {
    Ok(Address::from_bech32(text, VALOPER_PREFIX)?)
}

fn account(text: &str) -> Result<Address> {
    Ok(text.parse()?)
}

fn coins(what: &str, coins: &[DecCoin]) -> Result<DecCoins> {
    DecCoins::from_proto(coins)
        .map_err(|error| refusal(format!("{what} are not sorted, distinct and positive: {error}")).into())
}

fn once<T: Ord>(what: &str, keys: impl Iterator<Item = T>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(refusal(format!("there are two records of one {what}")).into());
        }
    }
    Ok(())
}

/// A genesis that cannot be taken over.
pub(crate) fn refusal(text: String) -> DistributionError {
    DistributionError::InvalidGenesis(text)
}
