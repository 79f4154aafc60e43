//! What ibc-rs's handlers of connections, channels and packets write.

use cosmwasm_std::Storage;
use ibc::core::channel::types::channel::{ChannelEnd, State};
use ibc::core::channel::types::commitment::{AcknowledgementCommitment, PacketCommitment};
use ibc::core::channel::types::packet::Receipt;
use ibc::core::connection::types::ConnectionEnd;
use ibc::core::handler::types::events::IbcEvent;
use ibc::core::host::types::error::HostError;
use ibc::core::host::types::identifiers::{ChannelId, ConnectionId, PortId, Sequence};
use ibc::core::host::types::path::{
    AckPath, ChannelEndPath, ClientConnectionPath, CommitmentPath, ConnectionPath, ReceiptPath, SeqAckPath,
    SeqRecvPath, SeqSendPath,
};
use ibc::core::host::{ExecutionContext, ValidationContext};
use ibc_proto::ibc::core::channel::v1::Channel;
use ibc_proto::ibc::core::connection::v1::ConnectionEnd as RawConnectionEnd;
use openledger_core::SdkError;
use openledger_proto::Message;

use super::Host;
use crate::events;
use crate::state::{self, STORE};

impl<'r, 'c> Host<'r, 'c> {
    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.with(|ctx| ctx.kv_mut(STORE).set(key, value));
        Ok(())
    }

    fn drop_key(&self, key: &[u8]) -> Result<(), HostError> {
        self.with(|ctx| state::remove(&mut ctx.kv_mut(STORE), key));
        Ok(())
    }

    fn count(&self, key: &'static [u8]) -> Result<(), HostError> {
        self.attempt(|ctx| {
            let number = state::number(&*ctx.kv(STORE), key)?.unwrap_or_default();
            let next = number.checked_add(1).ok_or_else(|| SdkError::Logic("there are no more identifiers".into()))?;
            state::set_number(&mut ctx.kv_mut(STORE), key, next);
            Ok(())
        })
    }
}

impl<'r, 'c> ExecutionContext for Host<'r, 'c> {
    type E = Self;

    fn get_client_execution_context(&mut self) -> &mut Self {
        self
    }

    fn increase_client_counter(&mut self) -> Result<(), HostError> {
        self.count(state::NEXT_CLIENT)
    }

    fn store_connection(&mut self, path: &ConnectionPath, end: ConnectionEnd) -> Result<(), HostError> {
        let end: RawConnectionEnd = end.into();
        self.put(&state::connection_key(path.0.as_str()), &end.encode_to_vec())
    }

    fn store_connection_to_client(&mut self, path: &ClientConnectionPath, id: ConnectionId) -> Result<(), HostError> {
        self.attempt(|ctx| {
            let mut known = state::client_connections(&*ctx.kv(STORE), path.0.as_str())?.unwrap_or_default();
            known.paths.push(id.to_string());
            ctx.kv_mut(STORE).set(&state::client_connections_key(path.0.as_str()), &known.encode_to_vec());
            Ok(())
        })
    }

    fn increase_connection_counter(&mut self) -> Result<(), HostError> {
        self.count(state::NEXT_CONNECTION)
    }

    fn store_packet_commitment(&mut self, path: &CommitmentPath, value: PacketCommitment) -> Result<(), HostError> {
        let key = state::commitment_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        self.put(&key, value.as_ref())
    }

    fn delete_packet_commitment(&mut self, path: &CommitmentPath) -> Result<(), HostError> {
        self.drop_key(&state::commitment_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value()))
    }

    fn store_packet_receipt(&mut self, path: &ReceiptPath, _receipt: Receipt) -> Result<(), HostError> {
        let key = state::receipt_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        self.put(&key, &state::PRESENT)
    }

    fn store_packet_acknowledgement(
        &mut self,
        path: &AckPath,
        value: AcknowledgementCommitment,
    ) -> Result<(), HostError> {
        let key = state::ack_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        self.put(&key, value.as_ref())
    }

    fn delete_packet_acknowledgement(&mut self, path: &AckPath) -> Result<(), HostError> {
        self.drop_key(&state::ack_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value()))
    }

    /// A channel that is being opened gets the version that its application answered: ibc-rs would store the one that was proposed.
    fn store_channel(&mut self, path: &ChannelEndPath, mut end: ChannelEnd) -> Result<(), HostError> {
        if *end.state() == State::Init {
            if let Some(version) = self.take_version() {
                end.set_version(version);
            }
        }
        let end: Channel = end.into();
        self.put(&state::channel_key(path.0.as_str(), path.1.as_str()), &end.encode_to_vec())
    }

    fn store_next_sequence_send(&mut self, path: &SeqSendPath, seq: Sequence) -> Result<(), HostError> {
        self.put(&state::next_send_key(path.0.as_str(), path.1.as_str()), &seq.value().to_be_bytes())
    }

    fn store_next_sequence_recv(&mut self, path: &SeqRecvPath, seq: Sequence) -> Result<(), HostError> {
        self.put(&state::next_recv_key(path.0.as_str(), path.1.as_str()), &seq.value().to_be_bytes())
    }

    fn store_next_sequence_ack(&mut self, path: &SeqAckPath, seq: Sequence) -> Result<(), HostError> {
        self.put(&state::next_ack_key(path.0.as_str(), path.1.as_str()), &seq.value().to_be_bytes())
    }

    fn increase_channel_counter(&mut self) -> Result<(), HostError> {
        self.count(state::NEXT_CHANNEL)
    }

    /// The event as ibc-go has it, `message` after it; then what the application emitted meanwhile.
    fn emit_ibc_event(&mut self, event: IbcEvent) -> Result<(), HostError> {
        let find = |port: &PortId, channel: &ChannelId| {
            let end = self.channel_end(&ChannelEndPath::new(port, channel)).ok()?;
            Some((*end.ordering(), end.connection_hops().first()?.clone()))
        };
        if let Some(own) = events::of(event, find) {
            self.with(|ctx| own.into_iter().for_each(|event| ctx.emit(event)));
            self.release();
        }
        Ok(())
    }

    /// Events say the same.
    fn log_message(&mut self, _message: String) -> Result<(), HostError> {
        Ok(())
    }
}
