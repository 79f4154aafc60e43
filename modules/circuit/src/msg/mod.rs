//! One file a message.

mod authorize;
mod reset;
mod trip;
