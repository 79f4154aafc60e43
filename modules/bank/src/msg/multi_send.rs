//! `cosmos.bank.v1beta1.MsgMultiSend`: one account sends coins to several.
//!
//! Source: SDK v0.50 `x/bank/keeper/msg_server.go`, `x/bank/types/inputs_outputs.go`. Exactly one input is allowed.

use openledger_core::{Address, Coins, Context, Handle, Result};
use openledger_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgMultiSendResponse};

use super::{read_address, read_coins};
use crate::error::BankError;
use crate::keeper::Bank;

/// A checked message: outputs sum to what the sender gives.
struct MultiSend {
    from: Address,
    coins: Coins,
    outputs: Vec<(Address, Coins)>,
}

impl Handle<MsgMultiSend> for Bank {
    type Response = MsgMultiSendResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgMultiSend) -> Result<MsgMultiSendResponse> {
        let MultiSend { from, coins, outputs } = read(msg)?;
        self.check_send_enabled(ctx, &coins)?;
        for (to, _) in &outputs {
            self.check_not_blocked(to)?;
        }
        self.send_many(ctx, &from, &coins, &outputs)?;
        Ok(MsgMultiSendResponse {})
    }
}

fn read(msg: &MsgMultiSend) -> Result<MultiSend> {
    let input = match msg.inputs.as_slice() {
        [] => return Err(BankError::NoInputs.into()),
        [input] => input,
        _ => return Err(BankError::MultipleSenders.into()),
    };
    if msg.outputs.is_empty() {
        return Err(BankError::NoOutputs.into());
    }
    let from = read_address("input", &input.address)?;
    let coins = read_coins(&input.coins)?;
    let outputs = msg.outputs.iter().map(|out| Ok((read_address("output", &out.address)?, read_coins(&out.coins)?)));
    let outputs = outputs.collect::<Result<Vec<_>>>()?;
    let total = Coins::sum(outputs.iter().flat_map(|(_, coins)| coins.iter().cloned()))?;
    if total != coins {
        return Err(BankError::InputOutputMismatch.into());
    }
    Ok(MultiSend { from, coins, outputs })
}
