//! One file a message.

mod claim_baseline;
mod commit_contribution;
mod create_datanet;
mod freeze_version;
mod reveal_contribution;
mod review_contribution;
mod set_commons;
mod spend_treasury;
mod tombstone;
mod update_allow_list;
mod update_datanet;
mod update_params;
mod withdraw_contribution;

pub(crate) use review_contribution::MAX_SCORE;
pub(crate) use set_commons::MAX_CHANGES;
