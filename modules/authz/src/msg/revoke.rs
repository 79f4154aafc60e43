//! `cosmos.authz.v1beta1.MsgRevoke`: a granter takes back what it granted for a type of message.

use openledger_core::{Context, Handle, Result, SdkError};
use openledger_proto::cosmos::authz::v1beta1::{MsgRevoke, MsgRevokeResponse};

use super::read_pair;
use crate::keeper::Authz;
use crate::state::Place;

impl Handle<MsgRevoke> for Authz {
    type Response = MsgRevokeResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgRevoke) -> Result<MsgRevokeResponse> {
        self.delete(ctx, &read(msg)?)?;
        Ok(MsgRevokeResponse {})
    }
}

fn read(msg: &MsgRevoke) -> Result<Place> {
    let (granter, grantee) = read_pair(&msg.granter, &msg.grantee)?;
    if msg.msg_type_url.is_empty() {
        return Err(SdkError::InvalidRequest("missing msg method name".into()).into());
    }
    Ok(Place { granter, grantee, msg_type: msg.msg_type_url.clone() })
}
