//! At most so many signatures a transaction as the parameters say (SDK `ValidateSigCountDecorator`).

use openledger_auth::PublicKey;
use openledger_core::{Result, SdkError};

use super::{shown_key, Passage};

pub(super) fn check(passage: &Passage) -> Result<()> {
    let limit = passage.params.tx_sig_limit;
    let mut count = 0u64;
    for index in 0..passage.tx.auth_info.signer_infos.len() {
        count = count.saturating_add(shown_key(passage.tx, index)?.as_ref().map_or(0, keys));
        if count > limit {
            return Err(SdkError::TooManySignatures(format!("signatures: {count}, limit: {limit}")).into());
        }
    }
    Ok(())
}

/// How many keys a key is made of.
fn keys(key: &PublicKey) -> u64 {
    match key {
        PublicKey::Multisig { keys: parts, .. } => parts.iter().map(keys).fold(0, u64::saturating_add),
        PublicKey::Secp256k1(_) | PublicKey::Ed25519(_) => 1,
    }
}
