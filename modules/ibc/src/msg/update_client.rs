//! `MsgUpdateClient`: somebody brings a later header of the other chain, or proof of its misbehaviour.

use ibc::clients::tendermint::client_state::verify_client_message;
use ibc::clients::tendermint::types::TENDERMINT_MISBEHAVIOUR_TYPE_URL;
use ibc::core::client::context::prelude::*;
use ibc::core::client::handler::update_client;
use ibc::core::client::types::msgs::{MsgUpdateClient as Domain, MsgUpdateOrMisbehaviour};
use ibc_proto::ibc::core::client::v1::{MsgUpdateClient, MsgUpdateClientResponse};
use openledger_core::{Context, Result};
use tendermint::crypto::default::Sha256;

use super::domain;
use crate::faults::Fault;
use crate::host::{run, Host};
use crate::keeper::Ibc;
use crate::{light_client, signatures};

pub(super) fn validate(msg: &MsgUpdateClient) -> Result<()> {
    light_client::read_message(msg.client_message.as_ref(), &msg.client_id)?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgUpdateClient) -> Result<MsgUpdateClientResponse> {
    let client_message = light_client::read_message(msg.client_message.as_ref(), &msg.client_id)?;
    let msg: Domain = domain(&MsgUpdateClient { client_message: Some(client_message), ..msg.clone() })?;
    run(keeper, ctx, |host| {
        verify(host, &msg)?;
        let (id, message) = (&msg.client_id, msg.client_message.clone());
        // Two valid headers that do not contradict each other: nothing to do, where ibc-rs looks for a header. ibc-go
        // says `update_client` without heights, of which there is nothing to tell.
        if message.type_url == TENDERMINT_MISBEHAVIOUR_TYPE_URL
            && !host.client_state(id)?.check_for_misbehaviour(host, id, message)?
        {
            return Ok(());
        }
        Ok::<_, Fault>(update_client::execute(host, MsgUpdateOrMisbehaviour::UpdateClient(msg))?)
    })?;
    Ok(MsgUpdateClientResponse {})
}

/// What ibc-rs's `update_client::validate` does, with the verifier of `signatures.rs`.
fn verify(host: &Host, msg: &Domain) -> Result<(), Fault> {
    let client = host.client_state(&msg.client_id)?;
    client.status(host, &msg.client_id)?.verify_is_active()?;
    let message = msg.client_message.clone();
    let verifier = signatures::verifier();
    Ok(verify_client_message::<_, Sha256>(client.inner(), host, &msg.client_id, message, &verifier)?)
}
