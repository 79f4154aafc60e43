//! `MsgUpdateClient`: somebody brings a later header of the other chain, or proof of its misbehaviour.

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
        Ok::<_, Fault>(update_client::execute(host, MsgUpdateOrMisbehaviour::UpdateClient(msg))?)
    })?;
    Ok(MsgUpdateClientResponse {})
}
