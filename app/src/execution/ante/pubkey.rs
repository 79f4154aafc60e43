//! Accounts of the signers, with the keys that they show for the first time (SDK `SetPubKeyDecorator`).

use base64::prelude::{Engine, BASE64_STANDARD};
use openledger_auth::PublicKey;
use openledger_core::{Context, Event, Mode, Result, SdkError};

use super::{shown_key, signature_data, Ante, Passage};

/// The key that a simulation assumes where none is known; only its size and type count.
const SIMULATED_KEY: [u8; 33] = [2; 33];

pub(super) fn set(ante: &Ante, ctx: &mut Context, passage: &mut Passage) -> Result<()> {
    let (tx, simulate) = (passage.tx, ctx.mode() == Mode::Simulate);
    for (index, signer) in tx.signers.iter().enumerate() {
        let shown = shown_key(tx, index)?;
        if let Some(key) = shown.as_ref().filter(|_| !simulate) {
            if key.address() != *signer {
                let text = format!("pubKey does not match signer address {signer} with signer index: {index}");
                return Err(SdkError::InvalidPubKey(text).into());
            }
        }
        let mut account = ante.signer(ctx, signer)?;
        if account.key.is_none() {
            account.key = shown.or_else(|| simulate.then(|| PublicKey::Secp256k1(SIMULATED_KEY.into())));
        }
        passage.accounts.push(account);
    }
    for (index, (signer, info)) in tx.signers.iter().zip(&tx.auth_info.signer_infos).enumerate() {
        let data = signature_data(tx, index)?;
        if !ctx.tells_events() {
            continue;
        }
        ctx.emit(Event::new("tx").attr("acc_seq", format!("{signer}/{}", info.sequence)));
        for signature in data.told() {
            ctx.emit(Event::new("tx").attr("signature", BASE64_STANDARD.encode(signature)));
        }
    }
    Ok(())
}
