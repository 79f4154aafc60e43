//! What other modules may ask of IBC: to read it, to send a packet, to write an acknowledgement that comes later.

use std::time::Duration;

use ibc::clients::tendermint::types::ClientState as TmClientState;
use ibc::core::channel::types::channel::State as ChannelState;
use ibc::core::channel::types::packet::Packet;
use ibc::core::channel::types::timeout::{TimeoutHeight, TimeoutTimestamp};
use ibc::core::host::types::identifiers::{ChannelId, PortId};
use ibc_proto::ibc::core::channel::v1::Channel;
use ibc_proto::ibc::core::client::v1::{self as client, Height};
use ibc_proto::ibc::core::connection::v1::{self as connection, ConnectionEnd};
use ibc_proto::ibc::lightclients::tendermint::v1::ConsensusState;
use openledger_core::{Context, Result, SdkError, Time};
use openledger_proto::{Any, Message};
use openledger_staking::Staking;

use crate::application::Application;
use crate::error::{IbcError, Kind};
use crate::state::{self, STORE};

/// The type of client that this chain has.
pub const TENDERMINT: &str = "07-tendermint";
/// The entry of the parameters that allows every type of client.
const ALL: &str = "*";

/// The keeper of IBC.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ibc {
    /// This chain's past headers, and how long its validators are answerable.
    pub staking: Staking,
    /// What stands behind the ports.
    pub applications: &'static [&'static dyn Application],
}

/// How a client stands, in ibc-go's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientStatus {
    /// It may be used.
    Active,
    /// Misbehaviour was shown; governance may recover it.
    Frozen,
    /// It was not updated for longer than its trusting period; governance may recover it.
    Expired,
    /// The parameters do not allow its type.
    Unauthorized,
}

impl ClientStatus {
    /// ibc-go's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Frozen => "Frozen",
            Self::Expired => "Expired",
            Self::Unauthorized => "Unauthorized",
        }
    }
}

/// Reading.
impl Ibc {
    /// A client, as it stands in the store.
    pub fn client_state(&self, ctx: &Context, client: &str) -> Result<Option<Any>> {
        state::client_state(&*ctx.kv(STORE), client)
    }

    /// A client of this chain's type.
    pub fn tendermint_client(&self, ctx: &Context, client: &str) -> Result<TmClientState> {
        let any = self.client_state(ctx, client)?.ok_or_else(|| no_client(client))?;
        TmClientState::try_from(any).map_err(|error| SdkError::Logic(format!("state of {client}: {error}")).into())
    }

    /// What a client knows of a height.
    pub fn consensus_state(&self, ctx: &Context, client: &str, height: &Height) -> Result<Option<Any>> {
        state::consensus_state(&*ctx.kv(STORE), client, height)
    }

    /// How a client stands now.
    pub fn client_status(&self, ctx: &Context, client: &str) -> Result<ClientStatus> {
        let tendermint = self.tendermint_client(ctx, client)?;
        if !allows(&self.client_params(ctx)?, TENDERMINT) {
            return Ok(ClientStatus::Unauthorized);
        }
        if tendermint.is_frozen() {
            return Ok(ClientStatus::Frozen);
        }
        let Some(any) = self.consensus_state(ctx, client, &tendermint.latest_height.into())? else {
            return Ok(ClientStatus::Expired);
        };
        let known: ConsensusState = state::decode(&any.value)?;
        let expires = Time::from_proto(known.timestamp.as_ref()).after(tendermint.trusting_period);
        Ok(if expires > Time::now(ctx) { ClientStatus::Active } else { ClientStatus::Expired })
    }

    /// A connection.
    pub fn connection(&self, ctx: &Context, connection: &str) -> Result<Option<ConnectionEnd>> {
        state::connection(&*ctx.kv(STORE), connection)
    }

    /// A channel.
    pub fn channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<Option<Channel>> {
        state::channel(&*ctx.kv(STORE), port, channel)
    }

    /// The sequence of the next packet that a channel sends.
    pub fn next_sequence_send(&self, ctx: &Context, port: &str, channel: &str) -> Result<Option<u64>> {
        state::number(&*ctx.kv(STORE), &state::next_send_key(port, channel))
    }

    /// The commitment of a packet that was sent and neither acknowledged nor timed out.
    pub fn packet_commitment(&self, ctx: &Context, port: &str, channel: &str, sequence: u64) -> Option<Vec<u8>> {
        ctx.kv(STORE).get(&state::commitment_key(port, channel, sequence))
    }

    /// Which types of client are allowed.
    pub fn client_params(&self, ctx: &Context) -> Result<client::Params> {
        state::client_params(&*ctx.kv(STORE))
    }

    /// How long a block may take.
    pub fn connection_params(&self, ctx: &Context) -> Result<connection::Params> {
        state::connection_params(&*ctx.kv(STORE))
    }

    /// The name of the next channel.
    pub(crate) fn next_channel(&self, ctx: &Context) -> Result<String> {
        let number = state::number(&*ctx.kv(STORE), state::NEXT_CHANNEL)?.unwrap_or_default();
        Ok(ChannelId::new(number).to_string())
    }

    /// What stands behind a port.
    pub fn application(&self, port: &str) -> Result<&'static dyn Application> {
        let found = self.applications.iter().find(|application| application.port() == port);
        found.copied().ok_or_else(|| Kind::PortNotFound.with(format!("no module is bound to port {port}")).into())
    }

    /// This chain's height, with the revision that its id says.
    pub fn host_height(&self, ctx: &Context) -> Height {
        Height { revision_number: revision(&ctx.block().chain_id), revision_height: ctx.height() }
    }
}

/// Writing.
impl Ibc {
    /// Sends a packet on an open channel; its sequence. The application that owns the port is trusted to call it for itself alone.
    pub fn send_packet(
        &self,
        ctx: &mut Context,
        port: &PortId,
        channel: &ChannelId,
        timeout_height: TimeoutHeight,
        timeout_timestamp: TimeoutTimestamp,
        data: Vec<u8>,
    ) -> Result<u64> {
        crate::packet::send(*self, ctx, port, channel, timeout_height, timeout_timestamp, data)
    }

    /// Writes the acknowledgement of a packet for which the application answered [`crate::Received::Later`].
    pub fn write_acknowledgement(&self, ctx: &mut Context, packet: &Packet, acknowledgement: Vec<u8>) -> Result<()> {
        crate::packet::write_acknowledgement(*self, ctx, packet, acknowledgement)
    }

    /// The open channel's other side, its connection and its order; refuses a channel that is not open.
    pub(crate) fn open_channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<Channel> {
        let end = self.channel(ctx, port, channel)?.ok_or_else(|| no_channel(port, channel))?;
        if end.state == ChannelState::Open as i32 {
            return Ok(end);
        }
        Err(Kind::InvalidChannelState.with(format!("channel is not OPEN (got {})", state_name(end.state))).into())
    }
}

/// ibc-go's word for a channel's state.
pub(crate) fn state_name(state: i32) -> &'static str {
    use ibc_proto::ibc::core::channel::v1::State;
    State::try_from(state).map_or("UNKNOWN", |state| state.as_str_name())
}

pub(crate) fn no_client(client: &str) -> IbcError {
    Kind::ClientNotFound.with(client)
}

pub(crate) fn no_channel(port: &str, channel: &str) -> IbcError {
    Kind::ChannelNotFound.with(format!("port ID ({port}) channel ID ({channel})"))
}

/// Whether the parameters allow a type of client.
pub(crate) fn allows(params: &client::Params, kind: &str) -> bool {
    let allowed = &params.allowed_clients;
    matches!(allowed.as_slice(), [only] if only == ALL) || allowed.iter().any(|allowed| allowed == kind)
}

/// Refuses a list of allowed types that names none, one twice, or all beside others.
pub(crate) fn check_client_params(params: &client::Params) -> Result<()> {
    let allowed = &params.allowed_clients;
    let refuse = |text: String| Err(Kind::InvalidRequest.with(text).into());
    if allowed.len() > 1 && allowed.iter().any(|kind| kind == ALL) {
        return refuse(format!("allow list must have only one element because the wildcard {ALL} is present"));
    }
    for (index, kind) in allowed.iter().enumerate() {
        if kind.trim().is_empty() {
            return refuse(format!("client type {index} cannot be blank"));
        }
        if allowed.iter().take(index).any(|other| other == kind) {
            return refuse(format!("duplicate client type: {kind}"));
        }
    }
    Ok(())
}

/// Refuses blocks that take no time.
pub(crate) fn check_connection_params(params: &connection::Params) -> Result<()> {
    if params.max_expected_time_per_block == 0 {
        return Err(Kind::InvalidRequest.with("MaxExpectedTimePerBlock cannot be zero").into());
    }
    Ok(())
}

/// The revision that a chain's id says, `{name}-{revision}`, as ibc-go reads it; 0 where it says none.
pub fn revision(chain_id: &str) -> u64 {
    let Some((name, number)) = chain_id.rsplit_once('-') else { return 0 };
    let named = name.chars().last().is_some_and(|last| last != '-' && last != '\n');
    let counted = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    if named && counted {
        number.parse().unwrap_or(0)
    } else {
        0
    }
}

/// Nanoseconds since 1970, which is how IBC counts; what lies before or 584 years after has none.
pub(crate) fn nanoseconds(ctx: &Context) -> Result<u64> {
    let block = ctx.block();
    let seconds = u64::try_from(block.time_seconds).ok();
    let nanos = seconds.map(|seconds| Duration::new(seconds, block.time_nanos).as_nanos());
    let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok());
    nanos.ok_or_else(|| SdkError::Logic("the block's time has no place in IBC".into()).into())
}

/// The encoding of an `Any`.
pub(crate) fn encode(any: &Any) -> Vec<u8> {
    any.encode_to_vec()
}
