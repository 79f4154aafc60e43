//! Checks of the transaction alone: a fee, a signature and a signer's info for each signer (SDK `ValidateBasicDecorator`).
//!
//! Not repeated on recheck, as nothing of it depends on state.

use openledger_core::{Context, Mode, Result, SdkError};

use super::Tx;

/// The most gas that can be asked for: ABCI's gas is a signed 64-bit number.
const MAX_GAS: u64 = i64::MAX.unsigned_abs();

pub(super) fn check(ctx: &Context, tx: &Tx) -> Result<()> {
    if ctx.mode() == Mode::Recheck {
        return Ok(());
    }
    let fee = tx.auth_info.fee.as_ref().ok_or_else(|| SdkError::InvalidRequest("missing fee".into()))?;
    if fee.gas_limit > MAX_GAS {
        return Err(SdkError::InvalidRequest(format!("invalid gas supplied; {} > {MAX_GAS}", fee.gas_limit)).into());
    }
    let (signers, signatures, infos) = (tx.signers.len(), tx.signatures.len(), tx.auth_info.signer_infos.len());
    if signatures == 0 {
        return Err(SdkError::NoSignatures(format!("expected {signers}, got 0")).into());
    }
    if signatures != signers {
        let text = format!("wrong number of signers; expected {signers}, got {signatures}");
        return Err(SdkError::Unauthorized(text).into());
    }
    if infos != signers {
        let text = format!("invalid number of signer;  expected: {signers}, got {infos}");
        return Err(SdkError::Unauthorized(text).into());
    }
    Ok(())
}
