//! ABCI 0.38 over sockets: what CometBFT (or a bench) connects to.
//!
//! [`Server`] serves any [`AbciApplication`] over a Unix socket or TCP, one thread a connection. tendermint-abci's trait is the
//! interface; its bundled server is not used, since it is TCP without `TCP_NODELAY` and answers a synchronous call in 43 ms.
//!
//! | file | what |
//! | --- | --- |
//! | `address.rs` | where to listen: `unix://…`, `tcp://…`, stale and too long socket paths |
//! | `frame.rs` | messages behind a length, read as they arrive and never beyond a cap |
//! | `dispatch.rs` | from a request to the application's method, and the hooks that tendermint-abci's trait lacks |
//! | `connection.rs` | one connection: reading ahead, batches of CheckTx, when answers are flushed |
//! | `server.rs` | accepting, counting, stopping |
//!
//! Guarantees: answers come in the order of requests; bad bytes close their connection only; a panic or a failed consensus call is
//! reported as fatal and never leaves the peer waiting (design section 4).

mod address;
mod connection;
mod dispatch;
mod frame;
mod server;

pub use address::{Address, MAX_SOCKET_PATH};
pub use connection::MAX_CHECK_TX_BATCH;
pub use dispatch::AbciApplication;
pub use frame::{FrameError, FrameReader};
pub use server::{Options, Server};
