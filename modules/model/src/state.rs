//! Every key of the store `model`.
//!
//! | key | value |
//! | --- | --- |
//! | `params` | [`Params`] |
//! | `model_seq`, `version_seq`, `deployment_seq`, `agent_seq`, `feedback_seq` | the last number given, 0 where there is none |
//! | `models` ‖ id | [`Model`] |
//! | `models_by_owner` ‖ owner ‖ id | nothing |
//! | `versions` ‖ id | [`ModelVersion`] |
//! | `versions_by_model` ‖ model ‖ id | nothing |
//! | `children` ‖ parent ‖ version | nothing |
//! | `descendants` ‖ ancestor ‖ version | nothing |
//! | `servers` ‖ version ‖ account | height at which its owner let it |
//! | `deployments` ‖ id | [`Deployment`] |
//! | `deployments_by_version` ‖ version ‖ id | nothing |
//! | `deployments_by_server` ‖ account ‖ id | nothing |
//! | `attestations` ‖ deployment ‖ datanet ‖ version | height |
//! | `agents` ‖ id | [`Agent`] |
//! | `agents_by_operator` ‖ account ‖ id | nothing |
//! | `agent_terms` ‖ agent ‖ number | [`AgentTerms`] |
//! | `feedback` ‖ id | [`Feedback`] |
//! | `feedback_by_version` ‖ version ‖ kind ‖ id | nothing |
//! | `feedback_by_author` ‖ account ‖ id | nothing |
//!
//! Numbers in keys are big-endian; namespaces, and all parts of a key but the last, carry their length (cw-storage-plus). Values
//! are JSON.

use cosmwasm_std::Empty;
use cw_storage_plus::{Item, Map};
use openledger_store::StoreName;

use crate::agent::{Agent, AgentTerms};
use crate::deployment::Deployment;
use crate::feedback::Feedback;
use crate::params::Params;
use crate::types::{Model, ModelVersion};

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
/// The last agent's number.
pub(crate) const AGENT_SEQ: Item<u64> = Item::new("agent_seq");
/// The last feedback's number.
pub(crate) const FEEDBACK_SEQ: Item<u64> = Item::new("feedback_seq");
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
/// Deployments by server.
pub(crate) const DEPLOYMENTS_BY_SERVER: Map<(&[u8], u64), Empty> = Map::new("deployments_by_server");
/// Model versions by parent.
pub(crate) const CHILDREN: Map<(u64, u64), Empty> = Map::new("children");
/// Model versions by ancestor.
pub(crate) const DESCENDANTS: Map<(u64, u64), Empty> = Map::new("descendants");
/// Heights at which owners let servers deploy versions whose serving is permitted.
pub(crate) const SERVERS: Map<(u64, &[u8]), u64> = Map::new("servers");
/// Agents by number.
pub(crate) const AGENTS: Map<u64, Agent> = Map::new("agents");
/// Agents by operator.
pub(crate) const AGENTS_BY_OPERATOR: Map<(&[u8], u64), Empty> = Map::new("agents_by_operator");
/// Agents' terms by their numbers.
pub(crate) const AGENT_TERMS: Map<(u64, u32), AgentTerms> = Map::new("agent_terms");
/// Feedback by number.
pub(crate) const FEEDBACK: Map<u64, Feedback> = Map::new("feedback");
/// Feedback by model version and kind.
pub(crate) const FEEDBACK_BY_VERSION: Map<(u64, u8, u64), Empty> = Map::new("feedback_by_version");
/// Feedback by author.
pub(crate) const FEEDBACK_BY_AUTHOR: Map<(&[u8], u64), Empty> = Map::new("feedback_by_author");
