//! The events of allowances (`cosmossdk.io/x/feegrant/events.go`).

use openledger_core::{Address, Event};

/// What happened to an allowance: `set_feegrant`, `update_feegrant`, `revoke_feegrant` or `use_feegrant`.
pub(crate) fn of(kind: &str, granter: &Address, grantee: &Address) -> Event {
    Event::new(kind).attr("granter", granter).attr("grantee", grantee)
}

/// Expired allowances were removed on someone's request.
pub(crate) fn pruned(pruner: &str) -> Event {
    Event::new("prune_feegrant").attr("pruner", pruner)
}
