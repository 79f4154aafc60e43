//! The last block's height, time and proposer, kept in the state, so that queries, checks and simulations know them after a restart
//! and at every height that is served.

use cosmwasm_std::Binary;
use cw_storage_plus::Item;
use openledger_core::{BlockInfo, Context, GasMeter, Result};
use openledger_store::{BlockState, Snapshot};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Key `last_block` of the store `consensus`: the [`Header`] of the block that was executed last.
const LAST_BLOCK: Item<Header> = Item::new("last_block");

#[derive(Serialize, Deserialize)]
struct Header {
    height: u64,
    time_seconds: i64,
    time_nanos: u32,
    proposer: Binary,
}

/// Records the block that `ctx` executes; a part of each block.
pub fn record(ctx: &mut Context) -> Result<()> {
    let BlockInfo { height, time_seconds, time_nanos, ref proposer, .. } = *ctx.block();
    let header = Header { height, time_seconds, time_nanos, proposer: proposer.as_slice().into() };
    LAST_BLOCK.save(&mut ctx.kv_mut(openledger_consensus::state::STORE), &header)?;
    Ok(())
}

/// The block that made `snapshot`; before the first one, height 0 and no time.
pub fn read(snapshot: &Arc<dyn Snapshot>, chain_id: &str) -> Result<BlockInfo> {
    let state = BlockState::new(snapshot.clone());
    let unknown = BlockInfo { chain_id: chain_id.into(), ..BlockInfo::default() };
    let ctx = Context::query(&state, &unknown, GasMeter::infinite());
    let header = LAST_BLOCK.may_load(&*ctx.kv(openledger_consensus::state::STORE))?;
    Ok(header.map_or(unknown.clone(), |header| BlockInfo {
        height: header.height,
        time_seconds: header.time_seconds,
        time_nanos: header.time_nanos,
        proposer: header.proposer.to_vec(),
        ..unknown
    }))
}
