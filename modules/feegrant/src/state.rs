//! Every key of the store `feegrant`.
//!
//! | key | value |
//! | --- | --- |
//! | `allowances` ‖ grantee ‖ granter | [`Allowance`] |
//! | `by_granter` ‖ granter ‖ grantee | nothing: index of `allowances` |
//! | `expiring` ‖ time (12 bytes that sort as times do) ‖ grantee ‖ granter | nothing: when an allowance expires; the end of a block takes from its front |

use cosmwasm_std::{Empty, Order};
use cw_storage_plus::Map;
use openledger_core::time::Time;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_store::StoreName;

use crate::allowance::Allowance;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "feegrant";

/// Allowances by grantee, then granter: who looks for what they may use finds it together.
pub(crate) const ALLOWANCES: Map<(&[u8], &[u8]), Allowance> = Map::new("allowances");
/// Allowances by granter.
pub(crate) const BY_GRANTER: Map<(&[u8], &[u8]), Empty> = Map::new("by_granter");
/// Allowances by the time at which they expire.
#[allow(clippy::type_complexity, reason = "three parts of a key, which stand here to be read")]
pub(crate) const EXPIRING: Map<(&[u8], &[u8], &[u8]), Empty> = Map::new("expiring");

/// The allowance of a pair.
pub(crate) fn load(ctx: &Context, granter: &Address, grantee: &Address) -> Result<Option<Allowance>> {
    Ok(ALLOWANCES.may_load(&*ctx.kv(STORE), (grantee.as_bytes(), granter.as_bytes()))?)
}

/// Writes an allowance that is not there yet.
pub(crate) fn insert(ctx: &mut Context, granter: &Address, grantee: &Address, allowance: &Allowance) -> Result<()> {
    let mut kv = ctx.kv_mut(STORE);
    BY_GRANTER.save(&mut kv, (granter.as_bytes(), grantee.as_bytes()), &Empty {})?;
    if let Some(expiration) = allowance.expiration() {
        EXPIRING.save(&mut kv, (&expiration.key(), grantee.as_bytes(), granter.as_bytes()), &Empty {})?;
    }
    ALLOWANCES.save(&mut kv, (grantee.as_bytes(), granter.as_bytes()), allowance)?;
    Ok(())
}

/// Writes an allowance back of which something was spent; it expires when it did before.
pub(crate) fn update(ctx: &mut Context, granter: &Address, grantee: &Address, allowance: &Allowance) -> Result<()> {
    ALLOWANCES.save(&mut ctx.kv_mut(STORE), (grantee.as_bytes(), granter.as_bytes()), allowance)?;
    Ok(())
}

/// Removes an allowance with all that leads to it. (The SDK's revocation names granter and grantee the wrong way round in its queue, so
/// that a revoked allowance's entry stays and later removes another of the pair.)
pub(crate) fn remove(ctx: &mut Context, granter: &Address, grantee: &Address, allowance: &Allowance) {
    let mut kv = ctx.kv_mut(STORE);
    ALLOWANCES.remove(&mut kv, (grantee.as_bytes(), granter.as_bytes()));
    BY_GRANTER.remove(&mut kv, (granter.as_bytes(), grantee.as_bytes()));
    if let Some(expiration) = allowance.expiration() {
        EXPIRING.remove(&mut kv, (&expiration.key(), grantee.as_bytes(), granter.as_bytes()));
    }
}

/// Removes at most `most` allowances that expired before a time. The queue says all that is needed: the allowances are not read, however
/// long they are.
pub(crate) fn remove_expired(ctx: &mut Context, now: Time, most: usize) -> Result<()> {
    let now = now.key();
    let mut expired = Vec::new();
    for entry in EXPIRING.keys(&*ctx.kv(STORE), None, None, Order::Ascending).take(most) {
        let entry = entry?;
        if entry.0.as_slice() >= now.as_slice() {
            break;
        }
        expired.push(entry);
    }
    let mut kv = ctx.kv_mut(STORE);
    for (time, grantee, granter) in &expired {
        ALLOWANCES.remove(&mut kv, (grantee, granter));
        BY_GRANTER.remove(&mut kv, (granter, grantee));
        EXPIRING.remove(&mut kv, (time, grantee, granter));
    }
    Ok(())
}

/// Every allowance stands in its index and its queue, and nothing else does.
pub(crate) fn check(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let (mut allowances, mut expiring) = (0usize, 0usize);
    for entry in ALLOWANCES.range(&*kv, None, None, Order::Ascending) {
        let ((grantee, granter), allowance) = entry?;
        allowances = allowances.saturating_add(1);
        let queued = allowance.expiration().is_none_or(|expiration| {
            expiring = expiring.saturating_add(1);
            EXPIRING.has(&*kv, (&expiration.key(), &grantee, &granter))
        });
        if !queued || !BY_GRANTER.has(&*kv, (&granter, &grantee)) {
            return Err(broken("an allowance stands in no index or queue"));
        }
    }
    if BY_GRANTER.keys_raw(&*kv, None, None, Order::Ascending).count() != allowances {
        return Err(broken("the index of granters leads to allowances that are not there"));
    }
    if EXPIRING.keys_raw(&*kv, None, None, Order::Ascending).count() != expiring {
        return Err(broken("the queue leads to allowances that are not there"));
    }
    Ok(())
}

fn broken(text: &str) -> openledger_core::Error {
    SdkError::Logic(format!("feegrant: {text}")).into()
}
