//! One file a message.

mod transfer;
mod update_params;
