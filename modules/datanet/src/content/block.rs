//! The end of a block: draws, and deadlines that have passed; each queue from its front, at most `max_expiries_per_block`.

use cosmwasm_std::{Order, StdResult};
use cw_storage_plus::{Bound, PrefixBound};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Context, Result};

use super::events;
use super::state::{CHALLENGE_DEADLINES, DUPLICATE_DEADLINES, HOLDS_DUE, SEEDS};
use super::types::DuplicateStatus;
use crate::keeper::Datanets;
use crate::state::STORE;

/// Draws and ends what is due.
pub(crate) fn end(keeper: &Datanets, ctx: &mut Context) -> Result<()> {
    draw(ctx)?;
    let most = usize::try_from(keeper.params(ctx)?.max_expiries_per_block).unwrap_or(usize::MAX);
    let height = ctx.height();
    let due: Vec<(u64, u64)> = DUPLICATE_DEADLINES
        .prefix_range(&*ctx.kv(STORE), None, Some(PrefixBound::inclusive(height)), Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|(key, _)| key))
        .collect::<StdResult<_>>()?;
    for (_, id) in due {
        let mut dispute = keeper.known_duplicate(ctx, id)?;
        let bond = keeper.end_duplicate(ctx, &mut dispute, DuplicateStatus::Expired)?;
        keeper.burn_challenge(ctx, bond)?;
        ctx.emit(events::duplicate_expired(&dispute, bond));
        let datanet = keeper.known_contribution(ctx, dispute.seq)?.datanet;
        let (actor, object) = (&dispute.disputant, (ObjectKind::Duplicate, id));
        keeper.contributors.record_in(ctx, datanet, actor, Role::Watcher, object, Outcome::Expired)?;
    }
    let upto = Some(Bound::exclusive((height.saturating_add(1), 0, 0)));
    let due: Vec<(u64, u64, u32)> =
        CHALLENGE_DEADLINES.keys(&*ctx.kv(STORE), None, upto, Order::Ascending).take(most).collect::<StdResult<_>>()?;
    for (_, seq, chunk) in due {
        keeper.miss_chunk(ctx, seq, chunk)?;
    }
    let upto = Some(Bound::exclusive((ctx.block().time_seconds.saturating_add(1), 0)));
    let due: Vec<(i64, u64)> =
        HOLDS_DUE.keys(&*ctx.kv(STORE), None, upto, Order::Ascending).take(most).collect::<StdResult<_>>()?;
    for (until, seq) in due {
        keeper.end_hold(ctx, until, seq)?;
    }
    Ok(())
}

/// Notes this block's time for the disputes of the block before.
fn draw(ctx: &mut Context) -> Result<()> {
    let height = ctx.height();
    if let Some(mut seed) = SEEDS.may_load(&*ctx.kv(STORE), height)? {
        seed.time = Some((ctx.block().time_seconds, ctx.block().time_nanos));
        SEEDS.save(&mut ctx.kv_mut(STORE), height, &seed)?;
    }
    Ok(())
}
