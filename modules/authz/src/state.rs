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

/// The places of at most `most` grants that expired before a time, those that expired first at first.
pub(crate) fn expired(ctx: &Context, now: Time, most: usize) -> Result<Vec<Place>> {
    let now = now.key();
    let mut places = Vec::new();
    for entry in EXPIRING.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let ((time, granter, grantee), types) = entry?;
        if time.as_slice() >= now.as_slice() || places.len() >= most {
            break;
        }
        let (granter, grantee) = (Address::new(granter)?, Address::new(grantee)?);
        let left = most.saturating_sub(places.len());
        places.extend(types.into_iter().take(left).map(|msg_type| Place {
            granter: granter.clone(),
            grantee: grantee.clone(),
            msg_type,
        }));
    }
    Ok(places)
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
