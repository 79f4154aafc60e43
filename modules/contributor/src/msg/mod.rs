//! One file a message.

mod claim_handle;
mod claim_proof;
mod commit_handle;
mod release_handle;
mod renew_handle;
mod set_profile;
mod update_params;
mod withdraw_proof;

pub(crate) use commit_handle::claim_heights;
pub(crate) use set_profile::check_texts;
