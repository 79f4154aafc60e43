//! Execution: from CometBFT's calls to the app hash.
//!
//! | file | what |
//! | --- | --- |
//! | [`application`] | [`Application`]: ABCI's calls |
//! | [`chain`] | [`Chain`]: what is committed, what is in the making |
//! | [`genesis`] | InitChain |
//! | [`tx`] | strict decoding of transactions |
//! | [`decoded`] | what was decoded before |
//! | [`prepare`] | decoding and signatures of a block, in parallel |
//! | [`signature_data`] | a signature as it came, or a multisig's parts |
//! | [`sign_bytes`] | what is signed, by the mode of signing |
//! | [`signatures`] | verification, and what was verified before |
//! | [`ante`] | what a transaction must pass, one file a check |
//! | [`run`] | one transaction |
//! | [`block`] | one block |
//! | [`finalize`] | one block, executed and hashed |
//! | [`optimistic`] | one block, before it is decided on |
//! | [`proposal`] | what a block may hold |
//! | [`snapshots`] | state sync |
//! | [`query`] | queries |
//! | [`header`] | the last block, in the state |
//! | [`panics`] | where unwinding ends |
//! | [`metrics`] | what is counted and timed for operators |
//! | [`config`] | the operator's settings |
//! | [`abci`] | types of ABCI |

pub mod abci;
pub mod ante;
pub mod application;
pub mod block;
pub mod chain;
pub mod config;
pub mod decoded;
pub mod finalize;
pub mod genesis;
pub mod header;
pub mod metrics;
pub mod optimistic;
pub mod panics;
pub mod prepare;
pub mod proposal;
pub mod query;
pub mod run;
pub mod sign_bytes;
pub mod signature_data;
pub mod signatures;
pub mod snapshots;
pub mod tx;

pub use application::Application;
pub use chain::{Chain, Latest, Service};
pub use config::{Config, GasPrices};
pub use query::simulation;
pub use run::Outcome;

/// The application's name.
pub const NAME: &str = "openledger";
/// How the error begins that ends a node where its operator said (`halt-height`, `halt-time`); the rest says where that is.
pub const HALT: &str = "halt per configuration";
/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The application's version in block headers. It changes by decision of the chain (`ConsensusParams.version`), not with the program.
pub const APP_VERSION: u64 = 0;
