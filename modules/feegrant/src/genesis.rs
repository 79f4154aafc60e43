//! Genesis: the allowances.
//!
//! Source: `cosmossdk.io/x/feegrant` v0.1.1, `genesis.go`, `keeper/keeper.go`. Unlike there, an allowance that has expired by the new
//! chain's time is left out instead of keeping the chain from starting: an export may hold some that no block has removed yet.

use std::collections::BTreeSet;

use cosmwasm_std::Order;
use openledger_core::time::Time;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_proto::cosmos::feegrant::v1beta1::{GenesisState, Grant};
use openledger_proto::Message;

use crate::allowance::Allowance;
use crate::error::FeegrantError;
use crate::keeper::Feegrants;
use crate::state::{ALLOWANCES, STORE};

/// Decodes and checks a genesis: granter, grantee and allowance of each entry.
pub(crate) fn read(genesis: &[u8]) -> Result<Vec<(Address, Address, Allowance)>> {
    let genesis = GenesisState::decode(genesis).map_err(|error| FeegrantError::InvalidGenesis(error.to_string()))?;
    let mut seen = BTreeSet::new();
    let mut grants = Vec::with_capacity(genesis.allowances.len());
    for grant in &genesis.allowances {
        let (granter, grantee) = (grant.granter.parse::<Address>()?, grant.grantee.parse::<Address>()?);
        if granter == grantee {
            return Err(SdkError::InvalidAddress("cannot self-grant fee authorization".into()).into());
        }
        if !seen.insert((granter.clone(), grantee.clone())) {
            let text = format!("two allowances of {granter} for {grantee}");
            return Err(FeegrantError::InvalidGenesis(text).into());
        }
        grants.push((granter, grantee, Allowance::from_any(grant.allowance.as_ref())?));
    }
    Ok(grants)
}

/// Takes a genesis over.
pub(crate) fn init(feegrants: &Feegrants, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let now = Time::now(ctx);
    for (granter, grantee, allowance) in read(genesis)? {
        if allowance.expiration().is_none_or(|expiration| expiration >= now) {
            feegrants.grant(ctx, &granter, &grantee, &allowance)?;
        }
    }
    Ok(())
}

/// The state as a genesis, in order of grantees.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let allowances = ALLOWANCES.range(&*kv, None, None, Order::Ascending).map(|entry| {
        let ((grantee, granter), allowance) = entry?;
        Ok(proto(&Address::new(granter)?, &Address::new(grantee)?, &allowance))
    });
    Ok(GenesisState { allowances: allowances.collect::<Result<_>>()? })
}

/// An allowance with whose it is.
pub(crate) fn proto(granter: &Address, grantee: &Address, allowance: &Allowance) -> Grant {
    Grant { granter: granter.to_string(), grantee: grantee.to_string(), allowance: Some(allowance.to_any()) }
}
