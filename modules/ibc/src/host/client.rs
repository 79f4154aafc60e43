//! What ibc-rs's light client reads and writes.

use cosmwasm_std::{Order, Storage};
use ibc::clients::tendermint::client_state::ClientState;
use ibc::clients::tendermint::consensus_state::ConsensusState;
use ibc::core::client::context::{ClientExecutionContext, ClientValidationContext, ExtClientValidationContext};
use ibc::core::client::types::Height;
use ibc::core::host::types::error::HostError;
use ibc::core::host::types::identifiers::ClientId;
use ibc::core::host::types::path::{ClientConsensusStatePath, ClientStatePath};
use ibc::primitives::Timestamp;
use ibc_proto::ibc::core::client::v1::Height as RawHeight;
use openledger_core::query::prefix_end;
use openledger_core::{Context, Result, SdkError};
use openledger_proto::Any;

use super::Host;
use crate::error::Kind;
use crate::keeper::{allows, encode, nanoseconds, no_client, TENDERMINT};
use crate::state::{self, STORE};

fn raw(height: &Height) -> RawHeight {
    (*height).into()
}

fn of_path(path: &ClientConsensusStatePath) -> RawHeight {
    RawHeight { revision_number: path.revision_number, revision_height: path.revision_height }
}

fn unreadable(error: impl std::fmt::Display) -> SdkError {
    SdkError::Logic(format!("state of ibc: {error}"))
}

fn read_consensus_state(ctx: &Context, client: &ClientId, height: &RawHeight) -> Result<ConsensusState> {
    let any = state::consensus_state(&*ctx.kv(STORE), client.as_str(), height)?;
    let missing = || {
        let text = format!("client {client} has no consensus state at height {}", state::height_text(height));
        Kind::ConsensusStateNotFound.with(text)
    };
    Ok(ConsensusState::try_from(any.ok_or_else(missing)?).map_err(unreadable)?)
}

impl<'r, 'c> Host<'r, 'c> {
    /// The nearest height that a client knows before or after another, and what it knows of it.
    fn neighbour(
        &self,
        client: &ClientId,
        start: Vec<u8>,
        end: Option<Vec<u8>>,
        order: Order,
    ) -> Result<Option<ConsensusState>, HostError> {
        self.attempt(|ctx| {
            let found = ctx.kv(STORE).range(Some(&start), end.as_deref(), order).next().map(|(key, _)| key);
            let height = found.and_then(|key| state::iterated_height(&key));
            height.map(|height| read_consensus_state(ctx, client, &height)).transpose()
        })
    }
}

impl<'r, 'c> ClientValidationContext for Host<'r, 'c> {
    type ClientStateRef = ClientState;
    type ConsensusStateRef = ConsensusState;

    /// A client whose type the parameters do not allow is not active, as in ibc-go, whatever it is to be used for.
    fn client_state(&self, client_id: &ClientId) -> Result<ClientState, HostError> {
        self.attempt(|ctx| {
            let any = state::client_state(&*ctx.kv(STORE), client_id.as_str())?;
            let any = any.ok_or_else(|| no_client(client_id.as_str()))?;
            if !allows(&state::client_params(&*ctx.kv(STORE))?, TENDERMINT) {
                let text = format!("client ({client_id}) status is Unauthorized");
                return Err(Kind::ClientNotActive.with(text).into());
            }
            Ok(ClientState::try_from(any).map_err(unreadable)?)
        })
    }

    fn consensus_state(&self, path: &ClientConsensusStatePath) -> Result<ConsensusState, HostError> {
        self.attempt(|ctx| read_consensus_state(ctx, &path.client_id, &of_path(path)))
    }

    fn client_update_meta(&self, client_id: &ClientId, height: &Height) -> Result<(Timestamp, Height), HostError> {
        self.attempt(|ctx| {
            let (client, height) = (client_id.as_str(), raw(height));
            let time = state::number(&*ctx.kv(STORE), &state::processed_time_key(client, &height))?;
            let missing = || Kind::ProcessedTimeNotFound.with(format!("{client} at {}", state::height_text(&height)));
            let time = time.ok_or_else(missing)?;
            let at = ctx.kv(STORE).get(&state::processed_height_key(client, &height)).ok_or_else(missing)?;
            let at = String::from_utf8(at).ok().and_then(|text| text.parse::<Height>().ok());
            let at = at.ok_or_else(|| unreadable("a processed height is none"))?;
            Ok((Timestamp::from_nanoseconds(time), at))
        })
    }
}

impl<'r, 'c> ClientExecutionContext for Host<'r, 'c> {
    type ClientStateMut = ClientState;

    fn store_client_state(&mut self, path: ClientStatePath, client_state: ClientState) -> Result<(), HostError> {
        self.with(|ctx| {
            ctx.kv_mut(STORE).set(&state::client_state_key(path.0.as_str()), &encode(&client_state.into()))
        });
        Ok(())
    }

    fn store_consensus_state(
        &mut self,
        path: ClientConsensusStatePath,
        consensus_state: ConsensusState,
    ) -> Result<(), HostError> {
        let any: Any = consensus_state.into();
        let key = state::consensus_state_key(path.client_id.as_str(), &of_path(&path));
        self.with(|ctx| ctx.kv_mut(STORE).set(&key, &encode(&any)));
        Ok(())
    }

    fn delete_consensus_state(&mut self, path: ClientConsensusStatePath) -> Result<(), HostError> {
        let key = state::consensus_state_key(path.client_id.as_str(), &of_path(&path));
        self.with(|ctx| state::remove(&mut ctx.kv_mut(STORE), &key));
        Ok(())
    }

    fn store_update_meta(
        &mut self,
        client_id: ClientId,
        height: Height,
        host_timestamp: Timestamp,
        host_height: Height,
    ) -> Result<(), HostError> {
        let (client, height) = (client_id.as_str(), raw(&height));
        self.with(|ctx| {
            let mut kv = ctx.kv_mut(STORE);
            state::set_number(&mut kv, &state::processed_time_key(client, &height), host_timestamp.nanoseconds());
            kv.set(&state::processed_height_key(client, &height), state::height_text(&raw(&host_height)).as_bytes());
            let named = format!("consensusStates/{}", state::height_text(&height));
            kv.set(&state::iteration_key(client, &height), named.as_bytes());
        });
        Ok(())
    }

    fn delete_update_meta(&mut self, client_id: ClientId, height: Height) -> Result<(), HostError> {
        let (client, height) = (client_id.as_str(), raw(&height));
        self.with(|ctx| {
            let mut kv = ctx.kv_mut(STORE);
            state::remove(&mut kv, &state::processed_time_key(client, &height));
            state::remove(&mut kv, &state::processed_height_key(client, &height));
            state::remove(&mut kv, &state::iteration_key(client, &height));
        });
        Ok(())
    }
}

impl<'r, 'c> ExtClientValidationContext for Host<'r, 'c> {
    fn host_timestamp(&self) -> Result<Timestamp, HostError> {
        self.attempt(|ctx| Ok(Timestamp::from_nanoseconds(nanoseconds(ctx)?)))
    }

    fn host_height(&self) -> Result<Height, HostError> {
        self.height()
    }

    /// The oldest height alone: ibc-rs asks for them to prune those that are expired, and as in ibc-go an update removes one, so that
    /// what it costs does not grow with what others left behind.
    fn consensus_state_heights(&self, client_id: &ClientId) -> Result<Vec<Height>, HostError> {
        let start = state::iteration_prefix(client_id.as_str());
        let end = prefix_end(&start);
        self.attempt(|ctx| {
            let oldest = ctx.kv(STORE).range(Some(&start), end.as_deref(), Order::Ascending).next();
            let oldest = oldest.and_then(|(key, _)| state::iterated_height(&key));
            Ok(oldest.and_then(|height| Height::try_from(height).ok()).into_iter().collect())
        })
    }

    fn next_consensus_state(&self, client_id: &ClientId, height: &Height) -> Result<Option<ConsensusState>, HostError> {
        let after = [state::iteration_key(client_id.as_str(), &raw(height)).as_slice(), &[0]].concat();
        let end = prefix_end(&state::iteration_prefix(client_id.as_str()));
        self.neighbour(client_id, after, end, Order::Ascending)
    }

    fn prev_consensus_state(&self, client_id: &ClientId, height: &Height) -> Result<Option<ConsensusState>, HostError> {
        let start = state::iteration_prefix(client_id.as_str());
        let before = state::iteration_key(client_id.as_str(), &raw(height));
        self.neighbour(client_id, start, Some(before), Order::Descending)
    }
}
