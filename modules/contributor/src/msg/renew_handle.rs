//! `MsgRenewHandle`: more years of the handle that the sender holds, at today's rent.
//!
//! Once it has run out, its last holder claims it again: a renewal would let a handle be held by the threat of renewing it.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgRenewHandle, MsgRenewHandleResponse};

use crate::events;
use crate::keeper::Contributors;
use crate::rent::paid_until;
use crate::state::{StoredHandle, HANDLES, STORE};

impl Handle<MsgRenewHandle> for Contributors {
    type Response = MsgRenewHandleResponse;

    fn validate(&self, msg: &MsgRenewHandle) -> Result<()> {
        msg.account.parse::<Address>().map(|_| ()).map_err(Into::into)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRenewHandle) -> Result<MsgRenewHandleResponse> {
        let account: Address = msg.account.parse()?;
        let params = self.params(ctx)?;
        let (handle, record) = self.must_hold(ctx, &account)?;
        let until_seconds = paid_until(&params, ctx.block().time_seconds, record.until_seconds, msg.years)?;
        let burnt = self.burn_rent(ctx, &account, &params, msg.years)?;
        HANDLES.save(&mut ctx.kv_mut(STORE), handle.as_str(), &StoredHandle { until_seconds, ..record })?;
        ctx.emit(events::handle_renewed(&account, handle.as_str(), until_seconds, burnt));
        Ok(MsgRenewHandleResponse { until_seconds })
    }
}
