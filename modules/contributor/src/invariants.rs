//! What holds after every block: see the crate's head.

use std::collections::BTreeMap;

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Result, SdkError};
use openledger_proto::openledger::contributor::v1::IncomeKind;

use crate::reputation::known_role;
use crate::state::{
    BY_OBJECT, BY_ROLE, ENTRIES, HANDLES, NEXT_ENTRY, PROFILES, REPUTATIONS, REPUTATIONS_IN, STATEMENTS, STORE,
};

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("contributor: {text}")).into()
}

/// Recomputes everything that is kept twice.
pub(crate) fn check(ctx: &Context) -> Result<()> {
    handles_and_profiles_name_each_other(ctx)?;
    histories_are_whole_and_indexed(ctx)?;
    reputations_are_of_known_roles_and_indexed(ctx)?;
    statements_add_up(ctx)
}

fn handles_and_profiles_name_each_other(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut held = 0u64;
    for pair in HANDLES.range(&*kv, None, None, Order::Ascending) {
        let (handle, record) = pair?;
        if record.released_seconds.is_some() {
            continue;
        }
        held = held.saturating_add(1);
        let profile = PROFILES.may_load(&*kv, record.holder.as_bytes())?;
        let named = profile.and_then(|profile| profile.handle);
        if named.as_ref().is_none_or(|named| named.as_str() != handle) {
            return Err(broken(format!("{} holds handle {handle:?}, its profile says {named:?}", record.holder)));
        }
    }
    let mut named = 0u64;
    for pair in PROFILES.range(&*kv, None, None, Order::Ascending) {
        let (_, profile) = pair?;
        named = named.saturating_add(profile.handle.is_some().into());
    }
    if held != named {
        return Err(broken(format!("{held} handles are held, {named} are named in profiles")));
    }
    Ok(())
}

fn histories_are_whole_and_indexed(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut lengths: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let mut entries = 0usize;
    for pair in ENTRIES.range(&*kv, None, None, Order::Ascending) {
        let ((actor, number), entry) = pair?;
        let address = Address::new(actor.clone())?;
        let length = lengths.entry(actor.clone()).or_default();
        if number != *length {
            return Err(broken(format!("history of {address} goes on with {number} after {length} entries")));
        }
        *length = length.saturating_add(1);
        let object_key = entry.object_key(&address, number);
        let indexed = BY_ROLE.has(&*kv, (&actor, entry.role, number))
            && BY_OBJECT.has(&*kv, (entry.kind, entry.object, &object_key));
        if !indexed {
            return Err(broken(format!("entry {number} of {address} is not indexed")));
        }
        entries = entries.saturating_add(1);
    }
    let by_role = BY_ROLE.keys_raw(&*kv, None, None, Order::Ascending).count();
    let by_object = BY_OBJECT.keys_raw(&*kv, None, None, Order::Ascending).count();
    if by_role != entries || by_object != entries {
        return Err(broken(format!("{entries} entries, {by_role} by role, {by_object} by object")));
    }
    let next: BTreeMap<Vec<u8>, u64> =
        NEXT_ENTRY.range(&*kv, None, None, Order::Ascending).collect::<Result<_, _>>()?;
    if next != lengths {
        return Err(broken("next entries are not the lengths of the histories".into()));
    }
    Ok(())
}

fn reputations_are_of_known_roles_and_indexed(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut count = 0usize;
    for pair in REPUTATIONS.range(&*kv, None, None, Order::Ascending) {
        let ((account, scope, role), _) = pair?;
        known_role(role.into()).map_err(broken)?;
        if !REPUTATIONS_IN.has(&*kv, (scope, role, &account)) {
            return Err(broken(format!("a reputation of role {role} in scope {scope} is not indexed")));
        }
        count = count.saturating_add(1);
    }
    let indexed = REPUTATIONS_IN.keys_raw(&*kv, None, None, Order::Ascending).count();
    if indexed != count {
        return Err(broken(format!("{count} reputations, {indexed} indexed")));
    }
    Ok(())
}

fn statements_add_up(ctx: &Context) -> Result<()> {
    for pair in STATEMENTS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let ((_, year, kind), line) = pair?;
        IncomeKind::try_from(i32::from(kind)).map_err(|_| broken(format!("{kind} is no kind of income")))?;
        line.check(year).map_err(|text| broken(format!("a statement of {year}: {text}")))?;
    }
    Ok(())
}
