//! Sequences and signatures are right (SDK `SigVerificationDecorator`).

use openledger_core::{Context, Mode, Result, SdkError};

use super::{Ante, Passage};

pub(super) fn check(ante: &Ante, ctx: &Context, passage: &Passage) -> Result<()> {
    let infos = &passage.tx.auth_info.signer_infos;
    if infos.len() != passage.accounts.len() {
        let text = format!("invalid number of signer;  expected: {}, got {}", passage.accounts.len(), infos.len());
        return Err(SdkError::Unauthorized(text).into());
    }
    for (index, (account, info)) in passage.accounts.iter().zip(infos).enumerate() {
        if info.sequence != account.sequence {
            let text = format!("account sequence mismatch, expected {}, got {}", account.sequence, info.sequence);
            return Err(SdkError::WrongSequence(text).into());
        }
        if matches!(ctx.mode(), Mode::Simulate | Mode::Recheck) {
            continue;
        }
        let Some(key) = &account.key else {
            return Err(SdkError::InvalidPubKey("pubkey on account is not set".into()).into());
        };
        // What was verified beforehand counts if the account is still the same; an account made in this block is verified here.
        let proven = passage.proven.get(index).and_then(Option::as_ref);
        if proven.is_some_and(|proven| proven.account_number == account.number && proven.key == *key) {
            continue;
        }
        let (chain_id, number, sequence) = (&ante.config.chain_id, account.number, account.sequence);
        ante.signatures.verify(passage.tx, index, key, chain_id, number).map_err(|why| {
            SdkError::Unauthorized(format!(
                "signature verification failed; please verify account number ({number}), sequence ({sequence}) \
                 and chain-id ({chain_id}): ({why})"
            ))
        })?;
    }
    Ok(())
}
