//! The beginning of a block: expired grants are removed, so many at a time that a crowd of them cannot hold up the chain.
//!
//! SDK v0.50.9 removes all of them at once. Nobody can use an expired grant either way, so that only queries see the difference.

use openledger_core::time::Time;
use openledger_core::{Context, Result, SdkError};

use crate::state;

/// The most grants that one block removes.
const MOST_A_BLOCK: usize = 200;

pub(crate) fn begin(ctx: &mut Context) -> Result<()> {
    for place in state::expired(ctx, Time::now(ctx), MOST_A_BLOCK)? {
        let grant = state::load(ctx, &place)?;
        let grant = grant.ok_or_else(|| SdkError::Logic(format!("authz: the queue has no grant at {place:?}")))?;
        state::remove(ctx, &place, &grant)?;
    }
    Ok(())
}
