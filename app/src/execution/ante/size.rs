//! Each byte of a transaction costs gas (SDK `ConsumeTxSizeGasDecorator`).

use openledger_auth::PublicKey;
use openledger_core::{Context, Mode, Result};

use super::{shown_key, Ante, Passage};

/// A secp256k1 key in amino: a prefix of 4 bytes, a length, the key.
const SIMULATED_KEY_BYTES: usize = 38;
/// A signature of 64 bytes in the SDK's `StdSignature`, with its tag and length.
const SIGNATURE_BYTES: usize = 66;
/// What the SDK adds to each signature that a simulation lacks.
const MARGIN_BYTES: usize = 6;

pub(super) fn consume(ante: &Ante, ctx: &Context, passage: &Passage) -> Result<()> {
    let per_byte = passage.params.tx_size_cost_per_byte;
    let consume = |bytes: u64| ctx.gas().consume(per_byte.saturating_mul(bytes), "txSize");
    consume(u64::try_from(passage.tx.size).unwrap_or(u64::MAX));
    if ctx.mode() == Mode::Simulate {
        for (index, signer) in passage.tx.signers.iter().enumerate() {
            if matches!(passage.tx.signature_data.get(index), Some(Ok(data)) if !data.is_incomplete()) {
                continue;
            }
            // The SDK asks the account alone; a multisig's first transaction would be estimated as if one key signed.
            let key = ante.auth.account(ctx, signer)?.and_then(|account| account.key);
            consume(missing_bytes(key.or(shown_key(passage.tx, index)?).as_ref(), passage.params.tx_sig_limit));
        }
    }
    Ok(())
}

/// What a signature that a simulation lacks will add: the SDK's `StdSignature` in amino, key and signature; for a multisig so many of
/// them as a transaction may have.
fn missing_bytes(key: Option<&PublicKey>, tx_sig_limit: u64) -> u64 {
    let key_bytes = key.map_or(SIMULATED_KEY_BYTES, |key| key.amino_bytes().len());
    let length = prost::encoding::encoded_len_varint(u64::try_from(key_bytes).unwrap_or(u64::MAX));
    let parts = [1, length, key_bytes, SIGNATURE_BYTES, MARGIN_BYTES];
    let bytes = u64::try_from(parts.into_iter().fold(0, usize::saturating_add)).unwrap_or(u64::MAX);
    match key {
        Some(PublicKey::Multisig { .. }) => bytes.saturating_mul(tx_sig_limit),
        _ => bytes,
    }
}
