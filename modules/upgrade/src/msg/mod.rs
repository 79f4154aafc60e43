//! One file a message, and who may send them.

mod cancel_upgrade;
mod software_upgrade;

use openledger_auth::authority;

use crate::error::UpgradeError;

/// Refuses whoever is not the authority, with this module's own code.
fn check_authority(got: &str) -> Result<(), UpgradeError> {
    let expected = authority().to_string();
    if got == expected {
        return Ok(());
    }
    Err(UpgradeError::InvalidSigner { expected, got: got.into() })
}
