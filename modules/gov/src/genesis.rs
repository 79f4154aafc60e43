//! Genesis: parameters, proposals, deposits, votes.
//!
//! Source: SDK v0.50 `x/gov/genesis.go`, `x/gov/types/v1/genesis.go`. Other than there, the governance account may hold more than the
//! deposits, as anybody may send it money; and what a proposal's status needs has to be there, where the SDK would panic.

use std::collections::{BTreeMap, BTreeSet};

use openledger_auth::GOV_MODULE;
use openledger_core::{Address, Coins, Context, Result};
use openledger_proto::cosmos::gov::v1::{Deposit, GenesisState, Proposal, ProposalStatus, Vote};
use openledger_proto::Message;

use crate::error::GovError;
use crate::keeper::{self, Gov};
use crate::msg::check_options;
use crate::params::{self, Rules};
use crate::state::{self, Queue, STORE};
use crate::time;

/// The parameters, and proposals from number 1.
pub(crate) fn default() -> GenesisState {
    GenesisState { starting_proposal_id: 1, params: Some(params::default()), ..GenesisState::default() }
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<GenesisState> {
    let genesis = GenesisState::decode(genesis).map_err(|error| refusal(error.to_string()))?;
    if genesis.starting_proposal_id == 0 {
        return Err(refusal("starting proposal id must be greater than 0".into()).into());
    }
    let mut ids = BTreeSet::new();
    for proposal in &genesis.proposals {
        if !ids.insert(proposal.id) {
            return Err(refusal(format!("duplicate proposal id: {}", proposal.id)).into());
        }
        if proposal.id >= genesis.starting_proposal_id {
            let next = genesis.starting_proposal_id;
            return Err(refusal(format!("proposal {} is not before the next one, {next}", proposal.id)).into());
        }
        check_proposal(proposal)?;
    }
    let mut seen = BTreeSet::new();
    for Deposit { proposal_id, depositor, amount } in &genesis.deposits {
        let depositor: Address = depositor.parse()?;
        if !ids.contains(proposal_id) {
            return Err(refusal(format!("deposit of {depositor} has non-existent proposal id: {proposal_id}")).into());
        }
        Coins::from_proto(amount)?;
        if !seen.insert((proposal_id, depositor.clone())) {
            return Err(refusal(format!("duplicate deposit of {depositor} on proposal {proposal_id}")).into());
        }
    }
    check_totals(&genesis)?;
    let mut seen = BTreeSet::new();
    for Vote { proposal_id, voter, options, .. } in &genesis.votes {
        let voter: Address = voter.parse()?;
        if !ids.contains(proposal_id) {
            return Err(refusal(format!("vote of {voter} has non-existent proposal id: {proposal_id}")).into());
        }
        check_options(options)?;
        if !seen.insert((proposal_id, voter.clone())) {
            return Err(refusal(format!("duplicate vote of {voter} on proposal {proposal_id}")).into());
        }
    }
    Rules::read(genesis.params.as_ref().ok_or_else(|| refusal("params are missing".into()))?)?;
    Ok(genesis)
}

/// A proposal that takes deposits says what they come to; one that is decided has returned or burnt them.
fn check_totals(genesis: &GenesisState) -> Result<()> {
    let mut sums: BTreeMap<u64, Coins> = BTreeMap::new();
    for Deposit { proposal_id, amount, .. } in &genesis.deposits {
        let sum = sums.entry(*proposal_id).or_default();
        *sum = sum.add(&Coins::from_proto(amount)?)?;
    }
    for proposal in &genesis.proposals {
        let (sum, said) = (sums.remove(&proposal.id).unwrap_or_default(), Coins::from_proto(&proposal.total_deposit)?);
        let id = proposal.id;
        if keeper::is_open(proposal) {
            if sum != said {
                return Err(
                    refusal(format!("proposal {id} says that {said} is deposited; its deposits are {sum}")).into()
                );
            }
        } else if !sum.is_empty() {
            return Err(refusal(format!("proposal {id} is decided, and there are deposits of {sum}")).into());
        }
    }
    Ok(())
}

fn check_proposal(proposal: &Proposal) -> Result<()> {
    let id = proposal.id;
    let need = |there: bool, what: &str| {
        if there {
            Ok(())
        } else {
            Err(refusal(format!("proposal {id} has no {what}")))
        }
    };
    match ProposalStatus::try_from(proposal.status) {
        Ok(ProposalStatus::DepositPeriod) => need(proposal.deposit_end_time.is_some(), "end of its deposit period")?,
        Ok(ProposalStatus::VotingPeriod) => {
            need(proposal.voting_start_time.is_some(), "start of its voting period")?;
            need(proposal.voting_end_time.is_some(), "end of its voting period")?;
        }
        Ok(ProposalStatus::Passed | ProposalStatus::Rejected | ProposalStatus::Failed) => {}
        _ => return Err(refusal(format!("proposal {id} has status {}", proposal.status)).into()),
    }
    need(proposal.final_tally_result.is_some(), "tally result")?;
    let times =
        [&proposal.submit_time, &proposal.deposit_end_time, &proposal.voting_start_time, &proposal.voting_end_time];
    for time in times.into_iter().flatten() {
        time::sortable(time)?;
    }
    Coins::from_proto(&proposal.total_deposit)?;
    Ok(())
}

fn refusal(text: String) -> GovError {
    GovError::InvalidGenesis(text)
}

/// Takes a genesis over.
pub(crate) fn init(gov: &Gov, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let genesis = read(genesis)?;
    gov.auth.ensure_module(ctx, GOV_MODULE)?;
    let mut kv = ctx.kv_mut(STORE);
    state::set_next_proposal(&mut kv, genesis.starting_proposal_id);
    state::set_params(&mut kv, &genesis.params.unwrap_or_else(params::default));
    state::set_constitution(&mut kv, &genesis.constitution);
    for deposit in &genesis.deposits {
        state::set_deposit(&mut kv, &deposit.depositor.parse()?, deposit);
    }
    for vote in &genesis.votes {
        state::set_vote(&mut kv, &vote.voter.parse()?, vote);
    }
    for proposal in &genesis.proposals {
        let end = match proposal.status() {
            ProposalStatus::DepositPeriod => Some((Queue::Inactive, &proposal.deposit_end_time)),
            ProposalStatus::VotingPeriod => Some((Queue::Active, &proposal.voting_end_time)),
            _ => None,
        };
        if let Some((queue, Some(end))) = end {
            queue.insert(&mut kv, end, proposal.id)?;
        }
        state::set_proposal(&mut kv, proposal);
    }
    let (deposits, balance) = (deposits(ctx)?, gov.bank.balances(ctx, &keeper::account())?);
    if !balance.covers(&deposits) {
        return Err(refusal(format!("the gov account holds {balance}, but deposits are {deposits}")).into());
    }
    gov.bank.lock_deposits(ctx, &deposits)
}

/// The sum of all deposits.
pub(crate) fn deposits(ctx: &Context) -> Result<Coins> {
    let mut sum = Coins::default();
    for deposit in state::deposits(&*ctx.kv(STORE), None)? {
        sum = sum.add(&Coins::from_proto(&deposit.amount)?)?;
    }
    Ok(sum)
}

/// The state as a genesis.
pub(crate) fn export(gov: &Gov, ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    Ok(GenesisState {
        starting_proposal_id: state::next_proposal(&*kv)?,
        deposits: state::deposits(&*kv, None)?,
        votes: state::votes(&*kv, None)?,
        proposals: state::proposals(&*kv)?,
        params: Some(gov.params(ctx)?),
        constitution: state::constitution(&*kv)?,
        ..GenesisState::default()
    })
}
