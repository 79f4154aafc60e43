//! A transfer arrives, goes on, and is answered when the further chain has answered.
//!
//! What arrives is received by an account of nobody's key, derived of channel and sender as ibc-apps' middleware derives it, and sent on
//! from there. The packet that arrived stays unanswered meanwhile. If the further chain takes the tokens, its answer is passed back; if it
//! refuses them, or does not receive them as often as the memo allows, the tokens come back to that account and from there to where they
//! were before they arrived: into the channel's escrow, or out of the world; then an error is passed back, and the first chain refunds its
//! sender.
//!
//! If the channel that they came through was closed meanwhile, nobody can be told, and the first chain refunds nobody, since it was
//! received here. The books are closed all the same, as if it could be told: what came to nothing lies in the closed channel's escrow or
//! is burnt, so that what the first chain holds of it is matched by nothing abroad; only an upgrade of the chain that holds the tokens
//! can then give them to their sender. The event `packet_forward_unanswered` says of which packet.

use cosmwasm_std::Uint256;
use ibc_proto::ibc::core::channel::v1::Packet;
use ibc_proto::ibc::core::client::v1::Height;
use openledger_core::{Address, Coin, Context, Error, Event, Result};
use openledger_transfer::ack::Ack;
use openledger_transfer::packet::PacketData;
use openledger_transfer::{arriving, Answer, Layer, Send, Transfer, PORT};
use prost::Message;

use crate::error::ForwardError;
use crate::memo::{self, Memo};
use crate::state::{Forward, FORWARDS, STORE};
use crate::NAME;

/// What the accounts in between are derived under.
const INTERMEDIATE: &str = "packetfowardmiddleware";
/// Bytes of such an account's address.
const ADDRESS_BYTES: usize = 20;

/// The keeper of forwards, and a layer of the port's stack.
#[derive(Debug, Clone, Copy)]
pub struct Forwards {
    /// Sends on, and answers through its channels.
    pub transfer: Transfer,
    /// The layer under this one.
    pub under: &'static dyn Layer,
}

/// The account through which what comes from `sender` over `channel` (this chain's end) is sent on.
pub fn intermediate(channel: &str, sender: &str) -> Result<Address> {
    let whole = Address::of_named_key(INTERMEDIATE, format!("{channel}/{sender}").as_bytes());
    Ok(Address::new(whole.as_bytes().get(..ADDRESS_BYTES).unwrap_or_default())?)
}

impl Layer for Forwards {
    fn on_recv(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Answer {
        let Ok(data) = PacketData::read(&packet.data) else { return self.under.on_recv(ctx, packet, relayer) };
        match memo::read(&data.memo) {
            Ok(None) => self.under.on_recv(ctx, packet, relayer),
            Ok(Some(memo)) => self.pass_on(ctx, packet, data, memo, relayer),
            Err(error) => fail(ctx, &error),
        }
    }

    fn on_ack(&self, ctx: &mut Context, packet: &Packet, acknowledgement: &[u8], relayer: &Address) -> Result<()> {
        // The sender, an account of nobody's, has its tokens again where the answer is an error.
        self.under.on_ack(ctx, packet, acknowledgement, relayer)?;
        let Some(forward) = self.take(ctx, packet)? else { return Ok(()) };
        let ack = Ack::read(acknowledgement)?;
        if matches!(ack, Ack::Error(_)) {
            self.send_back(ctx, &forward)?;
        }
        self.answer(ctx, &forward, acknowledgement.to_vec())
    }

    fn on_timeout(&self, ctx: &mut Context, packet: &Packet, relayer: &Address) -> Result<()> {
        self.under.on_timeout(ctx, packet, relayer)?;
        let Some(forward) = self.take(ctx, packet)? else { return Ok(()) };
        if let Some(retries_left) = forward.retries_left.checked_sub(1) {
            let point = ctx.checkpoint();
            let again = Forward { retries_left, ..forward.clone() };
            match self.send_on(ctx, &packet.source_channel, again) {
                Ok(()) => return Ok(()),
                // A channel that is closed meanwhile, a limit that is reached: nothing is to be tried any more.
                Err(_) => ctx.revert(point),
            }
        }
        self.send_back(ctx, &forward)?;
        let error: Error = ForwardError::GivenUp { channel: packet.source_channel.clone() }.into();
        let answer = Ack::failure(&error).to_bytes();
        self.answer(ctx, &forward, answer)
    }
}

impl Forwards {
    fn pass_on(&self, ctx: &mut Context, packet: &Packet, data: PacketData, memo: Memo, relayer: &Address) -> Answer {
        // The layers under this one are shown another receiver, so they would not see that this one is wrong.
        let amount = match data.check() {
            Ok(amount) => amount,
            Err(error) => return fail(ctx, &error),
        };
        let sender = match intermediate(&packet.destination_channel, &data.sender) {
            Ok(sender) => sender.to_string(),
            Err(error) => return fail(ctx, &error),
        };
        let denom = arriving(packet, &data).denom();
        let here = PacketData { receiver: sender.clone(), memo: String::new(), ..data };
        let here = Packet { data: here.to_bytes(), ..packet.clone() };
        match self.under.on_recv(ctx, &here, relayer) {
            Answer::Now(ack) if ack.is_success() => {}
            other => return other,
        }
        let forward = Forward {
            packet: packet.encode_to_vec().into(),
            sender,
            receiver: memo.receiver,
            memo: memo.next,
            timeout: memo.timeout,
            retries_left: memo.retries,
            denom,
            amount,
        };
        if memo.port != PORT {
            return fail(ctx, &wrong_port(&memo.port));
        }
        match self.send_on(ctx, &memo.channel, forward) {
            Ok(()) => Answer::Later,
            Err(error) => fail(ctx, &error),
        }
    }

    fn send_on(&self, ctx: &mut Context, channel: &str, forward: Forward) -> Result<()> {
        self.transfer.check_breaker(ctx)?;
        let nanos = u64::try_from(ctx.block().time_seconds).unwrap_or_default().saturating_mul(1_000_000_000);
        let nanos = nanos.saturating_add(ctx.block().time_nanos.into());
        let send = Send {
            port: PORT,
            channel,
            token: forward.token(),
            sender: forward.sender.parse()?,
            receiver: &forward.receiver,
            timeout_height: Height::default(),
            timeout_timestamp: nanos.saturating_add(forward.timeout),
            memo: &forward.memo,
        };
        let sequence = self.transfer.transfer(ctx, &send)?;
        FORWARDS.save(&mut ctx.kv_mut(STORE), (channel, sequence), &forward)?;
        ctx.emit(
            Event::new("packet_forwarded")
                .attr("module", NAME)
                .attr("channel", channel)
                .attr("sequence", sequence)
                .attr("receiver", &forward.receiver)
                .attr("retries_left", forward.retries_left),
        );
        Ok(())
    }

    /// Undoes the arrival of tokens that lie in the account in between.
    fn send_back(&self, ctx: &mut Context, forward: &Forward) -> Result<()> {
        let arrived = forward.arrived()?;
        let data = PacketData::read(&arrived.data).map_err(ForwardError::Metadata)?;
        self.transfer.unreceive(ctx, &arrived, &data, &forward.sender.parse()?)
    }

    /// Tells the first chain what became of it.
    fn answer(&self, ctx: &mut Context, forward: &Forward, answer: Vec<u8>) -> Result<()> {
        let arrived = forward.arrived()?;
        if !self.transfer.channels.write_acknowledgement(ctx, &arrived, answer)? {
            ctx.emit(
                Event::new("packet_forward_unanswered")
                    .attr("module", NAME)
                    .attr("channel", &arrived.destination_channel)
                    .attr("sequence", arrived.sequence)
                    .attr("amount", forward.token()),
            );
        }
        Ok(())
    }

    fn take(&self, ctx: &mut Context, packet: &Packet) -> Result<Option<Forward>> {
        let key = (packet.source_channel.as_str(), packet.sequence);
        let forward = FORWARDS.may_load(&*ctx.kv(STORE), key)?;
        if forward.is_some() {
            FORWARDS.remove(&mut ctx.kv_mut(STORE), key);
        }
        Ok(forward)
    }
}

impl Forward {
    fn token(&self) -> Coin {
        Coin { denom: self.denom.clone(), amount: self.amount.min(Uint256::MAX) }
    }
}

fn wrong_port(port: &str) -> Error {
    ForwardError::Metadata(format!("port is {port}; tokens go on through {PORT} alone")).into()
}

fn fail(ctx: &mut Context, error: &Error) -> Answer {
    ctx.emit(Event::new("packet_forward_failed").attr("module", NAME).attr("error", error));
    Answer::Now(Ack::failure(error))
}
