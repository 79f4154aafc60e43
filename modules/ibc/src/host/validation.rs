//! What ibc-rs's handlers of connections, channels and packets read.

use std::time::Duration;

use ibc::clients::tendermint::client_state::ClientState;
use ibc::clients::tendermint::consensus_state::ConsensusState;
use ibc::core::channel::types::channel::ChannelEnd;
use ibc::core::channel::types::commitment::{AcknowledgementCommitment, PacketCommitment};
use ibc::core::channel::types::packet::Receipt;
use ibc::core::client::types::Height;
use ibc::core::commitment_types::commitment::CommitmentPrefix;
use ibc::core::connection::types::error::ConnectionError;
use ibc::core::connection::types::version::{pick_version, Version};
use ibc::core::connection::types::ConnectionEnd;
use ibc::core::host::types::error::HostError;
use ibc::core::host::types::identifiers::{ConnectionId, Sequence};
use ibc::core::host::types::path::{
    AckPath, ChannelEndPath, CommitmentPath, ReceiptPath, SeqAckPath, SeqRecvPath, SeqSendPath,
};
use ibc::core::host::ValidationContext;
use ibc::primitives::{Signer, Timestamp};
use openledger_core::{Result, SdkError};

use super::Host;
use crate::error::Kind;
use crate::keeper::{nanoseconds, no_channel};
use crate::self_client;
use crate::state::{self, STORE};

fn unreadable(error: impl std::fmt::Display) -> SdkError {
    SdkError::Logic(format!("state of ibc: {error}"))
}

impl<'r, 'c> Host<'r, 'c> {
    fn counter(&self, key: &'static [u8]) -> Result<u64, HostError> {
        self.attempt(|ctx| Ok(state::number(&*ctx.kv(STORE), key)?.unwrap_or_default()))
    }

    fn sequence(&self, key: &[u8], missing: Kind, of: String) -> Result<Sequence, HostError> {
        self.attempt(|ctx| {
            let number = state::number(&*ctx.kv(STORE), key)?;
            Ok(number.ok_or_else(|| missing.with(of))?.into())
        })
    }
}

impl<'r, 'c> ValidationContext for Host<'r, 'c> {
    type V = Self;
    type HostClientState = ClientState;
    type HostConsensusState = ConsensusState;

    fn get_client_validation_context(&self) -> &Self {
        self
    }

    fn host_height(&self) -> Result<Height, HostError> {
        self.height()
    }

    fn host_timestamp(&self) -> Result<Timestamp, HostError> {
        self.attempt(|ctx| Ok(Timestamp::from_nanoseconds(nanoseconds(ctx)?)))
    }

    fn host_consensus_state(&self, height: &Height) -> Result<ConsensusState, HostError> {
        self.attempt(|ctx| self_client::consensus_state(&self.keeper, ctx, height))
    }

    fn client_counter(&self) -> Result<u64, HostError> {
        self.counter(state::NEXT_CLIENT)
    }

    fn connection_end(&self, conn_id: &ConnectionId) -> Result<ConnectionEnd, HostError> {
        self.attempt(|ctx| {
            let end = state::connection(&*ctx.kv(STORE), conn_id.as_str())?;
            let end = end.ok_or_else(|| Kind::ConnectionNotFound.with(conn_id.as_str()))?;
            Ok(ConnectionEnd::try_from(end).map_err(unreadable)?)
        })
    }

    fn validate_self_client(&self, client_state: ClientState) -> Result<(), HostError> {
        self.attempt(|ctx| self_client::validate(&self.keeper, ctx, client_state.inner()))
    }

    fn commitment_prefix(&self) -> CommitmentPrefix {
        CommitmentPrefix::from_bytes(STORE.as_bytes())
    }

    fn connection_counter(&self) -> Result<u64, HostError> {
        self.counter(state::NEXT_CONNECTION)
    }

    fn pick_version(&self, candidates: &[Version]) -> Result<Version, HostError> {
        let failed = |error: ConnectionError| self.lost(Kind::VersionNegotiationFailed.with(error.to_string()).into());
        pick_version(&self.get_compatible_versions(), candidates).map_err(failed)
    }

    fn channel_end(&self, path: &ChannelEndPath) -> Result<ChannelEnd, HostError> {
        self.attempt(|ctx| {
            let end = state::channel(&*ctx.kv(STORE), path.0.as_str(), path.1.as_str())?;
            let end = end.ok_or_else(|| no_channel(path.0.as_str(), path.1.as_str()))?;
            Ok(ChannelEnd::try_from(end).map_err(unreadable)?)
        })
    }

    fn get_next_sequence_send(&self, path: &SeqSendPath) -> Result<Sequence, HostError> {
        let key = state::next_send_key(path.0.as_str(), path.1.as_str());
        self.sequence(&key, Kind::SequenceSendNotFound, path.to_string())
    }

    fn get_next_sequence_recv(&self, path: &SeqRecvPath) -> Result<Sequence, HostError> {
        let key = state::next_recv_key(path.0.as_str(), path.1.as_str());
        self.sequence(&key, Kind::SequenceReceiveNotFound, path.to_string())
    }

    fn get_next_sequence_ack(&self, path: &SeqAckPath) -> Result<Sequence, HostError> {
        let key = state::next_ack_key(path.0.as_str(), path.1.as_str());
        self.sequence(&key, Kind::SequenceAckNotFound, path.to_string())
    }

    fn get_packet_commitment(&self, path: &CommitmentPath) -> Result<PacketCommitment, HostError> {
        let key = state::commitment_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        self.attempt(|ctx| {
            let found = ctx.kv(STORE).get(&key);
            Ok(found.ok_or_else(|| Kind::PacketCommitmentNotFound.with(path.to_string()))?.into())
        })
    }

    fn get_packet_receipt(&self, path: &ReceiptPath) -> Result<Receipt, HostError> {
        let key = state::receipt_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        let found = self.with(|ctx| ctx.kv(STORE).get(&key));
        Ok(if found.is_some() { Receipt::Ok } else { Receipt::None })
    }

    fn get_packet_acknowledgement(&self, path: &AckPath) -> Result<AcknowledgementCommitment, HostError> {
        let key = state::ack_key(path.port_id.as_str(), path.channel_id.as_str(), path.sequence.value());
        let found = self.with(|ctx| ctx.kv(STORE).get(&key));
        found.map(Into::into).ok_or_else(|| HostError::missing_state("no acknowledgement"))
    }

    fn channel_counter(&self) -> Result<u64, HostError> {
        self.counter(state::NEXT_CHANNEL)
    }

    fn max_expected_time_per_block(&self) -> Duration {
        let params = self.with(|ctx| state::connection_params(&*ctx.kv(STORE)));
        Duration::from_nanos(params.map(|params| params.max_expected_time_per_block).unwrap_or_default())
    }

    /// In nanoseconds and rounded up, as ibc-go counts; ibc-rs's own counts whole seconds.
    fn block_delay(&self, delay_period_time: &Duration) -> u64 {
        let (delay, block) = (delay_period_time.as_nanos(), self.max_expected_time_per_block().as_nanos());
        let blocks = if block == 0 { 0 } else { delay.div_ceil(block) };
        u64::try_from(blocks).unwrap_or(u64::MAX)
    }

    /// That whoever is named has signed is checked before a message is executed.
    fn validate_message_signer(&self, _signer: &Signer) -> Result<(), HostError> {
        Ok(())
    }
}
