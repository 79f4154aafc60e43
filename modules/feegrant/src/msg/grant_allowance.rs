//! `cosmos.feegrant.v1beta1.MsgGrantAllowance`: a granter lets a grantee pay fees from its account.

use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::feegrant::v1beta1::{MsgGrantAllowance, MsgGrantAllowanceResponse};

use crate::allowance::Allowance;
use crate::keeper::Feegrants;

impl Handle<MsgGrantAllowance> for Feegrants {
    type Response = MsgGrantAllowanceResponse;

    fn validate(&self, msg: &MsgGrantAllowance) -> Result<()> {
        read(msg).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgGrantAllowance) -> Result<MsgGrantAllowanceResponse> {
        let (granter, grantee, allowance) = read(msg)?;
        self.grant(ctx, &granter, &grantee, &allowance)?;
        Ok(MsgGrantAllowanceResponse {})
    }
}

fn read(msg: &MsgGrantAllowance) -> Result<(Address, Address, Allowance)> {
    // Bech32 may be all upper case, which is the same address.
    if msg.grantee.eq_ignore_ascii_case(&msg.granter) {
        return Err(SdkError::InvalidAddress("cannot self-grant fee authorization".into()).into());
    }
    let grantee: Address = msg.grantee.parse()?;
    let granter: Address = msg.granter.parse()?;
    Ok((granter, grantee, Allowance::from_any(msg.allowance.as_ref())?))
}
