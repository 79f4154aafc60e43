//! The kinds of events that this module emits; their attributes stand where they are emitted.

/// A model was registered: model, owner, name.
pub const MODEL_REGISTERED: &str = "model_registered";
/// A model version was registered: model_version, model, owner, weights_hash, depth, parents, licence, incorporates.
pub const VERSION_REGISTERED: &str = "model_version_registered";
/// A deployment was made: deployment, server, model_version, endpoint, base_price, byte_price, bond.
pub const DEPLOYED: &str = "model_deployed";
/// A deployment changed: deployment, server, endpoint, base_price, byte_price, active.
pub const DEPLOYMENT_UPDATED: &str = "model_deployment_updated";
/// A deployment attested a corpus: deployment, server, datanet, version.
pub const ATTESTED: &str = "model_corpus_attested";
/// A bond grew: deployment, server, amount, bond.
pub const BOND_ADDED: &str = "model_bond_added";
/// A part of a bond began to unbond: deployment, server, amount, completion_time.
pub const UNBOND_BEGUN: &str = "model_unbond_begun";
/// Unbonded money left: deployment, server, amount.
pub const BOND_WITHDRAWN: &str = "model_bond_withdrawn";
/// A locked part of a bond was taken: deployment, server, amount, bond.
pub const SLASHED: &str = "model_bond_slashed";
/// A server may deploy a version, or may no longer: model_version, server, allowed.
pub const SERVER_SET: &str = "model_server_set";
/// An agent was registered: agent, operator, name, terms, deployments, base_price, byte_price.
pub const AGENT_REGISTERED: &str = "model_agent_registered";
/// An agent has new terms: agent, operator, terms, deployments, base_price, byte_price.
pub const AGENT_UPDATED: &str = "model_agent_updated";
/// An agent takes no new sessions any more: agent, operator.
pub const AGENT_RETIRED: &str = "model_agent_retired";
/// Feedback came: feedback, model_version, author, kind, deposit, deadline.
pub const FEEDBACK_SUBMITTED: &str = "model_feedback_submitted";
/// Feedback was decided: feedback, model_version, author, owner, accepted, returned, burnt.
pub const FEEDBACK_DECIDED: &str = "model_feedback_decided";
/// Nobody decided a feedback in time: feedback, model_version, author, returned.
pub const FEEDBACK_RECLAIMED: &str = "model_feedback_reclaimed";
/// The parameters changed: min_bond, unbonding_seconds, feedback_deposit, feedback_window_seconds.
pub const PARAMS_UPDATED: &str = "model_params_updated";
