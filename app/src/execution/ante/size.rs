//! Each byte of a transaction costs gas (SDK `ConsumeTxSizeGasDecorator`).

use openledger_core::{Context, Mode};

use super::Passage;

/// What a signature that a simulation lacks will add: 106 bytes of the SDK's `StdSignature` with a secp256k1 key, and 6 more.
const MISSING_SIGNATURE_BYTES: u64 = 112;

pub(super) fn consume(ctx: &Context, passage: &Passage) {
    let per_byte = passage.params.tx_size_cost_per_byte;
    let size = u64::try_from(passage.tx.size).unwrap_or(u64::MAX);
    ctx.gas().consume(per_byte.saturating_mul(size), "txSize");
    if ctx.mode() == Mode::Simulate {
        for index in 0..passage.tx.signers.len() {
            if passage.tx.signatures.get(index).is_none_or(|signature| signature.is_empty()) {
                ctx.gas().consume(per_byte.saturating_mul(MISSING_SIGNATURE_BYTES), "txSize");
            }
        }
    }
}
