//! At most so many signatures a transaction as the parameters say (SDK `ValidateSigCountDecorator`); a multisig counts as many as it has
//! keys, whether or not they sign.

use openledger_auth::PublicKey;
use openledger_core::{Result, SdkError};

use super::{shown_key, Passage};

pub(super) fn check(passage: &Passage) -> Result<()> {
    let limit = passage.params.tx_sig_limit;
    let mut count = 0u64;
    for index in 0..passage.tx.auth_info.signer_infos.len() {
        count = count.saturating_add(shown_key(passage.tx, index)?.as_ref().map_or(0, PublicKey::count));
        if count > limit {
            return Err(SdkError::TooManySignatures(format!("signatures: {count}, limit: {limit}")).into());
        }
    }
    Ok(())
}
