//! Granting, revoking, and executing what was granted.
//!
//! Relies on [`Auth`] for the grantee's account and on the chain's router for the messages. Guarantees what the head of the crate names
//! as invariants, and that a message is executed for an account only if that account signs it, or granted it.

use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::router::{unknown, AnyMsg, MsgRoute};
use openledger_core::time::Time;
use openledger_core::{Address, Context, Error, Result, SdkError};
use openledger_proto::{walker, Any};

use crate::authorization::{After, Authorization};
use crate::error::AuthzError;
use crate::events;
use crate::state::{self, Grant, Place};

/// The keeper of grants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Authz {
    /// Accounts.
    pub auth: Auth,
    /// Who may not be given an account.
    pub bank: Bank,
}

impl Authz {
    /// What a grantee may do for a granter with messages of a type; expired grants too, until a block removes them.
    pub fn find(&self, ctx: &Context, granter: &Address, grantee: &Address, msg_type: &str) -> Result<Option<Grant>> {
        let (granter, grantee, msg_type) = (granter.clone(), grantee.clone(), msg_type.into());
        state::load(ctx, &Place { granter, grantee, msg_type })
    }

    /// Grants an authorization, in the place of one for the same messages.
    pub(crate) fn save(&self, ctx: &mut Context, granter: &Address, grantee: &Address, grant: &Grant) -> Result<()> {
        let now = Time::now(ctx);
        if let Some(expiration) = grant.expiration.filter(|expiration| *expiration <= now) {
            let text = format!("expiration must be after the current block time ({now}), got {expiration}");
            return Err(AuthzError::InvalidExpiration(text).into());
        }
        let msg_type = grant.authorization.msg_type_url();
        ctx.emit(events::granted(granter, grantee, &msg_type));
        state::save(ctx, &Place { granter: granter.clone(), grantee: grantee.clone(), msg_type }, grant)
    }

    /// Takes a grant back.
    pub(crate) fn delete(&self, ctx: &mut Context, place: &Place) -> Result<()> {
        let Place { granter, grantee, msg_type } = place;
        let grant = state::load(ctx, place)?.ok_or_else(|| {
            AuthzError::NotFound(format!("failed to delete grant of {granter} for {grantee} and {msg_type}"))
        })?;
        state::remove(ctx, place, &grant)?;
        ctx.emit(events::revoked(granter, grantee, msg_type));
        Ok(())
    }

    /// Executes messages for those who sign them, one after the other: where that is not the grantee, a grant is needed and used. The
    /// responses, encoded. Every event of a message says which it was.
    pub(crate) fn dispatch(&self, ctx: &mut Context, grantee: &Address, msgs: &[Any]) -> Result<Vec<Vec<u8>>> {
        let router = ctx.router().ok_or_else(|| SdkError::Logic("authz: there are no messages to execute".into()))?;
        // As in the SDK, every message passes its stateless checks before the first is executed.
        let mut read: Vec<(&MsgRoute, AnyMsg)> = Vec::with_capacity(msgs.len());
        for (index, msg) in msgs.iter().enumerate() {
            let route = router.msg_route(&msg.type_url).ok_or_else(|| unknown(&msg.type_url))?;
            let decoded = route.decode(&msg.value).map_err(|error| led(format!("msg {index}"), error))?;
            read.push((route, decoded));
        }
        let mut results = Vec::with_capacity(msgs.len());
        for (index, (msg, (route, decoded))) in msgs.iter().zip(&read).enumerate() {
            self.authorize(ctx, grantee, msg)?;
            let before = ctx.take_events();
            let done = router.check_gates(ctx, &msg.type_url).and_then(|()| route.handle(ctx, decoded));
            let own = ctx.take_events();
            let index = index.to_string();
            let own = own.into_iter().map(|event| event.attr("authz_msg_index", &index));
            before.into_iter().chain(own).for_each(|event| ctx.emit(event));
            let context = || format!("failed to execute message; message {}", msg.type_url);
            results.push(done.map_err(|error| led(context(), error))?);
        }
        Ok(results)
    }

    /// Refuses a message that the grantee may not execute, and uses the grant by which it may.
    fn authorize(&self, ctx: &mut Context, grantee: &Address, msg: &Any) -> Result<()> {
        let granter = only_signer(msg)?;
        if granter == *grantee {
            return Ok(());
        }
        let place = Place { granter, grantee: grantee.clone(), msg_type: msg.type_url.clone() };
        let grant = state::load(ctx, &place)?.ok_or_else(|| {
            AuthzError::NotFound(format!(
                "failed to get grant with given granter: {}, grantee: {grantee} & msgType: {} ",
                place.granter, place.msg_type
            ))
        })?;
        if grant.expiration.is_some_and(|expiration| expiration < Time::now(ctx)) {
            return Err(AuthzError::Expired.into());
        }
        match grant.authorization.accept(ctx, msg)? {
            After::Unchanged => Ok(()),
            After::UsedUp => self.delete(ctx, &place),
            After::Updated(authorization) => self.update(ctx, &place, &Grant { authorization, ..grant }),
        }
    }

    /// Writes back what is left of a grant; it expires when it did before. No event, as in the SDK.
    fn update(&self, ctx: &mut Context, place: &Place, grant: &Grant) -> Result<()> {
        state::save(ctx, place, grant)
    }

    /// Refuses an authorization for messages that this chain does not have.
    pub(crate) fn check_routed(&self, ctx: &Context, authorization: &Authorization) -> Result<()> {
        let router = ctx.router().ok_or_else(|| SdkError::Logic("authz: there are no messages to grant".into()))?;
        let msg_type = authorization.msg_type_url();
        if router.msg_route(&msg_type).is_none() {
            return Err(SdkError::InvalidType(format!("{msg_type} doesn't exist.")).into());
        }
        Ok(())
    }
}

/// The one who signs a message.
fn only_signer(msg: &Any) -> Result<Address> {
    let name = msg.type_url.trim_start_matches('/');
    let signers = walker::signers(name, &msg.value).map_err(|error| SdkError::TxDecode(error.to_string()))?;
    match signers.as_slice() {
        [signer] => Ok(Address::from_signer(signer)?),
        _ => Err(AuthzError::NumberOfSigners.into()),
    }
}

/// An error led by where it happened, as the SDK's `Wrap` puts it.
fn led(context: String, error: Error) -> Error {
    Error { message: format!("{context}: {error}"), ..error }
}
