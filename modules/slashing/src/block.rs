//! Before each block: every vote of the block before goes into its validator's window.
//!
//! Source: SDK v0.50 `x/slashing/keeper/infractions.go`. The pass is as long as CometBFT's validator set, which staking bounds.

use std::time::Duration;

use openledger_core::comet::{Vote, VoteFlag};
use openledger_core::{Address, Context, Result};
use openledger_staking::Time;

use crate::events::{self, Reason};
use crate::keeper::Slashing;
use crate::params::Params;
use crate::state::SigningInfo;
use crate::window;

/// How many blocks later a change of the validator set is seen in commits (SDK `ValidatorUpdateDelay`).
const VALIDATOR_UPDATE_DELAY: u64 = 1;

/// Takes in the votes on the block before.
pub(crate) fn begin(slashing: &Slashing, ctx: &mut Context) -> Result<()> {
    let params = slashing.params(ctx)?;
    let block = ctx.block();
    block.last_commit.votes.iter().try_for_each(|vote| take_in(slashing, ctx, &params, vote))
}

fn take_in(slashing: &Slashing, ctx: &mut Context, params: &Params, vote: &Vote) -> Result<()> {
    let address = Address::new(vote.validator.as_slice())?;
    // Validators of the genesis that staking does not know have nothing at stake; one in jail signs no more.
    let Some(validator) = slashing.staking.validator_by_cons(ctx, &address)? else { return Ok(()) };
    if validator.jailed {
        return Ok(());
    }
    // Never bonded: the vote is that of a genesis validator whose key somebody registered.
    let Some(mut info) = slashing.signing_info(ctx, &address)? else { return Ok(()) };
    record(ctx, params, &address, &mut info, vote.flag == VoteFlag::Absent)?;

    let judged_from = info.start_height.saturating_add(params.signed_blocks_window);
    // Where staking lets stake go within a block or two, a vote may come from one who has nothing at stake any more; the SDK stops there.
    let at_stake = !validator.is_unbonded();
    if at_stake && ctx.height() > judged_from && info.missed_blocks > params.max_missed_blocks()? {
        punish(slashing, ctx, params, &address, vote.power, &mut info)?;
    }
    slashing.set_signing_info(ctx, &address, &info)
}

/// Writes one vote over the oldest one of the window.
fn record(ctx: &mut Context, params: &Params, address: &Address, info: &mut SigningInfo, missed: bool) -> Result<()> {
    // The window is positive: parameters are checked.
    let index = info.index_offset.checked_rem(params.signed_blocks_window).unwrap_or_default();
    info.index_offset = info.index_offset.saturating_add(1);
    let before = window::is_missed(ctx, address, index)?;
    if before != missed {
        window::set_missed(ctx, address, index, missed)?;
        info.missed_blocks =
            if missed { info.missed_blocks.saturating_add(1) } else { info.missed_blocks.saturating_sub(1) };
    }
    if missed {
        ctx.emit(events::liveness(address, info.missed_blocks, ctx.height()));
    }
    Ok(())
}

/// Slashes and jails who missed too many, and begins its window anew, so that it is not jailed again as soon as it is back.
fn punish(
    slashing: &Slashing,
    ctx: &mut Context,
    params: &Params,
    address: &Address,
    power: u64,
    info: &mut SigningInfo,
) -> Result<()> {
    // The votes are of the block before, whose validators were set one more block before. At the first heights this would be less
    // than 0; nothing began to unbond before either.
    let height = ctx.height().saturating_sub(VALIDATOR_UPDATE_DELAY).saturating_sub(1);
    let burned = slashing.staking.slash(ctx, address, height, power, params.slash_fraction_downtime)?;
    ctx.emit(events::slash(address, power, Reason::MissingSignature, true, burned));
    slashing.staking.jail(ctx, address)?;
    info.jailed_until = Time::now(ctx).after(Duration::from_nanos(params.downtime_jail_nanos));
    info.missed_blocks = 0;
    info.index_offset = 0;
    window::clear(ctx, address)
}
