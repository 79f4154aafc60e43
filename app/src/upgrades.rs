//! The plans that this binary can carry out, and where an operator's tools learn that another binary shall.
//!
//! A release that needs an upgrade adds its [`Handler`] to [`HANDLERS`], under the name that governance will vote on, and keeps those of
//! the releases before it: the chain refuses a binary that does not know the upgrade carried out last. What a handler does is mostly
//! [`openledger_upgrade::Migrations::run`]; modules say what changes of their state ([`openledger_core::Module::migrate`]).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use openledger_proto::cosmos::upgrade::v1beta1::Plan;
use openledger_upgrade::{Handler, Migrations, Upgrade};
use serde_json::json;

use crate::node::home::write_file;

/// The plans of this release; the first has none.
const HANDLERS: &[Handler] = &[];
/// What a test's binary knows beside.
static MORE: OnceLock<Vec<Handler>> = OnceLock::new();

/// Adds handlers to this process's, once, before anything else is done: for binaries that stand for a later release in tests.
pub fn add(handlers: Vec<Handler>) {
    let twice = MORE.set(handlers).is_err();
    debug_assert!(!twice, "handlers are added once");
}

/// The keeper of plans over these modules, which drops plans at the heights `skip`.
pub(crate) fn keeper(migrations: Migrations, skip: BTreeSet<u64>) -> Upgrade {
    let handlers = HANDLERS.iter().chain(MORE.get().into_iter().flatten()).copied().collect();
    Upgrade { migrations, handlers: Arc::new(handlers), skip: Arc::new(skip) }
}

/// Writes what `cosmovisor` and its like wait for: the plan for whose height this binary is too old, in the form that the SDK's nodes
/// write (Go's JSON of a plan; the height is the one at which the node ended).
pub(crate) fn write_info(path: &Path, plan: &Plan, height: u64) -> anyhow::Result<()> {
    let time = "0001-01-01T00:00:00Z";
    let info = match plan.info.as_str() {
        "" => json!({"name": plan.name, "time": time, "height": height}),
        info => json!({"name": plan.name, "time": time, "height": height, "info": info}),
    };
    write_file(path, info.to_string().as_bytes(), 0o600)
}
