//! Messages of a type that is switched off are refused before they cost a fee (SDK `CircuitBreakerDecorator`, which stands before the
//! checks of the transaction alone); those within other messages are when they are executed.

use openledger_core::{Context, Result};

use super::Tx;

pub(super) fn check(ctx: &Context, tx: &Tx) -> Result<()> {
    let Some(router) = ctx.router() else { return Ok(()) };
    tx.messages.iter().try_for_each(|message| router.check_gates(ctx, &message.type_url))
}
