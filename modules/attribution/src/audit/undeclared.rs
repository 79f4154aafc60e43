//! Undeclared sources: windows that the claims leave to nobody, shown in a contribution that the model version did not declare though it was
//! there. The maker of the claims loses nothing: it named every source that it had to. What changes is who has those windows' share of
//! the baseline's part of that receipt, and nothing else moves.
//!
//! Of several contributions that hold a window, the one committed first has it: a showing that overlaps others takes their place if its seq is
//! less than each of theirs, and is refused otherwise. What it took and did not cover can be shown again. The showings of a round
//! fall with it.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::{add, sub};
use openledger_core::{Context, Event, Result, SdkError};
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::Claim;
use openledger_provenance::receipt::Receipt;
use openledger_provenance::split::{cap_baseline, split_pool};

use super::types::Undeclared;
use crate::corpus::Found;
use crate::error::AttributionError;
use crate::events;
use crate::judge::base_units;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{STORE, UNDECLARED};
use crate::types::Settlement;

/// Most showings of a settlement.
pub const MAX_UNDECLARED: usize = 64;

type Key = (u64, u64, u32);

impl Attribution {
    /// The showings of a settlement, at most [`MAX_UNDECLARED`].
    pub(crate) fn undeclared_of(&self, ctx: &Context, settlement: u64) -> Result<Vec<(Key, Undeclared)>> {
        let kv = ctx.kv(STORE);
        let entries = UNDECLARED.sub_prefix(settlement).range(&*kv, None, None, Order::Ascending);
        entries
            .map(|entry| {
                entry.map(|((receipt, start), showing)| ((settlement, receipt, start), showing)).map_err(Into::into)
            })
            .collect()
    }

    /// Stores a showing in the place of later ones that it overlaps.
    pub(crate) fn add_undeclared(
        &self,
        ctx: &mut Context,
        settlement: &Settlement,
        key: Key,
        mut showing: Undeclared,
    ) -> Result<Uint256> {
        let (_, receipt, start) = key;
        let end = start.saturating_add(showing.count);
        let present = self.undeclared_of(ctx, settlement.id)?;
        let overlaps = |(of, other): &&(Key, Undeclared)| {
            of.1 == receipt && of.2 < end && start < of.2.saturating_add(other.count)
        };
        let overlapped: Vec<Key> = present.iter().filter(overlaps).map(|(of, _)| *of).collect();
        if let Some((of, other)) =
            present.iter().filter(overlaps).find(|(_, other)| other.contribution <= showing.contribution)
        {
            let (first, count, seq) = (of.2, other.count, other.contribution);
            let text = format!("windows {first}..+{count} of receipt {receipt} are contribution {seq}'s already");
            return Err(AttributionError::Undeclared(text).into());
        }
        let kept = present.iter().filter(|(of, _)| !overlapped.contains(of));
        let (mut others, mut taken) = (0usize, Uint256::zero());
        for (_, other) in kept {
            others = others.saturating_add(1);
            taken = add(taken, other.amount)?;
        }
        if others >= MAX_UNDECLARED {
            let text =
                format!("settlement {} has {MAX_UNDECLARED} undeclared sources, as many as it may", settlement.id);
            return Err(AttributionError::Undeclared(text).into());
        }
        // A contribution that was paid when the claims arrived may not be any more: the baseline has no more than it was given then.
        let left = settlement.present()?.baseline.saturating_sub(taken);
        showing.amount = showing.amount.min(left);
        if showing.amount.is_zero() {
            let text = format!("the baseline has nothing of receipt {receipt} for these windows");
            return Err(AttributionError::Undeclared(text).into());
        }
        let kv = &mut ctx.kv_mut(STORE);
        for other in overlapped {
            UNDECLARED.remove(kv, other);
        }
        UNDECLARED.save(kv, key, &showing)?;
        Ok(showing.amount)
    }

    /// The round was refuted: what was shown against its claims falls with them.
    pub(crate) fn drop_undeclared(&self, ctx: &mut Context, settlement: u64) -> Result<()> {
        for (key, _) in self.undeclared_of(ctx, settlement)? {
            UNDECLARED.remove(&mut ctx.kv_mut(STORE), key);
        }
        Ok(())
    }

    /// All rows are credited: undeclared sources have their share out of the baseline's part, unless their contribution was taken back.
    pub(crate) fn pay_undeclared(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        for (key, showing) in self.undeclared_of(ctx, settlement.id)? {
            UNDECLARED.remove(&mut ctx.kv_mut(STORE), key);
            let seq = showing.contribution;
            if !self.datanets.contribution(ctx, seq)?.is_some_and(|contribution| contribution.is_paid()) {
                continue;
            }
            if let Some(present) = settlement.rounds.last_mut() {
                present.baseline = sub(present.baseline, showing.amount)?;
                present.contributions = add(present.contributions, showing.amount)?;
            }
            self.credit_row(ctx, settlement, seq, showing.amount)?;
            ctx.emit(
                Event::new(events::UNDECLARED_PAID)
                    .attr("settlement", settlement.id)
                    .attr("receipt", key.1)
                    .attr("contribution", seq)
                    .attr("amount", showing.amount),
            );
        }
        Ok(())
    }
}

/// What `count` of the windows that the baseline has of a receipt are worth: their share of what it keeps, rounded down.
pub(crate) fn share_of_baseline(
    params: &Params,
    (receipt, credit): (&Receipt, Amount),
    claim: &Claim,
    sources: &BTreeMap<u64, Found>,
    count: u32,
) -> Result<Uint256> {
    let broken = |error: openledger_provenance::split::SplitError| SdkError::Logic(error.to_string());
    let taken = Amount::from_be_bytes(receipt.fee).checked_sub(credit).unwrap_or_default();
    let pool = params.split.rule().divide(taken).map_err(broken)?.contributors;
    let windows = receipt.windows();
    let paid = claim.weights(windows).sources.into_iter();
    let paid = paid.filter(|(seq, _)| sources.get(seq).is_some_and(|found| found.paid));
    let weights: BTreeMap<u64, u64> = paid.map(|(seq, weight)| (seq, u64::from(weight))).collect();
    let theirs = weights.values().fold(0u64, |sum, weight| sum.saturating_add(*weight));
    let split = split_pool(pool, u64::from(windows), &weights).map_err(broken)?;
    let (kept, _) = cap_baseline(pool, split.baseline, params.baseline_cap).map_err(broken)?;
    let share = kept.share(count.into(), u64::from(windows).saturating_sub(theirs));
    Ok(share.map(|(share, _)| base_units(share)).unwrap_or_default())
}
