//! The stack behind the port `transfer`: what acts on a packet before and after tokens move.
//!
//! As with ibc-go's middleware, a layer holds the one under it and is held by the one over it; [`Transfer`] is the lowest. Each sees a
//! packet, passes it on as it is or changed, and sees the answer. Which layers there are, and in which order, stands in
//! `app/src/runtime.rs`.

use std::fmt::Debug;

use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_core::{Address, Context, Result};

use crate::ack::Ack;
use crate::keeper::Transfer;

/// What becomes of a packet that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is answered at once. Where the answer is an error, IBC core takes back what was changed.
    Now(Ack),
    /// It is answered later, by [`crate::Channels::write_acknowledgement`]; what was changed stays.
    Later,
}

/// A layer of the stack.
pub trait Layer: Debug + Send + Sync {
    /// A packet arrived.
    fn on_recv(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Answer;

    /// A packet of ours was answered.
    fn on_ack(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8], relayer: &Address) -> Result<()>;

    /// A packet of ours was never received and never will be.
    fn on_timeout(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Result<()>;
}

impl Layer for Transfer {
    fn on_recv(&self, ctx: &mut Context, packet: &Packet, _relayer: &Address) -> Answer {
        Answer::Now(self.received(ctx, packet))
    }

    fn on_ack(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8], _relayer: &Address) -> Result<()> {
        self.acknowledged(ctx, packet, acknowledgement)
    }

    fn on_timeout(&self, ctx: &mut Context, packet: &Packet, _relayer: &Address) -> Result<()> {
        self.timed_out(ctx, packet)
    }
}
