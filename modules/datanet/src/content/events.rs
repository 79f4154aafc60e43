//! Events of contents after their reveal.

use cosmwasm_std::Uint256;
use openledger_core::{Address, Coin, Event};

use super::types::{Custody, DuplicateDispute, Pointer, Ruling};

/// A contribution that points at another was accepted; `bps` is its part of the other's pay, 0: none.
pub fn pointer_accepted(seq: u64, pointer: &Pointer, bps: u32) -> Event {
    Event::new("pointer_accepted")
        .attr("seq", seq)
        .attr("points_at", pointer.seq)
        .attr("kind", pointer.kind.number())
        .attr("bps", bps)
}

/// A duplicate dispute was committed.
pub fn duplicate_committed(dispute: &DuplicateDispute) -> Event {
    duplicate("duplicate_committed", dispute).attr("deadline", dispute.deadline)
}

/// A duplicate dispute was shown; `ruled`: its ruling is new.
pub fn duplicate_shown(dispute: &DuplicateDispute, ruling: &Ruling, ruled: bool) -> Event {
    duplicate("duplicate_shown", dispute).attr("source", ruling.source.unwrap_or_default()).attr("ruled", ruled)
}

/// A duplicate dispute was not shown in time.
pub fn duplicate_expired(dispute: &DuplicateDispute, burnt: Uint256) -> Event {
    duplicate("duplicate_expired", dispute).attr("burnt", Coin::base(burnt))
}

fn duplicate(kind: &str, dispute: &DuplicateDispute) -> Event {
    Event::new(kind).attr("dispute_id", dispute.id).attr("seq", dispute.seq).attr("disputant", &dispute.disputant)
}

/// A chunk was asked for.
pub fn availability_challenged(seq: u64, chunk: u32, challenger: &Address, deadline: u64) -> Event {
    chunk_event("availability_challenged", seq, chunk).attr("challenger", challenger).attr("deadline", deadline)
}

/// A chunk was shown; `paid` is what it earned.
pub fn availability_answered(seq: u64, chunk: u32, answerer: &Address, paid: Uint256) -> Event {
    chunk_event("availability_answered", seq, chunk).attr("answerer", answerer).attr("paid", Coin::base(paid))
}

/// Nobody showed a chunk in time.
pub fn availability_missed(seq: u64, chunk: u32) -> Event {
    chunk_event("availability_missed", seq, chunk)
}

/// All chunks that were missing have been shown.
pub fn content_available(seq: u64) -> Event {
    Event::new("content_available").attr("seq", seq)
}

fn chunk_event(kind: &str, seq: u64, chunk: u32) -> Event {
    Event::new(kind).attr("seq", seq).attr("chunk", chunk)
}

/// It was proven or granted whose a custodial contribution is.
pub fn custody_set(seq: u64, custody: &Custody) -> Event {
    Event::new("custody_set").attr("seq", seq).attr("account", &custody.account).attr("from_seconds", custody.from)
}

/// A grant of custody was ended before it counted.
pub fn custody_ended(seq: u64) -> Event {
    Event::new("custody_ended").attr("seq", seq)
}

/// Nobody proved in time whose a custodial contribution is; `forfeited` went from what it was owed to the baseline.
pub fn hold_ended(seq: u64, forfeited: Uint256) -> Event {
    Event::new("hold_ended").attr("seq", seq).attr("forfeited", Coin::base(forfeited))
}
