//! Every key of the store `authz`.
//!
//! | key | value |
//! | --- | --- |
//! | `grants` ‖ granter ‖ grantee ‖ type URL of the messages | [`Grant`] |
//! | `by_grantee` ‖ grantee ‖ granter ‖ type URL | nothing: index of `grants` |
//! | `expiring` ‖ time (12 bytes that sort as times do) ‖ granter ‖ grantee | type URLs of the grants of the pair that expire then; the beginning of a block takes from its front |

use cosmwasm_std::{Empty, Order};
use cw_storage_plus::Map;
use openledger_core::time::Time;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::authorization::Authorization;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "authz";

/// What a granter lets a grantee do, for each type of message.
pub(crate) const GRANTS: Map<(&[u8], &[u8], &str), Grant> = Map::new("grants");
/// Grants by grantee.
#[allow(clippy::type_complexity, reason = "three parts of a key, which stand here to be read")]
pub(crate) const BY_GRANTEE: Map<(&[u8], &[u8], &str), Empty> = Map::new("by_grantee");
/// Grants by the time at which they expire.
#[allow(clippy::type_complexity, reason = "three parts of a key, which stand here to be read")]
pub(crate) const EXPIRING: Map<(&[u8], &[u8], &[u8]), Vec<String>> = Map::new("expiring");

/// An authorization that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What it is for.
    pub authorization: Authorization,
    /// From when on it cannot be used; `None` for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Time>,
}

/// Whose a grant is, and for which type of message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) granter: Address,
    pub(crate) grantee: Address,
    pub(crate) msg_type: String,
}

impl Place {
    fn key(&self) -> (&[u8], &[u8], &str) {
        (self.granter.as_bytes(), self.grantee.as_bytes(), &self.msg_type)
    }
}

/// The grant at a place.
pub(crate) fn load(ctx: &Context, place: &Place) -> Result<Option<Grant>> {
    Ok(GRANTS.may_load(&*ctx.kv(STORE), place.key())?)
}

/// Writes a grant, in the place of one that was there.
pub(crate) fn save(ctx: &mut Context, place: &Place, grant: &Grant) -> Result<()> {
    let before = load(ctx, place)?.and_then(|grant| grant.expiration);
    if before != grant.expiration {
        if let Some(before) = before {
            leave_queue(ctx, place, before)?;
        }
        if let Some(expiration) = grant.expiration {
            join_queue(ctx, place, expiration)?;
        }
    }
    let mut kv = ctx.kv_mut(STORE);
    BY_GRANTEE.save(&mut kv, (place.grantee.as_bytes(), place.granter.as_bytes(), &place.msg_type), &Empty {})?;
    GRANTS.save(&mut kv, place.key(), grant)?;
    Ok(())
}

/// Removes a grant with all that leads to it.
pub(crate) fn remove(ctx: &mut Context, place: &Place, grant: &Grant) -> Result<()> {
    if let Some(expiration) = grant.expiration {
        leave_queue(ctx, place, expiration)?;
    }
    let mut kv = ctx.kv_mut(STORE);
    BY_GRANTEE.remove(&mut kv, (place.grantee.as_bytes(), place.granter.as_bytes(), &place.msg_type));
    GRANTS.remove(&mut kv, place.key());
    Ok(())
}

fn join_queue(ctx: &mut Context, place: &Place, expiration: Time) -> Result<()> {
    change_queue(ctx, place, expiration, |types| types.push(place.msg_type.clone()))
}

fn leave_queue(ctx: &mut Context, place: &Place, expiration: Time) -> Result<()> {
    change_queue(ctx, place, expiration, |types| types.retain(|one| *one != place.msg_type))
}

fn change_queue(ctx: &mut Context, place: &Place, time: Time, change: impl FnOnce(&mut Vec<String>)) -> Result<()> {
    let time = time.key();
    let key: (&[u8], &[u8], &[u8]) = (&time, place.granter.as_bytes(), place.grantee.as_bytes());
    let mut types = EXPIRING.may_load(&*ctx.kv(STORE), key)?.unwrap_or_default();
    change(&mut types);
    let mut kv = ctx.kv_mut(STORE);
    if types.is_empty() {
        EXPIRING.remove(&mut kv, key);
    } else {
        EXPIRING.save(&mut kv, key, &types)?;
    }
    Ok(())
}

/// An entry of the queue: when, granter, grantee, types of messages.
type Due = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<String>);

/// Removes at most `most` grants that expired before a time, those that expired first at first. The queue says all that is needed: the
/// grants are not read, however long they are.
pub(crate) fn remove_expired(ctx: &mut Context, now: Time, most: usize) -> Result<()> {
    let mut left = most;
    for (time, granter, grantee, mut types) in due(ctx, now, most)? {
        let kept = types.split_off(types.len().min(left));
        left = left.saturating_sub(types.len());
        let mut kv = ctx.kv_mut(STORE);
        for msg_type in &types {
            GRANTS.remove(&mut kv, (&granter, &grantee, msg_type));
            BY_GRANTEE.remove(&mut kv, (&grantee, &granter, msg_type));
        }
        let key: (&[u8], &[u8], &[u8]) = (&time, &granter, &grantee);
        if kept.is_empty() {
            EXPIRING.remove(&mut kv, key);
        } else {
            EXPIRING.save(&mut kv, key, &kept)?;
        }
    }
    Ok(())
}

/// The queue's entries up to a time, with at most `most` grants, but for those that the last entry has beyond.
fn due(ctx: &Context, now: Time, most: usize) -> Result<Vec<Due>> {
    let (now, mut left, mut due) = (now.key(), most, Vec::new());
    let kv = ctx.kv(STORE);
    let mut queue = EXPIRING.range(&*kv, None, None, Order::Ascending);
    while left > 0 {
        let Some(entry) = queue.next() else { break };
        let ((time, granter, grantee), types) = entry?;
        if time.as_slice() >= now.as_slice() {
            break;
        }
        left = left.saturating_sub(types.len());
        due.push((time, granter, grantee, types));
    }
    Ok(due)
}

/// Every grant stands in its index and its queue, and nothing else does.
pub(crate) fn check(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let (mut grants, mut expiring) = (0usize, 0usize);
    for entry in GRANTS.range(&*kv, None, None, Order::Ascending) {
        let ((granter, grantee, msg_type), grant) = entry?;
        grants = grants.saturating_add(1);
        let queued = match grant.expiration {
            None => true,
            Some(time) => {
                expiring = expiring.saturating_add(1);
                let types = EXPIRING.may_load(&*kv, (&time.key(), &granter, &grantee))?;
                types.is_some_and(|types| types.contains(&msg_type))
            }
        };
        if !queued || !BY_GRANTEE.has(&*kv, (&grantee, &granter, &msg_type)) {
            return Err(broken("a grant stands in no index or queue"));
        }
        if grant.authorization.msg_type_url() != msg_type {
            return Err(broken("a grant stands under another type of message than it is for"));
        }
    }
    if BY_GRANTEE.keys_raw(&*kv, None, None, Order::Ascending).count() != grants {
        return Err(broken("the index of grantees leads to grants that are not there"));
    }
    let mut queued = 0usize;
    for entry in EXPIRING.range(&*kv, None, None, Order::Ascending) {
        queued = queued.saturating_add(entry?.1.len());
    }
    if queued != expiring {
        return Err(broken("the queue leads to grants that are not there"));
    }
    Ok(())
}

fn broken(text: &str) -> openledger_core::Error {
    SdkError::Logic(format!("authz: {text}")).into()
}
