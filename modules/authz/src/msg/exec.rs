//! `cosmos.authz.v1beta1.MsgExec`: a grantee executes messages that others would sign.
//!
//! One such message may hold another, as in the SDK, whose decoder bounds how deep and how many (v0.50
//! `codec/types/interface_registry.go`, on all `Any`s of a transaction); here the bounds are on each `MsgExec`.

use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::authz::v1beta1::{MsgExec, MsgExecResponse};
use openledger_proto::{Any, Message, Name};

use super::read_address;
use crate::keeper::Authz;

/// How deep messages may lie in one another.
const MAX_DEPTH: u32 = 10;
/// How many messages may lie in one, at all depths together.
const MAX_MESSAGES: u32 = 100;

impl Handle<MsgExec> for Authz {
    type Response = MsgExecResponse;

    /// Only the bounds: the SDK's decoder keeps them, all else is checked where the message is executed.
    fn validate(&self, msg: &MsgExec) -> Result<()> {
        let mut left = MAX_MESSAGES;
        check_nesting(&msg.msgs, MAX_DEPTH, &mut left)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgExec) -> Result<MsgExecResponse> {
        let grantee = read(msg)?;
        Ok(MsgExecResponse { results: self.dispatch(ctx, &grantee, &msg.msgs)? })
    }
}

fn read(msg: &MsgExec) -> Result<Address> {
    let grantee = read_address("grantee", &msg.grantee)?;
    if msg.msgs.is_empty() {
        return Err(SdkError::InvalidRequest("messages cannot be empty".into()).into());
    }
    Ok(grantee)
}

/// Refuses more messages, or deeper ones, than may lie in one.
fn check_nesting(msgs: &[Any], depth: u32, left: &mut u32) -> Result<()> {
    let depth = depth.checked_sub(1).ok_or_else(|| {
        SdkError::TxDecode(format!("max depth exceeded: more than {MAX_DEPTH} messages in one another"))
    })?;
    for msg in msgs {
        *left = left.checked_sub(1).ok_or_else(|| {
            SdkError::TxDecode(format!("call limit exceeded: more than {MAX_MESSAGES} messages in one"))
        })?;
        if msg.type_url == MsgExec::type_url() {
            let inner = MsgExec::decode(msg.value.as_slice());
            let inner = inner.map_err(|error| SdkError::TxDecode(format!("MsgExec: {error}")))?;
            check_nesting(&inner.msgs, depth, left)?;
        }
    }
    Ok(())
}
