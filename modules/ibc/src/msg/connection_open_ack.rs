//! `MsgConnectionOpenAck`: the other side took part in the opening, which is proven: open here.

use ibc::core::connection::handler::conn_open_ack;
use ibc::core::connection::types::msgs::MsgConnectionOpenAck as Domain;
use ibc_proto::ibc::core::connection::v1::{MsgConnectionOpenAck, MsgConnectionOpenAckResponse};
use openledger_core::{Context, Result};

use super::{basics, domain};
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgConnectionOpenAck) -> Result<()> {
    basics::proof(&msg.proof_try, "try")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgConnectionOpenAck,
) -> Result<MsgConnectionOpenAckResponse> {
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        conn_open_ack::validate(host, msg.clone())?;
        Ok::<_, Fault>(conn_open_ack::execute(host, msg)?)
    })?;
    Ok(MsgConnectionOpenAckResponse {})
}
