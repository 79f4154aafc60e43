//! Critical extension options are refused, as no message of this chain knows any (SDK `RejectExtensionOptionsDecorator`).

use openledger_core::{Error, Result};

use super::Tx;

/// SDK `ErrUnknownExtensionOptions`.
const UNKNOWN_EXTENSION_OPTIONS: u32 = 31;

pub(super) fn check(tx: &Tx) -> Result<()> {
    match tx.body.extension_options.first() {
        None => Ok(()),
        Some(option) => Err(Error {
            codespace: "sdk",
            code: UNKNOWN_EXTENSION_OPTIONS,
            message: format!("{}: unknown extension options", option.type_url),
        }),
    }
}
