//! The events of transfers, kind by kind as relayers and indexers read them.
//!
//! Source: ibc-go v8 `modules/apps/transfer/ibc_module.go`, `keeper/msg_server.go`, `keeper/relay.go`.

use openledger_core::{Error, Event};

use crate::ack::Ack;
use crate::denom::{hash_text, Trace};
use crate::packet::PacketData;
use crate::NAME;

const PACKET: &str = "fungible_token_packet";

/// A transfer was asked for.
pub(crate) fn transfer(data: &PacketData, amount: &str, denom: &str) -> Event {
    Event::new("ibc_transfer")
        .attr("sender", &data.sender)
        .attr("receiver", &data.receiver)
        .attr("amount", amount)
        .attr("denom", denom)
        .attr("memo", &data.memo)
}

/// Whose message it was.
pub(crate) fn message() -> Event {
    Event::new("message").attr("module", NAME)
}

/// A voucher was received.
pub(crate) fn trace(trace: &Trace) -> Event {
    Event::new("denomination_trace").attr("trace_hash", hash_text(&trace.hash())).attr("denom", trace.denom())
}

fn packet(data: &PacketData) -> Event {
    Event::new(PACKET)
        .attr("module", NAME)
        .attr("sender", &data.sender)
        .attr("receiver", &data.receiver)
        .attr("denom", &data.denom)
        .attr("amount", &data.amount)
        .attr("memo", &data.memo)
}

/// A packet was received, or refused.
pub(crate) fn received(data: &PacketData, refusal: Option<&Error>) -> Event {
    let event = packet(data).attr("success", refusal.is_none());
    match refusal {
        Some(error) => event.attr("error", error),
        None => event,
    }
}

/// A packet of ours was answered.
pub(crate) fn acknowledged(data: &PacketData, ack: &Ack) -> [Option<Event>; 2] {
    let answer = match ack {
        Ack::Result(result) => Some(Event::new(PACKET).attr("success", String::from_utf8_lossy(result))),
        Ack::Error(error) => Some(Event::new(PACKET).attr("error", error)),
        Ack::Nothing => None,
    };
    [Some(packet(data).attr("acknowledgement", ack.text())), answer]
}

/// A packet of ours was never received; its sender has the tokens again.
pub(crate) fn timed_out(data: &PacketData) -> Event {
    Event::new("timeout")
        .attr("module", NAME)
        .attr("refund_receiver", &data.sender)
        .attr("refund_denom", &data.denom)
        .attr("refund_amount", &data.amount)
        .attr("memo", &data.memo)
}
