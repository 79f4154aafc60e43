//! `MsgConnectionOpenTry`: a connection is opened from there, which is proven.

use ibc::core::connection::handler::conn_open_try;
use ibc::core::connection::types::msgs::MsgConnectionOpenTry as Domain;
use ibc_proto::ibc::core::connection::v1::{MsgConnectionOpenTry, MsgConnectionOpenTryResponse};
use openledger_core::{Context, Result};

use super::{basics, domain};
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;

pub(super) fn validate(msg: &MsgConnectionOpenTry) -> Result<()> {
    basics::proof(&msg.proof_init, "init")?;
    domain::<_, Domain>(msg).map(|_| ())
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgConnectionOpenTry,
) -> Result<MsgConnectionOpenTryResponse> {
    let msg: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        conn_open_try::validate(host, msg.clone())?;
        Ok::<_, Fault>(conn_open_try::execute(host, msg)?)
    })?;
    Ok(MsgConnectionOpenTryResponse {})
}
