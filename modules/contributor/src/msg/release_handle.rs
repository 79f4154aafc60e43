//! `MsgReleaseHandle`: gives the sender's handle up. It rests from now on, and no rent is paid back.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::contributor::v1::{MsgReleaseHandle, MsgReleaseHandleResponse};

use crate::events;
use crate::keeper::Contributors;
use crate::state::{StoredHandle, HANDLES, HELD, STORE};

impl Handle<MsgReleaseHandle> for Contributors {
    type Response = MsgReleaseHandleResponse;

    fn validate(&self, msg: &MsgReleaseHandle) -> Result<()> {
        msg.account.parse::<Address>().map(|_| ()).map_err(Into::into)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReleaseHandle) -> Result<MsgReleaseHandleResponse> {
        let account: Address = msg.account.parse()?;
        let (handle, record) = self.must_hold(ctx, &account)?;
        let record = StoredHandle { until_seconds: ctx.block().time_seconds, ..record };
        let mut kv = ctx.kv_mut(STORE);
        HANDLES.save(&mut kv, handle.as_str(), &record)?;
        HELD.remove(&mut kv, account.as_bytes());
        ctx.emit(events::handle_released(&account, handle.as_str()));
        Ok(MsgReleaseHandleResponse {})
    }
}
