//! Every key of the store `circuit`.
//!
//! | key | value |
//! | --- | --- |
//! | `permissions` ‖ address | [`Permissions`]: what an account may switch |
//! | `disabled` ‖ type URL | nothing: the message is off |

use cosmwasm_std::{Empty, Order};
use cw_storage_plus::Map;
use openledger_core::{Context, Result, SdkError};
use openledger_proto::cosmos::circuit::v1::{permissions, Permissions as ProtoPermissions};
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::error::CircuitError;
use crate::keeper::RESET;

/// The module's store, named as in the SDK.
pub const STORE: StoreName = "circuit";

/// What each account may switch.
pub(crate) const PERMISSIONS: Map<&[u8], Permissions> = Map::new("permissions");
/// The types of message that are off.
pub(crate) const DISABLED: Map<&str, Empty> = Map::new("disabled");

/// What an account may switch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// How much.
    pub level: Level,
    /// The types of message, for those who may switch some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_type_urls: Vec<String>,
}

/// How much an account may switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    #[default]
    None,
    /// The messages that its permissions name.
    SomeMsgs,
    /// All messages.
    AllMsgs,
    /// All messages, and it may say who else may.
    SuperAdmin,
}

impl Permissions {
    /// Reads the protobuf form.
    pub fn from_proto(proto: &ProtoPermissions) -> Result<Self> {
        let level = match permissions::Level::try_from(proto.level) {
            Ok(permissions::Level::NoneUnspecified) => Level::None,
            Ok(permissions::Level::SomeMsgs) => Level::SomeMsgs,
            Ok(permissions::Level::AllMsgs) => Level::AllMsgs,
            Ok(permissions::Level::SuperAdmin) => Level::SuperAdmin,
            Err(_) => return Err(CircuitError::InvalidLevel(proto.level).into()),
        };
        Ok(Self { level, limit_type_urls: proto.limit_type_urls.clone() })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> ProtoPermissions {
        ProtoPermissions { level: self.proto_level().into(), limit_type_urls: self.limit_type_urls.clone() }
    }

    /// The level's protobuf form.
    pub(crate) fn proto_level(&self) -> permissions::Level {
        match self.level {
            Level::None => permissions::Level::NoneUnspecified,
            Level::SomeMsgs => permissions::Level::SomeMsgs,
            Level::AllMsgs => permissions::Level::AllMsgs,
            Level::SuperAdmin => permissions::Level::SuperAdmin,
        }
    }
}

/// The types of message that are off, in order.
pub(crate) fn disabled(ctx: &Context) -> Result<Vec<String>> {
    let kv = ctx.kv(STORE);
    let types = DISABLED.keys(&*kv, None, None, Order::Ascending);
    Ok(types.collect::<Result<_, _>>()?)
}

/// What is stored can be read, and what switches on again is on.
pub(crate) fn check(ctx: &Context) -> Result<()> {
    let kv = ctx.kv(STORE);
    for entry in PERMISSIONS.range(&*kv, None, None, Order::Ascending) {
        entry?;
    }
    if DISABLED.has(&*kv, RESET) {
        return Err(SdkError::Logic(format!("circuit: {RESET} is off")).into());
    }
    Ok(())
}
