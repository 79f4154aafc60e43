//! What can be wrong with a transfer; codespace `transfer`, and those of IBC's other tables that a transfer answers with.
//!
//! Codes are ibc-go's (v8 `modules/apps/transfer/types/errors.go`, `modules/core/errors`, `04-channel`, `05-port`, `24-host`), since
//! error acknowledgements carry them to other chains. Code 100 is ours.

use openledger_core::Coded;

/// Errors of the transfer module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Code 3.
    #[error("{0}: invalid denomination for cross-chain transfer")]
    InvalidDenom(String),
    /// Code 4.
    #[error("{0}: invalid ICS20 version")]
    InvalidVersion(String),
    /// Code 5.
    #[error("{0}: invalid token amount")]
    InvalidAmount(String),
    /// Code 6.
    #[error("{0}: denomination trace not found")]
    TraceNotFound(String),
    /// Code 7.
    #[error("{0}fungible token transfers from this chain are disabled")]
    SendDisabled(String),
    /// Code 8.
    #[error("fungible token transfers to this chain are disabled")]
    ReceiveDisabled,
    /// Code 9.
    #[error("{0}: max transfer channels")]
    MaxChannels(String),
    /// Code 11.
    #[error("{0}: invalid memo")]
    InvalidMemo(String),
    /// Code 100: a genesis that cannot be taken over.
    #[error("transfer genesis: {0}")]
    InvalidGenesis(String),
}

impl Coded for TransferError {
    fn codespace(&self) -> &'static str {
        "transfer"
    }

    fn code(&self) -> u32 {
        match self {
            Self::InvalidDenom(_) => 3,
            Self::InvalidVersion(_) => 4,
            Self::InvalidAmount(_) => 5,
            Self::TraceNotFound(_) => 6,
            Self::SendDisabled(_) => 7,
            Self::ReceiveDisabled => 8,
            Self::MaxChannels(_) => 9,
            Self::InvalidMemo(_) => 11,
            Self::InvalidGenesis(_) => 100,
        }
    }
}

/// Errors of IBC's other tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IbcError {
    /// `ibc`, code 2.
    #[error("{0}: unauthorized")]
    Unauthorized(String),
    /// `ibc`, code 3.
    #[error("{0}: insufficient funds")]
    InsufficientFunds(String),
    /// `ibc`, code 4.
    #[error("{0}: unknown request")]
    UnknownRequest(String),
    /// `ibc`, code 5.
    #[error("{0}: invalid address")]
    InvalidAddress(String),
    /// `ibc`, code 6.
    #[error("{0}: invalid coins")]
    InvalidCoins(String),
    /// `ibc`, code 8.
    #[error("{0}: invalid request")]
    InvalidRequest(String),
    /// `ibc`, code 12.
    #[error("{0}: invalid type")]
    InvalidType(String),
    /// `channel`, code 3.
    #[error("{0}: channel not found")]
    ChannelNotFound(String),
    /// `channel`, code 6.
    #[error("{0}: invalid channel ordering")]
    ChannelOrdering(String),
    /// `channel`, code 13.
    #[error("{0}: invalid packet")]
    InvalidPacket(String),
    /// `port`, code 4.
    #[error("{0}: invalid port")]
    InvalidPort(String),
    /// `host`, code 2.
    #[error("{0}: invalid identifier")]
    InvalidId(String),
    /// An error that has no code of its own in Go: codespace `undefined`, code 1.
    #[error("{0}")]
    Plain(String),
}

impl Coded for IbcError {
    fn codespace(&self) -> &'static str {
        match self {
            Self::ChannelNotFound(_) | Self::ChannelOrdering(_) | Self::InvalidPacket(_) => "channel",
            Self::InvalidPort(_) => "port",
            Self::InvalidId(_) => "host",
            Self::Plain(_) => "undefined",
            _ => "ibc",
        }
    }

    fn code(&self) -> u32 {
        match self {
            Self::Plain(_) => 1,
            Self::Unauthorized(_) | Self::InvalidId(_) => 2,
            Self::InsufficientFunds(_) | Self::ChannelNotFound(_) => 3,
            Self::UnknownRequest(_) | Self::InvalidPort(_) => 4,
            Self::InvalidAddress(_) => 5,
            Self::InvalidCoins(_) | Self::ChannelOrdering(_) => 6,
            Self::InvalidRequest(_) => 8,
            Self::InvalidType(_) => 12,
            Self::InvalidPacket(_) => 13,
        }
    }
}
