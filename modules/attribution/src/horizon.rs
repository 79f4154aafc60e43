//! When a dispute window closes: not after so many blocks alone, but when proposers who hold two thirds of the power had a block.
//!
//! A minority of proposers can leave disputes out of its own blocks, so a window counts only once the distinct proposers in (h, t] hold
//! at least 2/3 of the power at t. The *horizon* of block t is the greatest h for which that was so at t or before; it never falls.
//! A round of claims that arrived at h is closed for commits at t when `t ≥ h + W` and `horizon(t) ≥ h`, and can be paid R blocks
//! later. Both are pure functions of heights, whatever end block has got to.
//!
//! The powers are CometBFT's: those of staking's validators or, until the first one bonds, of the genesis's. Where no validator has power, two thirds of nothing are always there.

use openledger_core::{Context, Result};

use crate::keeper::Attribution;
use crate::params::{Params, MAX_REVEAL_WINDOW};
use crate::state::{HORIZONS, PROPOSED, STORE};

/// Whether windows from `height` on had their quorum of proposers at `at`.
fn has_quorum(attribution: &Attribution, ctx: &Context, height: u64, at: u64) -> Result<bool> {
    Ok(attribution.horizon(ctx, at)?.is_some_and(|horizon| horizon >= height))
}

impl Attribution {
    /// The horizon of a block; nothing where it is too old to be kept, or still to come.
    pub fn horizon(&self, ctx: &Context, height: u64) -> Result<Option<u64>> {
        Ok(HORIZONS.may_load(&*ctx.kv(STORE), height)?)
    }

    /// Whether a round of claims that arrived at `height` takes no more commits in this block.
    pub fn is_closed(&self, ctx: &Context, height: u64, params: &Params) -> Result<bool> {
        let now = ctx.height();
        Ok(now >= height.saturating_add(params.dispute_window) && has_quorum(self, ctx, height, now)?)
    }

    /// Whether it can be paid at the end of this block: it was closed R blocks ago, so every commit's reveal is due.
    pub(crate) fn is_payable(&self, ctx: &Context, height: u64, params: &Params) -> Result<bool> {
        let Some(then) = ctx.height().checked_sub(params.reveal_window) else { return Ok(false) };
        Ok(then >= height.saturating_add(params.dispute_window) && has_quorum(self, ctx, height, then)?)
    }

    /// Begin block: notes the proposer and stores the block's horizon.
    pub(crate) fn advance_horizon(&self, ctx: &mut Context) -> Result<()> {
        let (now, proposer) = (ctx.height(), ctx.block().proposer.as_slice());
        if !proposer.is_empty() {
            PROPOSED.save(&mut ctx.kv_mut(STORE), proposer, &now)?;
        }
        let before = self.horizon(ctx, now.saturating_sub(1))?.unwrap_or_default();
        let horizon = before.max(self.quorum_since(ctx)?);
        HORIZONS.save(&mut ctx.kv_mut(STORE), now, &horizon)?;
        if let Some(old) = now.checked_sub(MAX_REVEAL_WINDOW.saturating_add(1)) {
            HORIZONS.remove(&mut ctx.kv_mut(STORE), old);
        }
        Ok(())
    }

    /// The greatest h such that the distinct proposers in (h, now] hold two thirds of the power; 0 where there is none.
    fn quorum_since(&self, ctx: &Context) -> Result<u64> {
        let mut proposed = Vec::new();
        let mut total = 0u128;
        for (validator, power) in self.consensus.validators(ctx)? {
            total = total.saturating_add(u128::from(power));
            if let Some(height) = PROPOSED.may_load(&*ctx.kv(STORE), validator.as_slice())? {
                proposed.push((height, power));
            }
        }
        proposed.sort_unstable_by(|a, b| b.cmp(a));
        let (mut power, mut since) = (0u128, ctx.height());
        let mut latest = proposed.into_iter();
        while power.saturating_mul(3) < total.saturating_mul(2) {
            let Some((height, more)) = latest.next() else { return Ok(0) };
            power = power.saturating_add(u128::from(more));
            since = height.saturating_sub(1);
        }
        Ok(since)
    }
}
