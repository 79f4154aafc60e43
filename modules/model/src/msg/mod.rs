//! One file a message: stateless checks and execution.

mod attest_corpus;
mod begin_unbond;
mod deploy;
mod register_model;
mod register_model_version;
mod top_up_bond;
mod update_deployment;
mod update_params;
mod withdraw_bond;

pub(crate) use deploy::check_modes;
pub(crate) use register_model_version::{check_datanets, check_terms};
