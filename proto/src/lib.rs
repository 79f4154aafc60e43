//! Protobuf: the types of every message the chain speaks, their descriptors, and the walker over them.
//!
//! | what | where | made from |
//! | --- | --- | --- |
//! | the project's messages | [`openledger`] | `proto/openledger/**/*.proto`, by `build.rs` |
//! | the SDK's messages (v0.50) | [`cosmos`] | `cosmos-sdk-proto`; the packages that it leaves out by `build.rs` |
//! | CometBFT's messages (v0.38) | [`tendermint`] | `tendermint-proto` |
//! | [`Any`], [`Timestamp`], [`Duration`] | here | `tendermint-proto` |
//! | descriptors, JSON, unknown fields, signers, services | [`walker`] | `proto/descriptors.bin` |
//! | amino JSON and what is signed of it | [`amino`] | `proto/descriptors.bin` |
//!
//! `proto/descriptors.bin` is made by `scripts/descriptors` (a Go program, `proto/dump`) and committed, so that the
//! workspace builds without protoc and without Go. Types of [`cosmos`] and [`openledger`] have [`Name`]: `T::type_url()`
//! is `/package.Type`.

pub mod amino;
pub mod http;
pub mod walker;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
#[allow(clippy::arithmetic_side_effects)]
mod test_vectors;

/// The SDK's messages: `cosmos-sdk-proto`'s, and the packages that it leaves out.
pub mod cosmos {
    pub use cosmos_sdk_proto::cosmos::*;

    /// The circuit breaker.
    pub mod circuit {
        /// Version 1.
        #[allow(missing_docs, clippy::all, rustdoc::all)]
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/cosmos.circuit.v1.rs"));
        }
    }

    /// Consensus parameters.
    pub mod consensus {
        /// Version 1.
        #[allow(missing_docs, clippy::all, rustdoc::all)]
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/cosmos.consensus.v1.rs"));
        }
    }

    /// The multistore.
    pub mod store {
        /// Snapshots for state sync.
        pub mod snapshots {
            /// Version 1.
            #[allow(missing_docs, clippy::all, rustdoc::all)]
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/cosmos.store.snapshots.v1.rs"));
            }
        }
    }
}

#[allow(missing_docs, clippy::all, rustdoc::all)]
mod generated {
    // The generated code names the SDK's packages made here relative to its own.
    #[allow(unused_imports)]
    pub use crate::cosmos;
    include!(concat!(env!("OUT_DIR"), "/openledger.rs"));
}
pub use generated::openledger;

pub use cosmos_sdk_proto::tendermint::google::protobuf::{Any, Duration, Timestamp};
pub use prost::{Message, Name};
pub use tendermint_proto::v0_38 as tendermint;
