//! `ibc.applications.transfer.v1.MsgTransfer`: tokens go to another chain.
//!
//! Source: ibc-go v8 `modules/apps/transfer/types/msgs.go`, in its order of checks.

use ibc_proto::ibc::applications::transfer::v1::{MsgTransfer, MsgTransferResponse};
use openledger_core::coin::{check_denom, parse_amount};
use openledger_core::{Address, Coin, Context, Handle, Result};

use crate::denom::{check_channel_id, check_own_denom, check_port_id};
use crate::error::{IbcError, TransferError};
use crate::keeper::Transfer;
use crate::packet::{MAX_MEMO_BYTES, MAX_RECEIVER_BYTES};
use crate::relay::Send;

impl Handle<MsgTransfer> for Transfer {
    type Response = MsgTransferResponse;

    fn validate(&self, msg: &MsgTransfer) -> Result<()> {
        read(msg).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgTransfer) -> Result<MsgTransferResponse> {
        let sequence = self.transfer(ctx, &read(msg)?)?;
        Ok(MsgTransferResponse { sequence })
    }
}

fn read(msg: &MsgTransfer) -> Result<Send<'_>> {
    check_port_id(&msg.source_port).map_err(|error| error.context("invalid source port ID"))?;
    check_channel_id(&msg.source_channel).map_err(|error| error.context("invalid source channel ID"))?;
    let token = read_token(msg)?;
    let sender: Address = msg.sender.parse().map_err(|error: openledger_core::SdkError| {
        IbcError::InvalidAddress(format!("string could not be parsed as address: {error}"))
    })?;
    if msg.receiver.trim().is_empty() {
        return Err(IbcError::InvalidAddress("missing recipient address".into()).into());
    }
    if msg.receiver.len() > MAX_RECEIVER_BYTES {
        let text = format!("recipient address must not exceed {MAX_RECEIVER_BYTES} bytes");
        return Err(IbcError::InvalidAddress(text).into());
    }
    if msg.memo.len() > MAX_MEMO_BYTES {
        return Err(TransferError::InvalidMemo(format!("memo must not exceed {MAX_MEMO_BYTES} bytes")).into());
    }
    check_own_denom(&token.denom)?;
    Ok(Send {
        port: &msg.source_port,
        channel: &msg.source_channel,
        token,
        sender,
        receiver: &msg.receiver,
        timeout_height: msg.timeout_height.unwrap_or_default(),
        timeout_timestamp: msg.timeout_timestamp,
        memo: &msg.memo,
    })
}

fn read_token(msg: &MsgTransfer) -> Result<Coin> {
    let given = msg.token.clone().unwrap_or_default();
    let text = || format!("{}{}", given.amount, given.denom);
    let amount = check_denom(&given.denom).and_then(|()| parse_amount(&given.amount));
    let amount = amount.map_err(|_| IbcError::InvalidCoins(text()))?;
    if amount.is_zero() {
        return Err(IbcError::InsufficientFunds(text()).into());
    }
    Ok(Coin { denom: given.denom, amount })
}
