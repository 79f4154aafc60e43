//! Every key of the store `attribution`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` ‖ version | [`Params`], for ever |
//! | `params_version` | the version of new sessions |
//! | `totals` | [`Totals`]: what is owed, by category |
//! | `session_seq`, `settlement_seq`, `dispute_seq` | the last number given, 0 where there is none |
//! | `sessions` ‖ id | [`Session`] |
//! | `sessions_by_payer` ‖ payer ‖ id | nothing |
//! | `sessions_by_deployment` ‖ deployment ‖ id | nothing |
//! | `settlements` ‖ id | [`Settlement`] |
//! | `settlements_by_session` ‖ session ‖ id | nothing |
//! | `settlements_by_deployment` ‖ deployment ‖ id | nothing |
//! | `rows` ‖ settlement ‖ round ‖ contribution | base units; deleted when credited, or when the round is refuted |
//! | `rows_left` ‖ settlement ‖ round | whether its rows are to be credited (true) or only deleted: end block's queue |
//! | `due` ‖ height ‖ settlement | nothing: from this height on end block looks at the settlement |
//! | `disputes` ‖ id | [`Dispute`] |
//! | `disputes_by_settlement` ‖ settlement ‖ id | nothing |
//! | `dispute_deadlines` ‖ height ‖ id | nothing: committed disputes by the last height of their reveal |
//! | `owed` ‖ address | base units that the account may claim |
//! | `earnings` ‖ contribution | [`Earnings`] |
//! | `usage` ‖ model version | [`Usage`] |
//! | `proposed` ‖ consensus address | the height at which the validator last proposed; one a validator that ever did |
//! | `horizons` ‖ height | the block's horizon (`horizon.rs`); of the last 1,001 blocks |
//!
//! Numbers in keys are big-endian; namespaces, and all parts of a key but the last, carry their length (cw-storage-plus). Values
//! are JSON.

use cosmwasm_std::{Empty, Uint256};
use cw_storage_plus::{Item, Map};
use openledger_store::StoreName;

use crate::params::Params;
use crate::till::Totals;
use crate::types::{Dispute, Earnings, Session, Settlement, Usage};

/// The module's store.
pub const STORE: StoreName = "attribution";

/// Parameters by version, from 1.
pub(crate) const PARAMS: Map<u64, Params> = Map::new("params");
/// The version of new sessions.
pub(crate) const PARAMS_VERSION: Item<u64> = Item::new("params_version");
/// What is owed, by category.
pub(crate) const TOTALS: Item<Totals> = Item::new("totals");
/// The last session's number.
pub(crate) const SESSION_SEQ: Item<u64> = Item::new("session_seq");
/// Sessions by number.
pub(crate) const SESSIONS: Map<u64, Session> = Map::new("sessions");
/// Sessions by payer.
pub(crate) const SESSIONS_BY_PAYER: Map<(&[u8], u64), Empty> = Map::new("sessions_by_payer");
/// Sessions by deployment.
pub(crate) const SESSIONS_BY_DEPLOYMENT: Map<(u64, u64), Empty> = Map::new("sessions_by_deployment");
/// The last settlement's number.
pub(crate) const SETTLEMENT_SEQ: Item<u64> = Item::new("settlement_seq");
/// Settlements by number.
pub(crate) const SETTLEMENTS: Map<u64, Settlement> = Map::new("settlements");
/// Settlements by session.
pub(crate) const SETTLEMENTS_BY_SESSION: Map<(u64, u64), Empty> = Map::new("settlements_by_session");
/// Settlements by deployment.
pub(crate) const SETTLEMENTS_BY_DEPLOYMENT: Map<(u64, u64), Empty> = Map::new("settlements_by_deployment");
/// What contributions get of a settlement's round.
pub(crate) const ROWS: Map<(u64, u32, u64), Uint256> = Map::new("rows");
/// Rounds whose rows end block works off: credited (true) or deleted.
pub(crate) const ROWS_LEFT: Map<(u64, u32), bool> = Map::new("rows_left");
/// Settlements by the height at which end block looks at them.
pub(crate) const DUE: Map<(u64, u64), Empty> = Map::new("due");
/// The last dispute's number.
pub(crate) const DISPUTE_SEQ: Item<u64> = Item::new("dispute_seq");
/// Disputes by number.
pub(crate) const DISPUTES: Map<u64, Dispute> = Map::new("disputes");
/// Disputes by settlement.
pub(crate) const DISPUTES_BY_SETTLEMENT: Map<(u64, u64), Empty> = Map::new("disputes_by_settlement");
/// Committed disputes by deadline.
pub(crate) const DISPUTE_DEADLINES: Map<(u64, u64), Empty> = Map::new("dispute_deadlines");
/// What accounts may claim.
pub(crate) const OWED: Map<&[u8], Uint256> = Map::new("owed");
/// What contributions have earned.
pub(crate) const EARNINGS: Map<u64, Earnings> = Map::new("earnings");
/// What model versions have sold.
pub(crate) const USAGE: Map<u64, Usage> = Map::new("usage");
/// Heights at which validators last proposed.
pub(crate) const PROPOSED: Map<&[u8], u64> = Map::new("proposed");
/// Horizons by height.
pub(crate) const HORIZONS: Map<u64, u64> = Map::new("horizons");
