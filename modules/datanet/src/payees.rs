//! Who is paid for what a contribution owns.
//!
//! Attribution never changes with these answers: windows stay a contribution's for ever, and only who is paid for them follows from
//! custody, withdrawals and rulings. The first payee is whoever stands for the author, and takes what rounding leaves.

use cosmwasm_std::Uint256;
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Context, Result};

use crate::error::DatanetError;
use crate::keeper::Datanets;

/// All of a contribution's pay, in basis points.
pub const WHOLE_BP: u32 = 10_000;

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

impl Datanets {
    /// Who is paid for what a contribution owns, in basis points that sum to 10,000.
    pub fn payees(&self, ctx: &Context, seq: u64) -> Result<Vec<(Payee, u32)>> {
        let payee = match self.contribution(ctx, seq)?.filter(|contribution| contribution.is_paid()) {
            None => Payee::Baseline,
            Some(contribution) if contribution.is_custodial() => Payee::Held,
            Some(contribution) => Payee::Account(contribution.author),
        };
        Ok(vec![(payee, WHOLE_BP)])
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
