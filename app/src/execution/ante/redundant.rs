//! Packets that were relayed before are refused in CheckTx (ibc-go `RedundantRelayDecorator`).

use openledger_core::{Context, Mode, Result};

use super::{Ante, Tx};

pub(super) fn check(ante: &Ante, ctx: &Context, tx: &Tx) -> Result<()> {
    match ctx.mode() {
        Mode::Check | Mode::Recheck => ante.ibc.check_not_redundant(ctx, &tx.body.messages),
        Mode::Simulate | Mode::Deliver | Mode::Query => Ok(()),
    }
}
