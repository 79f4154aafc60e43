//! The events, as SDK v0.50 `x/slashing/types/events.go` has them.

use cosmwasm_std::Uint256;
use openledger_core::address::VALCONS_PREFIX;
use openledger_core::{Address, Event};

/// Why somebody is slashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It signed two blocks of one height.
    DoubleSign,
    /// It missed too many blocks.
    MissingSignature,
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::DoubleSign => "double_sign",
            Self::MissingSignature => "missing_signature",
        }
    }
}

/// A validator missed a block.
pub(crate) fn liveness(validator: &Address, missed_blocks: u64, height: u64) -> Event {
    let event = Event::new("liveness").attr("address", validator.to_bech32(VALCONS_PREFIX));
    event.attr("missed_blocks", missed_blocks).attr("height", height)
}

/// A validator was slashed; `jailed` where the same event says that it was jailed.
pub(crate) fn slash(validator: &Address, power: u64, reason: Reason, jailed: bool, burned: Uint256) -> Event {
    let address = validator.to_bech32(VALCONS_PREFIX);
    let mut event = Event::new("slash").attr("address", &address).attr("power", power).attr("reason", reason.text());
    if jailed {
        event = event.attr("jailed", &address);
    }
    event.attr("burned_coins", burned)
}

/// A validator was jailed.
pub(crate) fn jail(validator: &Address) -> Event {
    Event::new("slash").attr("jailed", validator.to_bech32(VALCONS_PREFIX))
}
