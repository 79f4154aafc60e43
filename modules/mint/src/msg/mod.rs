//! One file a message.

mod update_params;
