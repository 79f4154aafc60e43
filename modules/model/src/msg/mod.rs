//! One file a message: stateless checks and execution.

mod attest_corpus;
mod begin_unbond;
mod decide_feedback;
mod deploy;
mod reclaim_feedback;
mod register_agent;
mod register_model;
mod register_model_version;
mod retire_agent;
mod set_server;
mod submit_feedback;
mod top_up_bond;
mod update_agent;
mod update_deployment;
mod update_params;
mod withdraw_bond;

pub(crate) use deploy::{check_modes, check_prices, MAX_ENDPOINT_BYTES};
pub(crate) use register_model::check_name;
pub(crate) use register_model_version::Form;
