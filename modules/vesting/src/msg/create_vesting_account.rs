//! `cosmos.vesting.v1beta1.MsgCreateVestingAccount`: coins that vest evenly from this block to an end, or (`delayed`) all at the end.
//!
//! Source: SDK v0.50 `x/auth/vesting/msg_server.go`, in its order of checks. As there, an end that is past already is taken: then
//! everything has vested.

use openledger_auth::vesting::Schedule;
use openledger_core::{Coins, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::vesting::v1beta1::{MsgCreateVestingAccount, MsgCreateVestingAccountResponse};

use super::{read_coins, Parties};
use crate::VestingAccounts;

impl Handle<MsgCreateVestingAccount> for VestingAccounts {
    type Response = MsgCreateVestingAccountResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgCreateVestingAccount) -> Result<MsgCreateVestingAccountResponse> {
        let (parties, coins) = read(msg)?;
        self.bank.check_send_enabled(ctx, &coins)?;
        self.bank.check_not_blocked(&parties.to)?;
        let end = msg.end_time;
        let schedule = if msg.delayed {
            Schedule::Delayed { end }
        } else {
            Schedule::Continuous { start: ctx.block().time_seconds, end }
        };
        self.create(ctx, &parties, &coins, schedule)?;
        Ok(MsgCreateVestingAccountResponse {})
    }
}

fn read(msg: &MsgCreateVestingAccount) -> Result<(Parties, Coins)> {
    let parties = Parties::read(&msg.from_address, &msg.to_address)?;
    let coins = read_coins(&msg.amount)?;
    if msg.end_time <= 0 {
        return Err(SdkError::InvalidRequest("invalid end time".into()).into());
    }
    Ok((parties, coins))
}
