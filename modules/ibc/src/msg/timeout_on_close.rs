//! `MsgTimeoutOnClose`: the other side closed the channel before it received a packet of ours, which is proven.

use ibc::core::channel::types::msgs::MsgTimeoutOnClose as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgTimeoutOnClose, MsgTimeoutOnCloseResponse};
use openledger_core::{Context, Result};

use super::{domain, result_of, signer};
use crate::keeper::Ibc;
use crate::packet;

pub(super) fn validate(msg: &MsgTimeoutOnClose) -> Result<()> {
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgTimeoutOnClose) -> Result<MsgTimeoutOnCloseResponse> {
    let (relayer, msg) = (signer(&msg.signer)?, domain::<_, Domain>(msg)?);
    let result = result_of(packet::timeout_on_close(keeper, ctx, msg, relayer)?);
    Ok(MsgTimeoutOnCloseResponse { result })
}
