//! The end of a block: expired allowances are removed, so many at a time that a crowd of them cannot hold up the chain.

use openledger_core::{Context, Result};

use crate::keeper::Feegrants;

/// The most allowances that one block removes; the SDK's number.
const MOST_A_BLOCK: usize = 200;

pub(crate) fn end(feegrants: &Feegrants, ctx: &mut Context) -> Result<()> {
    feegrants.remove_expired(ctx, MOST_A_BLOCK)
}
