//! Moving money in and out of the module's account: each move changes [`Totals`] and the account together.

use cosmwasm_std::Uint256;
use openledger_contributor::IncomeKind;
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Coin, Coins, Context, Result};

use crate::error::DatanetError;
use crate::keeper::Datanets;
use crate::money::{self, divide, lower, raise, Baseline, Share, Totals, Treasury};
use crate::state::{BASELINES, SHARES, STORE, TOTALS, TREASURIES};
use crate::types::{Contribution, Growth, Version};
use crate::{events, NAME};

/// Baseline and treasuries, as other modules credit them.
impl Datanets {
    /// Credits `amount` of the baseline, paid by `payer`: it divides over the declared versions by their total index, and in each
    /// datanet over the contributions of its last version by their share index. Where nobody shares, its treasury has the part.
    pub fn credit_baseline(
        &self,
        ctx: &mut Context,
        payer: &Address,
        versions: &[(u64, u32)],
        amount: Uint256,
    ) -> Result<()> {
        for (datanet, part) in self.parts(ctx, payer, versions, amount)? {
            let mut baseline = self.baseline(ctx, datanet)?;
            if baseline.sharing_index == 0 {
                self.add_to_treasury(ctx, datanet, part)?;
                continue;
            }
            baseline.credit(part)?;
            BASELINES.save(&mut ctx.kv_mut(STORE), datanet, &baseline)?;
            self.change_totals(ctx, |totals| raise(&mut totals.baselines, part))?;
            ctx.emit(events::baseline_credited(datanet, part));
        }
        Ok(())
    }

    /// Credits `amount` to the treasuries of the declared versions' datanets, by total index, paid by `payer`; it is locked for the
    /// timelock.
    pub fn credit_treasury(
        &self,
        ctx: &mut Context,
        payer: &Address,
        versions: &[(u64, u32)],
        amount: Uint256,
    ) -> Result<()> {
        for (datanet, part) in self.parts(ctx, payer, versions, amount)? {
            self.add_to_treasury(ctx, datanet, part)?;
        }
        Ok(())
    }

    /// Credits `amount` to one datanet's treasury, whether or not it has a version, paid by `payer`; it is locked for the timelock.
    pub fn credit_treasury_of(&self, ctx: &mut Context, payer: &Address, datanet: u64, amount: Uint256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        self.bank.send_to_module(ctx, payer, NAME, &coins(amount))?;
        self.add_to_treasury(ctx, datanet, amount)
    }

    /// Takes `amount` from `payer` and divides it over the versions; parts of nothing are left out.
    pub(crate) fn parts(
        &self,
        ctx: &mut Context,
        payer: &Address,
        versions: &[(u64, u32)],
        amount: Uint256,
    ) -> Result<Vec<(u64, Uint256)>> {
        if versions.is_empty() {
            return Err(DatanetError::InvalidList("no datanet versions are declared to credit".into()).into());
        }
        let mut weights = Vec::new();
        for (datanet, number) in versions {
            let version = self.version(ctx, *datanet, *number)?;
            let version = version.ok_or(DatanetError::UnknownVersion { datanet: *datanet, version: *number })?;
            weights.push(version.total_index);
        }
        if amount.is_zero() {
            return Ok(Vec::new());
        }
        self.bank.send_to_module(ctx, payer, NAME, &coins(amount))?;
        let parts = versions.iter().map(|(datanet, _)| *datanet).zip(divide(amount, &weights)?);
        Ok(parts.filter(|(_, part)| !part.is_zero()).collect())
    }

    pub(crate) fn add_to_treasury(&self, ctx: &mut Context, datanet: u64, part: Uint256) -> Result<()> {
        let timelock = self.params(ctx)?.treasury_timelock_seconds;
        let mut treasury = self.treasury(ctx, datanet)?;
        treasury.credit(part, ctx.block().time_seconds, timelock)?;
        TREASURIES.save(&mut ctx.kv_mut(STORE), datanet, &treasury)?;
        self.change_totals(ctx, |totals| raise(&mut totals.treasuries, part))?;
        ctx.emit(events::treasury_credited(datanet, part));
        Ok(())
    }

    /// What a contribution has ever earned of its datanet's baseline, in base units.
    pub fn earned(&self, ctx: &Context, contribution: &Contribution) -> Result<Uint256> {
        let Some(acceptance) = contribution.acceptance.as_ref().filter(|acceptance| acceptance.share_index > 0) else {
            return Ok(Uint256::zero());
        };
        let Some(first) = self.first_version_with(ctx, contribution.datanet, acceptance.accept_index)? else {
            return Ok(Uint256::zero());
        };
        let end = match self.share(ctx, contribution.seq)?.end {
            Some(end) => end,
            None => self.baseline(ctx, contribution.datanet)?.per_index,
        };
        money::earned(acceptance.share_index, first.per_index, end)
    }

    /// The first version that holds this place; counts only grow, so halving the range finds it.
    fn first_version_with(&self, ctx: &Context, datanet: u64, accept_index: u64) -> Result<Option<Version>> {
        let last = self.last_version(ctx, datanet)?;
        let (mut low, mut high, mut found) = (1u32, last, None);
        while low <= high {
            let middle = low.midpoint(high);
            let version = self.version(ctx, datanet, middle)?;
            let version = version.ok_or(DatanetError::UnknownVersion { datanet, version: middle })?;
            if version.count > accept_index {
                found = Some(version);
                high = middle.saturating_sub(1);
            } else {
                low = middle.saturating_add(1);
            }
        }
        Ok(found)
    }

    /// A datanet's baseline.
    pub fn baseline(&self, ctx: &Context, datanet: u64) -> Result<Baseline> {
        Ok(BASELINES.may_load(&*ctx.kv(STORE), datanet)?.unwrap_or_default())
    }

    /// What the baseline remembers of a contribution.
    pub fn share(&self, ctx: &Context, seq: u64) -> Result<Share> {
        Ok(SHARES.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default())
    }

    /// A datanet's treasury.
    pub fn treasury(&self, ctx: &Context, datanet: u64) -> Result<Treasury> {
        Ok(TREASURIES.may_load(&*ctx.kv(STORE), datanet)?.unwrap_or_default())
    }

    /// What the module owes.
    pub fn totals(&self, ctx: &Context) -> Result<Totals> {
        Ok(TOTALS.may_load(&*ctx.kv(STORE))?.unwrap_or_default())
    }
}

/// What the module's own messages do with money.
impl Datanets {
    /// Locks a contribution's deposit, from its author.
    pub(crate) fn lock_deposit(&self, ctx: &mut Context, author: &Address, amount: Uint256) -> Result<()> {
        self.bank.send_to_module(ctx, author, NAME, &coins(amount))?;
        self.change_totals(ctx, |totals| raise(&mut totals.deposits, amount))
    }

    /// Gives a contribution's deposit back to its author.
    pub(crate) fn return_deposit(&self, ctx: &mut Context, contribution: &mut Contribution) -> Result<()> {
        let amount = std::mem::take(&mut contribution.deposit);
        self.change_totals(ctx, |totals| lower(&mut totals.deposits, amount))?;
        self.bank.send(ctx, &Address::module(NAME), &contribution.author, &coins(amount))
    }

    /// Burns a contribution's deposit.
    pub(crate) fn burn_deposit(&self, ctx: &mut Context, contribution: &mut Contribution) -> Result<()> {
        let amount = std::mem::take(&mut contribution.deposit);
        self.change_totals(ctx, |totals| lower(&mut totals.deposits, amount))?;
        self.bank.burn(ctx, NAME, &coins(amount))
    }

    /// Counts what contributions are owed as claimed; the amount, which the caller pays with [`Datanets::pay_claim`].
    pub(crate) fn take_claim(&self, ctx: &mut Context, contribution: &Contribution) -> Result<Uint256> {
        let earned = self.earned(ctx, contribution)?;
        let mut share = self.share(ctx, contribution.seq)?;
        let owed = sub(earned, share.claimed)?;
        if owed.is_zero() {
            return Ok(owed);
        }
        share.claimed = earned;
        let mut baseline = self.baseline(ctx, contribution.datanet)?;
        baseline.claimed = add(baseline.claimed, owed)?;
        SHARES.save(&mut ctx.kv_mut(STORE), contribution.seq, &share)?;
        BASELINES.save(&mut ctx.kv_mut(STORE), contribution.datanet, &baseline)?;
        ctx.emit(events::baseline_claimed(contribution, owed));
        Ok(owed)
    }

    /// Pays what was claimed.
    pub(crate) fn pay_claim(&self, ctx: &mut Context, author: &Address, amount: Uint256) -> Result<()> {
        self.change_totals(ctx, |totals| lower(&mut totals.baselines, amount))?;
        self.bank.send(ctx, &Address::module(NAME), author, &coins(amount))
    }

    /// Ends a contribution's share of the baseline: it keeps what it earned, the others share what comes.
    pub(crate) fn end_share(&self, ctx: &mut Context, contribution: &Contribution, growth: &mut Growth) -> Result<()> {
        let mut share = self.share(ctx, contribution.seq)?;
        let Some(acceptance) = contribution.acceptance.as_ref().filter(|_| share.end.is_none()) else {
            return Ok(());
        };
        let mut baseline = self.baseline(ctx, contribution.datanet)?;
        share.end = Some(baseline.per_index);
        SHARES.save(&mut ctx.kv_mut(STORE), contribution.seq, &share)?;
        let frozen = match growth.last_version {
            0 => 0,
            last => self.version(ctx, contribution.datanet, last)?.map_or(0, |version| version.count),
        };
        let index = acceptance.share_index;
        if acceptance.accept_index < frozen {
            let rest = baseline.sharing_index.checked_sub(index);
            baseline.sharing_index = rest.ok_or(DatanetError::Overflow("a share that ends"))?;
            BASELINES.save(&mut ctx.kv_mut(STORE), contribution.datanet, &baseline)?;
        } else {
            let sum = growth.ended_index.checked_add(index);
            growth.ended_index = sum.ok_or(DatanetError::Overflow("a sum of share indices"))?;
        }
        Ok(())
    }

    /// Pays from a treasury what is unlocked.
    pub(crate) fn spend(&self, ctx: &mut Context, datanet: u64, to: &Address, amount: Uint256) -> Result<()> {
        let mut treasury = self.treasury(ctx, datanet)?;
        if !treasury.spend(amount, ctx.block().time_seconds)? {
            let (asked, available) = (Coin::base(amount).to_string(), Coin::base(treasury.available).to_string());
            return Err(DatanetError::TreasuryShort { datanet, asked, available }.into());
        }
        TREASURIES.save(&mut ctx.kv_mut(STORE), datanet, &treasury)?;
        self.change_totals(ctx, |totals| lower(&mut totals.treasuries, amount))?;
        self.bank.send_from_module(ctx, NAME, to, &coins(amount))?;
        self.contributors.record_income(ctx, to, IncomeKind::Treasury, amount)
    }

    pub(crate) fn change_totals(
        &self,
        ctx: &mut Context,
        change: impl FnOnce(&mut Totals) -> Result<()>,
    ) -> Result<()> {
        let mut totals = self.totals(ctx)?;
        change(&mut totals)?;
        TOTALS.save(&mut ctx.kv_mut(STORE), &totals)?;
        Ok(())
    }
}

/// An amount as coins.
pub(crate) fn coins(amount: Uint256) -> Coins {
    Coins::from(Coin::base(amount))
}
