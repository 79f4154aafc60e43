//! Errors as transactions report them: a codespace, a stable code, a deterministic text.
//!
//! Every module has a `thiserror` enum of its own that implements [`Coded`]; `?` turns it into an [`Error`]. [`SdkError`] holds the
//! codes that all modules share (source: Cosmos SDK v0.50 `types/errors/errors.go`).

use cosmwasm_std::StdError;

/// An error with a place in the table of codes.
pub trait Coded: std::error::Error {
    /// The table's name, e.g. `"sdk"` or a module's.
    fn codespace(&self) -> &'static str;
    /// The code within it; 0 means success and is never an error's.
    fn code(&self) -> u32;
}

/// What a failed message, transaction or genesis reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The table's name.
    pub codespace: &'static str,
    /// The code within it.
    pub code: u32,
    /// What was wrong, with the value, and what would be right.
    pub message: String,
}

impl Error {
    /// The same error, its text led by `context`, as the SDK's `Wrap` puts it.
    pub fn context(mut self, context: &str) -> Self {
        self.message = format!("{}: {context}", self.message);
        self
    }
}

impl<E: Coded> From<E> for Error {
    fn from(error: E) -> Self {
        Self { codespace: error.codespace(), code: error.code(), message: error.to_string() }
    }
}

impl From<StdError> for Error {
    /// A storage error: a value that this code wrote and cannot read is a fault of ours, never of a transaction.
    fn from(error: StdError) -> Self {
        SdkError::Logic(format!("state: {error}")).into()
    }
}

/// The SDK's shared errors, codespace `sdk`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdkError {
    /// Code 2.
    #[error("{0}: tx parse error")]
    TxDecode(String),
    /// Code 3.
    #[error("{0}: invalid sequence")]
    InvalidSequence(String),
    /// Code 4.
    #[error("{0}: unauthorized")]
    Unauthorized(String),
    /// Code 5.
    #[error("{0}: insufficient funds")]
    InsufficientFunds(String),
    /// Code 6.
    #[error("{0}: unknown request")]
    UnknownRequest(String),
    /// Code 7.
    #[error("{0}: invalid address")]
    InvalidAddress(String),
    /// Code 8.
    #[error("{0}: invalid pubkey")]
    InvalidPubKey(String),
    /// Code 9.
    #[error("{0}: unknown address")]
    UnknownAddress(String),
    /// Code 10.
    #[error("{0}: invalid coins")]
    InvalidCoins(String),
    /// Code 11.
    #[error("{0}: out of gas")]
    OutOfGas(String),
    /// Code 12.
    #[error("{0}: memo too large")]
    MemoTooLarge(String),
    /// Code 13.
    #[error("{0}: insufficient fee")]
    InsufficientFee(String),
    /// Code 14.
    #[error("{0}: maximum number of signatures exceeded")]
    TooManySignatures(String),
    /// Code 15.
    #[error("{0}: no signatures supplied")]
    NoSignatures(String),
    /// Code 18.
    #[error("{0}: invalid request")]
    InvalidRequest(String),
    /// Code 21.
    #[error("{0}: tx too large")]
    TxTooLarge(String),
    /// Code 22.
    #[error("{0}: key not found")]
    KeyNotFound(String),
    /// Code 29.
    #[error("{0}: invalid type")]
    InvalidType(String),
    /// Code 38.
    #[error("{0}: not found")]
    NotFound(String),
    /// Code 37.
    #[error("{0}: unsupported")]
    NotSupported(String),
    /// Code 30.
    #[error("{0}: tx timeout height")]
    TxTimeoutHeight(String),
    /// Code 32.
    #[error("{0}: incorrect account sequence")]
    WrongSequence(String),
    /// Code 35.
    #[error("{0}: internal logic error")]
    Logic(String),
    /// Code 41.
    #[error("{0}: invalid gas limit")]
    InvalidGasLimit(String),
    /// Code 111222: a panic that was contained.
    #[error("{0}: panic")]
    Panic(String),
}

impl Coded for SdkError {
    fn codespace(&self) -> &'static str {
        match self {
            // The SDK's `errors.ErrPanic` is registered there.
            Self::Panic(_) => "undefined",
            _ => "sdk",
        }
    }

    fn code(&self) -> u32 {
        match self {
            Self::TxDecode(_) => 2,
            Self::InvalidSequence(_) => 3,
            Self::Unauthorized(_) => 4,
            Self::InsufficientFunds(_) => 5,
            Self::UnknownRequest(_) => 6,
            Self::InvalidAddress(_) => 7,
            Self::InvalidPubKey(_) => 8,
            Self::UnknownAddress(_) => 9,
            Self::InvalidCoins(_) => 10,
            Self::OutOfGas(_) => 11,
            Self::MemoTooLarge(_) => 12,
            Self::InsufficientFee(_) => 13,
            Self::TooManySignatures(_) => 14,
            Self::NoSignatures(_) => 15,
            Self::InvalidRequest(_) => 18,
            Self::TxTooLarge(_) => 21,
            Self::KeyNotFound(_) => 22,
            Self::InvalidType(_) => 29,
            Self::NotFound(_) => 38,
            Self::NotSupported(_) => 37,
            Self::TxTimeoutHeight(_) => 30,
            Self::WrongSequence(_) => 32,
            Self::Logic(_) => 35,
            Self::InvalidGasLimit(_) => 41,
            Self::Panic(_) => 111_222,
        }
    }
}

/// The result of whatever may fail a transaction.
pub type Result<T, E = Error> = std::result::Result<T, E>;
