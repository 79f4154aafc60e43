//! Verifying a signature costs gas, by the kind of its key (SDK `SigGasConsumeDecorator`, `ConsumeMultisignatureVerificationGas`).

use openledger_auth::{Params, PublicKey};
use openledger_core::{Context, Mode, Result, SdkError};

use super::{signature_data, Passage};
use crate::execution::signature_data::SignatureData;

pub(super) fn consume(ctx: &Context, passage: &Passage) -> Result<()> {
    for (index, account) in passage.accounts.iter().enumerate() {
        let key = account.key.as_ref();
        let key = key.ok_or_else(|| SdkError::InvalidPubKey("pubkey on account is not set".into()))?;
        let data = signature_data(passage.tx, index)?;
        match (key, data) {
            // A simulation knows not yet who will sign: as many as must.
            (PublicKey::Multisig { .. }, data) if ctx.mode() == Mode::Simulate && says_nobody(data) => {
                estimate(ctx, &passage.params, key)?;
            }
            _ => charge(ctx, &passage.params, key, data)?,
        }
    }
    Ok(())
}

/// Charges for a signature, a multisig's by its parts.
fn charge(ctx: &Context, params: &Params, key: &PublicKey, data: &SignatureData) -> Result<()> {
    let PublicKey::Multisig { keys, .. } = key else { return charge_one(ctx, params, key) };
    let SignatureData::Multi { signed, parts } = data else {
        let text = "a multisig key signs with a multisignature (ModeInfo.Multi), not with a single one";
        return Err(SdkError::Unauthorized(text.into()).into());
    };
    if signed.len() > keys.len() {
        let text = format!("bit array size is incorrect, expecting: {}", keys.len());
        return Err(SdkError::Unauthorized(text).into());
    }
    let mut parts = parts.iter();
    for key in signed.signed().filter_map(|index| keys.get(index)) {
        let part = parts.next().ok_or_else(|| {
            SdkError::Unauthorized("a multisignature with more keys in its bit array than signatures".into())
        })?;
        charge(ctx, params, key, part)?;
    }
    Ok(())
}

fn charge_one(ctx: &Context, params: &Params, key: &PublicKey) -> Result<()> {
    match key {
        PublicKey::Secp256k1(_) => ctx.gas().consume(params.sig_verify_cost_secp256k1, "ante verify: secp256k1"),
        PublicKey::Secp256r1(_) => ctx.gas().consume(params.sig_verify_cost_secp256r1(), "ante verify: secp256r1"),
        PublicKey::Ed25519(_) => {
            ctx.gas().consume(params.sig_verify_cost_ed25519, "ante verify: ed25519");
            return Err(SdkError::InvalidPubKey("ED25519 public keys are unsupported".into()).into());
        }
        PublicKey::Multisig { .. } => {}
    }
    Ok(())
}

/// What a multisig costs where its first keys sign, as many as must. The SDK charges nothing here, and estimates too little.
fn estimate(ctx: &Context, params: &Params, key: &PublicKey) -> Result<()> {
    let PublicKey::Multisig { threshold, keys } = key else { return charge_one(ctx, params, key) };
    let needed = usize::try_from(*threshold).unwrap_or(usize::MAX);
    keys.iter().take(needed).try_for_each(|key| estimate(ctx, params, key))
}

fn says_nobody(data: &SignatureData) -> bool {
    match data {
        SignatureData::Single { signature, .. } => signature.is_empty(),
        SignatureData::Multi { signed, .. } => signed.is_empty(),
    }
}
