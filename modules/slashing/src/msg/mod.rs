//! One file a message.

mod unjail;
mod update_params;
