//! `MsgCreateClient`: somebody brings a client of another chain. What it says of that chain is believed by nobody but whoever checks it
//! and builds a connection on it.

use ibc::core::client::handler::create_client;
use ibc::core::client::types::msgs::MsgCreateClient as Domain;
use ibc_proto::ibc::core::client::v1::{MsgCreateClient, MsgCreateClientResponse};
use openledger_core::{Context, Result};

use super::domain;
use crate::error::Kind;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::{allows, Ibc, TENDERMINT};
use crate::light_client;

pub(super) fn validate(msg: &MsgCreateClient) -> Result<()> {
    light_client::read_new(msg.client_state.as_ref())?;
    light_client::read_consensus_state(msg.consensus_state.as_ref())?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgCreateClient) -> Result<MsgCreateClientResponse> {
    if !allows(&keeper.client_params(ctx)?, TENDERMINT) {
        let text = format!("client state type {TENDERMINT} is not registered in the allowlist");
        return Err(Kind::InvalidClientType.with(text).into());
    }
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        create_client::validate(host, msg.clone())?;
        Ok::<_, Fault>(create_client::execute(host, msg)?)
    })?;
    Ok(MsgCreateClientResponse {})
}
