//! Counting votes: a delegator's vote counts for what they have delegated, and who does not vote is represented by their validator.
//!
//! [`Count`] knows nothing of state, so that it can be held against a model. Source: SDK v0.50 `x/gov/keeper/tally.go`; the same
//! operations on decimals in the same order, so that results equal the SDK's to the last unit.

use std::collections::BTreeMap;

use cosmwasm_std::Uint256;
use openledger_core::{Address, Context, Dec, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{Proposal, TallyResult, VoteOption, WeightedVoteOption};

use crate::keeper::Gov;
use crate::params::Rules;
use crate::state::{self, STORE};

/// What a vote came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the proposal is executed.
    pub passes: bool,
    /// Whether its deposits are burnt.
    pub burns: bool,
    /// The votes, in whole units of stake.
    pub result: TallyResult,
}

/// A bonded validator while votes are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Its stake.
    pub tokens: Uint256,
    /// What its delegators hold of it.
    pub shares: Dec,
    /// The shares of those who voted for themselves.
    deducted: Dec,
    vote: Vec<(VoteOption, Dec)>,
}

impl Seat {
    /// A validator for whose delegators nobody voted yet.
    pub fn new(tokens: Uint256, shares: Dec) -> Self {
        Self { tokens, shares, deducted: Dec::ZERO, vote: Vec::new() }
    }

    /// What shares of it are worth. No shares are worth nothing; the SDK divides by zero there.
    fn power(&self, shares: Dec) -> Result<Dec> {
        if self.shares.is_zero() {
            return Ok(Dec::ZERO);
        }
        Ok(shares.mul_int(self.tokens)?.quo(self.shares)?)
    }
}

/// Votes while they are counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Count {
    seats: BTreeMap<Address, Seat>,
    yes: Dec,
    abstain: Dec,
    no: Dec,
    no_with_veto: Dec,
    total: Dec,
}

/// The thresholds against which votes are held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// The least share of the bonded stake that votes.
    pub quorum: Dec,
    /// What share of those that do not abstain says yes: more than this.
    pub threshold: Dec,
    /// What share of the votes may veto: no more than this.
    pub veto: Dec,
    /// Whether deposits are burnt where the quorum is not reached.
    pub burn_without_quorum: bool,
    /// Whether deposits are burnt where more veto.
    pub burn_on_veto: bool,
}

impl Thresholds {
    pub(crate) fn of(rules: &Rules, expedited: bool) -> Self {
        Self {
            quorum: rules.quorum,
            threshold: if expedited { rules.expedited_threshold } else { rules.threshold },
            veto: rules.veto_threshold,
            burn_without_quorum: rules.burn_vote_quorum,
            burn_on_veto: rules.burn_vote_veto,
        }
    }
}

impl Count {
    /// A count among these validators, the bonded ones.
    pub fn among(seats: impl IntoIterator<Item = (Address, Seat)>) -> Self {
        Self { seats: seats.into_iter().collect(), ..Self::default() }
    }

    /// A vote of somebody who has delegated these shares to these validators. Where the voter is a validator, it is also the vote of
    /// those of its delegators who cast none.
    pub fn cast(
        &mut self,
        voter: &Address,
        options: &[(VoteOption, Dec)],
        delegations: impl IntoIterator<Item = (Address, Dec)>,
    ) -> Result<()> {
        if let Some(seat) = self.seats.get_mut(voter) {
            seat.vote = options.to_vec();
        }
        for (operator, shares) in delegations {
            let Some(seat) = self.seats.get_mut(&operator) else { continue };
            seat.deducted = seat.deducted.add(shares)?;
            let power = seat.power(shares)?;
            self.add(power, options)?;
        }
        Ok(())
    }

    fn add(&mut self, power: Dec, options: &[(VoteOption, Dec)]) -> Result<()> {
        for (option, weight) in options {
            let part = power.mul(*weight)?;
            let sum = match option {
                VoteOption::Yes => &mut self.yes,
                VoteOption::Abstain => &mut self.abstain,
                VoteOption::No => &mut self.no,
                VoteOption::NoWithVeto => &mut self.no_with_veto,
                VoteOption::Unspecified => return Err(SdkError::Logic("a vote for nothing".into()).into()),
            };
            *sum = sum.add(part)?;
        }
        self.total = self.total.add(power)?;
        Ok(())
    }

    /// Adds what validators vote for those who cast no vote, and holds the sums against the thresholds.
    pub fn close(mut self, bonded: Uint256, thresholds: &Thresholds) -> Result<Outcome> {
        for seat in std::mem::take(&mut self.seats).into_values() {
            if !seat.vote.is_empty() {
                let power = seat.power(seat.shares.sub(seat.deducted)?)?;
                self.add(power, &seat.vote)?;
            }
        }
        let (passes, burns) = self.judge(bonded, thresholds)?;
        let whole = |votes: Dec| -> Result<String> { Ok(votes.truncate_int()?.to_string()) };
        let result = TallyResult {
            yes_count: whole(self.yes)?,
            abstain_count: whole(self.abstain)?,
            no_count: whole(self.no)?,
            no_with_veto_count: whole(self.no_with_veto)?,
        };
        Ok(Outcome { passes, burns, result })
    }

    /// Whether the proposal passes, and whether its deposits are burnt.
    fn judge(&self, bonded: Uint256, thresholds: &Thresholds) -> Result<(bool, bool)> {
        if bonded.is_zero() {
            return Ok((false, false));
        }
        if self.total.quo(Dec::from_int(bonded))? < thresholds.quorum {
            return Ok((false, thresholds.burn_without_quorum));
        }
        let decided = self.total.sub(self.abstain)?;
        if decided.is_zero() {
            return Ok((false, false));
        }
        if self.no_with_veto.quo(self.total)? > thresholds.veto {
            return Ok((false, thresholds.burn_on_veto));
        }
        Ok((self.yes.quo(decided)? > thresholds.threshold, false))
    }
}

/// No votes.
pub(crate) fn empty_result() -> TallyResult {
    let zero = || "0".to_string();
    TallyResult { yes_count: zero(), abstain_count: zero(), no_count: zero(), no_with_veto_count: zero() }
}

/// A vote's options as numbers.
pub(crate) fn read_options(options: &[WeightedVoteOption]) -> Result<Vec<(VoteOption, Dec)>> {
    options.iter().map(|option| Ok((option.option(), option.weight.parse()?))).collect()
}

impl Gov {
    /// Counts the votes on a proposal as they stand; they stay.
    pub(crate) fn tally(&self, ctx: &Context, proposal: &Proposal) -> Result<Outcome> {
        let bonded = self.staking.bonded_by_power(ctx)?;
        let seats = bonded.into_iter().map(|validator| {
            let seat = Seat::new(validator.tokens, validator.delegator_shares);
            (validator.operator, seat)
        });
        let mut count = Count::among(seats);
        for vote in state::votes(&*ctx.kv(STORE), Some(proposal.id))? {
            let voter: Address = vote.voter.parse()?;
            let delegations = self.staking.delegations_of(ctx, &voter)?;
            let delegations = delegations.into_iter().map(|delegation| (delegation.operator, delegation.shares));
            count.cast(&voter, &read_options(&vote.options)?, delegations)?;
        }
        let thresholds = Thresholds::of(&self.rules(ctx)?, proposal.expedited);
        count.close(self.staking.total_bonded(ctx)?, &thresholds)
    }
}
