//! Deposits: taken, returned, burnt, charged. They lie on the governance account.
//!
//! Source: SDK v0.50 `x/gov/keeper/deposit.go`.

use openledger_auth::GOV_MODULE;
use openledger_core::{Address, Coin, Coins, Context, Dec, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{Deposit, ProposalStatus};

use crate::error::GovError;
use crate::events;
use crate::keeper::{self, Gov};
use crate::params::Rules;
use crate::state::{self, STORE};

/// The module whose account holds the community pool.
const POOL_MODULE: &str = "distribution";

/// Refuses an initial deposit that is less than its share of what a proposal has to bring.
pub(crate) fn check_initial(rules: &Rules, deposit: &Coins, expedited: bool) -> Result<()> {
    if rules.min_initial_deposit_ratio.is_zero() {
        return Ok(());
    }
    // Rounded half to even, as the SDK does here; for single deposits it truncates.
    let share = |coin: &Coin| -> Result<Coin> {
        let amount = Dec::from_int(coin.amount).mul(rules.min_initial_deposit_ratio)?.round_int()?;
        Ok(Coin { denom: coin.denom.clone(), amount })
    };
    let needed = rules.min_deposit_of(expedited).iter().map(share).collect::<Result<Vec<_>>>()?;
    let enough = !deposit.is_empty() && needed.iter().all(|coin| deposit.amount_of(&coin.denom) >= coin.amount);
    if !enough {
        let needed: Vec<String> = needed.iter().map(Coin::to_string).collect();
        return Err(GovError::MinDepositTooSmall(format!("was ({deposit}), need ({})", needed.join(","))).into());
    }
    Ok(())
}

/// Refuses denominations that no minimum deposit names.
pub(crate) fn check_denoms(rules: &Rules, deposit: &Coins) -> Result<()> {
    let accepted: Vec<&str> = rules.min_deposit.iter().map(|coin| coin.denom.as_str()).collect();
    if deposit.iter().all(|coin| accepted.contains(&coin.denom.as_str())) {
        return Ok(());
    }
    Err(GovError::InvalidDepositDenom(format!(
        "deposited {deposit}, but gov accepts only the following denom(s): [{}]",
        accepted.join(" ")
    ))
    .into())
}

/// Refuses a deposit that in no denomination is the least share of what the proposal has to bring.
fn check_least(rules: &Rules, deposit: &Coins, expedited: bool) -> Result<()> {
    if rules.min_deposit_ratio.is_zero() {
        return Ok(());
    }
    let mut thresholds = Vec::new();
    for least in rules.min_deposit_of(expedited).iter() {
        let amount = Dec::from_int(least.amount).mul(rules.min_deposit_ratio)?.truncate_int()?;
        if deposit.iter().any(|coin| coin.denom == least.denom && coin.amount >= amount) {
            return Ok(());
        }
        thresholds.push(Coin { denom: least.denom.clone(), amount }.to_string());
    }
    let needed = thresholds.join(",");
    Err(GovError::MinDepositTooSmall(format!("received {deposit} but need at least one of the following: {needed}"))
        .into())
}

impl Gov {
    /// Adds to a proposal's deposits; whether the vote on it began thereby.
    pub(crate) fn deposit(&self, ctx: &mut Context, id: u64, depositor: &Address, coins: &Coins) -> Result<bool> {
        if *depositor == keeper::account() && !coins.is_empty() {
            let text = "governance's account holds the deposits and makes none";
            return Err(SdkError::Unauthorized(text.into()).into());
        }
        let mut proposal = self.known_proposal(ctx, id)?;
        if !keeper::is_open(&proposal) {
            return Err(GovError::InactiveProposal(id).into());
        }
        let rules = self.rules(ctx)?;
        check_denoms(&rules, coins)?;
        check_least(&rules, coins, proposal.expedited)?;
        self.bank.send_to_module(ctx, depositor, GOV_MODULE, coins)?;
        self.bank.lock_deposits(ctx, coins)?;
        let total = Coins::from_proto(&proposal.total_deposit)?.add(coins)?;
        proposal.total_deposit = total.to_proto();
        state::set_proposal(&mut ctx.kv_mut(STORE), &proposal);
        let waits = proposal.status() == ProposalStatus::DepositPeriod;
        let starts = waits && total.covers(rules.min_deposit_of(proposal.expedited));
        if starts {
            self.start_voting(ctx, &mut proposal, &rules)?;
        }
        let before = state::deposit(&*ctx.kv(STORE), id, depositor)?;
        let before = Coins::from_proto(&before.map(|deposit| deposit.amount).unwrap_or_default())?;
        let text = depositor.to_string();
        ctx.emit(events::proposal_deposit(id, &text, coins));
        let amount = before.add(coins)?.to_proto();
        state::set_deposit(&mut ctx.kv_mut(STORE), depositor, &Deposit { proposal_id: id, depositor: text, amount });
        Ok(starts)
    }

    /// Ends a proposal's deposits: the account owes them no longer, and the caller says where they go.
    fn take_deposits(&self, ctx: &mut Context, id: u64) -> Result<Vec<(Address, Coins)>> {
        let deposits = state::deposits(&*ctx.kv(STORE), Some(id))?;
        let read = |deposit: Deposit| -> Result<(Address, Coins)> {
            Ok((deposit.depositor.parse()?, Coins::from_proto(&deposit.amount)?))
        };
        let deposits = deposits.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        for (depositor, coins) in &deposits {
            state::remove_deposit(&mut ctx.kv_mut(STORE), id, depositor);
            self.bank.unlock_deposits(ctx, coins)?;
        }
        Ok(deposits)
    }

    /// Returns a proposal's deposits. A depositor that transactions may not send to gets theirs too: in the SDK that is an error,
    /// which would stop the chain.
    pub(crate) fn refund_deposits(&self, ctx: &mut Context, id: u64) -> Result<()> {
        for (depositor, coins) in self.take_deposits(ctx, id)? {
            self.bank.send(ctx, &keeper::account(), &depositor, &coins)?;
        }
        Ok(())
    }

    /// Burns a proposal's deposits.
    pub(crate) fn burn_deposits(&self, ctx: &mut Context, id: u64) -> Result<()> {
        let deposits = self.take_deposits(ctx, id)?;
        let sum = Coins::sum(deposits.iter().flat_map(|(_, coins)| coins.iter().cloned()))?;
        self.bank.burn(ctx, GOV_MODULE, &sum)
    }

    /// Returns a proposal's deposits less the charge for taking it back, rounded down in the depositor's favour; the charge goes
    /// where the parameters say, or is burnt.
    pub(crate) fn charge_deposits(&self, ctx: &mut Context, id: u64, rules: &Rules) -> Result<()> {
        let mut charges = Coins::default();
        for (depositor, coins) in self.take_deposits(ctx, id)? {
            let charge = |coin: &Coin| -> Result<Coin> {
                let amount = Dec::from_int(coin.amount).mul(rules.cancel_ratio)?.truncate_int()?;
                Ok(Coin { denom: coin.denom.clone(), amount })
            };
            let charge = Coins::sum(coins.iter().map(charge).collect::<Result<Vec<_>>>()?)?;
            let rest = coins.sub(&charge)?;
            if !rest.is_empty() {
                self.bank.send_from_module(ctx, GOV_MODULE, &depositor, &rest)?;
            }
            charges = charges.add(&charge)?;
        }
        if charges.is_empty() {
            return Ok(());
        }
        match &rules.cancel_dest {
            None => self.bank.burn(ctx, GOV_MODULE, &charges),
            Some(dest) if *dest == Address::module(POOL_MODULE) => (self.fund_pool)(ctx, &keeper::account(), &charges),
            Some(dest) => self.bank.send_from_module(ctx, GOV_MODULE, dest, &charges),
        }
    }
}
