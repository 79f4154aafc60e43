//! What a transfer asks of the channels under it: IBC core, or whoever stands between (rate limits).
//!
//! An application is stacked on channels as ibc-go's middleware is: calls come down through [`Channels`], packets come up through
//! IBC core's trait of applications.

use std::fmt::Debug;

use ibc_proto::ibc::core::channel::v1::Packet;
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::{Context, Result};

/// A packet before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// The port that it leaves through.
    pub port: &'a str,
    /// The channel that it leaves through.
    pub channel: &'a str,
    /// The height of the receiving chain from which it is not received any more; zero for none.
    pub timeout_height: Height,
    /// The receiving chain's time, in nanoseconds since 1970, from which it is not received any more; zero for none.
    pub timeout_timestamp: u64,
    /// What it says.
    pub data: Vec<u8>,
}

/// Channels to send packets through and to answer them on.
pub trait Channels: Debug + Send + Sync {
    /// Whether there is such a channel.
    fn has_channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<bool>;

    /// All channels of a port.
    fn channels(&self, ctx: &Context, port: &str) -> Result<Vec<String>>;

    /// Sends a packet; its number.
    fn send_packet(&self, ctx: &mut Context, packet: Outgoing) -> Result<u64>;

    /// Answers a packet that was received before without an answer. `false`: its channel was closed meanwhile, so that it never is.
    fn write_acknowledgement(&self, ctx: &mut Context, packet: &Packet, acknowledgement: Vec<u8>) -> Result<bool>;

    /// Whether a packet that was sent still waits for its answer or its timeout.
    fn is_in_flight(&self, ctx: &Context, port: &str, channel: &str, sequence: u64) -> Result<bool>;
}
