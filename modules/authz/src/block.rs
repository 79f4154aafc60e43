//! The beginning of a block: expired grants are removed, so many at a time that a crowd of them cannot hold up the chain.
//!
//! SDK v0.50.9 removes all of them at once. Nobody can use an expired grant either way, so that only queries see the difference.

use openledger_core::time::Time;
use openledger_core::{Context, Result};

use crate::state;

/// The most grants that one block removes.
const MOST_A_BLOCK: usize = 200;

pub(crate) fn begin(ctx: &mut Context) -> Result<()> {
    state::remove_expired(ctx, Time::now(ctx), MOST_A_BLOCK)
}
