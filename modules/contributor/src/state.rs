//! Every key of the store `contributor`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `profiles` ‖ address | [`StoredProfile`] |
//! | `handles` ‖ handle | [`StoredHandle`]: who holds it, or held it last |
//! | `entries` ‖ address ‖ number (u64) | [`Entry`]: the address's history, from 0, written once |
//! | `next_entry` ‖ address | the number of the address's next entry |
//! | `by_role` ‖ address ‖ role (u8) ‖ number (u64) | nothing: index of `entries` |
//! | `by_object` ‖ kind (u8) ‖ object (u64) ‖ height (u64) ‖ number (u64) ‖ address | nothing: index of `entries` |
//! | `reputations` ‖ address ‖ datanet (u64; 0: the whole chain) ‖ role (u8) | [`Sums`]: what the account's acts came to |
//! | `reputations_in` ‖ datanet (u64) ‖ role (u8) ‖ address | nothing: index of `reputations` |
//! | `reputation_clock` | [`Clock`]: which epoch it is; absent until the parameters change |
//! | `statements` ‖ address ‖ year (u16) ‖ kind of income (u8) | [`Line`]: what the account was paid |
//!
//! Names of maps and all parts of a key but the last are length-prefixed by cw-storage-plus; integers are big-endian; values are JSON.

use cosmwasm_std::{Binary, Empty};
use cw_storage_plus::{Item, Map};
use openledger_core::Address;
use openledger_proto::openledger::contributor::v1 as proto;
use openledger_store::StoreName;
use serde::{Deserialize, Serialize};

use crate::decay::{Clock, Sums};
use crate::handle::Handle;
use crate::params::Params;
use crate::statement::Line;

/// The module's store.
pub const STORE: StoreName = "contributor";

pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// Profiles by account.
pub(crate) const PROFILES: Map<&[u8], StoredProfile> = Map::new("profiles");
/// Handles held or resting.
pub(crate) const HANDLES: Map<&str, StoredHandle> = Map::new("handles");
/// The permanent history by actor and number.
pub(crate) const ENTRIES: Map<(&[u8], u64), Entry> = Map::new("entries");
/// How many entries an actor has.
pub(crate) const NEXT_ENTRY: Map<&[u8], u64> = Map::new("next_entry");
/// Index of entries by actor and role.
pub(crate) const BY_ROLE: Map<(&[u8], u8, u64), Empty> = Map::new("by_role");
/// Index of entries by object: the rest of the key is height and number, big-endian, and the actor.
pub(crate) const BY_OBJECT: Map<(u8, u64, &[u8]), Empty> = Map::new("by_object");
/// What an account's acts in a scope and a role came to.
pub(crate) const REPUTATIONS: Map<(&[u8], u64, u8), Sums> = Map::new("reputations");
/// Index of reputations by scope and role.
pub(crate) const REPUTATIONS_IN: Map<(u64, u8, &[u8]), Empty> = Map::new("reputations_in");
/// Which epoch of reputation it is.
pub(crate) const CLOCK: Item<Clock> = Item::new("reputation_clock");
/// What an account was paid, by year and kind.
pub(crate) const STATEMENTS: Map<(&[u8], u16, u8), Line> = Map::new("statements");

/// A profile as it is stored: its account is the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProfile {
    /// The handle held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// A name to show.
    pub name: String,
    /// A few words.
    pub about: String,
    /// A link.
    pub website: String,
    /// Height of the last change.
    pub updated_height: u64,
}

impl StoredProfile {
    /// The protobuf form.
    pub fn to_proto(&self, account: &Address) -> proto::Profile {
        proto::Profile {
            address: account.to_string(),
            handle: self.handle.as_ref().map(ToString::to_string).unwrap_or_default(),
            name: self.name.clone(),
            about: self.about.clone(),
            website: self.website.clone(),
            updated_height: self.updated_height,
        }
    }
}

/// A handle as it is stored: the handle is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHandle {
    /// The holder, or the last one.
    pub holder: Address,
    /// Height from which the holder has it.
    pub since_height: u64,
    /// Header time at which it was given up; absent while it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_seconds: Option<i64>,
}

impl StoredHandle {
    /// The protobuf form.
    pub fn to_proto(&self, handle: &str) -> proto::HandleRecord {
        proto::HandleRecord {
            handle: handle.into(),
            holder: self.holder.to_string(),
            since_height: self.since_height,
            released_seconds: self.released_seconds.unwrap_or_default(),
        }
    }
}

/// An entry of the history as it is stored: actor and number are the key. Role, kind and outcome are the protobuf enums' numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// In what capacity.
    pub role: u8,
    /// On what kind of object.
    pub kind: u8,
    /// On which one.
    pub object: u64,
    /// With what outcome.
    pub outcome: u8,
    /// Height of the block.
    pub height: u64,
    /// Header time of the block.
    pub time_seconds: i64,
    /// The actor's handle at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// The datanet that it happened in; 0: none.
    #[serde(default)]
    pub datanet: u64,
}

impl Entry {
    /// The protobuf form.
    pub fn to_proto(&self, actor: &Address, number: u64) -> proto::HistoryEntry {
        proto::HistoryEntry {
            actor: actor.to_string(),
            number,
            role: self.role.into(),
            kind: self.kind.into(),
            object: self.object,
            outcome: self.outcome.into(),
            height: self.height,
            time_seconds: self.time_seconds,
            handle: self.handle.as_ref().map(ToString::to_string).unwrap_or_default(),
            datanet_id: self.datanet,
        }
    }

    /// The last part of the entry's key in [`BY_OBJECT`].
    pub(crate) fn object_key(&self, actor: &Address, number: u64) -> Binary {
        [&self.height.to_be_bytes(), &number.to_be_bytes(), actor.as_bytes()].concat().into()
    }
}
