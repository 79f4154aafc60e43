//! `MsgConnectionOpenInit`: a connection is opened from here.

use ibc::core::connection::handler::conn_open_init;
use ibc::core::connection::types::msgs::MsgConnectionOpenInit as Domain;
use ibc_proto::ibc::core::connection::v1::{MsgConnectionOpenInit, MsgConnectionOpenInitResponse};
use openledger_core::{Context, Result};

use super::domain;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgConnectionOpenInit) -> Result<()> {
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgConnectionOpenInit,
) -> Result<MsgConnectionOpenInitResponse> {
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        conn_open_init::validate(host, msg.clone())?;
        Ok::<_, Fault>(conn_open_init::execute(host, msg)?)
    })?;
    Ok(MsgConnectionOpenInitResponse {})
}
