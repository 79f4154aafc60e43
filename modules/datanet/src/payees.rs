//! Who is paid for what a contribution owns.
//!
//! Attribution never changes with these answers: windows stay a contribution's for ever, and only who is paid for them follows from
//! custody, withdrawals and rulings:
//!
//! 1. a contribution that was ruled a copy of one earlier work has that work's payees; of several, the baseline;
//! 2. one that was withdrawn, or is a datanet's commons, pays the baseline;
//! 3. an unavailable one's pay is held until it is shown, up to the end of the hold, then it is the baseline's;
//! 4. a custodial one's pay is held until somebody has custody, up to the end of the hold, then it is the baseline's;
//! 5. what is left after the corrections, labels, evaluations and improvements that share in it is the author's (or whose it is).
//!
//! The first payee is whoever stands for the author, and takes what rounding leaves. A part of a pointer that is not paid itself is the
//! baseline's. There are at most [`MAX_PAYEES`]. What is held waits for whose the contribution is that it was earned for
//! ([`Datanets::holder`]): a later ruling or withdrawal takes none of it.

use cosmwasm_std::{Order, Uint256};
use openledger_contributor::Role;
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Context, Result};

use crate::content::state::PAID_POINTERS;
use crate::content::Ruling;
use crate::error::DatanetError;
use crate::keeper::{broken, Datanets};
use crate::state::STORE;
use crate::types::Contribution;

/// All of a contribution's pay, in basis points.
pub const WHOLE_BP: u32 = 10_000;
/// Most payees: the author and three pointers of each of four kinds.
pub const MAX_PAYEES: usize = 13;
/// Most rulings that are followed from copy to source; a longer chain pays the baseline.
const MAX_RULINGS: usize = 8;

/// Who gets a part of what a contribution earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payee {
    /// This account, at once.
    Account(Address),
    /// Nobody yet: it is kept for whoever proves that it is theirs.
    Held,
    /// Nobody: the baseline has it.
    Baseline,
}

/// A part of what a contribution earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Who has it.
    pub payee: Payee,
    /// In basis points.
    pub bps: u32,
    /// The contribution that it is for: the payee's own. What is held waits for whose that is.
    pub seq: u64,
    /// Its datanet.
    pub datanet: u64,
    /// In what capacity its author made it.
    pub role: Role,
}

impl Payment {
    fn of(contribution: &Contribution, payee: Payee, bps: u32) -> Self {
        Self { payee, bps, seq: contribution.seq, datanet: contribution.datanet, role: contribution.role() }
    }
}

impl Datanets {
    /// Who is paid for what a contribution owns, in basis points that sum to 10,000.
    pub fn payees(&self, ctx: &Context, seq: u64) -> Result<Vec<(Payee, u32)>> {
        Ok(self.payments(ctx, seq)?.into_iter().map(|payment| (payment.payee, payment.bps)).collect())
    }

    /// [`Datanets::payees`] with what each is paid for; at least one.
    pub fn payments(&self, ctx: &Context, seq: u64) -> Result<Vec<Payment>> {
        let (paid, first) = self.principal(ctx, seq)?;
        if first == Payee::Baseline {
            return Ok(vec![Payment::of(&paid, first, WHOLE_BP)]);
        }
        let (mut others, mut rest) = (Vec::new(), WHOLE_BP);
        for pair in PAID_POINTERS.sub_prefix(paid.seq).range(&*ctx.kv(STORE), None, None, Order::Ascending) {
            let ((_, pointer), bps) = pair?;
            let (pointer, payee) = self.principal(ctx, pointer)?;
            let payee = match payee {
                Payee::Account(account) => Payee::Account(account),
                Payee::Held | Payee::Baseline => Payee::Baseline,
            };
            rest = rest.checked_sub(bps).ok_or_else(|| broken("pointers have more than the whole of a pay"))?;
            others.push(Payment::of(&pointer, payee, bps));
        }
        let mut payments = vec![Payment::of(&paid, first, rest)];
        payments.append(&mut others);
        Ok(payments)
    }

    /// The contribution whose author stands for this one's, and has what its pointers do not have: itself, or what it is ruled to copy.
    /// Where that is several works, nobody: itself, and the baseline.
    fn principal(&self, ctx: &Context, seq: u64) -> Result<(Contribution, Payee)> {
        match self.paid_for(ctx, seq)? {
            Some(paid) => {
                let payee = self.first_payee(ctx, &paid)?;
                Ok((paid, payee))
            }
            None => Ok((self.known_contribution(ctx, seq)?, Payee::Baseline)),
        }
    }

    /// Who has what a contribution earned and what was held of it ([`Payment::seq`]). What came after, a ruling or a withdrawal, changes
    /// who is paid from then on and takes nothing that was earned: it is still for whom it was held.
    pub fn holder(&self, ctx: &Context, seq: u64) -> Result<Payee> {
        self.standing_payee(ctx, &self.known_contribution(ctx, seq)?)
    }

    /// Header time until which pay that waits for a contribution's holder waits, in seconds; none where it does not wait.
    pub fn held_until(&self, ctx: &Context, seq: u64) -> Result<Option<i64>> {
        if self.holder(ctx, seq)? != Payee::Held {
            return Ok(None);
        }
        if let Some(unavailable) = self.unavailable(ctx, seq)? {
            return Ok(Some(unavailable.held_until));
        }
        let granted = self.custody(ctx, seq)?.map(|custody| custody.from);
        Ok(granted.max(self.hold(ctx, seq)?))
    }

    /// The contribution whose payees are paid: itself, or the one that it is ruled to copy; none where that is nobody's.
    fn paid_for(&self, ctx: &Context, seq: u64) -> Result<Option<Contribution>> {
        let mut at = seq;
        for _ in 0..MAX_RULINGS {
            match self.ruling(ctx, at)? {
                None => return Ok(Some(self.known_contribution(ctx, at)?)),
                Some(Ruling { source: None, .. }) => return Ok(None),
                Some(Ruling { source: Some(source), .. }) => at = source,
            }
        }
        Ok(None)
    }

    fn first_payee(&self, ctx: &Context, contribution: &Contribution) -> Result<Payee> {
        match contribution.is_paid() {
            true => self.standing_payee(ctx, contribution),
            false => Ok(Payee::Baseline),
        }
    }

    /// Whose a contribution is, whether or not it is paid: its author's, or whoever has custody, as far as it is available.
    fn standing_payee(&self, ctx: &Context, contribution: &Contribution) -> Result<Payee> {
        let now = ctx.block().time_seconds;
        let held = |until: Option<i64>| match until.is_some_and(|until| now < until) {
            true => Payee::Held,
            false => Payee::Baseline,
        };
        if let Some(unavailable) = self.unavailable(ctx, contribution.seq)? {
            return Ok(held(Some(unavailable.held_until)));
        }
        if !contribution.is_custodial() {
            return Ok(Payee::Account(contribution.author.clone()));
        }
        match self.custody(ctx, contribution.seq)? {
            Some(custody) if custody.from <= now => Ok(Payee::Account(custody.account)),
            Some(custody) => Ok(held(Some(custody.from))),
            None => Ok(held(self.hold(ctx, contribution.seq)?)),
        }
    }
}

/// Divides an amount among payees: each gets its basis points rounded down, the first also what that leaves.
pub fn divide_pay(amount: Uint256, payees: &[(Payee, u32)]) -> Result<Vec<(Payee, Uint256)>> {
    let overflow = |_| DatanetError::Overflow("a payee's part");
    let mut parts = Vec::with_capacity(payees.len());
    let mut rest = amount;
    for (payee, bp) in payees {
        let part = amount.checked_multiply_ratio(*bp, WHOLE_BP).map_err(overflow)?;
        rest = sub(rest, part)?;
        parts.push((payee.clone(), part));
    }
    match parts.first_mut() {
        Some((_, first)) => *first = add(*first, rest)?,
        None => return Err(DatanetError::InvalidList("there is nobody to pay".into()).into()),
    }
    Ok(parts)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may fail")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_whatever_it_is(units: [u8; 32], bps in prop::collection::vec(0u32..600, 0..15)) {
            let amount = Uint256::from_be_bytes(units);
            let others: u32 = bps.iter().sum();
            let mut payees = vec![(Payee::Baseline, WHOLE_BP - others)];
            payees.extend(bps.iter().map(|bp| (Payee::Held, *bp)));
            let parts = divide_pay(amount, &payees).unwrap();
            let sum = parts.iter().try_fold(Uint256::zero(), |sum, (_, part)| sum.checked_add(*part)).unwrap();
            prop_assert_eq!(sum, amount);
        }
    }

    #[test]
    fn parts_of_more_than_the_whole_or_of_nobody_are_refused() {
        let amount = Uint256::from(10u128);
        assert!(divide_pay(amount, &[(Payee::Held, WHOLE_BP), (Payee::Held, WHOLE_BP)]).is_err());
        assert!(divide_pay(amount, &[]).is_err());
    }
}
