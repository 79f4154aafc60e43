//! The keys of the store `datanet` that belong to contents after their reveal.
//!
//! | key | value |
//! | --- | --- |
//! | `pointers` ‖ seq ‖ pointer's seq | nothing: accepted contributions that point at one |
//! | `paid_pointers` ‖ seq ‖ kind (u8) ‖ pointer's seq | basis points of its pay, at most three of a kind |
//! | `next_duplicate` | the id of the next duplicate dispute, from 1 |
//! | `duplicates` ‖ id | [`DuplicateDispute`] |
//! | `duplicates_of` ‖ seq ‖ id | nothing: index of `duplicates` |
//! | `duplicate_deadlines` ‖ deadline (height) ‖ id | nothing: open disputes; the end of a block takes from its front |
//! | `seeds` ‖ height | [`Seed`]: what draws the regions of the disputes committed one block before, while one of them is open |
//! | `rulings` ‖ seq | [`Ruling`]: which earlier work it copies |
//! | `challenges` ‖ seq ‖ chunk (u32) | [`Challenge`]: a chunk that is asked for, or missing |
//! | `challenge_deadlines` ‖ deadline (height) ‖ seq ‖ chunk (u32) | nothing: those not missed yet; the end of a block takes from its front |
//! | `unavailable` ‖ seq | [`Unavailable`] |
//! | `custodies` ‖ seq | [`Custody`]: whose a custodial contribution is |
//! | `holds` ‖ seq | header time until which the pay of an accepted custodial contribution is held |
//! | `holds_due` ‖ header time (i64) ‖ seq | nothing: the same by time; the end of a block takes from its front |
//! | `nodes` ‖ datanet ‖ level (u8, from 1) ‖ place | root of the perfect subtree over `2^level` accepted contributions |

use cosmwasm_std::{Binary, Empty};
use cw_storage_plus::{Item, Map};

use super::types::{Challenge, Custody, DuplicateDispute, Ruling, Seed, Unavailable};

pub(crate) const POINTERS: Map<(u64, u64), Empty> = Map::new("pointers");
pub(crate) const PAID_POINTERS: Map<(u64, u8, u64), u32> = Map::new("paid_pointers");
pub(crate) const NEXT_DUPLICATE: Item<u64> = Item::new("next_duplicate");
pub(crate) const DUPLICATES: Map<u64, DuplicateDispute> = Map::new("duplicates");
pub(crate) const DUPLICATES_OF: Map<(u64, u64), Empty> = Map::new("duplicates_of");
pub(crate) const DUPLICATE_DEADLINES: Map<(u64, u64), Empty> = Map::new("duplicate_deadlines");
pub(crate) const SEEDS: Map<u64, Seed> = Map::new("seeds");
pub(crate) const RULINGS: Map<u64, Ruling> = Map::new("rulings");
pub(crate) const CHALLENGES: Map<(u64, u32), Challenge> = Map::new("challenges");
pub(crate) const CHALLENGE_DEADLINES: Map<(u64, u64, u32), Empty> = Map::new("challenge_deadlines");
pub(crate) const UNAVAILABLE: Map<u64, Unavailable> = Map::new("unavailable");
pub(crate) const CUSTODIES: Map<u64, Custody> = Map::new("custodies");
pub(crate) const HOLDS: Map<u64, i64> = Map::new("holds");
pub(crate) const HOLDS_DUE: Map<(i64, u64), Empty> = Map::new("holds_due");
pub(crate) const NODES: Map<(u64, u8, u64), Binary> = Map::new("nodes");
