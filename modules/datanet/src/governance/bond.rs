//! Bonds of contributors and curators, one for each account, datanet and kind.
//!
//! A bond has an amount that counts, of which some may be locked by what is under way, and parts that are unbonding. What is unbonding
//! counts for nothing any more but can still be slashed: unbonding takes as long as a bond stands behind a score, and until the last score
//! that it stands behind is safe, whatever period governance has set meanwhile. Slashed coins are burnt: nobody gains by a ruling.

use cosmwasm_std::{Empty, Uint256};
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Coin, Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use super::events;
use crate::error::DatanetError;
use crate::escrow::coins;
use crate::keeper::Datanets;
use crate::money::{lower, raise};
use crate::state::{BONDS, STORE, UNBONDING_DUE};
use crate::NAME;

/// Most parts of a bond that are unbonding at once.
pub(crate) const MAX_UNBONDING: usize = 8;

/// What somebody bonds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BondKind {
    /// To contribute.
    Contributor,
    /// To review.
    Curator,
}

impl BondKind {
    /// Its number in keys and in protobuf.
    pub fn number(self) -> u8 {
        match self {
            Self::Contributor => 1,
            Self::Curator => 2,
        }
    }

    /// The kind of this number.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Contributor, Self::Curator].into_iter().find(|kind| kind.number() == number)
    }

    /// The protobuf form.
    pub fn to_proto(self) -> proto::BondKind {
        match self {
            Self::Contributor => proto::BondKind::Contributor,
            Self::Curator => proto::BondKind::Curator,
        }
    }

    /// Reads the protobuf form.
    pub fn from_proto(number: i32) -> Result<Self> {
        let kind = u8::try_from(number).ok().and_then(Self::from_number);
        let text = || format!("kind {number} is none: it is 1 (contributor) or 2 (curator)");
        Ok(kind.ok_or_else(|| DatanetError::Bond(text()))?)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Curator => "curator",
        }
    }
}

/// A part of a bond that is on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbonding {
    /// In base units.
    pub amount: Uint256,
    /// Header time, in seconds, from which it is paid.
    pub due_seconds: i64,
}

/// What an account has bonded; datanet, kind and account are the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bond {
    /// What counts, in base units.
    pub amount: Uint256,
    /// Of it, what is under way may cost.
    pub locked: Uint256,
    /// What is on its way back, oldest first.
    pub unbonding: Vec<Unbonding>,
    /// The last header time, in seconds, at which a score that it stands behind may be overruled; 0: none. Nothing is paid back before.
    #[serde(default)]
    pub stands_until_seconds: i64,
}

impl Bond {
    /// What counts and is not locked.
    pub fn free(&self) -> Uint256 {
        self.amount.saturating_sub(self.locked)
    }

    /// Everything, in base units.
    pub fn owed(&self) -> Result<Uint256> {
        self.unbonding.iter().try_fold(self.amount, |sum, part| add(sum, part.amount))
    }

    /// Takes up to `wanted` out of it, what counts first, then what was unbonded last; what was there to take.
    pub fn slash(&mut self, wanted: Uint256) -> Uint256 {
        let mut taken = wanted.min(self.amount);
        self.amount = self.amount.saturating_sub(taken);
        for part in self.unbonding.iter_mut().rev() {
            let more = wanted.saturating_sub(taken).min(part.amount);
            part.amount = part.amount.saturating_sub(more);
            taken = taken.saturating_add(more);
        }
        taken
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64, kind: BondKind, account: &Address) -> proto::Bond {
        let unbonding = self
            .unbonding
            .iter()
            .map(|part| proto::Unbonding { amount: part.amount.to_string(), due_seconds: part.due_seconds });
        proto::Bond {
            datanet_id: datanet,
            kind: kind.to_proto().into(),
            account: account.to_string(),
            amount: self.amount.to_string(),
            locked: self.locked.to_string(),
            unbonding: unbonding.collect(),
            stands_until_seconds: self.stands_until_seconds,
        }
    }
}

/// The key of a bond behind its due time: kind, datanet (big-endian), account.
pub(crate) fn due_key(datanet: u64, kind: BondKind, account: &Address) -> Vec<u8> {
    [&[kind.number()], datanet.to_be_bytes().as_slice(), account.as_bytes()].concat()
}

/// Reads what [`due_key`] made.
pub(crate) fn read_due_key(key: &[u8]) -> Option<(u64, BondKind, Address)> {
    let (kind, rest) = key.split_first()?;
    let (datanet, account) = rest.split_first_chunk()?;
    Some((u64::from_be_bytes(*datanet), BondKind::from_number(*kind)?, Address::new(account).ok()?))
}

/// Header time as a part of a key; it is never negative on a chain.
pub(crate) fn seconds_key(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or_default()
}

impl Datanets {
    /// What an account has bonded.
    pub fn bond(&self, ctx: &Context, datanet: u64, kind: BondKind, account: &Address) -> Result<Bond> {
        Ok(BONDS.may_load(&*ctx.kv(STORE), (datanet, kind.number(), account.as_bytes()))?.unwrap_or_default())
    }

    pub(crate) fn save_bond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        bond: &Bond,
    ) -> Result<()> {
        let key = (datanet, kind.number(), account.as_bytes());
        if bond.owed()?.is_zero() && bond.locked.is_zero() && bond.unbonding.is_empty() {
            BONDS.remove(&mut ctx.kv_mut(STORE), key);
        } else {
            BONDS.save(&mut ctx.kv_mut(STORE), key, bond)?;
        }
        Ok(())
    }

    /// Bonds more.
    pub(crate) fn add_bond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        amount: Uint256,
    ) -> Result<()> {
        self.bank.send_to_module(ctx, account, NAME, &coins(amount))?;
        self.change_totals(ctx, |totals| raise(&mut totals.bonds, amount))?;
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        bond.amount = add(bond.amount, amount)?;
        self.save_bond(ctx, datanet, kind, account, &bond)?;
        ctx.emit(events::bonded(datanet, kind, account, amount));
        Ok(())
    }

    /// Starts to give back a part of a bond; the time from which it is paid.
    pub(crate) fn unbond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        amount: Uint256,
    ) -> Result<i64> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        if bond.free() < amount {
            let (asked, free) = (Coin::base(amount), Coin::base(bond.free()));
            let text = format!(
                "{asked} cannot be unbonded: {free} of the {} bond are free, the rest is locked by what is under way",
                kind.word()
            );
            return Err(DatanetError::Bond(text).into());
        }
        if bond.unbonding.len() >= MAX_UNBONDING {
            let text = format!("{MAX_UNBONDING} parts are unbonding already; wait until the first is paid");
            return Err(DatanetError::Bond(text).into());
        }
        let period = i64::try_from(self.params(ctx)?.curator_bond_period_seconds).unwrap_or(i64::MAX);
        // Scores keep the period of their acceptance, however short it has been made since.
        let reach = bond.stands_until_seconds.saturating_add(1);
        let due_seconds = ctx.block().time_seconds.saturating_add(period).max(reach);
        bond.amount = sub(bond.amount, amount)?;
        bond.unbonding.push(Unbonding { amount, due_seconds });
        self.save_bond(ctx, datanet, kind, account, &bond)?;
        let key = due_key(datanet, kind, account);
        UNBONDING_DUE.save(&mut ctx.kv_mut(STORE), (seconds_key(due_seconds), &key), &Empty {})?;
        ctx.emit(events::unbonding(datanet, kind, account, amount, due_seconds));
        Ok(due_seconds)
    }

    /// Notes that a bond stands behind a score up to this time.
    pub(crate) fn stand_behind(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        until_seconds: i64,
    ) -> Result<()> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        bond.stands_until_seconds = bond.stands_until_seconds.max(until_seconds);
        self.save_bond(ctx, datanet, kind, account, &bond)
    }

    /// Pays what of a bond is due now.
    pub(crate) fn pay_unbonded(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
    ) -> Result<()> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        let now = ctx.block().time_seconds;
        let mut due = bond.unbonding.iter().filter(|part| part.due_seconds <= now);
        let amount = due.try_fold(Uint256::zero(), |sum, part| add(sum, part.amount))?;
        bond.unbonding.retain(|part| part.due_seconds > now);
        self.save_bond(ctx, datanet, kind, account, &bond)?;
        if amount.is_zero() {
            return Ok(());
        }
        self.change_totals(ctx, |totals| lower(&mut totals.bonds, amount))?;
        self.bank.send(ctx, &openledger_core::Address::module(NAME), account, &coins(amount))?;
        ctx.emit(events::unbonded(datanet, kind, account, amount));
        Ok(())
    }

    /// Locks a part of a bond.
    pub(crate) fn lock_bond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        amount: Uint256,
    ) -> Result<()> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        bond.locked = add(bond.locked, amount)?;
        self.save_bond(ctx, datanet, kind, account, &bond)
    }

    /// Unlocks a part of a bond.
    pub(crate) fn unlock_bond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        amount: Uint256,
    ) -> Result<()> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        bond.locked = sub(bond.locked, amount)?;
        self.save_bond(ctx, datanet, kind, account, &bond)
    }

    /// Burns up to `wanted` of a bond; what was burnt.
    pub(crate) fn slash_bond(
        &self,
        ctx: &mut Context,
        datanet: u64,
        kind: BondKind,
        account: &Address,
        wanted: Uint256,
    ) -> Result<Uint256> {
        let mut bond = self.bond(ctx, datanet, kind, account)?;
        let burnt = bond.slash(wanted);
        if burnt.is_zero() {
            return Ok(burnt);
        }
        self.save_bond(ctx, datanet, kind, account, &bond)?;
        self.change_totals(ctx, |totals| lower(&mut totals.bonds, burnt))?;
        self.bank.burn(ctx, NAME, &coins(burnt))?;
        ctx.emit(events::slashed(datanet, kind, account, burnt));
        Ok(burnt)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn a_slash_takes_what_counts_first_and_never_more_than_there_is() {
        let part = |amount: u64| Unbonding { amount: Uint256::from(amount), due_seconds: 5 };
        let mut bond = Bond { amount: Uint256::from(10u64), unbonding: vec![part(3), part(4)], ..Bond::default() };
        assert_eq!(bond.slash(Uint256::from(12u64)), Uint256::from(12u64));
        assert_eq!((bond.amount, bond.owed().unwrap()), (Uint256::zero(), Uint256::from(5u64)));
        assert_eq!(bond.unbonding, [part(3), part(2)], "what was unbonded last goes first");
        assert_eq!(bond.slash(Uint256::MAX), Uint256::from(5u64));
        assert_eq!(bond.slash(Uint256::MAX), Uint256::zero());
    }

    #[test]
    fn a_due_key_reads_back() {
        let account = Address::new([7; 32]).unwrap();
        let key = due_key(u64::MAX, BondKind::Curator, &account);
        assert_eq!(read_due_key(&key), Some((u64::MAX, BondKind::Curator, account)));
        assert_eq!(read_due_key(&[3; 40]), None);
        assert_eq!(read_due_key(&[]), None);
    }
}
