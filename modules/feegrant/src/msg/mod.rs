//! One file a message.

mod grant_allowance;
mod prune_allowances;
mod revoke_allowance;
