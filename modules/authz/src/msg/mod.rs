//! One file a message, and how they read whose a grant is.

mod exec;
mod grant;
mod revoke;

use openledger_core::{Address, Result, SdkError};

use crate::error::AuthzError;

/// Granter and grantee, who are two.
fn read_pair(granter: &str, grantee: &str) -> Result<(Address, Address)> {
    // Bech32 may be all upper case, which is the same address.
    if grantee.eq_ignore_ascii_case(granter) {
        return Err(AuthzError::GranteeIsGranter.into());
    }
    let grantee = read_address("grantee", grantee)?;
    Ok((read_address("granter", granter)?, grantee))
}

fn read_address(whose: &str, text: &str) -> Result<Address> {
    text.parse().map_err(|error: SdkError| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid {whose} address: {why}")).into(),
        other => other.into(),
    })
}
