//! The parameters: what a proposal has to bring, how long it is voted on, what it takes to pass.
//!
//! Source of ranges and texts: SDK v0.50 `x/gov/types/v1/params.go`. Stricter than there: `min_deposit_ratio` is checked too, as
//! another value would make every deposit fail, and periods have to fit Go's 64 bits of nanoseconds.

use openledger_core::{Address, Coin, Coins, Dec, Result};
use openledger_proto::cosmos::gov::v1::Params;
use openledger_proto::Duration;

use crate::error::GovError;
use crate::time;

/// A deposit of 10 OPEN, as many whole tokens as the SDK's default has.
const MIN_DEPOSIT: u128 = 10_000_000_000_000_000_000;
/// The SDK's factor of five.
const EXPEDITED_MIN_DEPOSIT: u128 = 50_000_000_000_000_000_000;
const DAY: i64 = 86_400;

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    pub min_deposit: Coins,
    pub expedited_min_deposit: Coins,
    pub max_deposit_period: Duration,
    pub voting_period: Duration,
    pub expedited_voting_period: Duration,
    pub quorum: Dec,
    pub threshold: Dec,
    pub expedited_threshold: Dec,
    pub veto_threshold: Dec,
    pub min_initial_deposit_ratio: Dec,
    pub min_deposit_ratio: Dec,
    pub cancel_ratio: Dec,
    /// Who gets the charge for taking a proposal back; `None` burns it.
    pub cancel_dest: Option<Address>,
    pub burn_vote_quorum: bool,
    pub burn_proposal_deposit_prevote: bool,
    pub burn_vote_veto: bool,
}

/// The parameters of a new chain: the SDK's, the deposits in this chain's token.
pub(crate) fn default() -> Params {
    let days = |days: i64| Some(Duration { seconds: days.saturating_mul(DAY), nanos: 0 });
    let text = |thousandths: i64| Dec::from_units(thousandths.saturating_mul(1_000_000_000_000_000)).to_string();
    Params {
        min_deposit: vec![Coin::base(MIN_DEPOSIT).to_proto()],
        expedited_min_deposit: vec![Coin::base(EXPEDITED_MIN_DEPOSIT).to_proto()],
        max_deposit_period: days(2),
        voting_period: days(2),
        expedited_voting_period: days(1),
        quorum: text(334),
        threshold: text(500),
        expedited_threshold: text(667),
        veto_threshold: text(334),
        min_initial_deposit_ratio: text(0),
        min_deposit_ratio: text(10),
        proposal_cancel_ratio: text(500),
        proposal_cancel_dest: String::new(),
        burn_vote_quorum: false,
        burn_proposal_deposit_prevote: false,
        burn_vote_veto: true,
    }
}

impl Rules {
    /// Checks parameters.
    pub fn read(params: &Params) -> Result<Self> {
        let min_deposit = deposit("minimum deposit", &params.min_deposit)?;
        let expedited_min_deposit = deposit("expedited minimum deposit", &params.expedited_min_deposit)?;
        if min_deposit.covers(&expedited_min_deposit) {
            let text = "expedited minimum deposit must be greater than minimum deposit";
            return Err(wrong(format!("{text}: {expedited_min_deposit}")));
        }
        let threshold = share("vote threshold", &params.threshold)?;
        let expedited_threshold = share("expedited vote threshold", &params.expedited_threshold)?;
        if expedited_threshold <= threshold {
            return Err(wrong(format!(
                "expedited vote threshold {expedited_threshold}, must be greater than the regular threshold {threshold}"
            )));
        }
        let voting_period = period("voting period", params.voting_period.as_ref())?;
        let expedited_voting_period = period("expedited voting period", params.expedited_voting_period.as_ref())?;
        if time::nanos(&expedited_voting_period)? >= time::nanos(&voting_period)? {
            return Err(wrong(format!(
                "expedited voting period {}s must be strictly less than the regular voting period {}s",
                expedited_voting_period.seconds, voting_period.seconds
            )));
        }
        let dest = params.proposal_cancel_dest.as_str();
        let cancel_dest = match dest {
            "" => None,
            _ => Some(dest.parse().map_err(|_| wrong(format!("deposits destination address is invalid: {dest}")))?),
        };
        Ok(Self {
            min_deposit,
            expedited_min_deposit,
            max_deposit_period: period("maximum deposit period", params.max_deposit_period.as_ref())?,
            voting_period,
            expedited_voting_period,
            quorum: ratio("quorum", &params.quorum)?,
            threshold,
            expedited_threshold,
            veto_threshold: share("veto threshold", &params.veto_threshold)?,
            min_initial_deposit_ratio: ratio(
                "minimum initial deposit ratio of proposal",
                &params.min_initial_deposit_ratio,
            )?,
            min_deposit_ratio: ratio("minimum deposit ratio", &params.min_deposit_ratio)?,
            cancel_ratio: ratio("burn rate of cancel proposal", &params.proposal_cancel_ratio)?,
            cancel_dest,
            burn_vote_quorum: params.burn_vote_quorum,
            burn_proposal_deposit_prevote: params.burn_proposal_deposit_prevote,
            burn_vote_veto: params.burn_vote_veto,
        })
    }

    /// What a proposal has to bring to be voted on.
    pub fn min_deposit_of(&self, expedited: bool) -> &Coins {
        if expedited {
            &self.expedited_min_deposit
        } else {
            &self.min_deposit
        }
    }
}

fn deposit(what: &str, coins: &[openledger_proto::cosmos::base::v1beta1::Coin]) -> Result<Coins> {
    let texts: Vec<String> = coins.iter().map(|coin| format!("{}{}", coin.amount, coin.denom)).collect();
    let read = Coins::from_proto(coins).ok().filter(|coins| !coins.is_empty());
    read.ok_or_else(|| wrong(format!("invalid {what}: {}", texts.join(","))))
}

fn period(what: &str, period: Option<&Duration>) -> Result<Duration> {
    let period = period.ok_or_else(|| wrong(format!("{what} must not be nil")))?;
    let nanos = time::nanos(period).map_err(|error| wrong(format!("{what}: {error}")))?;
    if nanos <= 0 {
        return Err(wrong(format!("{what} must be positive: {}s", period.seconds)));
    }
    Ok(Duration { seconds: period.seconds, nanos: period.nanos })
}

/// 0 to 1.
fn ratio(what: &str, text: &str) -> Result<Dec> {
    let value: Dec = text.parse().map_err(|error| wrong(format!("invalid {what} string: {error}")))?;
    if value.is_negative() {
        return Err(wrong(format!("{what} cannot be negative: {value}")));
    }
    if value > Dec::one() {
        return Err(wrong(format!("{what} too large: {value}")));
    }
    Ok(value)
}

/// More than 0, to 1.
fn share(what: &str, text: &str) -> Result<Dec> {
    let value = ratio(what, text)?;
    if !value.is_positive() {
        return Err(wrong(format!("{what} must be positive: {value}")));
    }
    Ok(value)
}

fn wrong(text: String) -> openledger_core::Error {
    GovError::InvalidParams(text).into()
}
