//! One file a message.

mod answer_availability;
mod apply;
mod assess;
mod bond_contributor;
mod bond_curator;
mod challenge_availability;
mod claim_baseline;
mod claim_curation;
mod commit_contribution;
mod commit_duplicate;
mod commit_review;
mod create_datanet;
mod create_proposal;
mod execute_proposal;
mod freeze_version;
mod grant_custody;
mod overrule_review;
mod prove_custody;
mod reveal_contribution;
mod reveal_duplicate;
mod reveal_review;
pub(crate) mod review_contribution;
mod set_commons;
mod set_council;
mod set_datanet_state;
mod spend_treasury;
mod tombstone;
mod unbond_contributor;
mod unbond_curator;
mod update_allow_list;
mod update_datanet;
mod update_params;
mod vote_proposal;
mod withdraw_contribution;

pub(crate) use review_contribution::MAX_SCORE;
pub(crate) use set_commons::MAX_CHANGES;
