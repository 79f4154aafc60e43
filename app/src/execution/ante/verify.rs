//! Sequences and signatures are right (SDK `SigVerificationDecorator`).

use openledger_core::{Context, Mode, Result, SdkError};
use openledger_proto::amino::Signer;
use openledger_proto::cosmos::tx::signing::v1beta1::SignMode;

use super::{in_genesis, Ante, Passage, SignatureData, Tx};

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
        // A genesis's transactions are signed before their accounts have numbers.
        let account_number = if in_genesis(ctx) { 0 } else { account.number };
        let chain_id = ante.config.chain_id.as_str();
        let signer = Signer { chain_id, account_number, sequence: info.sequence };
        ante.signatures
            .verify(passage.tx, index, key, signer)
            .map_err(|why| failed(passage.tx, index, signer, &why))?;
    }
    Ok(())
}

/// The SDK's words. Amino JSON has the sequence in it, so a wrong one may be why.
fn failed(tx: &Tx, index: usize, signer: Signer<'_>, why: &str) -> SdkError {
    let Signer { chain_id, account_number, sequence } = signer;
    let amino_alone = matches!(tx.signature_data.get(index), Some(Ok(data)) if only_amino(data));
    let sequence = if amino_alone { format!(", sequence ({sequence})") } else { String::new() };
    SdkError::Unauthorized(format!(
        "signature verification failed; please verify account number ({account_number}){sequence} and chain-id ({chain_id}): ({why})"
    ))
}

/// SDK `OnlyLegacyAminoSigners`.
fn only_amino(data: &SignatureData) -> bool {
    match data {
        SignatureData::Single { mode, .. } => *mode == SignMode::LegacyAminoJson as i32,
        SignatureData::Multi { parts, .. } => parts.iter().all(only_amino),
    }
}
