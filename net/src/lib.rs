//! A bounded HTTP listener, for HTTP/1.1 and, where it is wanted, HTTP/2, without TLS: what every door of the chain, of its figures and
//! of the engine stands on.
//!
//! | bound | what happens beyond it |
//! | --- | --- |
//! | [`Limits::connections`] | a client waits in the kernel's queue until another one leaves |
//! | [`Limits::header`] | a client that has not sent its header, or anything, is dropped, also one that idles between two requests |
//! | [`Limits::write`] | a client that does not take its answer is dropped |
//! | [`Limits::silence`] | a client that sends and takes nothing at all is dropped |
//! | [`MAX_HEADER`], the most streams, the windows | refused (431), or made to wait, by HTTP itself |
//!
//! Bodies are bounded by the services, which know what they expect. A door that fails ends alone: the program goes on. Clocks are read to
//! drop who is slow; nothing here takes part in consensus.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod listener;
mod timed;

use std::time::Duration;

pub use listener::{serve, Listener};

/// The longest header of an HTTP/1.1 request in bytes; HTTP/2's is half of it.
pub const MAX_HEADER: usize = 64 * 1024;

/// What a door lets its clients do; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most open connections; 0 is no limit.
    pub connections: usize,
    /// How long an HTTP/1.1 header may take, counted from the end of the request before.
    pub header: Option<Duration>,
    /// How long a client may refuse to take more of an answer.
    pub write: Option<Duration>,
    /// How long neither side may send anything.
    pub silence: Option<Duration>,
    /// Whether HTTP/2 is spoken too.
    pub http2: bool,
}
