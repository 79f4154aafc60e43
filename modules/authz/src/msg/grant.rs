//! `cosmos.authz.v1beta1.MsgGrant`: a granter lets a grantee execute a type of message for it.
//!
//! Source: SDK v0.50 `x/authz/keeper/msg_server.go`, in its order of checks.

use openledger_core::time::Time;
use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::authz::v1beta1::{MsgGrant, MsgGrantResponse};

use super::read_pair;
use crate::authorization::Authorization;
use crate::keeper::Authz;
use crate::state::Grant;

impl Handle<MsgGrant> for Authz {
    type Response = MsgGrantResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgGrant) -> Result<MsgGrantResponse> {
        let (granter, grantee, grant) = read(msg)?;
        if !self.auth.has_account(ctx, &grantee) {
            self.bank.check_not_blocked(&grantee)?;
            self.auth.ensure(ctx, &grantee)?;
        }
        self.check_routed(ctx, &grant.authorization)?;
        self.save(ctx, &granter, &grantee, &grant)?;
        Ok(MsgGrantResponse {})
    }
}

fn read(msg: &MsgGrant) -> Result<(Address, Address, Grant)> {
    let (granter, grantee) = read_pair(&msg.granter, &msg.grantee)?;
    let grant = msg.grant.as_ref().ok_or_else(|| SdkError::InvalidType("authorization is nil".into()))?;
    let authorization = Authorization::from_any(grant.authorization.as_ref())?;
    let expiration = grant.expiration.as_ref().map(Time::read).transpose()?;
    Ok((granter, grantee, Grant { authorization, expiration }))
}
