//! The node around the application: its home folder, settings and genesis, CometBFT as its child, and the process's life.
//!
//! | file | what |
//! | --- | --- |
//! | `home.rs` | the home folder, laid out as `simd`'s; writing files whole or not at all |
//! | `keys.rs` | the node's and the validator's ed25519 keys in CometBFT's JSON |
//! | `config.rs` | `config/app.toml` and `config/client.toml` |
//! | `genesis.rs` | `config/genesis.json`, the SDK's AppGenesis, and CometBFT's own document made from it |
//! | `allocation.rs` | who holds OPEN at the main network's first block |
//! | `app_state.rs` | the modules' part of a genesis: defaults, checks, accounts |
//! | `dry_run.rs` | InitChain of a genesis without a chain |
//! | `comet.rs` | finding, starting and ending CometBFT |
//! | `log.rs` | what is logged, and how |
//! | `telemetry.rs` | `/metrics` for Prometheus |
//! | `threads.rs` | short slices of the processor for whoever answers clients |
//! | `serve.rs` | a node's whole life: services, doors, figures and ABCI, opened and closed in order |
//! | `run.rs` | serving ABCI until a signal, a fault or CometBFT's end |
//!
//! Nothing here takes part in consensus, so clocks, randomness and the environment are allowed.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod allocation;
pub mod app_state;
pub mod comet;
pub mod config;
pub mod dry_run;
pub mod genesis;
pub mod home;
pub mod keys;
pub mod log;
pub mod run;
pub mod serve;
pub mod telemetry;
pub mod threads;

pub use config::{AppConfig, ClientConfig};
pub use genesis::{AppGenesis, Source};
pub use home::Home;
