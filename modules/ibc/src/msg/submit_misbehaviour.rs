//! `MsgSubmitMisbehaviour`: `MsgUpdateClient` under its older name, as in ibc-go.

use ibc_proto::ibc::core::client::v1::{MsgSubmitMisbehaviour, MsgSubmitMisbehaviourResponse, MsgUpdateClient};
use openledger_core::{Context, Result};

use super::update_client;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgSubmitMisbehaviour) -> Result<()> {
    update_client::validate(&as_update(msg))
}

fn as_update(msg: &MsgSubmitMisbehaviour) -> MsgUpdateClient {
    let MsgSubmitMisbehaviour { client_id, misbehaviour, signer } = msg.clone();
    MsgUpdateClient { client_id, client_message: misbehaviour, signer }
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgSubmitMisbehaviour,
) -> Result<MsgSubmitMisbehaviourResponse> {
    update_client::handle(keeper, ctx, &as_update(msg))?;
    Ok(MsgSubmitMisbehaviourResponse {})
}
