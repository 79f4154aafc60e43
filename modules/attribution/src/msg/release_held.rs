//! `MsgReleaseHeld`: what is held of a contribution's pay moves to whoever is paid for it now. Anybody may ask: it decides nothing.

use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgReleaseHeld, MsgReleaseHeldResponse};

use crate::keeper::Attribution;

impl Handle<MsgReleaseHeld> for Attribution {
    type Response = MsgReleaseHeldResponse;

    fn validate(&self, msg: &MsgReleaseHeld) -> Result<()> {
        msg.sender.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReleaseHeld) -> Result<MsgReleaseHeldResponse> {
        let (amount, account) = self.release_held(ctx, msg.contribution)?;
        let account = account.map(|account| account.to_string()).unwrap_or_default();
        Ok(MsgReleaseHeldResponse { amount: amount.to_string(), account })
    }
}
