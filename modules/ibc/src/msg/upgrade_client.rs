//! `MsgUpgradeClient`: the other chain was upgraded, and has proven what it is now before it ended.

use ibc::core::client::handler::upgrade_client;
use ibc::core::client::types::msgs::MsgUpgradeClient as Domain;
use ibc_proto::ibc::core::client::v1::{MsgUpgradeClient, MsgUpgradeClientResponse};
use openledger_core::{Context, Result};

use super::domain;
use crate::error::Kind;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::Ibc;
use crate::light_client;

pub(super) fn validate(msg: &MsgUpgradeClient) -> Result<()> {
    let client = light_client::read(msg.client_state.as_ref())?;
    light_client::check_lengths(&client)?;
    light_client::check_specs(&client)?;
    light_client::read_consensus_state(msg.consensus_state.as_ref())?;
    for (proof, of) in [(&msg.proof_upgrade_client, "client"), (&msg.proof_upgrade_consensus_state, "consensus state")]
    {
        if proof.is_empty() {
            return Err(Kind::InvalidUpgradeClient.with(format!("proof of upgrade {of} cannot be empty")).into());
        }
    }
    domain::<_, Domain>(msg).map(|_| ())
}

/// What the other chain has committed to is the client without what each client chooses for itself, so that is what is proven.
pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgUpgradeClient) -> Result<MsgUpgradeClientResponse> {
    let client_state = Some(light_client::without_choices(msg.client_state.as_ref())?);
    let msg: Domain = domain(&MsgUpgradeClient { client_state, ..msg.clone() })?;
    run(keeper, ctx, |host| {
        upgrade_client::validate(host, msg.clone())?;
        Ok::<_, Fault>(upgrade_client::execute(host, msg)?)
    })?;
    Ok(MsgUpgradeClientResponse {})
}
