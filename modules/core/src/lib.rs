//! The module kit: what every module of the chain is made of.
//!
//! | file | what |
//! | --- | --- |
//! | [`context`] | [`Context`]: metered state, block, events |
//! | [`comet`] | votes and misbehaviour, as CometBFT tells them |
//! | [`router`] | [`Handle`], [`Router`]: from a type URL to the handler |
//! | [`module`] | [`Module`]: genesis, begin and end block, invariants |
//! | [`error`] | [`Error`], [`SdkError`], [`Coded`]: codespaces and codes |
//! | [`gas`] | [`GasMeter`] and the SDK's costs |
//! | [`coin`] | [`Coin`], [`Coins`]: 256-bit amounts |
//! | [`dec`] | [`Dec`]: 315-bit decimals with the SDK's rounding |
//! | [`dec_coin`] | [`DecCoin`], [`DecCoins`]: decimal amounts |
//! | [`address`] | [`Address`]: bytes and bech32 |
//! | [`query`] | [`Status`] and pagination |
//! | [`event`] | [`Event`] |
//! | `testing` | a chain in memory, for the modules' tests |
//! | [`time`] | [`Time`] and durations, as keys and as protobuf |
//! | [`wire`] | readers of what protobuf leaves loose |

pub mod address;
pub mod coin;
pub mod comet;
pub mod context;
pub mod dec;
pub mod dec_coin;
pub mod error;
pub mod event;
pub mod gas;
pub mod module;
pub mod query;
pub mod router;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod wire;

pub use address::Address;
pub use coin::{Coin, Coins, BASE_DENOM};
pub use context::{BlockInfo, Context, Mode};
pub use dec::Dec;
pub use dec_coin::{DecCoin, DecCoins};
pub use error::{Coded, Error, Result, SdkError};
pub use event::Event;
pub use gas::{GasMeter, OutOfGas};
pub use module::{ConsensusKey, Module, ValidatorUpdate};
pub use query::Status;
pub use router::{Handle, Router};
pub use time::Time;
