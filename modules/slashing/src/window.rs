//! The window of signed blocks: one bit a block, in chunks of 1,024, so that one vote writes 128 bytes however long the window is.
//!
//! Source: SDK v0.50 `x/slashing/keeper/signing_info.go`. A chunk that was never written has no bit set. When the window shrinks, bits
//! behind its new end stay set and counted until the validator is jailed, as in the SDK.

use cosmwasm_std::{Binary, Order};
use openledger_core::{Address, Context, Result, SdkError};

use crate::state::{MISSED, STORE};

/// How many blocks a chunk holds.
pub const CHUNK_BITS: u64 = 1_024;
const CHUNK_BYTES: usize = 128;

/// Where a block's bit is: its chunk, its byte there, its bit there.
fn place(index: u64) -> Result<(u64, usize, u8)> {
    let bit = index % CHUNK_BITS;
    let byte = usize::try_from(bit / 8).map_err(|_| fault("has no such byte"))?;
    Ok((index / CHUNK_BITS, byte, 1u8 << (bit % 8)))
}

/// Whether the block at `index` of the window was missed.
pub(crate) fn is_missed(ctx: &Context, validator: &Address, index: u64) -> Result<bool> {
    let (chunk, byte, bit) = place(index)?;
    let Some(bits) = MISSED.may_load(&*ctx.kv(STORE), (validator.as_bytes(), chunk))? else { return Ok(false) };
    Ok(bits.get(byte).ok_or_else(|| fault("is too short"))? & bit != 0)
}

/// Notes whether the block at `index` of the window was missed.
pub(crate) fn set_missed(ctx: &mut Context, validator: &Address, index: u64, missed: bool) -> Result<()> {
    let (chunk, byte, bit) = place(index)?;
    let key = (validator.as_bytes(), chunk);
    let mut kv = ctx.kv_mut(STORE);
    let mut bits = MISSED.may_load(&kv, key)?.map_or_else(|| vec![0; CHUNK_BYTES], Vec::from);
    let place = bits.get_mut(byte).ok_or_else(|| fault("is too short"))?;
    *place = if missed { *place | bit } else { *place & !bit };
    MISSED.save(&mut kv, key, &Binary::from(bits))?;
    Ok(())
}

/// Forgets a validator's window.
pub(crate) fn clear(ctx: &mut Context, validator: &Address) -> Result<()> {
    let mut kv = ctx.kv_mut(STORE);
    let chunks = MISSED.prefix(validator.as_bytes()).keys(&kv, None, None, Order::Ascending);
    for chunk in chunks.collect::<Result<Vec<_>, _>>()? {
        MISSED.remove(&mut kv, (validator.as_bytes(), chunk));
    }
    Ok(())
}

/// The places in the window of all blocks that a validator missed, in order.
pub(crate) fn missed(ctx: &Context, validator: &Address) -> Result<Vec<u64>> {
    let kv = ctx.kv(STORE);
    let mut missed = Vec::new();
    for entry in MISSED.prefix(validator.as_bytes()).range(&*kv, None, None, Order::Ascending) {
        let (chunk, bits) = entry?;
        let first = chunk.saturating_mul(CHUNK_BITS);
        for (byte, at) in bits.iter().zip((first..).step_by(8)) {
            missed.extend((0u32..8).filter(|bit| byte >> bit & 1 == 1).map(|bit| at.saturating_add(bit.into())));
        }
    }
    Ok(missed)
}

fn fault(what: &str) -> SdkError {
    SdkError::Logic(format!("slashing: a chunk of {CHUNK_BITS} blocks {what}"))
}
