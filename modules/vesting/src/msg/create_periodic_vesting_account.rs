//! `cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount`: coins of which a part vests at the end of each of several periods.
//!
//! Source: SDK v0.50 `x/auth/vesting/msg_server.go`, in its order of checks. A message of no periods, which has no end after its start,
//! is refused as there, only before it is executed.

use openledger_auth::vesting::{Period, Schedule};
use openledger_core::{Coins, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::vesting::v1beta1::{
    MsgCreatePeriodicVestingAccount, MsgCreatePeriodicVestingAccountResponse,
};

use super::{read_coins, vesting, Parties};
use crate::VestingAccounts;

/// A checked message: the periods' coins sum to `coins`.
struct Periodic {
    parties: Parties,
    coins: Coins,
    schedule: Schedule,
}

impl Handle<MsgCreatePeriodicVestingAccount> for VestingAccounts {
    type Response = MsgCreatePeriodicVestingAccountResponse;

    fn handle(
        &self,
        ctx: &mut Context,
        msg: &MsgCreatePeriodicVestingAccount,
    ) -> Result<MsgCreatePeriodicVestingAccountResponse> {
        let Periodic { parties, coins, schedule } = read(msg)?;
        self.bank.check_not_blocked(&parties.to)?;
        if self.auth.has_account(ctx, &parties.to) {
            return Err(SdkError::InvalidRequest(format!("account {} already exists", parties.to)).into());
        }
        self.bank.check_send_enabled(ctx, &coins)?;
        self.create(ctx, &parties, &coins, schedule)?;
        Ok(MsgCreatePeriodicVestingAccountResponse {})
    }
}

fn read(msg: &MsgCreatePeriodicVestingAccount) -> Result<Periodic> {
    let parties = Parties::read(&msg.from_address, &msg.to_address)?;
    let start = msg.start_time;
    if start < 1 {
        let text = format!("invalid start time of {start}, length must be greater than 0");
        return Err(SdkError::InvalidRequest(text).into());
    }
    let mut periods = Vec::with_capacity(msg.vesting_periods.len());
    for (index, period) in msg.vesting_periods.iter().enumerate() {
        let length = period.length;
        if length < 1 {
            let text = format!("invalid period length of {length} in period {index}, length must be greater than 0");
            return Err(SdkError::InvalidRequest(text).into());
        }
        periods.push(Period { length, amount: read_coins(&period.amount)? });
    }
    let coins = Coins::sum(periods.iter().flat_map(|period| period.amount.iter().cloned()))?;
    let schedule = Schedule::Periodic { start, periods };
    vesting(&coins, schedule.clone())?;
    Ok(Periodic { parties, coins, schedule })
}
