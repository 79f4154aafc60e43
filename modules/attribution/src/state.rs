//! Every key of the store `attribution`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` ‖ version | [`Params`], for ever |
//! | `params_version` | the version of new sessions |
//! | `totals` | [`Totals`]: what is owed, by category |
//! | `session_seq`, `settlement_seq`, `dispute_seq` | the last number given, 0 where there is none; disputes and demands share one |
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
//! | `demands` ‖ id | [`Demand`]: open ones; a demand and a dispute never have the same number |
//! | `demands_by_settlement` ‖ settlement ‖ id | nothing |
//! | `demand_deadlines` ‖ height ‖ id | nothing: open demands by the last height of their answer |
//! | `transcript_demands` ‖ settlement ‖ receipt | the open demand for its transcript |
//! | `openings` ‖ settlement | [`Openings`]; until it is paid or goes to the baseline |
//! | `draws` ‖ epoch ‖ settlement | nothing: settlements by the epoch whose seed draws |
//! | `epoch` | [`Epoch`], the present one |
//! | `seeds` ‖ epoch | 32 bytes, of past epochs that settlements wait for |
//! | `auditors` ‖ address | [`Auditor`] |
//! | `replacement_commits` ‖ settlement ‖ number | [`ReplacementCommit`]; until one is revealed, or none was |
//! | `undeclared` ‖ settlement ‖ round ‖ receipt, first window (u32) | [`Undeclared`]; until it is paid, or deleted with its round's rows |
//! | `owed` ‖ address | base units that the account may claim |
//! | `earnings` ‖ contribution | [`Earnings`] |
//! | `held_due` ‖ header time (i64) ‖ contribution | nothing: from then on end block moves what is held of its pay |
//! | `usage` ‖ model version | [`Usage`] |
//! | `session_expiry` ‖ header time ‖ session | nothing: from this time on end block ends the session |
//! | `records` ‖ deployment | [`Record`] |
//! | `prices` ‖ what (0 model version, 1 deployment) ‖ id ‖ slot | [`SettledPrice`] of one of the last 30 periods |
//! | `proposed` ‖ consensus address | the height at which the validator last proposed; one a validator that ever did |
//! | `horizons` ‖ height | the block's horizon (`horizon.rs`); of the last 1,001 blocks |
//!
//! Numbers in keys are big-endian; namespaces, and all parts of a key but the last, carry their length (cw-storage-plus). Values
//! are JSON.

use cosmwasm_std::{Binary, Empty, Uint256};
use cw_storage_plus::{Item, Map};
use openledger_store::StoreName;

use crate::audit::types::{Auditor, Demand, Epoch, Openings, ReplacementCommit, Undeclared};
use crate::params::Params;
use crate::till::Totals;
use crate::types::{Dispute, Earnings, Record, Session, SettledPrice, Settlement, Usage};

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
/// Contributions whose held pay end block looks at, by header time.
pub(crate) const HELD_DUE: Map<(i64, u64), Empty> = Map::new("held_due");
/// What model versions have sold.
pub(crate) const USAGE: Map<u64, Usage> = Map::new("usage");
/// Sessions by the time at which they expire.
pub(crate) const SESSION_EXPIRY: Map<(u64, u64), Empty> = Map::new("session_expiry");
/// What deployments did.
pub(crate) const RECORDS: Map<u64, Record> = Map::new("records");
/// What was sold by period, of model versions and of deployments.
pub(crate) const PRICES: Map<(u8, u64, u32), SettledPrice> = Map::new("prices");
/// Heights at which validators last proposed.
pub(crate) const PROPOSED: Map<&[u8], u64> = Map::new("proposed");
/// Horizons by height.
pub(crate) const HORIZONS: Map<u64, u64> = Map::new("horizons");
/// Open demands by number.
pub(crate) const DEMANDS: Map<u64, Demand> = Map::new("demands");
/// Open demands by settlement.
pub(crate) const DEMANDS_BY_SETTLEMENT: Map<(u64, u64), Empty> = Map::new("demands_by_settlement");
/// Open demands by deadline.
pub(crate) const DEMAND_DEADLINES: Map<(u64, u64), Empty> = Map::new("demand_deadlines");
/// Open demands for transcripts, samples included, by settlement and receipt.
pub(crate) const TRANSCRIPT_DEMANDS: Map<(u64, u64), u64> = Map::new("transcript_demands");
/// What is open about settlements.
pub(crate) const OPENINGS: Map<u64, Openings> = Map::new("openings");
/// Settlements by the epoch whose seed draws.
pub(crate) const DRAWS: Map<(u64, u64), Empty> = Map::new("draws");
/// The present epoch.
pub(crate) const EPOCH: Item<Epoch> = Item::new("epoch");
/// Seeds of past epochs.
pub(crate) const SEEDS: Map<u64, Binary> = Map::new("seeds");
/// Auditors.
pub(crate) const AUDITORS: Map<&[u8], Auditor> = Map::new("auditors");
/// Commits to replacements.
pub(crate) const REPLACEMENT_COMMITS: Map<(u64, u32), ReplacementCommit> = Map::new("replacement_commits");
/// Undeclared sources by settlement, round, and receipt and first window ([`place_key`](crate::audit::undeclared::place_key)).
pub(crate) const UNDECLARED: Map<(u64, u32, [u8; 12]), Undeclared> = Map::new("undeclared");
