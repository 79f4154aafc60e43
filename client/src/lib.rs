//! What talks to the chain from outside: keys and a keyring, transactions, CometBFT's RPC.
//!
//! The command line, the engine and the tests share it; nothing here takes part in consensus.
//!
//! | file | what |
//! | --- | --- |
//! | [`key`] | [`Key`]: a secp256k1 key from a mnemonic (BIP-39, BIP-32 path `m/44'/118'/0'/0/0`) |
//! | [`keyring`] | [`Keyring`]: keys by name in a folder of the node's home, in the SDK's files |
//! | [`public_key`] | public keys, their addresses, multisigs |
//! | [`prompt`] | questions and passphrases, on a terminal or from standard input |
//! | [`tx`] | [`TxBuilder`]: messages into a signed `TxRaw` (SIGN_MODE_DIRECT) |
//! | [`state_proof`], [`payout`] | that a value stands in the state; that a payment is right, from its receipts to the unit |
//! | [`payment_file`] | a payment with its proofs, as a file |
//! | [`rpc`] | [`Rpc`]: status, queries, broadcast, waiting for a transaction |
//! | [`ports`] | ports for nodes and engines on this machine |
//! | [`wallet`] | [`Wallet`]: a key with its account, which sends and waits |

pub mod key;
pub mod keyring;
pub mod payment_file;
pub mod payout;
pub mod ports;
pub mod prompt;
pub mod public_key;
pub mod rpc;
pub mod state_proof;
pub mod tx;
pub mod wallet;

pub use key::Key;
pub use keyring::Keyring;
pub use payout::Payment;
pub use ports::free_port;
pub use public_key::PublicKey;
pub use rpc::Rpc;
pub use state_proof::StateProof;
pub use tx::{any, TxBuilder};
pub use wallet::Wallet;

/// What can go wrong on the way to the chain and back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A mnemonic, path or key that is none.
    #[error("key: {0}")]
    Key(String),
    /// The keyring's folder or a file in it.
    #[error("keyring {path}: {what}")]
    Keyring {
        /// The file or folder.
        path: String,
        /// What was wrong.
        what: String,
    },
    /// What somebody was asked for, and gave or did not give.
    #[error("{0}")]
    Input(String),
    /// The node does not answer, or not as CometBFT does.
    #[error("node {url}: {what}")]
    Node {
        /// Its address.
        url: String,
        /// What was wrong.
        what: String,
    },
    /// A call that the node understood and refused, in the words of CometBFT's own clients.
    #[error("RPC error {code} - {message}")]
    Refused {
        /// JSON-RPC's code.
        code: i64,
        /// What was wrong.
        message: String,
    },
    /// A query that the application refused.
    #[error("query {path}: {log} (code {code})")]
    Query {
        /// The query's path.
        path: String,
        /// ABCI code.
        code: u32,
        /// Why.
        log: String,
    },
    /// A transaction that was refused or failed.
    #[error("transaction {hash} failed: {log} (codespace {codespace}, code {code})")]
    Tx {
        /// Its hash, in upper-case hexadecimal.
        hash: String,
        /// The table of codes.
        codespace: String,
        /// The code.
        code: u32,
        /// Why.
        log: String,
    },
    /// A proof that does not hold, or shows something else.
    #[error("proof: {0}")]
    Proof(String),
    /// A transaction that no block took in time.
    #[error("transaction {0} was in no block in time; it may still come")]
    Timeout(String),
}

impl Error {
    /// Whether a module refused a transaction, for good. What the SDK's own checks refuse (codespace `sdk`: a sequence, a fee, gas, a full
    /// mempool) may pass later.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Tx { codespace, .. } if codespace != "sdk")
    }
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
