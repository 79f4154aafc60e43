//! The chain as one program: `openledgerd`.
//!
//! # A transaction's journey
//!
//! 1. **In at the socket.** CometBFT hands the bytes over in CheckTx; [`abci::Server`] reads ahead and gives transactions that wait
//!    together to [`execution::Application`], whose [`Chain::check_all`](execution::Chain::check_all) goes on.
//! 2. **Decoded, once.** [`execution::tx`]: canonical at the root, no unknown field, numbers that are some, every message known to the
//!    [`Router`](openledger_core::Router) and past its stateless checks, signers read from the descriptors. Signatures are
//!    verified in parallel ([`execution::prepare`], [`execution::signatures`]), over what each mode of signing says
//!    ([`execution::sign_bytes`]).
//! 3. **Let in.** [`execution::ante`] on CheckTx's own state: gas, fee, keys, sequences. The mempool gossips it; what was
//!    decoded is remembered, within bounds, for all that follows ([`execution::decoded`]).
//! 4. **Proposed and judged.** [`execution::proposal`]: one function of bytes and consensus parameters fills a block at the proposer and
//!    judges it everywhere else.
//! 5. **Executed.** FinalizeBlock: [`execution::block`] runs begin block, the transactions in order, end block; the modules' order
//!    stands in [`runtime`]. For each transaction [`execution::run`] runs the ante handler, then the messages: one
//!    [`Handle::handle`](openledger_core::Handle::handle) each, in the module's `msg/<verb>.rs`. If a message fails, the fee and
//!    the sequence stay and the rest is undone in the journal of [`BlockState`](openledger_store::BlockState).
//! 6. **Hashed.** The block's changes, in order of their keys, go into IAVL trees of their own
//!    ([`Multistore::prepare`](openledger_store::Multistore::prepare)); the root over all stores is the app hash that the next header
//!    carries. Another decided block discards them.
//! 7. **Committed.** [`Chain::commit`](execution::Chain::commit) writes one batch and swaps the state that everybody reads.
//! 8. **Asked for.** [`execution::query`] answers from that state, at every door alike, and proves it where asked.
//!
//! | module | what |
//! | --- | --- |
//! | [`execution`] | the journey above |
//! | [`genutil`] | the transactions of a genesis |
//! | [`runtime`] | which modules there are, and their order |
//! | [`services`] | the queries that need the chain itself or CometBFT |
//! | [`doors`] | gRPC, gRPC-web, REST |
//! | [`abci`] | the socket |
//! | [`node`] | the home folder, the genesis file, CometBFT as a child |
//! | [`cli`] | the command line |

pub mod abci;
pub mod cli;
pub mod doors;
pub mod execution;
pub mod genutil;
pub mod node;
pub mod runtime;
pub mod services;
pub mod upgrades;
