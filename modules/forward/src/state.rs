//! Every key of the store `forward`.
//!
//! | key | value |
//! | --- | --- |
//! | `forwards` ‖ channel ‖ sequence | [`Forward`]: a transfer that was sent on in that packet and waits for its answer |

use cosmwasm_std::{Binary, Uint256};
use cw_storage_plus::Map;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_core::{Result, SdkError};
use openledger_proto::openledger::forward::v1::Forward as ProtoForward;
use openledger_store::StoreName;
use prost::Message;
use serde::{Deserialize, Serialize};

/// The module's store.
pub const STORE: StoreName = "forward";

/// What waits, by the packet that was sent on.
pub(crate) const FORWARDS: Map<(&str, u64), Forward> = Map::new("forwards");

/// A transfer that was sent on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The packet that arrived, encoded.
    pub packet: Binary,
    /// Who sends it on.
    pub sender: String,
    /// Who receives it there.
    pub receiver: String,
    /// The memo for the further chain.
    pub memo: String,
    /// How long the further chain has, in nanoseconds.
    pub timeout: u64,
    /// How often it is tried again.
    pub retries_left: u8,
    /// The denomination here.
    pub denom: String,
    /// How much.
    pub amount: Uint256,
}

impl Forward {
    /// The packet that arrived.
    pub(crate) fn arrived(&self) -> Result<Packet> {
        let packet = Packet::decode(self.packet.as_slice());
        packet.map_err(|_| SdkError::Logic("forward state: a packet cannot be read".into()).into())
    }

    /// The protobuf form.
    pub(crate) fn to_proto(&self, channel: &str, sequence: u64) -> ProtoForward {
        ProtoForward {
            channel: channel.into(),
            sequence,
            packet: self.packet.to_vec(),
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            memo: self.memo.clone(),
            timeout: self.timeout,
            retries_left: self.retries_left.into(),
            denom: self.denom.clone(),
            amount: self.amount.to_string(),
        }
    }
}
