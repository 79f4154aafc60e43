//! `MsgRecoverClient`: governance puts a client that is frozen or expired back to work, with what another client knows.

use cosmwasm_std::Storage;
use ibc::core::client::handler::recover_client;
use ibc::core::client::types::msgs::MsgRecoverClient as Domain;
use ibc_proto::ibc::core::client::v1::{Height, MsgRecoverClient, MsgRecoverClientResponse};
use openledger_core::{Context, Error, Result};

use super::{check_authority, domain};
use crate::error::Kind;
use crate::events;
use crate::faults::Fault;
use crate::host::run;
use crate::keeper::{ClientStatus, Ibc, TENDERMINT};
use crate::light_client;
use crate::state::{self, STORE};

pub(super) fn validate(msg: &MsgRecoverClient) -> Result<()> {
    domain::<_, Domain>(msg)?;
    if msg.subject_client_id == msg.substitute_client_id {
        return Err(Kind::InvalidSubstitute.with("subject and substitute clients must be different").into());
    }
    Ok(())
}

pub(super) fn handle(keeper: Ibc, ctx: &mut Context, msg: &MsgRecoverClient) -> Result<MsgRecoverClientResponse> {
    check_authority(&msg.signer)?;
    recover(keeper, ctx, msg)
        .map_err(|error| Error { message: format!("client recovery failed: {error}"), ..error })?;
    Ok(MsgRecoverClientResponse {})
}

fn recover(keeper: Ibc, ctx: &mut Context, msg: &MsgRecoverClient) -> Result<()> {
    let (subject, substitute) = (msg.subject_client_id.as_str(), msg.substitute_client_id.as_str());
    if keeper.client_status(ctx, subject)? == ClientStatus::Active {
        return Err(Kind::InvalidRecoveryClient.with("cannot recover Active subject client").into());
    }
    let by = keeper.tendermint_client(ctx, substitute)?;
    light_client::check_specs(&by)?;
    let domain: Domain = domain(msg)?;
    run(keeper, ctx, |host| {
        recover_client::validate(host, domain.clone())?;
        Ok::<_, Fault>(recover_client::execute(host, domain)?)
    })?;
    keep_when_learnt(ctx, subject, substitute, &by.latest_height.into())?;
    events::recover_client(subject, TENDERMINT).into_iter().for_each(|event| ctx.emit(event));
    Ok(())
}

/// When and in which block it was learnt is the substitute's too: ibc-rs would say now, and delay packets.
fn keep_when_learnt(ctx: &mut Context, subject: &str, substitute: &str, height: &Height) -> Result<()> {
    for key in [state::processed_time_key, state::processed_height_key] {
        let missing = || {
            let text = "unable to retrieve when the substitute client learnt its latest height";
            Kind::UpdateClientFailed.with(text)
        };
        let value = ctx.kv(STORE).get(&key(substitute, height)).ok_or_else(missing)?;
        ctx.kv_mut(STORE).set(&key(subject, height), &value);
    }
    Ok(())
}
