//! `MsgChannelCloseConfirm`: the channel is closed there, which is proven: closed here.

use ibc::core::channel::handler::chan_close_confirm_execute;
use ibc::core::channel::types::msgs::MsgChannelCloseConfirm as Domain;
use ibc_proto::ibc::core::channel::v1::{MsgChannelCloseConfirm, MsgChannelCloseConfirmResponse};
use openledger_core::{Context, Result};

use super::{basics, domain, signer};
use crate::adapter::Routed;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::packet::{check_closed_there, check_end};

pub(super) fn validate(msg: &MsgChannelCloseConfirm) -> Result<()> {
    basics::proof(&msg.proof_init, "init")?;
    known(msg).map(|_| ())
}

/// The message as ibc-rs knows it, which refuses the number of upgrades that the far end began; that is proven in `packet.rs`.
fn known(msg: &MsgChannelCloseConfirm) -> Result<Domain> {
    domain(&MsgChannelCloseConfirm { counterparty_upgrade_sequence: 0, ..msg.clone() })
}

pub(super) fn handle(
    keeper: Ibc,
    ctx: &mut Context,
    msg: &MsgChannelCloseConfirm,
) -> Result<MsgChannelCloseConfirmResponse> {
    let (relayer, application) = (signer(&msg.signer)?, keeper.application(&msg.port_id)?);
    check_end(&keeper, ctx, &msg.port_id, &msg.channel_id)?;
    let (upgrades, msg) = (msg.counterparty_upgrade_sequence, known(msg)?);
    run(keeper, ctx, |host| {
        let mut routed = Routed::new(host, application, relayer);
        check_closed_there(host, &msg, upgrades)?;
        Ok::<_, Fault>(chan_close_confirm_execute(host, &mut routed, msg)?)
    })?;
    Ok(MsgChannelCloseConfirmResponse {})
}
