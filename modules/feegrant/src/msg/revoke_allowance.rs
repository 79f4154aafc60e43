//! `cosmos.feegrant.v1beta1.MsgRevokeAllowance`: a granter takes an allowance back.

use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::feegrant::v1beta1::{MsgRevokeAllowance, MsgRevokeAllowanceResponse};

use crate::keeper::Feegrants;

impl Handle<MsgRevokeAllowance> for Feegrants {
    type Response = MsgRevokeAllowanceResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgRevokeAllowance) -> Result<MsgRevokeAllowanceResponse> {
        let (granter, grantee) = read(msg)?;
        self.revoke(ctx, &granter, &grantee)?;
        Ok(MsgRevokeAllowanceResponse {})
    }
}

fn read(msg: &MsgRevokeAllowance) -> Result<(Address, Address)> {
    if msg.grantee == msg.granter {
        return Err(SdkError::InvalidAddress("addresses must be different".into()).into());
    }
    let grantee: Address = msg.grantee.parse()?;
    Ok((msg.granter.parse()?, grantee))
}
