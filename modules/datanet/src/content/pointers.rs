//! Corrections, labels, evaluations and improvements: contributions that point at another one.
//!
//! They are committed, revealed and reviewed like any other, and their own bytes rank by seq like any other's, so a correction that
//! repeats what it corrects owns only the windows that are new in it. They have no share of the baseline; in its place the first three
//! of a kind, by other authors, have a part of their target's pay: a third of what the datanet's policy had for the kind when the target
//! was accepted, times their score. That is fixed at their acceptance. More of them are recorded and have nothing: what a row costs to
//! credit stays bounded, and nobody's part is diluted by who comes later.

use cosmwasm_std::{Empty, Order};
use openledger_core::{Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;

use super::error::ContentError;
use super::events;
use super::state::{PAID_POINTERS, POINTERS};
use super::types::{Pointer, PointerKind, PointerPolicy};
use crate::keeper::Datanets;
use crate::msg::MAX_SCORE;
use crate::payees::WHOLE_BP;
use crate::state::STORE;
use crate::types::{Contribution, Rights, Status};

/// Paid pointers of a kind at one contribution.
pub(crate) const MAX_PAID_OF_KIND: u32 = 3;
/// Most of a contribution's pay that its pointers have together, in basis points.
const MAX_POINTER_BPS: u32 = 5_000;

fn refused(text: String) -> openledger_core::Error {
    ContentError::InvalidPointer(text).into()
}

/// Reads what a policy gives to pointers; nothing where it is absent.
pub(crate) fn policy(policy: Option<&proto::PointerPolicy>) -> Result<PointerPolicy> {
    let Some(policy) = policy else { return Ok(PointerPolicy::default()) };
    let proto::PointerPolicy { corrections_bps, labels_bps, evaluations_bps, improvements_bps } = *policy;
    let read = PointerPolicy { corrections_bps, labels_bps, evaluations_bps, improvements_bps };
    let sum = PointerKind::ALL.iter().try_fold(0u32, |sum, kind| sum.checked_add(read.of(*kind)));
    if sum.is_none_or(|sum| sum > MAX_POINTER_BPS) {
        let text = format!("a policy gives those that point at a contribution at most {MAX_POINTER_BPS} basis points");
        return Err(refused(text));
    }
    Ok(read)
}

/// Reads a pointer; none where it is absent.
pub(crate) fn pointer(pointer: Option<&proto::Pointer>) -> Result<Option<Pointer>> {
    let read =
        |pointer: &proto::Pointer| Ok(Pointer { kind: PointerKind::from_proto(pointer.kind)?, seq: pointer.seq });
    pointer.map(read).transpose()
}

impl Datanets {
    /// Refuses a pointer at what nobody can point at: another datanet's, what is not accepted, or what points at another itself.
    pub(crate) fn check_pointer(
        &self,
        ctx: &Context,
        by: &Contribution,
        pointer: &Pointer,
        rights: &Rights,
    ) -> Result<()> {
        let target = self.known_contribution(ctx, pointer.seq)?;
        let (seq, datanet) = (target.seq, by.datanet);
        if target.datanet != datanet {
            return Err(refused(format!("contribution {seq} is in datanet {}, not in {datanet}", target.datanet)));
        }
        if target.status != Status::Accepted {
            return Err(refused(format!("contribution {seq} is {}; it must be accepted", target.status.name())));
        }
        if let Some(other) = target.points_at() {
            return Err(refused(format!("contribution {seq} points at {} itself; point at that", other.seq)));
        }
        if matches!(rights, Rights::Custodial(_)) {
            return Err(refused("what points at another is its author's: it cannot be custodial".into()));
        }
        Ok(())
    }

    /// Notes that a contribution which is being accepted points at another; the basis points of the other's pay that it has from now on.
    pub(crate) fn take_pointer(&self, ctx: &mut Context, by: &Contribution, score: u32) -> Result<u32> {
        let Some(pointer) = by.points_at() else { return Ok(0) };
        let target = self.known_contribution(ctx, pointer.seq)?;
        POINTERS.save(&mut ctx.kv_mut(STORE), (pointer.seq, by.seq), &Empty {})?;
        let bps = match self.is_own(ctx, &target, by)? {
            true => 0,
            false => self.pointer_part(ctx, &target, pointer.kind, score)?,
        };
        if bps > 0 {
            PAID_POINTERS.save(&mut ctx.kv_mut(STORE), (pointer.seq, pointer.kind.number(), by.seq), &bps)?;
        }
        ctx.emit(events::pointer_accepted(by.seq, pointer, bps));
        Ok(bps)
    }

    fn pointer_part(&self, ctx: &Context, target: &Contribution, kind: PointerKind, score: u32) -> Result<u32> {
        let most = usize::try_from(MAX_PAID_OF_KIND).unwrap_or_default();
        let taken = PAID_POINTERS
            .prefix((target.seq, kind.number()))
            .keys(&*ctx.kv(STORE), None, None, Order::Ascending)
            .take(most)
            .count();
        if taken >= most {
            return Ok(0);
        }
        let all = target.acceptance.as_ref().map_or(0, |acceptance| acceptance.pointers.of(kind));
        // At most 5,000 · 10,000: far from an overflow.
        let scored = all.saturating_mul(score.min(MAX_SCORE)).checked_div(WHOLE_BP).unwrap_or_default();
        Ok(scored.checked_div(MAX_PAID_OF_KIND).unwrap_or_default())
    }

    /// Whether an author points at their own work, which earns nothing: it would only put others off the three places.
    fn is_own(&self, ctx: &Context, target: &Contribution, by: &Contribution) -> Result<bool> {
        let custody = self.custody(ctx, target.seq)?;
        Ok(target.author == by.author || custody.is_some_and(|custody| custody.account == by.author))
    }
}
