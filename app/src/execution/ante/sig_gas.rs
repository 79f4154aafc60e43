//! Verifying a signature costs gas, by the kind of its key (SDK `SigGasConsumeDecorator`).

use openledger_auth::PublicKey;
use openledger_core::{Context, Result, SdkError};

use super::Passage;

pub(super) fn consume(ctx: &Context, passage: &Passage) -> Result<()> {
    for account in &passage.accounts {
        match &account.key {
            Some(PublicKey::Secp256k1(_)) => {
                ctx.gas().consume(passage.params.sig_verify_cost_secp256k1, "ante verify: secp256k1");
            }
            Some(PublicKey::Ed25519(_)) => {
                ctx.gas().consume(passage.params.sig_verify_cost_ed25519, "ante verify: ed25519");
                return Err(SdkError::InvalidPubKey("ED25519 public keys are unsupported".into()).into());
            }
            Some(PublicKey::Multisig { .. }) => {
                let text = format!("{} has a multisig key, which cannot sign yet", account.address);
                return Err(SdkError::NotSupported(text).into());
            }
            None => return Err(SdkError::InvalidPubKey("pubkey on account is not set".into()).into()),
        }
    }
    Ok(())
}
