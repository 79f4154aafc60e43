//! Two chains in memory with channels between them, driven as IBC core drives applications: packets wait until a test delivers them,
//! lets them time out, or brings their answer back. What a refused packet or a failed message changed is taken back.
//!
//! Channel `channel-{n}` of the first chain ends in `channel-{n + 10}` of the second.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use ibc_proto::cosmos::base::v1beta1::Coin as IbcCoin;
use ibc_proto::ibc::applications::transfer::v1::MsgTransfer;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_auth::Auth;
use openledger_bank::Bank;
use openledger_core::{
    Address, BlockInfo, Coins, Context, Error, Event, GasMeter, Mode, Module, Result, Router, SdkError, Status,
};
use openledger_store::{BlockState, MemSnapshot};
use openledger_transfer::{Answer, Channels, Layer, Outgoing, Transfer};
use prost::{Message, Name};

/// Where the channels' ends and packets of a chain lie.
const CORE: &str = "ibc";

/// An end of a channel that was closed.
const CLOSED: &[u8] = &[0];

/// IBC core without proofs.
#[derive(Debug, Clone, Copy)]
pub struct FakeCore;

pub static CORE_CHANNELS: FakeCore = FakeCore;
pub const BANK: Bank = Bank { auth: Auth };
pub static TRANSFER: Transfer = Transfer { auth: Auth, bank: BANK, channels: &CORE_CHANNELS };

fn sent_key(port: &str, channel: &str, sequence: u64) -> Vec<u8> {
    format!("sent/{port}/{channel}/{sequence}").into_bytes()
}

impl Channels for FakeCore {
    fn has_channel(&self, ctx: &Context, port: &str, channel: &str) -> Result<bool> {
        Ok(ctx.kv(CORE).get(format!("end/{port}/{channel}").as_bytes()).is_some())
    }

    fn channels(&self, ctx: &Context, port: &str) -> Result<Vec<String>> {
        let prefix = format!("end/{port}/").into_bytes();
        let end = openledger_core::query::prefix_end(&prefix);
        let kv = ctx.kv(CORE);
        let entries = kv.range(Some(&prefix), end.as_deref(), cosmwasm_std::Order::Ascending);
        Ok(entries.map(|(key, _)| String::from_utf8(key[prefix.len()..].to_vec()).unwrap()).collect())
    }

    fn send_packet(&self, ctx: &mut Context, packet: Outgoing) -> Result<u64> {
        if packet.timeout_timestamp == 0 && packet.timeout_height.revision_height == 0 {
            return Err(SdkError::InvalidRequest("packet timeout height and timestamp cannot both be 0".into()).into());
        }
        let mut kv = ctx.kv_mut(CORE);
        let counter = format!("next/{}/{}", packet.port, packet.channel).into_bytes();
        use cosmwasm_std::Storage;
        let sequence = kv.get(&counter).map_or(1, |bytes| u64::from_be_bytes(bytes.try_into().unwrap()));
        kv.set(&counter, &(sequence + 1).to_be_bytes());
        let packet = Packet {
            sequence,
            source_port: packet.port.into(),
            source_channel: packet.channel.into(),
            destination_port: "transfer".into(),
            destination_channel: other_end(packet.channel),
            data: packet.data,
            timeout_height: Some(packet.timeout_height),
            timeout_timestamp: packet.timeout_timestamp,
        };
        kv.set(&sent_key(&packet.source_port, &packet.source_channel, sequence), &packet.encode_to_vec());
        Ok(sequence)
    }

    fn write_acknowledgement(&self, ctx: &mut Context, packet: &Packet, acknowledgement: Vec<u8>) -> Result<bool> {
        let (port, channel) = (&packet.destination_port, &packet.destination_channel);
        if ctx.kv(CORE).get(format!("end/{port}/{channel}").as_bytes()) == Some(CLOSED.to_vec()) {
            return Ok(false);
        }
        let key = format!("ack/{port}/{channel}/{}", packet.sequence).into_bytes();
        use cosmwasm_std::Storage;
        let mut kv = ctx.kv_mut(CORE);
        assert!(kv.get(&key).is_none(), "a packet is answered once");
        kv.set(&key, &acknowledgement);
        Ok(true)
    }

    fn is_in_flight(&self, ctx: &Context, port: &str, channel: &str, sequence: u64) -> Result<bool> {
        Ok(ctx.kv(CORE).get(&sent_key(port, channel, sequence)).is_some())
    }
}

/// `channel-0` of the first chain is `channel-10` of the second, and so on.
pub fn other_end(channel: &str) -> String {
    let number: u32 = channel.strip_prefix("channel-").unwrap().parse().unwrap();
    format!("channel-{}", if number < 10 { number + 10 } else { number - 10 })
}

pub struct Chain {
    pub state: BlockState,
    pub block: BlockInfo,
    pub router: Router,
    stack: &'static dyn Layer,
    modules: Vec<&'static dyn Module>,
}

impl Chain {
    /// A chain with these channels at which the accounts 1, 2, … hold what is given.
    pub fn new(channels: &[&str], balances: &[&str]) -> Self {
        Self::with_stack(channels, balances, &TRANSFER, vec![&TRANSFER])
    }

    pub fn with_stack(
        channels: &[&str],
        balances: &[&str],
        stack: &'static dyn Layer,
        modules: Vec<&'static dyn Module>,
    ) -> Self {
        let mut router = Router::default();
        Auth.register(&mut router);
        BANK.register(&mut router);
        for module in &modules {
            module.register(&mut router);
        }
        let state = BlockState::new(Arc::new(MemSnapshot::default()));
        let block = BlockInfo { height: 1, time_seconds: 1_000_000, ..BlockInfo::default() };
        let mut chain = Self { state, block, router, stack, modules };
        chain.with(|ctx| {
            Auth.init_genesis(ctx, &Auth.default_genesis()).unwrap();
            BANK.init_genesis(ctx, &BANK.default_genesis()).unwrap();
            for channel in channels {
                use cosmwasm_std::Storage;
                ctx.kv_mut(CORE).set(format!("end/transfer/{channel}").as_bytes(), &[1]);
            }
            for (coins, byte) in balances.iter().zip(1..) {
                BANK.credit_genesis(ctx, &address(byte), &coins.parse().unwrap()).unwrap();
                Auth.ensure(ctx, &address(byte)).unwrap();
            }
        });
        for module in chain.modules.clone() {
            chain.with(|ctx| module.init_genesis(ctx, &module.default_genesis()).unwrap());
        }
        chain
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Context) -> T) -> T {
        let Self { state, block, router, .. } = self;
        act(&mut Context::new(state, block, Mode::Deliver, GasMeter::infinite()).with_router(router))
    }

    pub fn check(&mut self) {
        let modules = self.modules.clone();
        self.with(|ctx| {
            Auth.check_invariants(ctx).unwrap();
            BANK.check_invariants(ctx).unwrap();
            for module in &modules {
                module.check_invariants(ctx).unwrap();
            }
        });
    }

    /// Executes a message; its events and its answer, or why it failed.
    pub fn execute<M: Message + Name>(&mut self, msg: &M) -> Result<(Vec<Event>, Vec<u8>), Error> {
        let done = {
            let Self { state, block, router, .. } = self;
            let mut ctx = Context::new(state, block, Mode::Deliver, GasMeter::infinite()).with_router(router);
            let route = router.msg_route(&M::type_url()).unwrap();
            let point = ctx.checkpoint();
            let result = route.decode(&msg.encode_to_vec()).and_then(|msg| route.handle(&mut ctx, &msg));
            if result.is_err() {
                ctx.revert(point);
            }
            result.map(|answer| (ctx.take_events(), answer))
        };
        self.check();
        done
    }

    /// A packet arrives, as IBC core delivers it; its answer, or `None` where it comes later.
    pub fn receive(&mut self, packet: &Packet) -> (Option<Vec<u8>>, Vec<Event>) {
        let stack = self.stack;
        let done = self.with(|ctx| {
            let point = ctx.checkpoint();
            match stack.on_recv(ctx, packet, &address(99)) {
                Answer::Later => (None, ctx.take_events()),
                Answer::Now(ack) => {
                    let events = ctx.take_events();
                    if !ack.is_success() {
                        ctx.revert(point);
                    }
                    CORE_CHANNELS.write_acknowledgement(ctx, packet, ack.to_bytes()).unwrap();
                    (Some(ack.to_bytes()), events)
                }
            }
        });
        self.check();
        done
    }

    /// The answer that this chain wrote for a packet, where it did.
    pub fn answer(&mut self, packet: &Packet) -> Option<Vec<u8>> {
        let (port, channel) = (&packet.destination_port, &packet.destination_channel);
        let key = format!("ack/{port}/{channel}/{}", packet.sequence).into_bytes();
        self.with(|ctx| ctx.kv(CORE).get(&key))
    }

    /// The other chain's answer to a packet of this chain arrives.
    pub fn acknowledge(&mut self, packet: &Packet, answer: &[u8]) -> Result<Vec<Event>> {
        let stack = self.stack;
        self.close(packet, |ctx| stack.on_ack(ctx, packet, answer, &address(99)))
    }

    /// A packet of this chain has timed out.
    pub fn time_out(&mut self, packet: &Packet) -> Result<Vec<Event>> {
        let stack = self.stack;
        self.close(packet, |ctx| stack.on_timeout(ctx, packet, &address(99)))
    }

    fn close(&mut self, packet: &Packet, act: impl FnOnce(&mut Context) -> Result<()>) -> Result<Vec<Event>> {
        let done = self.with(|ctx| {
            let point = ctx.checkpoint();
            let key = sent_key(&packet.source_port, &packet.source_channel, packet.sequence);
            use cosmwasm_std::Storage;
            assert!(ctx.kv(CORE).get(&key).is_some(), "a packet is closed once");
            ctx.kv_mut(CORE).remove(&key);
            match act(ctx) {
                Ok(()) => Ok(ctx.take_events()),
                Err(error) => {
                    ctx.revert(point);
                    Err(error)
                }
            }
        });
        self.check();
        done
    }

    /// The other chain has closed a channel.
    pub fn close_channel(&mut self, channel: &str) {
        use cosmwasm_std::Storage;
        self.with(|ctx| ctx.kv_mut(CORE).set(format!("end/transfer/{channel}").as_bytes(), CLOSED));
    }

    /// A packet that this chain sent.
    pub fn sent(&mut self, channel: &str, sequence: u64) -> Packet {
        let bytes = self.with(|ctx| ctx.kv(CORE).get(&sent_key("transfer", channel, sequence))).unwrap();
        Packet::decode(bytes.as_slice()).unwrap()
    }

    /// Sends; the packet, or why not.
    pub fn send(&mut self, from: u8, channel: &str, coin: &str, receiver: &str) -> Result<Packet> {
        self.send_with_memo(from, channel, coin, receiver, "")
    }

    pub fn send_with_memo(
        &mut self,
        from: u8,
        channel: &str,
        coin: &str,
        receiver: &str,
        memo: &str,
    ) -> Result<Packet> {
        let msg = MsgTransfer { memo: memo.into(), ..msg(from, channel, coin, receiver) };
        let (_, answer) = self.execute(&msg)?;
        let answer =
            ibc_proto::ibc::applications::transfer::v1::MsgTransferResponse::decode(answer.as_slice()).unwrap();
        Ok(self.sent(channel, answer.sequence))
    }

    pub fn ask<Resp: Message + Default>(&self, path: &str, request: &impl Message) -> Result<Resp, Status> {
        let ctx = Context::query(&self.state, &self.block, GasMeter::infinite());
        let answer = self.router.answer(&ctx, path, &request.encode_to_vec());
        answer.map(|bytes| Resp::decode(bytes.as_slice()).unwrap())
    }

    pub fn balances(&mut self, of: &Address) -> String {
        self.with(|ctx| BANK.balances(ctx, of).unwrap().to_string())
    }

    pub fn balance(&mut self, of: &Address, denom: &str) -> cosmwasm_std::Uint256 {
        self.with(|ctx| BANK.balance(ctx, of, denom).unwrap())
    }

    pub fn supply(&mut self, denom: &str) -> cosmwasm_std::Uint256 {
        self.with(|ctx| BANK.supply(ctx, denom).unwrap())
    }
}

/// A message that sends.
pub fn msg(from: u8, channel: &str, coin: &str, receiver: &str) -> MsgTransfer {
    let digits = coin.bytes().take_while(u8::is_ascii_digit).count();
    let (amount, denom) = coin.split_at(digits);
    MsgTransfer {
        source_port: "transfer".into(),
        source_channel: channel.into(),
        token: Some(IbcCoin { denom: denom.into(), amount: amount.into() }),
        sender: text(from),
        receiver: receiver.into(),
        timeout_height: None,
        timeout_timestamp: 2_000_000_000_000_000,
        memo: String::new(),
    }
}

pub fn address(byte: u8) -> Address {
    Address::new([byte; 20]).unwrap()
}

pub fn text(byte: u8) -> String {
    address(byte).to_string()
}

pub fn coins(text: &str) -> Coins {
    text.parse().unwrap()
}

/// Events as `kind{key=value,…}`.
pub fn shown(events: &[Event]) -> Vec<String> {
    let show = |event: &Event| {
        let attributes: Vec<String> = event.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}{{{}}}", event.kind, attributes.join(","))
    };
    events.iter().map(show).collect()
}
