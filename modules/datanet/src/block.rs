//! The end of a block: commits whose time to be revealed is over expire, and their deposits are burnt; then what `governance/block.rs`
//! ends.
//!
//! Bounded: at most `max_expiries_per_block`, from the front of `pending`, which is in order of deadlines; what is left waits for the
//! next block. The queue is its own cursor. A reveal is refused by height, so waiting here prolongs nothing.

use cosmwasm_std::{Order, StdResult, Uint256};
use cw_storage_plus::PrefixBound;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Context, Result};

use crate::events;
use crate::governance;
use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{PENDING, STORE};
use crate::types::Status;

/// Expires what is due.
pub(crate) fn end(keeper: &Datanets, ctx: &mut Context) -> Result<()> {
    let most = usize::try_from(keeper.params(ctx)?.max_expiries_per_block).unwrap_or(usize::MAX);
    let upto = Some(PrefixBound::inclusive(ctx.height()));
    let due: Vec<(u64, u64)> = PENDING
        .prefix_range(&*ctx.kv(STORE), None, upto, Order::Ascending)
        .take(most)
        .map(|pair| pair.map(|(key, _)| key))
        .collect::<StdResult<_>>()?;
    for (deadline, seq) in due {
        let mut contribution = keeper.known_contribution(ctx, seq)?;
        let retired = keeper.known_datanet(ctx, contribution.datanet)?.state == State::Retired;
        let burnt = if retired { Uint256::zero() } else { contribution.deposit };
        contribution.status = Status::Expired;
        keeper.end_risk(ctx, &mut contribution, !retired)?;
        if retired {
            // It could not be revealed: no blame.
            keeper.return_deposit(ctx, &mut contribution)?;
        } else {
            keeper.burn_deposit(ctx, &mut contribution)?;
        }
        keeper.save_contribution(ctx, &contribution)?;
        PENDING.remove(&mut ctx.kv_mut(STORE), (deadline, seq));
        keeper.contributors.record_in(
            ctx,
            contribution.datanet,
            &contribution.author,
            Role::Author,
            (ObjectKind::Contribution, seq),
            if retired { Outcome::Closed } else { Outcome::Expired },
        )?;
        ctx.emit(events::contribution_expired(&contribution, burnt));
    }
    governance::block::end(keeper, ctx)
}
