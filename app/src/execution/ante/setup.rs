//! The transaction gets its gas meter (SDK `SetUpContextDecorator`).

use openledger_core::{Context, GasMeter, Mode, Result, SdkError};

use super::{in_genesis, Ante, Tx};

pub(super) fn run(ante: &Ante, ctx: &mut Context, tx: &Tx) -> Result<()> {
    let limit = tx.gas_limit();
    // A simulation estimates the gas, so the transaction's own limit does not count; the node's does.
    let meter = match ctx.mode() {
        Mode::Simulate => GasMeter::new(ante.config.query_gas_limit),
        _ if in_genesis(ctx) => GasMeter::infinite(),
        _ => GasMeter::new(limit),
    };
    ctx.swap_gas(meter);
    match ante.max_block_gas {
        Some(max) if limit > max => {
            Err(SdkError::InvalidGasLimit(format!("tx gas limit {limit} exceeds block max gas {max}")).into())
        }
        _ => Ok(()),
    }
}
