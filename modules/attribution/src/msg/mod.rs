//! One file a message: stateless checks and execution.

mod answer_opening;
mod bond_auditor;
mod claim;
mod claim_undeclared;
mod close_session;
mod commit_dispute;
mod commit_replacement;
mod commit_seed;
mod demand_opening;
mod demand_transcript;
mod notice_close;
mod open_session;
mod present_credit;
mod publish_transcript;
mod release_held;
mod replace_claim;
mod reveal_dispute;
mod reveal_seed;
mod settle;
mod settle_agent;
mod top_up_session;
mod unbond_auditor;
mod update_params;
