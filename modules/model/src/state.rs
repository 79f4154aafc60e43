//! Every key of the store `model`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `model_seq`, `version_seq`, `deployment_seq` | the last number given, 0 where there is none |
//! | `models` ‖ id | [`Model`] |
//! | `models_by_owner` ‖ owner ‖ id | nothing |
//! | `versions` ‖ id | [`ModelVersion`] |
//! | `versions_by_model` ‖ model ‖ id | nothing |
//! | `deployments` ‖ id | [`Deployment`] |
//! | `deployments_by_version` ‖ version ‖ id | nothing |
//! | `attestations` ‖ deployment ‖ datanet ‖ version | height |
//!
//! Numbers in keys are big-endian; namespaces, and all parts of a key but the last, carry their length (cw-storage-plus). Values
//! are JSON.

use cosmwasm_std::Empty;
use cw_storage_plus::{Item, Map};
use openledger_store::StoreName;

use crate::params::Params;
use crate::types::{Deployment, Model, ModelVersion};

/// The module's store.
pub const STORE: StoreName = "model";

/// The parameters.
pub(crate) const PARAMS: Item<Params> = Item::new("params");
/// The last model's number.
pub(crate) const MODEL_SEQ: Item<u64> = Item::new("model_seq");
/// The last model version's number.
pub(crate) const VERSION_SEQ: Item<u64> = Item::new("version_seq");
/// The last deployment's number.
pub(crate) const DEPLOYMENT_SEQ: Item<u64> = Item::new("deployment_seq");
/// Models by number.
pub(crate) const MODELS: Map<u64, Model> = Map::new("models");
/// Models by owner.
pub(crate) const MODELS_BY_OWNER: Map<(&[u8], u64), Empty> = Map::new("models_by_owner");
/// Model versions by number.
pub(crate) const VERSIONS: Map<u64, ModelVersion> = Map::new("versions");
/// Model versions by model.
pub(crate) const VERSIONS_BY_MODEL: Map<(u64, u64), Empty> = Map::new("versions_by_model");
/// Deployments by number.
pub(crate) const DEPLOYMENTS: Map<u64, Deployment> = Map::new("deployments");
/// Deployments by model version.
pub(crate) const DEPLOYMENTS_BY_VERSION: Map<(u64, u64), Empty> = Map::new("deployments_by_version");
/// Heights at which deployments attested datanet versions.
pub(crate) const ATTESTATIONS: Map<(u64, u64, u32), u64> = Map::new("attestations");
