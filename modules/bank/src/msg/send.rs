//! `cosmos.bank.v1beta1.MsgSend`: one account sends coins to another.
//!
//! Source: SDK v0.50 `x/bank/keeper/msg_server.go`, in its order of checks.

use openledger_core::{Address, Coins, Context, Handle, Result};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, MsgSendResponse};

use super::{read_address, read_coins};
use crate::keeper::Bank;

impl Handle<MsgSend> for Bank {
    type Response = MsgSendResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSend) -> Result<MsgSendResponse> {
        let (from, to, coins) = read(msg)?;
        self.check_send_enabled(ctx, &coins)?;
        self.check_not_blocked(&to)?;
        self.send(ctx, &from, &to, &coins)?;
        Ok(MsgSendResponse {})
    }
}

fn read(msg: &MsgSend) -> Result<(Address, Address, Coins)> {
    let from = read_address("from", &msg.from_address)?;
    let to = read_address("to", &msg.to_address)?;
    Ok((from, to, read_coins(&msg.amount)?))
}
