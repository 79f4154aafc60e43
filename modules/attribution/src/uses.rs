//! Use: what a settlement's outputs draw from each datanet, and what of the money without an author follows it.
//!
//! Nobody is shown to have earned what no contribution owns, and whoever declares a model chooses the datanets and writes the outputs.
//! So that part follows what the claims show, in the same settlement, and no figure that somebody gives themselves:
//!
//! - a datanet's **use** is the part of the pools for the windows that its contributions own, commons included;
//! - of what nobody owns, baselines and treasuries get together at most as much again as all uses, divided by them; the baselines first;
//! - the rest is the platform's, for governance to spend; so is all of it where the outputs draw from no datanet;
//! - the curators' share of the fees divides by use alone, as the fee split bounds it.
//!
//! Claims can be disputed, so uses can; what another settlement paid changes nothing here, so paying oneself buys no weight in what
//! others pay; and a datanet that no output draws from gets nothing, whatever index it gave itself. Decision 0014 has the argument.

use std::collections::BTreeMap;

use cosmwasm_std::Uint256;
use openledger_auth::authority;
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Context, Result, SdkError};
use openledger_model::ModelVersion;

use crate::keeper::Attribution;
use crate::types::Round;
use crate::NAME;

/// Where the part of a pool that nobody owns went.
pub(crate) struct Credited {
    /// To baselines.
    pub baseline: Uint256,
    /// To treasuries.
    pub treasury: Uint256,
    /// To the platform.
    pub unmatched: Uint256,
}

impl Attribution {
    /// Credits what no contribution owns in a round that stands; the money is in no category.
    pub(crate) fn credit_unowned(&self, ctx: &mut Context, version: &ModelVersion, round: &Round) -> Result<Credited> {
        let used = round.uses.iter().try_fold(Uint256::zero(), |sum, (_, used)| add(sum, *used))?;
        let baseline = round.baseline.min(used);
        let treasury = round.treasury.min(sub(used, baseline)?);
        let unmatched = sub(sub(add(round.baseline, round.treasury)?, baseline)?, treasury)?;
        let payer = Address::module(NAME);
        for (datanet, part) in divide(baseline, &round.uses)? {
            self.datanets.credit_baseline(ctx, &payer, &[declared(version, datanet)?], part)?;
        }
        for (datanet, part) in divide(treasury, &round.uses)? {
            self.datanets.credit_treasury(ctx, &payer, &[declared(version, datanet)?], part)?;
        }
        self.owe(ctx, &authority(), unmatched)?;
        Ok(Credited { baseline, treasury, unmatched })
    }

    /// Credits the curators' share of the fees, which is in no category, to the curators of the datanets that are used.
    pub(crate) fn credit_curators(
        &self,
        ctx: &mut Context,
        version: &ModelVersion,
        uses: &BTreeMap<u64, Uint256>,
        amount: Uint256,
    ) -> Result<()> {
        let uses: Vec<_> = uses.iter().filter(|(_, used)| !used.is_zero()).map(|(id, used)| (*id, *used)).collect();
        if uses.is_empty() {
            return self.owe(ctx, &authority(), amount);
        }
        for (datanet, part) in divide(amount, &uses)? {
            self.datanets.credit_curation(ctx, &Address::module(NAME), &[declared(version, datanet)?], part)?;
        }
        Ok(())
    }
}

/// The version of a datanet that a model version declares.
fn declared(version: &ModelVersion, datanet: u64) -> Result<(u64, u32)> {
    let declared = version.datanets.iter().find(|declared| declared.datanet == datanet);
    let missing =
        || SdkError::Logic(format!("model version {} uses datanet {datanet} and does not declare it", version.id));
    Ok(declared.map(|declared| (declared.datanet, declared.version)).ok_or_else(missing)?)
}

/// Divides an amount by uses, none of which is zero; parts of nothing are left out. Each is the difference of two rounded-down running
/// shares, so they sum to the amount exactly, if there are uses.
fn divide(amount: Uint256, uses: &[(u64, Uint256)]) -> Result<Vec<(u64, Uint256)>> {
    let total = uses.iter().try_fold(Uint256::zero(), |sum, (_, used)| add(sum, *used))?;
    let (mut running, mut before, mut parts) = (Uint256::zero(), Uint256::zero(), Vec::new());
    for (datanet, used) in uses {
        running = add(running, *used)?;
        let upto = amount.checked_multiply_ratio(running, total);
        let upto = upto.map_err(|error| SdkError::Logic(format!("dividing {amount} by uses: {error}")))?;
        let part = sub(upto, before)?;
        before = upto;
        if !part.is_zero() {
            parts.push((*datanet, part));
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_by_use_sum_to_the_amount_whatever_its_size() {
        let uses = [(1, Uint256::from(1u32)), (4, Uint256::from(2u32)), (9, Uint256::from(4u32))];
        for amount in [Uint256::from(1u32), Uint256::from(10u32), Uint256::MAX] {
            let parts = divide(amount, &uses).unwrap();
            let sum = parts.iter().try_fold(Uint256::zero(), |sum, (_, part)| sum.checked_add(*part)).unwrap();
            assert_eq!(sum, amount);
        }
        let ten = divide(Uint256::from(10u32), &uses).unwrap();
        assert_eq!(ten, [(1, Uint256::from(1u32)), (4, Uint256::from(3u32)), (9, Uint256::from(6u32))]);
        assert!(divide(Uint256::from(5u32), &[]).unwrap().is_empty());
    }
}
