//! Undeclared sources: windows that the claims leave to nobody, shown in a contribution that the model version did not declare though it was
//! there. The maker of the claims loses nothing: it named every source that it had to. What changes is who has those windows' share of
//! the baseline's part of that receipt, and nothing else moves.
//!
//! Of several contributions that hold a window, the one committed first has it: a showing that overlaps others takes their place if its seq is
//! less than each of theirs, and is refused otherwise. What it took and did not cover can be shown again. The showings of a round
//! fall with it. Paid or deleted they are rows like any: they come after the round's own in end block's queue.
//!
//! A contribution that is tombstoned after the receipt's corpus height is paid, as a declared one is: a tombstone takes a content out
//! for receipts from its height on. One that is taken back before the payment is not, and the baseline keeps its part.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, Uint256};
use openledger_core::wire::{add, sub};
use openledger_core::{Context, Event, Result, SdkError};
use openledger_datanet::Payment;
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

/// Settlement, round, and receipt and first window ([`place_key`]).
pub(crate) type UndeclaredKey = (u64, u32, [u8; 12]);
/// Receipt and first window.
type Place = (u64, u32);

/// Receipt and first window as the last part of a key, in their order.
pub(crate) fn place_key(receipt: u64, start: u32) -> [u8; 12] {
    let mut key = [0; 12];
    let (first, last) = key.split_at_mut(8);
    first.copy_from_slice(&receipt.to_be_bytes());
    last.copy_from_slice(&start.to_be_bytes());
    key
}

/// Reads what [`place_key`] made.
pub(crate) fn read_place(key: [u8; 12]) -> Place {
    let start = key.last_chunk().map_or(0, |start| u32::from_be_bytes(*start));
    (key.first_chunk().map_or(0, |receipt| u64::from_be_bytes(*receipt)), start)
}

impl Attribution {
    /// The showings of a settlement's present round, at most [`MAX_UNDECLARED`].
    pub(crate) fn undeclared_of(&self, ctx: &Context, settlement: &Settlement) -> Result<Vec<(Place, Undeclared)>> {
        let kv = ctx.kv(STORE);
        let entries = UNDECLARED.prefix((settlement.id, settlement.round())).range(&*kv, None, None, Order::Ascending);
        entries.map(|entry| entry.map(|(place, showing)| (read_place(place), showing)).map_err(Into::into)).collect()
    }

    /// Stores a showing in the place of later ones that it overlaps.
    pub(crate) fn add_undeclared(
        &self,
        ctx: &mut Context,
        settlement: &Settlement,
        (receipt, start): Place,
        mut showing: Undeclared,
    ) -> Result<Uint256> {
        let end = start.saturating_add(showing.count);
        let present = self.undeclared_of(ctx, settlement)?;
        let overlaps = |(of, other): &&(Place, Undeclared)| {
            of.0 == receipt && of.1 < end && start < of.1.saturating_add(other.count)
        };
        let overlapped: Vec<Place> = present.iter().filter(overlaps).map(|(of, _)| *of).collect();
        if let Some((of, other)) =
            present.iter().filter(overlaps).find(|(_, other)| other.contribution <= showing.contribution)
        {
            let (first, count, seq) = (of.1, other.count, other.contribution);
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
        let (kv, round) = (&mut ctx.kv_mut(STORE), settlement.round());
        for (receipt, start) in overlapped {
            UNDECLARED.remove(kv, (settlement.id, round, place_key(receipt, start)));
        }
        UNDECLARED.save(kv, (settlement.id, round, place_key(receipt, start)), &showing)?;
        Ok(showing.amount)
    }

    /// Credits one showing: its share out of the baseline's part, unless its contribution was taken back.
    pub(crate) fn pay_undeclared(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        (receipt, showing): (u64, &Undeclared),
        payments: &[Payment],
    ) -> Result<()> {
        let seq = showing.contribution;
        if !self.datanets.contribution(ctx, seq)?.is_some_and(|contribution| contribution.is_paid()) {
            return Ok(());
        }
        if let Some(present) = settlement.rounds.last_mut() {
            present.baseline = sub(present.baseline, showing.amount)?;
            present.contributions = add(present.contributions, showing.amount)?;
        }
        self.credit_row(ctx, settlement, (seq, showing.amount), payments)?;
        ctx.emit(
            Event::new(events::UNDECLARED_PAID)
                .attr("settlement", settlement.id)
                .attr("receipt", receipt)
                .attr("contribution", seq)
                .attr("amount", showing.amount),
        );
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
