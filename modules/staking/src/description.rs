//! How a validator presents itself.
//!
//! Source: SDK v0.50 `x/staking/types/validator.go` (`Description`).

use openledger_core::{Result, SdkError};
use openledger_proto::cosmos::staking::v1beta1::Description as Proto;
use serde::{Deserialize, Serialize};

/// In an edit, a field that stays as it is.
pub const DO_NOT_MODIFY: &str = "[do-not-modify]";

const MAX_MONIKER: usize = 70;
const MAX_IDENTITY: usize = 3_000;
const MAX_WEBSITE: usize = 140;
const MAX_SECURITY_CONTACT: usize = 140;
const MAX_DETAILS: usize = 280;

/// The texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Its name.
    pub moniker: String,
    /// A signature of an identity (Keybase).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub website: String,
    /// Whom to tell of a fault.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub security_contact: String,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
}

impl Description {
    /// The protobuf form.
    pub fn to_proto(&self) -> Proto {
        let Self { moniker, identity, website, security_contact, details } = self.clone();
        Proto { moniker, identity, website, security_contact, details }
    }

    pub(crate) fn from_proto(description: Option<&Proto>) -> Self {
        let Proto { moniker, identity, website, security_contact, details } = description.cloned().unwrap_or_default();
        Self { moniker, identity, website, security_contact, details }
    }

    /// Refuses texts that are too long.
    pub(crate) fn check(&self) -> Result<()> {
        let fields = [
            ("moniker", &self.moniker, MAX_MONIKER),
            ("identity", &self.identity, MAX_IDENTITY),
            ("website", &self.website, MAX_WEBSITE),
            ("security contact", &self.security_contact, MAX_SECURITY_CONTACT),
            ("details", &self.details, MAX_DETAILS),
        ];
        match fields.iter().find(|(_, text, most)| text.len() > *most) {
            Some((name, text, most)) => {
                let text = format!("invalid {name} length; got: {}, max: {most}", text.len());
                Err(SdkError::InvalidRequest(text).into())
            }
            None => Ok(()),
        }
    }

    /// The description after an edit; fields that say [`DO_NOT_MODIFY`] stay.
    pub(crate) fn edited(&self, edit: Self) -> Result<Self> {
        let pick = |old: &String, new: String| if new == DO_NOT_MODIFY { old.clone() } else { new };
        let edited = Self {
            moniker: pick(&self.moniker, edit.moniker),
            identity: pick(&self.identity, edit.identity),
            website: pick(&self.website, edit.website),
            security_contact: pick(&self.security_contact, edit.security_contact),
            details: pick(&self.details, edit.details),
        };
        edited.check()?;
        Ok(edited)
    }
}
