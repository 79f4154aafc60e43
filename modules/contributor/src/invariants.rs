//! What holds after every block: see the crate's head.

use std::collections::BTreeMap;

use cosmwasm_std::Order;
use openledger_core::{Address, Context, Result, SdkError, BASE_DENOM};
use openledger_proto::openledger::contributor::v1::IncomeKind;

use crate::keeper::Contributors;
use crate::reputation::known_role;
use crate::state::{
    BY_DATANET, BY_OBJECT, BY_ROLE, ENTRIES, HANDLES, HELD, NEXT_ENTRY, REPUTATIONS, REPUTATIONS_IN, STATEMENTS, STORE,
};
use crate::NAME;

fn broken(text: String) -> openledger_core::Error {
    SdkError::Logic(format!("contributor: {text}")).into()
}

/// Recomputes everything that is kept twice.
pub(crate) fn check(keeper: &Contributors, ctx: &Context) -> Result<()> {
    the_module_holds_no_money(keeper, ctx)?;
    handles_and_holders_find_each_other(ctx)?;
    histories_are_whole_and_indexed(ctx)?;
    reputations_are_of_known_roles_and_indexed(ctx)?;
    statements_add_up(ctx)
}

fn the_module_holds_no_money(keeper: &Contributors, ctx: &Context) -> Result<()> {
    let held = keeper.bank.balance(ctx, &Address::module(NAME), BASE_DENOM)?;
    if !held.is_zero() {
        return Err(broken(format!("the module holds {held} {BASE_DENOM} and owes nothing")));
    }
    Ok(())
}

fn handles_and_holders_find_each_other(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    for pair in HELD.range(&*kv, None, None, Order::Ascending) {
        let (account, handle) = pair?;
        let record = HANDLES.may_load(&*kv, handle.as_str())?;
        if record.is_none_or(|record| record.holder.as_bytes() != account) {
            return Err(broken(format!("handle {handle} is not that of the account that is said to hold it")));
        }
    }
    Ok(())
}

fn histories_are_whole_and_indexed(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    let mut lengths: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let (mut entries, mut in_datanets, mut before) = (0usize, 0usize, i64::MIN);
    for pair in ENTRIES.range(&*kv, None, None, Order::Ascending) {
        let ((actor, number), entry) = pair?;
        let address = Address::new(actor.clone())?;
        let length = lengths.entry(actor.clone()).or_default();
        if number != *length {
            return Err(broken(format!("history of {address} goes on with {number} after {length} entries")));
        }
        if number == 0 {
            before = i64::MIN;
        }
        if entry.time_seconds < before {
            return Err(broken(format!("entry {number} of {address} is earlier than the one before it")));
        }
        before = entry.time_seconds;
        *length = length.saturating_add(1);
        let place = entry.place(&address, number);
        let mut indexed =
            BY_ROLE.has(&*kv, (&actor, entry.role, number)) && BY_OBJECT.has(&*kv, (entry.kind, entry.object, &place));
        if entry.datanet != 0 {
            in_datanets = in_datanets.saturating_add(1);
            indexed = indexed && BY_DATANET.has(&*kv, (entry.datanet, &place));
        }
        if !indexed {
            return Err(broken(format!("entry {number} of {address} is not indexed")));
        }
        entries = entries.saturating_add(1);
    }
    let by_role = BY_ROLE.keys_raw(&*kv, None, None, Order::Ascending).count();
    let by_object = BY_OBJECT.keys_raw(&*kv, None, None, Order::Ascending).count();
    let by_datanet = BY_DATANET.keys_raw(&*kv, None, None, Order::Ascending).count();
    if by_role != entries || by_object != entries || by_datanet != in_datanets {
        let text = format!("{entries} entries ({in_datanets} in datanets), {by_role} by role, {by_object} by object, {by_datanet} by datanet");
        return Err(broken(text));
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
