//! The till: every base unit that the module holds stands in exactly one category, and moves between them only here.
//!
//! Relies on bank for the module account. Guarantees: the sum of the categories is the account's balance at every moment.

use cosmwasm_std::Uint256;
use openledger_contributor::IncomeKind;
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Coin, Context, Result, SdkError};
use openledger_proto::openledger::attribution::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::keeper::Attribution;
use crate::state::{OWED, STORE, TOTALS};
use crate::NAME;

/// What the module owes, by category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Deposits not spent.
    pub sessions: Uint256,
    /// Contributor pools not yet credited.
    pub pools: Uint256,
    /// Bonds of disputes that are not revealed.
    pub dispute_bonds: Uint256,
    /// Bonds behind replacement claims, made or committed to, and bounties for their makers.
    pub replacements: Uint256,
    /// What accounts may claim.
    pub owed: Uint256,
    /// What custodial contributions earned and nobody can claim yet.
    pub held: Uint256,
    /// Deposits of open demands.
    #[serde(default)]
    pub demands: Uint256,
    /// Bonds of auditors.
    #[serde(default)]
    pub auditors: Uint256,
}

impl Totals {
    /// The sum of all categories.
    pub fn sum(&self) -> Result<Uint256> {
        let Self { sessions, pools, dispute_bonds, replacements, owed, held, demands, auditors } = self;
        let rest = [pools, dispute_bonds, replacements, owed, held, demands, auditors];
        rest.into_iter().try_fold(*sessions, |sum, part| add(sum, *part))
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Totals {
        proto::Totals {
            sessions: self.sessions.to_string(),
            pools: self.pools.to_string(),
            dispute_bonds: self.dispute_bonds.to_string(),
            replacements: self.replacements.to_string(),
            owed: self.owed.to_string(),
            held: self.held.to_string(),
            demands: self.demands.to_string(),
            auditors: self.auditors.to_string(),
        }
    }

    fn of(&mut self, pot: Pot) -> &mut Uint256 {
        match pot {
            Pot::Sessions => &mut self.sessions,
            Pot::Pools => &mut self.pools,
            Pot::DisputeBonds => &mut self.dispute_bonds,
            Pot::Replacements => &mut self.replacements,
            Pot::Owed => &mut self.owed,
            Pot::Held => &mut self.held,
            Pot::Demands => &mut self.demands,
            Pot::Auditors => &mut self.auditors,
        }
    }
}

/// A category of [`Totals`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pot {
    /// Deposits not spent.
    Sessions,
    /// Contributor pools not yet credited.
    Pools,
    /// Bonds of disputes that are not revealed.
    DisputeBonds,
    /// Bonds behind replacement claims, made or committed to, and bounties for their makers.
    Replacements,
    /// What accounts may claim.
    Owed,
    /// What custodial contributions earned.
    Held,
    /// Deposits of open demands.
    Demands,
    /// Bonds of auditors.
    Auditors,
}

impl Attribution {
    /// What is owed, by category.
    pub fn totals(&self, ctx: &Context) -> Result<Totals> {
        Ok(TOTALS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }

    /// Money that is in the module account, but in no category, goes into one.
    pub(crate) fn put(&self, ctx: &mut Context, pot: Pot, amount: Uint256) -> Result<()> {
        self.change(ctx, pot, |total| add(total, amount))
    }

    /// Takes money out of a category; whoever calls moves it on.
    pub(crate) fn take(&self, ctx: &mut Context, pot: Pot, amount: Uint256) -> Result<()> {
        self.change(ctx, pot, |total| sub(total, amount))
    }

    fn change(&self, ctx: &mut Context, pot: Pot, to: impl Fn(Uint256) -> Result<Uint256>) -> Result<()> {
        let mut totals = self.totals(ctx)?;
        let total = totals.of(pot);
        *total = to(*total)?;
        Ok(TOTALS.save(&mut ctx.kv_mut(STORE), &totals)?)
    }

    /// What an account may claim.
    pub fn owed(&self, ctx: &Context, address: &Address) -> Result<Uint256> {
        Ok(OWED.may_load(&*ctx.kv(STORE), address.as_bytes())?.unwrap_or_default())
    }

    /// Lets an account claim money that is in the module account, but in no category.
    pub(crate) fn owe(&self, ctx: &mut Context, address: &Address, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        let owed = add(self.owed(ctx, address)?, amount)?;
        OWED.save(&mut ctx.kv_mut(STORE), address.as_bytes(), &owed)?;
        self.put(ctx, Pot::Owed, amount)
    }

    /// [`Attribution::owe`] of what the account earned: its statement says so.
    pub(crate) fn earn(&self, ctx: &mut Context, address: &Address, kind: IncomeKind, amount: Uint256) -> Result<()> {
        self.owe(ctx, address, amount)?;
        self.contributors.record_income(ctx, address, kind, amount)
    }

    /// Receives money from an account into a category.
    pub(crate) fn receive(&self, ctx: &mut Context, from: &Address, pot: Pot, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        self.bank.send_to_module(ctx, from, NAME, &Coin::base(amount).into())?;
        self.put(ctx, pot, amount)
    }

    /// Pays money that is in no category to another module's account.
    pub(crate) fn pay_module(&self, ctx: &mut Context, module: &str, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        self.bank.send_between_modules(ctx, NAME, module, &Coin::base(amount).into())
    }

    /// Burns money that is in no category.
    pub(crate) fn burn(&self, ctx: &mut Context, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        self.bank.burn(ctx, NAME, &Coin::base(amount).into())
    }
}

/// Three parts of a forfeited bond (L) or replacement bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forfeit {
    /// A quarter, rounded down: the disputant's.
    pub bounty: Uint256,
    /// An eighth, rounded down: for the maker of the claims that replace these.
    pub maker: Uint256,
    /// The rest.
    pub burnt: Uint256,
}

impl Forfeit {
    /// Divides a bond.
    pub fn of(bond: Uint256) -> Result<Self> {
        let part = |of: u64| {
            let text = |_| SdkError::Logic("division by zero".into());
            bond.checked_div(Uint256::from(of)).map_err(text)
        };
        let (bounty, maker) = (part(4)?, part(8)?);
        Ok(Self { bounty, maker, burnt: sub(sub(bond, bounty)?, maker)? })
    }

    /// The same with the bounty burnt, where nobody is to have it.
    pub fn without_bounty_if(self, nobody: bool) -> Result<Self> {
        match nobody {
            true => Ok(Self { bounty: Uint256::zero(), burnt: add(self.burnt, self.bounty)?, ..self }),
            false => Ok(self),
        }
    }
}
