//! Every key of the store `contributor`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `profiles` ‖ address | [`StoredProfile`] |
//! | `handles` ‖ handle | [`StoredHandle`]: who holds it, or held it last, until when |
//! | `held` ‖ address | the handle that the address holds, or held last and nobody took since |
//! | `handle_commits` ‖ address | [`StoredCommit`]: the address's promise to claim a handle |
//! | `handle_proofs` ‖ address ‖ kind of proof (u8) ‖ location | [`StoredProof`]: where the address says that it tied itself to a handle |
//! | `entries` ‖ address ‖ number (u64) | [`Entry`]: the address's history, from 0, written once |
//! | `next_entry` ‖ address | the number of the address's next entry |
//! | `by_role` ‖ address ‖ role (u8) ‖ number (u64) | nothing: index of `entries` |
//! | `by_object` ‖ kind (u8) ‖ object (u64) ‖ seconds (u64) ‖ height (u64) ‖ number (u64) ‖ address | nothing: index of `entries` |
//! | `by_datanet` ‖ datanet (u64) ‖ seconds (u64) ‖ height (u64) ‖ number (u64) ‖ address | nothing: index of the `entries` of a datanet |
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
/// The handle that an account holds, or held last: without this entry nobody holds a handle, whatever its record's time, so a chain
/// made of an export holds the same handles even where its clock begins earlier.
pub(crate) const HELD: Map<&[u8], Handle> = Map::new("held");
/// Promises to claim a handle, one an account.
pub(crate) const HANDLE_COMMITS: Map<&[u8], StoredCommit> = Map::new("handle_commits");
/// Where an account says that it tied itself to a handle: account, kind, location.
pub(crate) const HANDLE_PROOFS: Map<(&[u8], u8, &str), StoredProof> = Map::new("handle_proofs");
/// The permanent history by actor and number.
pub(crate) const ENTRIES: Map<(&[u8], u64), Entry> = Map::new("entries");
/// How many entries an actor has.
pub(crate) const NEXT_ENTRY: Map<&[u8], u64> = Map::new("next_entry");
/// Index of entries by actor and role.
pub(crate) const BY_ROLE: Map<(&[u8], u8, u64), Empty> = Map::new("by_role");
/// Index of entries by object: the rest of the key is [`Entry::place`].
pub(crate) const BY_OBJECT: Map<(u8, u64, &[u8]), Empty> = Map::new("by_object");
/// Index of entries by datanet: the rest of the key is [`Entry::place`].
pub(crate) const BY_DATANET: Map<(u64, &[u8]), Empty> = Map::new("by_datanet");
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
    /// The protobuf form, `handle` being the one that the account holds.
    pub fn to_proto(&self, account: &Address, handle: Option<&Handle>) -> proto::Profile {
        proto::Profile {
            address: account.to_string(),
            handle: handle.map(ToString::to_string).unwrap_or_default(),
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
    /// Header time until which it is paid, or at which it was given up.
    pub until_seconds: i64,
}

impl StoredHandle {
    /// The protobuf form; `kept` says whether its holder is said to hold it.
    pub fn to_proto(&self, handle: &str, kept: bool) -> proto::HandleRecord {
        proto::HandleRecord {
            handle: handle.into(),
            holder: self.holder.to_string(),
            since_height: self.since_height,
            until_seconds: self.until_seconds,
            kept,
        }
    }
}

/// A commit as it is stored: the account is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCommit {
    /// `openledger_provenance::commit::HandleCommit::hash`, 32 bytes.
    pub commit: Binary,
    /// Height at which it was made.
    pub height: u64,
}

/// A claimed proof as it is stored: account, kind and location are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProof {
    /// The handle.
    pub handle: Handle,
    /// Height at which it was claimed.
    pub height: u64,
    /// Header time at which it was claimed.
    pub time_seconds: i64,
}

impl StoredProof {
    /// The protobuf form.
    pub fn to_proto(&self, account: &Address, kind: u8, location: &str) -> proto::HandleProof {
        proto::HandleProof {
            account: account.to_string(),
            kind: kind.into(),
            location: location.into(),
            handle: self.handle.to_string(),
            height: self.height,
            time_seconds: self.time_seconds,
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

    /// The last part of the entry's key in [`BY_OBJECT`] and [`BY_DATANET`]: seconds, height and number, big-endian, then the actor. The
    /// time leads, so that a range of times is a range of keys; no block is before 1970.
    pub(crate) fn place(&self, actor: &Address, number: u64) -> Binary {
        let seconds = seconds_key(self.time_seconds);
        [&seconds, &self.height.to_be_bytes(), &number.to_be_bytes(), actor.as_bytes()].concat().into()
    }
}

/// A header time as it stands in keys.
pub(crate) fn seconds_key(seconds: i64) -> [u8; 8] {
    u64::try_from(seconds).unwrap_or_default().to_be_bytes()
}
