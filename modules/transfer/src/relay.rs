//! Tokens leave, arrive and come back.
//!
//! A token that leaves its own way is locked in the channel's escrow and a voucher of it made on the other side; a voucher that goes
//! back where it came from is burnt and the token unlocked there. Which of the two it is, the trace alone says.
//!
//! Semantics and order of checks: ibc-go v8 `modules/apps/transfer/keeper/relay.go`, `msg_server.go`.

use cosmwasm_std::Uint256;
use ibc_proto::ibc::applications::transfer::v1::MsgTransfer;
use ibc_proto::ibc::core::channel::v1::Packet;
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::{Address, Coin, Context, Error, Result, SdkError};
use prost::Name;

use crate::ack::Ack;
use crate::address::escrow;
use crate::channels::Outgoing;
use crate::denom::{prefix, Trace};
use crate::error::{IbcError, TransferError};
use crate::events;
use crate::keeper::Transfer;
use crate::packet::{read_amount, PacketData};

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Send<'a> {
    /// The port.
    pub port: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// The token; the greatest amount of 256 bits means all that the sender has of it.
    pub token: Coin,
    /// Who sends.
    pub sender: Address,
    /// Who receives, in the other chain's form.
    pub receiver: &'a str,
    /// The receiving chain's height at which it is too late; zero for none.
    pub timeout_height: Height,
    /// The receiving chain's time in nanoseconds at which it is too late; zero for none.
    pub timeout_timestamp: u64,
    /// For the receiver.
    pub memo: &'a str,
}

/// What a token that arrives is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arriving {
    /// It comes home, to this denomination.
    Home(String),
    /// It becomes a voucher of this trace.
    Voucher(Trace),
}

impl Arriving {
    /// Its denomination on this chain.
    pub fn denom(&self) -> String {
        match self {
            Self::Home(denom) => denom.clone(),
            Self::Voucher(trace) => trace.denom(),
        }
    }
}

/// What the token of a packet that arrives is on this chain.
pub fn arriving(packet: &Packet, data: &PacketData) -> Arriving {
    match data.denom.strip_prefix(&prefix(&packet.source_port, &packet.source_channel)) {
        Some(rest) => Arriving::Home(Trace::parse(rest).denom()),
        None => {
            let here = prefix(&packet.destination_port, &packet.destination_channel);
            Arriving::Voucher(Trace::parse(&format!("{here}{}", data.denom)))
        }
    }
}

impl Transfer {
    /// Refuses what the circuit breaker refuses: for layers that send without a message of their own.
    pub fn check_breaker(&self, ctx: &Context) -> Result<()> {
        let router =
            ctx.router().ok_or_else(|| SdkError::Logic("transfer: there are no messages to send by".into()))?;
        router.check_gates(ctx, &MsgTransfer::type_url())
    }

    /// Sends tokens to another chain; the packet's number. Events: bank's, IBC core's, `ibc_transfer`, `message`.
    pub fn transfer(&self, ctx: &mut Context, send: &Send) -> Result<u64> {
        if !self.params(ctx)?.send_enabled {
            return Err(TransferError::SendDisabled(String::new()).into());
        }
        if !self.bank.is_send_enabled(ctx, &send.token.denom)? {
            let text = format!("{} transfers are currently disabled: ", send.token.denom);
            return Err(TransferError::SendDisabled(text).into());
        }
        if self.bank.is_blocked(&send.sender) {
            return Err(IbcError::Unauthorized(format!("{} is not allowed to send funds", send.sender)).into());
        }
        let (data, sequence) = self.send(ctx, send)?;
        ctx.emit(events::transfer(&data, &send.token.amount.to_string(), &send.token.denom));
        ctx.emit(events::message());
        Ok(sequence)
    }

    fn send(&self, ctx: &mut Context, send: &Send) -> Result<(PacketData, u64)> {
        let Send { port, channel, sender, .. } = send;
        if !self.channels.has_channel(ctx, port, channel)? {
            return Err(IbcError::ChannelNotFound(format!("port ID ({port}) channel ID ({channel})")).into());
        }
        let denom = self.full_denom(ctx, &send.token.denom)?;
        let mut token = send.token.clone();
        if token.amount == Uint256::MAX {
            token.amount = self.bank.balance(ctx, sender, &token.denom)?;
            if token.amount.is_zero() {
                // ibc-go v8 sends a packet of nothing then, which no chain accepts.
                return Err(TransferError::InvalidAmount(format!("{sender} has no {}", token.denom)).into());
            }
        }
        if denom.starts_with(&prefix(port, channel)) {
            self.burn(ctx, sender, &token)?;
        } else {
            self.lock(ctx, sender, &escrow(port, channel), &token)?;
        }
        let data = PacketData {
            denom,
            amount: token.amount.to_string(),
            sender: sender.to_string(),
            receiver: send.receiver.into(),
            memo: send.memo.into(),
        };
        let packet = Outgoing {
            port,
            channel,
            timeout_height: send.timeout_height,
            timeout_timestamp: send.timeout_timestamp,
            data: data.to_bytes(),
        };
        let sequence = self.channels.send_packet(ctx, packet)?;
        Ok((data, sequence))
    }

    /// Gives the receiver of a packet its tokens: unlocked, or as vouchers.
    pub(crate) fn receive(&self, ctx: &mut Context, packet: &Packet, data: &PacketData) -> Result<()> {
        let amount = data.check().map_err(|error| error.context("error validating ICS-20 transfer packet data"))?;
        if !self.params(ctx)?.receive_enabled {
            return Err(TransferError::ReceiveDisabled.into());
        }
        let receiver: Address = data.receiver.parse().map_err(|error: SdkError| {
            // What bech32 refuses has no code in Go.
            Error::from(IbcError::Plain(format!("failed to decode receiver address: {}: {error}", data.receiver)))
        })?;
        match arriving(packet, data) {
            Arriving::Home(denom) => {
                let token = Coin { denom, amount };
                if self.bank.is_blocked(&receiver) {
                    return Err(IbcError::Unauthorized(format!("{receiver} is not allowed to receive funds")).into());
                }
                let escrow = escrow(&packet.destination_port, &packet.destination_channel);
                self.unlock(ctx, &escrow, &receiver, &token)
            }
            Arriving::Voucher(trace) => {
                // A token called `foo/channel-1` would have all of its name in the path: no genesis takes such a trace over.
                trace.check()?;
                self.mint_traced(ctx, &receiver, &trace, amount)
            }
        }
    }

    /// Undoes the arrival of tokens that `holder` has now, for a packet that will be answered with an error: they lie in escrow again, or
    /// there are no vouchers of them any more.
    pub fn unreceive(&self, ctx: &mut Context, packet: &Packet, data: &PacketData, holder: &Address) -> Result<()> {
        let arriving = arriving(packet, data);
        let token = Coin { denom: arriving.denom(), amount: read_amount(&data.amount)? };
        match arriving {
            Arriving::Voucher(_) => self.burn(ctx, holder, &token),
            Arriving::Home(_) => {
                self.lock(ctx, holder, &escrow(&packet.destination_port, &packet.destination_channel), &token)
            }
        }
    }

    /// The counterparty answered: where it refused, the sender has the tokens again.
    pub(crate) fn settle(&self, ctx: &mut Context, packet: &Packet, data: &PacketData, ack: &Ack) -> Result<()> {
        match ack {
            Ack::Error(_) => self.refund(ctx, packet, data),
            Ack::Result(_) | Ack::Nothing => Ok(()),
        }
    }

    /// Gives the sender of a packet that did nothing its tokens back.
    pub(crate) fn refund(&self, ctx: &mut Context, packet: &Packet, data: &PacketData) -> Result<()> {
        let amount = read_amount(&data.amount)?;
        let token = Coin { denom: Trace::parse(&data.denom).denom(), amount };
        let sender: Address = data.sender.parse()?;
        if data.denom.starts_with(&prefix(&packet.source_port, &packet.source_channel)) {
            return self.mint_again(ctx, &sender, &token);
        }
        self.unlock(ctx, &escrow(&packet.source_port, &packet.source_channel), &sender, &token)
    }
}
