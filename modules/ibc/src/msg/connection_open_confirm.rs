//! `MsgConnectionOpenConfirm`: the connection is open there, which is proven: open here.

use ibc::core::connection::handler::conn_open_confirm;
use ibc::core::connection::types::msgs::MsgConnectionOpenConfirm as Domain;
use ibc_proto::ibc::core::connection::v1::{MsgConnectionOpenConfirm, MsgConnectionOpenConfirmResponse};
use openledger_core::{Context, Result};

use super::{basics, domain};
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgConnectionOpenConfirm) -> Result<()> {
    basics::proof(&msg.proof_ack, "ack")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgConnectionOpenConfirm,
) -> Result<MsgConnectionOpenConfirmResponse> {
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        conn_open_confirm::validate(host, &msg)?;
        Ok::<_, Fault>(conn_open_confirm::execute(host, &msg)?)
    })?;
    Ok(MsgConnectionOpenConfirmResponse {})
}
