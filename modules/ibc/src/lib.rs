//! IBC core: light clients of other chains, connections to them, channels over these, packets over those; by ibc-rs 0.57, so that an
//! ibc-go v8 chain and any relayer find what they look for.
//!
//! | messages | what | file |
//! | --- | --- | --- |
//! | `ibc.core.client.v1.MsgCreateClient`, `MsgUpdateClient`, `MsgUpgradeClient`, `MsgSubmitMisbehaviour` | whoever relays keeps a client of another chain | `msg/create_client.rs`, … |
//! | `ibc.core.client.v1.MsgRecoverClient`, `MsgIBCSoftwareUpgrade`, `MsgUpdateParams` | governance: a dead client, this chain's own upgrade, what is allowed | `msg/recover_client.rs`, … |
//! | `ibc.core.connection.v1.MsgConnectionOpen{Init,Try,Ack,Confirm}`, `MsgUpdateParams` | two clients of each other become a connection | `msg/connection_open_init.rs`, … |
//! | `ibc.core.channel.v1.MsgChannelOpen{Init,Try,Ack,Confirm}`, `MsgChannelClose{Init,Confirm}` | two applications get a channel | `msg/channel_open_init.rs`, … |
//! | `ibc.core.channel.v1.MsgRecvPacket`, `MsgAcknowledgement`, `MsgTimeout`, `MsgTimeoutOnClose` | packets | [`packet`](self), `packet.rs` |
//!
//! Not there, as ibc-rs has none of it: the upgrade of channels (`MsgChannelUpgrade…`, `MsgPruneAcknowledgements` and the channel's
//! `MsgUpdateParams`, which only that uses) and `09-localhost`; such messages are unknown here.
//!
//! Applications implement [`Application`] and are listed in `app/src/runtime.rs`. Keys: [`state`]. Queries: `query/`. Genesis:
//! `ibc.core.types.v1.GenesisState`. Clients are of the type `07-tendermint`; what is asked of them before ibc-rs sees them stands in
//! `light_client.rs`, their signatures in `signatures.rs`, how this chain shows itself in `self_client.rs`, where ibc-rs is put right in `packet.rs`.
//!
//! Invariants, which a genesis has to keep too: each connection's client is there and lists the connection, once; each channel has one
//! connection, which is there, and past its first step (`INIT`) a counterparty; packets, acknowledgements and sequences are of channels
//! that are there; clients' states, metadata and heights are such as clients write.

mod adapter;
mod application;
mod block;
mod error;
mod events;
mod faults;
mod genesis;
mod host;
mod keeper;
mod light_client;
mod msg;
mod packet;
mod query;
mod redundant;
mod self_client;
mod signatures;
pub mod state;

pub use application::{Application, Received};
pub use error::{IbcError, Kind};
pub use keeper::{revision, ClientStatus, Ibc, TENDERMINT};

use ibc_proto::ibc::core::types::v1::GenesisState;
use openledger_core::{Context, Module, Result, Router, SdkError};
use openledger_proto::{Message, Name};
use openledger_store::StoreName;

use crate::state::STORE;

/// The module's name.
pub const NAME: &str = "ibc";

impl Module for Ibc {
    fn name(&self) -> &'static str {
        NAME
    }

    fn store(&self) -> Option<StoreName> {
        Some(STORE)
    }

    fn register(&self, router: &mut Router) {
        msg::register(self, router);
        query::register(self, router);
    }

    fn genesis_type(&self) -> &'static str {
        "ibc.core.types.v1.GenesisState"
    }

    fn default_genesis(&self) -> Vec<u8> {
        debug_assert_eq!(self.genesis_type(), GenesisState::full_name());
        genesis::default().encode_to_vec()
    }

    fn validate_genesis(&self, genesis: &[u8]) -> Result<()> {
        genesis::check(&genesis::read(genesis)?)
    }

    fn init_genesis(&self, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
        let genesis = genesis::read(genesis)?;
        genesis::check(&genesis)?;
        genesis::init(ctx, genesis)
    }

    fn export_genesis(&self, ctx: &Context) -> Result<Vec<u8>> {
        Ok(genesis::export(ctx)?.encode_to_vec())
    }

    fn begin_block(&self, ctx: &mut Context) -> Result<()> {
        block::begin(ctx)
    }

    fn check_invariants(&self, ctx: &Context) -> Result<()> {
        let state = genesis::export(ctx)?;
        genesis::check(&state).map_err(|error| SdkError::Logic(format!("ibc: {error}")))?;
        Ok(())
    }
}
