//! What denominations are called and how many digits they have.
//!
//! Source of the rules: SDK v0.50 `x/bank/types/metadata.go`.

use std::collections::BTreeSet;

use openledger_core::coin::check_denom;
use openledger_core::Result;
use openledger_proto::cosmos::bank::v1beta1::{DenomUnit, Metadata};

use crate::error::BankError;

/// Checks metadata: named; valid denominations; the first unit is the base with exponent 0, the others ascend, none occurs twice;
/// the display denomination is among them.
pub fn check(metadata: &Metadata) -> Result<()> {
    if metadata.name.trim().is_empty() {
        return refuse("name field cannot be blank");
    }
    if metadata.symbol.trim().is_empty() {
        return refuse("symbol field cannot be blank");
    }
    check_denom(&metadata.base).map_err(|error| error_of(format!("invalid metadata base denom: {error}")))?;
    check_denom(&metadata.display).map_err(|error| error_of(format!("invalid metadata display denom: {error}")))?;

    let mut seen = BTreeSet::new();
    let mut last_exponent = None;
    for unit in &metadata.denom_units {
        match last_exponent {
            None if unit.denom != metadata.base => {
                let base = &metadata.base;
                return refuse(format!("metadata's first denomination unit must be the one with base denom '{base}'"));
            }
            None if unit.exponent != 0 => {
                return refuse(format!("the exponent for base denomination unit {} must be 0", metadata.base));
            }
            Some(last) if last >= unit.exponent => return refuse("denom units should be sorted asc by exponent"),
            _ => last_exponent = Some(unit.exponent),
        }
        if !seen.insert(&unit.denom) {
            return refuse(format!("duplicate denomination unit {}", unit.denom));
        }
        check_unit(unit)?;
    }
    if !seen.contains(&metadata.display) {
        let display = &metadata.display;
        return refuse(format!("metadata must contain a denomination unit with display denom '{display}'"));
    }
    Ok(())
}

/// What every voucher of another chain's token is called before its hash (ICS-20, ADR-001 of ibc-go).
const VOUCHER_PREFIX: &str = "ibc/";

/// Checks metadata of a genesis. Those of vouchers are as ibc-go writes them, whose unit is the token's name at home: the SDK's own
/// check refuses them in an export of the chain that made them, so here only what they stand under is checked.
pub(crate) fn check_in_genesis(metadata: &Metadata) -> Result<()> {
    if metadata.base.starts_with(VOUCHER_PREFIX) {
        check_denom(&metadata.base).map_err(|error| error_of(format!("invalid metadata base denom: {error}")))?;
        return Ok(());
    }
    check(metadata)
}

fn check_unit(unit: &DenomUnit) -> Result<()> {
    check_denom(&unit.denom).map_err(|error| error_of(format!("invalid denom unit: {error}")))?;
    let mut seen = BTreeSet::new();
    for alias in &unit.aliases {
        if !seen.insert(alias) {
            return refuse(format!("duplicate denomination unit alias {alias}"));
        }
        if alias.trim().is_empty() {
            return refuse(format!("alias for denom unit {} cannot be blank", unit.denom));
        }
    }
    Ok(())
}

fn refuse(text: impl Into<String>) -> Result<()> {
    Err(error_of(text).into())
}

fn error_of(text: impl Into<String>) -> BankError {
    BankError::InvalidGenesis(text.into())
}
