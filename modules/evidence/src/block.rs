//! Before each block: the misbehaviour that CometBFT proved in it is punished.
//!
//! Source: `cosmossdk.io/x/evidence` v0.1.1 `keeper/{abci,infraction}.go`. CometBFT bounds the evidence of a block by its bytes.

use openledger_core::comet::MisbehaviorKind;
use openledger_core::{Address, Context, Result};
use openledger_slashing::Reason;
use openledger_staking::Time;

use crate::equivocation::Equivocation;
use crate::keeper::Evidence;

/// The end of the jail of who signed two blocks of one height: 31 December 9999, the last time that a timestamp holds.
pub const DOUBLE_SIGN_JAIL_END: Time = Time { seconds: 253_402_300_799, nanos: 0 };
/// How many blocks later a change of the validator set is seen (SDK `ValidatorUpdateDelay`).
const VALIDATOR_UPDATE_DELAY: u64 = 1;

/// Punishes the misbehaviour in the block that begins.
pub(crate) fn begin(evidence: &Evidence, ctx: &mut Context) -> Result<()> {
    for misbehavior in &ctx.block().misbehavior {
        match misbehavior.kind {
            MisbehaviorKind::DuplicateVote | MisbehaviorKind::LightClientAttack => {
                let address = Address::new(misbehavior.validator.as_slice())?;
                punish(evidence, ctx, &address, misbehavior.height, &Equivocation::of(misbehavior)?)?;
            }
            MisbehaviorKind::Unknown => {}
        }
    }
    Ok(())
}

/// Slashes, jails and bars a validator, unless it has nothing at stake any more, is barred already, or too much time has passed.
fn punish(
    evidence: &Evidence,
    ctx: &mut Context,
    validator: &Address,
    height: u64,
    equivocation: &Equivocation,
) -> Result<()> {
    let Evidence { staking, slashing, .. } = evidence;
    let Some(found) = staking.validator_by_cons(ctx, validator)? else { return Ok(()) };
    if found.is_unbonded() || slashing.pubkey(ctx, validator)?.is_none() || is_too_old(evidence, ctx, equivocation)? {
        return Ok(());
    }
    // Never bonded: a genesis validator's key that somebody registered.
    let Some(info) = slashing.signing_info(ctx, validator)? else { return Ok(()) };
    if info.tombstoned {
        return Ok(());
    }
    // Whoever was bonded when the set of that height was made pays. At height 1 this is 0: nothing began to unbond before.
    let stake_height = height.saturating_sub(VALIDATOR_UPDATE_DELAY);
    let fraction = slashing.params(ctx)?.slash_fraction_double_sign;
    let power = equivocation.power.unsigned_abs();
    slashing.slash(ctx, validator, fraction, power, stake_height, Reason::DoubleSign)?;
    if !found.jailed {
        slashing.jail(ctx, validator)?;
    }
    slashing.jail_until(ctx, validator, DOUBLE_SIGN_JAIL_END)?;
    slashing.tombstone(ctx, validator)?;
    evidence.keep(ctx, equivocation)
}

/// Whether more time and more blocks have passed than the consensus parameters allow; either alone is not too much.
fn is_too_old(evidence: &Evidence, ctx: &Context, equivocation: &Equivocation) -> Result<bool> {
    let Some(limits) = evidence.consensus.params(ctx)?.evidence else { return Ok(false) };
    let age_blocks = i64::try_from(ctx.height()).unwrap_or(i64::MAX).saturating_sub(equivocation.height);
    let limit = limits.max_age_duration.unwrap_or_default();
    let limit_nanos = nanos(limit.seconds, limit.nanos.into());
    let (now, then) = (Time::now(ctx), equivocation.time);
    let age_nanos = nanos(now.seconds, now.nanos.into()).saturating_sub(nanos(then.seconds, then.nanos.into()));
    Ok(age_nanos > limit_nanos && age_blocks > limits.max_age_num_blocks)
}

fn nanos(seconds: i64, nanos: i64) -> i128 {
    i128::from(seconds).saturating_mul(1_000_000_000).saturating_add(nanos.into())
}
