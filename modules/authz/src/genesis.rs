//! Genesis: the grants.
//!
//! Source: SDK v0.50 `x/authz/genesis.go`, `x/authz/keeper/genesis.go`. As there, a grant that has expired by the new chain's time is
//! left out; unlike there, so is one that expires with it.

use std::collections::BTreeSet;

use cosmwasm_std::Order;
use openledger_core::time::Time;
use openledger_core::{Address, Context, Result};
use openledger_proto::cosmos::authz::v1beta1::{GenesisState, GrantAuthorization};
use openledger_proto::Message;

use crate::authorization::Authorization;
use crate::error::AuthzError;
use crate::keeper::Authz;
use crate::state::{Grant, Place, GRANTS, STORE};

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Vec<(Place, Grant)>> {
    let refused = |text: String| AuthzError::InvalidGenesis(text);
    let genesis = GenesisState::decode(genesis).map_err(|error| refused(error.to_string()))?;
    let mut seen = BTreeSet::new();
    let mut grants = Vec::with_capacity(genesis.authorization.len());
    for (index, entry) in genesis.authorization.iter().enumerate() {
        let address = |whose: &str, text: &str| {
            text.parse::<Address>().map_err(|error| refused(format!("authorization: {index}, {whose}: {error}")))
        };
        let (granter, grantee) = (address("granter", &entry.granter)?, address("grantee", &entry.grantee)?);
        let authorization = Authorization::from_any(entry.authorization.as_ref())?;
        let expiration = entry.expiration.as_ref().map(Time::read).transpose()?;
        let place = Place { granter, grantee, msg_type: authorization.msg_type_url() };
        if !seen.insert(place.clone()) {
            return Err(refused(format!("authorization: {index} stands twice: {place:?}")).into());
        }
        grants.push((place, Grant { authorization, expiration }));
    }
    Ok(grants)
}

/// Takes a genesis over.
pub(crate) fn init(authz: &Authz, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let now = Time::now(ctx);
    for (place, grant) in read(genesis)? {
        if grant.expiration.is_none_or(|expiration| expiration > now) {
            authz.save(ctx, &place.granter, &place.grantee, &grant)?;
        }
    }
    Ok(())
}

/// The state as a genesis, in order of granters.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let grants = GRANTS.range(&*kv, None, None, Order::Ascending).map(|entry| {
        let ((granter, grantee, _), grant) = entry?;
        Ok(proto(&Address::new(granter)?, &Address::new(grantee)?, &grant))
    });
    Ok(GenesisState { authorization: grants.collect::<Result<_>>()? })
}

/// A grant with whose it is.
pub(crate) fn proto(granter: &Address, grantee: &Address, grant: &Grant) -> GrantAuthorization {
    GrantAuthorization {
        granter: granter.to_string(),
        grantee: grantee.to_string(),
        authorization: Some(grant.authorization.to_any()),
        expiration: grant.expiration.map(Time::to_proto),
    }
}
