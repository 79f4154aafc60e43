//! `openledgerd` as a later release would be: with the handler of a plan named `v2`, for tests of upgrades (`tests/tests/governance.rs`).
//!
//! What the handler does beside migrating can be seen from outside: the token gets the alias `grains` for its base unit.

use std::process::ExitCode;

use openledger_app::upgrades;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{Context, Result};
use openledger_proto::cosmos::bank::v1beta1::{DenomUnit, Metadata};
use openledger_proto::cosmos::upgrade::v1beta1::Plan;
use openledger_upgrade::{Handler, Migrations, VersionMap};

fn main() -> ExitCode {
    upgrades::add(vec![Handler { name: "v2", run: second_release }]);
    openledger_app::cli::main()
}

fn second_release(migrations: &Migrations, ctx: &mut Context, _plan: &Plan, from: VersionMap) -> Result<VersionMap> {
    let bank = Bank { auth: Auth };
    let unit = |denom: &str, exponent, aliases| DenomUnit { denom: denom.into(), exponent, aliases };
    let metadata = Metadata {
        description: "The token".into(),
        denom_units: vec![unit("aopen", 0, vec!["grains".into()]), unit("open", 18, Vec::new())],
        base: "aopen".into(),
        display: "open".into(),
        name: "OPEN".into(),
        symbol: "OPEN".into(),
        ..Metadata::default()
    };
    bank.set_metadata(ctx, &metadata)?;
    migrations.run(ctx, &from)
}
