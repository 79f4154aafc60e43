//! The transaction gets its gas meter (SDK `SetUpContextDecorator`).

use openledger_core::{Context, GasMeter, Mode, Result, SdkError};

use super::{Ante, Tx};

pub(super) fn run(ante: &Ante, ctx: &mut Context, tx: &Tx) -> Result<()> {
    let limit = tx.gas_limit();
    // A simulation estimates the gas, so the transaction's own limit does not count; the node's does.
    let meter = if ctx.mode() == Mode::Simulate { ante.config.query_gas_limit } else { limit };
    ctx.swap_gas(GasMeter::new(meter));
    match ante.max_block_gas {
        Some(max) if limit > max => {
            Err(SdkError::InvalidGasLimit(format!("tx gas limit {limit} exceeds block max gas {max}")).into())
        }
        _ => Ok(()),
    }
}
