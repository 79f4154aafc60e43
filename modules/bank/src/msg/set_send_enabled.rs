//! `cosmos.bank.v1beta1.MsgSetSendEnabled`: the authority says which denominations transactions may send.
//!
//! Source: SDK v0.50 `x/bank/keeper/msg_server.go`.

use std::collections::BTreeSet;

use openledger_auth::check_authority;
use openledger_core::coin::check_denom;
use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::bank::v1beta1::{MsgSetSendEnabled, MsgSetSendEnabledResponse};

use crate::keeper::Bank;
use crate::state::{self, STORE};

impl Handle<MsgSetSendEnabled> for Bank {
    type Response = MsgSetSendEnabledResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSetSendEnabled) -> Result<MsgSetSendEnabledResponse> {
        check(msg)?;
        let mut kv = ctx.kv_mut(STORE);
        for entry in &msg.send_enabled {
            state::set_send_enabled(&mut kv, &entry.denom, Some(entry.enabled));
        }
        for denom in &msg.use_default_for {
            state::set_send_enabled(&mut kv, denom, None);
        }
        Ok(MsgSetSendEnabledResponse {})
    }
}

fn check(msg: &MsgSetSendEnabled) -> Result<()> {
    check_authority(&msg.authority)?;
    let mut seen = BTreeSet::new();
    for entry in &msg.send_enabled {
        if !seen.insert(&entry.denom) {
            let text = format!("duplicate denom entries found for {:?}", entry.denom);
            return Err(SdkError::InvalidRequest(text).into());
        }
        check_named("SendEnabled", &entry.denom)?;
    }
    msg.use_default_for.iter().try_for_each(|denom| check_named("UseDefaultFor", denom))
}

fn check_named(field: &str, denom: &str) -> Result<()> {
    check_denom(denom).map_err(|_| {
        SdkError::InvalidRequest(format!("invalid {field} denom {denom:?}: invalid denom: {denom}")).into()
    })
}
