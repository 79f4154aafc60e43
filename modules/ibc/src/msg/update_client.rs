//! `MsgUpdateClient`: somebody brings a later header of the other chain, or proof of its misbehaviour.

use ibc::clients::tendermint::types::TENDERMINT_MISBEHAVIOUR_TYPE_URL;
use ibc::core::client::context::prelude::*;
use ibc::core::client::handler::update_client;
use ibc::core::client::types::msgs::{MsgUpdateClient as Domain, MsgUpdateOrMisbehaviour};
use ibc_proto::ibc::core::client::v1::{MsgUpdateClient, MsgUpdateClientResponse};
use openledger_core::{Context, Result};

use super::domain;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::light_client;

pub(super) fn validate(msg: &MsgUpdateClient) -> Result<()> {
    light_client::read_message(msg.client_message.as_ref(), &msg.client_id)?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgUpdateClient) -> Result<MsgUpdateClientResponse> {
    let client_message = light_client::read_message(msg.client_message.as_ref(), &msg.client_id)?;
    let msg: Domain = domain(&MsgUpdateClient { client_message: Some(client_message), ..msg.clone() })?;
    run(keeper, ctx, |host| {
        update_client::validate(host, MsgUpdateOrMisbehaviour::UpdateClient(msg.clone()))?;
        let (id, message) = (&msg.client_id, msg.client_message.clone());
        // Two valid headers that do not contradict each other: nothing to do, as in ibc-go, where ibc-rs looks for a header.
        if message.type_url == TENDERMINT_MISBEHAVIOUR_TYPE_URL
            && !host.client_state(id)?.check_for_misbehaviour(host, id, message)?
        {
            return Ok(());
        }
        Ok::<_, Fault>(update_client::execute(host, MsgUpdateOrMisbehaviour::UpdateClient(msg))?)
    })?;
    Ok(MsgUpdateClientResponse {})
}
