//! The accounts that a channel has here: its escrow, and one for each sender of another chain who acts here by memo.

use openledger_core::Address;

const VERSION: &str = "ics20-1";
/// What the accounts of remote senders are derived under (ADR-028).
const REMOTE: &str = "openledger-remote";

/// Where the tokens of this chain lie that were sent away through a channel.
///
/// Source: ibc-go v8 `modules/apps/transfer/types/keys.go`, `GetEscrowAddress`.
pub fn escrow(port: &str, channel: &str) -> Address {
    Address::of_sha256(format!("{VERSION}\0{port}/{channel}").as_bytes())
}

/// The account here of somebody who sends from another chain: no key signs for it, and what comes through `channel` (this chain's end)
/// from `sender` alone acts for it.
pub fn remote_account(channel: &str, sender: &str) -> Address {
    Address::of_named_key(REMOTE, format!("{channel}/{sender}").as_bytes())
}
