//! The end of a block: expired allowances are removed, so many at a time that a crowd of them cannot hold up the chain.

use openledger_core::time::Time;
use openledger_core::{Context, Result};

use crate::state;

/// The most allowances that one block removes; the SDK's number.
const MOST_A_BLOCK: usize = 200;

pub(crate) fn end(ctx: &mut Context) -> Result<()> {
    state::remove_expired(ctx, Time::now(ctx), MOST_A_BLOCK)
}
