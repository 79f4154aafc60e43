//! `cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount`: coins that can be delegated and never spent.
//!
//! Source: SDK v0.50 `x/auth/vesting/msg_server.go`, in its order of checks.

use openledger_auth::vesting::Schedule;
use openledger_core::{Coins, Context, Handle, Result};
use openledger_proto::cosmos::vesting::v1beta1::{
    MsgCreatePermanentLockedAccount, MsgCreatePermanentLockedAccountResponse,
};

use super::{read_coins, Parties};
use crate::VestingAccounts;

impl Handle<MsgCreatePermanentLockedAccount> for VestingAccounts {
    type Response = MsgCreatePermanentLockedAccountResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgCreatePermanentLockedAccount,
    ) -> Result<MsgCreatePermanentLockedAccountResponse> {
        let (parties, coins) = read(msg)?;
        self.bank.check_send_enabled(ctx, &coins)?;
        self.bank.check_not_blocked(&parties.to)?;
        self.create(ctx, &parties, &coins, Schedule::PermanentLocked)?;
        Ok(MsgCreatePermanentLockedAccountResponse {})
    }
}

fn read(msg: &MsgCreatePermanentLockedAccount) -> Result<(Parties, Coins)> {
    Ok((Parties::read(&msg.from_address, &msg.to_address)?, read_coins(&msg.amount)?))
}
