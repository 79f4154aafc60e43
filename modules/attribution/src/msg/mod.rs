//! One file a message: stateless checks and execution.

mod claim;
mod close_session;
mod commit_dispute;
mod notice_close;
mod open_session;
mod replace_claim;
mod reveal_dispute;
mod settle;
mod top_up_session;
mod update_params;
