//! Handlers of plans, and what they are handed: the modules, whose states they bring to this binary's versions.
//!
//! Source: SDK v0.50 `types/module/module.go` (`RunMigrations`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use openledger_core::{Context, Module, Result};
use openledger_proto::cosmos::upgrade::v1beta1::Plan;

/// The version of each module's state, by the module's name.
pub type VersionMap = BTreeMap<String, u64>;

/// What a binary does in the block in which it takes over: a plan's name, and how the state becomes the one this binary works on.
#[derive(Clone, Copy)]
pub struct Handler {
    /// The plan's name.
    pub name: &'static str,
    /// Makes the changes; from the versions in state to the new ones. Most call [`Migrations::run`] and nothing else.
    pub run: fn(&Migrations, &mut Context, &Plan, VersionMap) -> Result<VersionMap>,
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The modules of this binary, in the order of genesis.
#[derive(Clone, Default)]
pub struct Migrations(Arc<Vec<Arc<dyn Module>>>);

impl fmt::Debug for Migrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Migrations").field(&self.versions()).finish()
    }
}

impl Migrations {
    /// Over these modules.
    pub fn over(modules: Vec<Arc<dyn Module>>) -> Self {
        Self(Arc::new(modules))
    }

    /// The versions of this binary.
    pub fn versions(&self) -> VersionMap {
        let own = [(crate::NAME.to_string(), crate::VERSION)];
        self.0.iter().map(|module| (module.name().to_string(), module.version())).chain(own).collect()
    }

    /// Brings each module's state from its version in `from` to this binary's, one version after the other; a module that is not in
    /// `from` is new and begins with its default genesis.
    pub fn run(&self, ctx: &mut Context, from: &VersionMap) -> Result<VersionMap> {
        for module in self.0.iter() {
            match from.get(module.name()) {
                Some(version) => (*version..module.version()).try_for_each(|version| module.migrate(ctx, version))?,
                None => module.init_genesis(ctx, &module.default_genesis())?,
            }
        }
        Ok(self.versions())
    }
}
