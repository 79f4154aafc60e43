//! The parameters of transactions: sizes, signatures and what they cost.
//!
//! Source: SDK v0.50 `x/auth/types/params.go`; all five must be positive.

use openledger_core::Result;
use openledger_proto::cosmos::auth::v1beta1::Params as ProtoParams;
use serde::{Deserialize, Serialize};

use crate::error::AuthError;

/// The parameters; fields as in `cosmos.auth.v1beta1.Params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// The longest memo, in bytes (the SDK counts bytes, its name says characters).
    pub max_memo_characters: u64,
    /// The most signatures of a transaction, a multisig's each counted.
    pub tx_sig_limit: u64,
    /// Gas for each byte of a transaction.
    pub tx_size_cost_per_byte: u64,
    /// Gas for verifying an ed25519 signature.
    pub sig_verify_cost_ed25519: u64,
    /// Gas for verifying a secp256k1 signature.
    pub sig_verify_cost_secp256k1: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            max_memo_characters: 256,
            tx_sig_limit: 7,
            tx_size_cost_per_byte: 10,
            sig_verify_cost_ed25519: 590,
            sig_verify_cost_secp256k1: 1_000,
        }
    }
}

impl Params {
    /// Reads and checks the protobuf form.
    pub fn from_proto(params: &ProtoParams) -> Result<Self> {
        let named = [
            (params.tx_sig_limit, "invalid tx signature limit"),
            (params.sig_verify_cost_ed25519, "invalid ED25519 signature verification cost"),
            (params.sig_verify_cost_secp256k1, "invalid SECK256k1 signature verification cost"),
            (params.max_memo_characters, "invalid max memo characters"),
            (params.tx_size_cost_per_byte, "invalid tx size cost per byte"),
        ];
        if let Some((value, text)) = named.iter().find(|(value, _)| *value == 0) {
            return Err(AuthError::InvalidParams(format!("{text}: {value}")).into());
        }
        Ok(Self {
            max_memo_characters: params.max_memo_characters,
            tx_sig_limit: params.tx_sig_limit,
            tx_size_cost_per_byte: params.tx_size_cost_per_byte,
            sig_verify_cost_ed25519: params.sig_verify_cost_ed25519,
            sig_verify_cost_secp256k1: params.sig_verify_cost_secp256k1,
        })
    }

    /// Gas for verifying a secp256r1 signature: half of a secp256k1 one's.
    pub fn sig_verify_cost_secp256r1(&self) -> u64 {
        self.sig_verify_cost_secp256k1 >> 1
    }

    /// The protobuf form.
    pub fn to_proto(self) -> ProtoParams {
        ProtoParams {
            max_memo_characters: self.max_memo_characters,
            tx_sig_limit: self.tx_sig_limit,
            tx_size_cost_per_byte: self.tx_size_cost_per_byte,
            sig_verify_cost_ed25519: self.sig_verify_cost_ed25519,
            sig_verify_cost_secp256k1: self.sig_verify_cost_secp256k1,
        }
    }
}
