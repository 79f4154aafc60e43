//! `cosmos.gov.v1.MsgDeposit`: somebody adds to a proposal's deposits; with enough of them the vote begins.

use openledger_core::{Address, Coins, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::gov::v1::{MsgDeposit, MsgDepositResponse};

use super::{read_address, read_coins};
use crate::events;
use crate::keeper::Gov;

impl Handle<MsgDeposit> for Gov {
    type Response = MsgDepositResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgDeposit) -> Result<MsgDepositResponse> {
        let (depositor, coins) = read(msg)?;
        if self.deposit(ctx, msg.proposal_id, &depositor, &coins)? {
            ctx.emit(events::voting_started(msg.proposal_id));
        }
        Ok(MsgDepositResponse {})
    }
}

fn read(msg: &MsgDeposit) -> Result<(Address, Coins)> {
    let depositor = read_address("depositor", &msg.depositor)?;
    let coins = read_coins(&msg.amount)?;
    if coins.is_empty() {
        return Err(SdkError::InvalidCoins(String::new()).into());
    }
    Ok((depositor, coins))
}
