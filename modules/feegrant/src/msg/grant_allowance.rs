//! `cosmos.feegrant.v1beta1.MsgGrantAllowance`: a granter lets a grantee pay fees from its account.
//!
//! Source: `cosmossdk.io/x/feegrant` v0.1.1 `keeper/msg_server.go`, in its order of checks.

use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::feegrant::v1beta1::{MsgGrantAllowance, MsgGrantAllowanceResponse};

use crate::allowance::Allowance;
use crate::keeper::Feegrants;

impl Handle<MsgGrantAllowance> for Feegrants {
    type Response = MsgGrantAllowanceResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgGrantAllowance) -> Result<MsgGrantAllowanceResponse> {
        let (granter, grantee) = parties(msg)?;
        self.check_none(ctx, &granter, &grantee)?;
        let allowance = Allowance::from_any(msg.allowance.as_ref())?;
        self.grant(ctx, &granter, &grantee, &allowance)?;
        Ok(MsgGrantAllowanceResponse {})
    }
}

fn parties(msg: &MsgGrantAllowance) -> Result<(Address, Address)> {
    // Bech32 may be all upper case, which is the same address.
    if msg.grantee.eq_ignore_ascii_case(&msg.granter) {
        return Err(SdkError::InvalidAddress("cannot self-grant fee authorization".into()).into());
    }
    let grantee: Address = msg.grantee.parse()?;
    Ok((msg.granter.parse()?, grantee))
}
