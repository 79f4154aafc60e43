//! Behaviour of the datanet module, one file a message; invariants are checked after each message and each block.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test may fail")]

mod admission;
mod availability;
mod chain;
mod claim_baseline;
mod commit_contribution;
mod contents_genesis;
mod council;
mod create_datanet;
mod curation;
mod custody;
mod deadlines;
mod duplicates;
mod freeze_version;
mod genesis;
mod governed_machine;
mod hidden_reviews;
mod lifecycle;
mod pointers;
mod queries;
mod reveal_contribution;
mod review_contribution;
mod set_commons;
mod spend_treasury;
mod state_machine;
mod tombstone;
mod update_allow_list;
mod update_datanet;
mod update_params;
mod withdraw_contribution;
