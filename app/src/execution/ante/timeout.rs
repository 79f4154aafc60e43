//! A transaction may name the last height at which it counts (SDK `TxTimeoutHeightDecorator`).

use openledger_core::{Context, Result, SdkError};

use super::Tx;

pub(super) fn check(ctx: &Context, tx: &Tx) -> Result<()> {
    let (height, timeout) = (ctx.height(), tx.body.timeout_height);
    if timeout > 0 && height > timeout {
        let text = format!("block height: {height}, timeout height: {timeout}");
        return Err(SdkError::TxTimeoutHeight(text).into());
    }
    Ok(())
}
