//! What can be wrong with plans; codespace `upgrade`.
//!
//! Codes 2 to 6 are the SDK's (`cosmossdk.io/x/upgrade` v0.1 `types/errors.go`). Those from 100 are ours: with them a block cannot be
//! executed by this binary, and the node ends; the texts are the SDK's, which operators' tools look for.

use openledger_core::Coded;

/// The code of [`UpgradeError::Needed`], by which the node knows that another binary shall take over.
pub const NEEDED: u32 = 100;

/// Errors of the upgrade module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// Code 2.
    #[error("x/upgrade: QueryModuleVersions module {0} not found: module version not found")]
    NoModuleVersion(String),
    /// Code 6.
    #[error("expected {expected} got {got}: expected authority account as only signer for proposal message")]
    InvalidSigner {
        /// The authority.
        expected: String,
        /// Who is named in the message.
        got: String,
    },
    /// Code 100: this binary is too old for the plan whose height has come.
    #[error("UPGRADE \"{name}\" NEEDED at height: {height}: {info}")]
    Needed {
        /// The plan's name.
        name: String,
        /// Its height.
        height: i64,
        /// What it says beside: where the binary is.
        info: String,
    },
    /// Code 101: this binary is too new: it has the handler of a plan whose height has not come.
    #[error(
        "BINARY UPDATED BEFORE TRIGGER! UPGRADE \"{0}\" - in binary but not executed on chain. Downgrade your binary"
    )]
    TooEarly(String),
    /// Code 102: this binary is older than the state.
    #[error("wrong app version {version}, upgrade handler is missing for {name} upgrade plan")]
    TooOld {
        /// How many plans were carried out.
        version: u64,
        /// The last of them.
        name: String,
    },
}

impl Coded for UpgradeError {
    fn codespace(&self) -> &'static str {
        "upgrade"
    }

    fn code(&self) -> u32 {
        match self {
            Self::NoModuleVersion(_) => 2,
            Self::InvalidSigner { .. } => 6,
            Self::Needed { .. } => NEEDED,
            Self::TooEarly(_) => 101,
            Self::TooOld { .. } => 102,
        }
    }
}
