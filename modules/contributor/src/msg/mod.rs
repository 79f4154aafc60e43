//! One file a message.

mod set_profile;
mod update_params;

pub(crate) use set_profile::check_texts;
