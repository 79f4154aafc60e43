//! One file a message.

mod submit_evidence;
