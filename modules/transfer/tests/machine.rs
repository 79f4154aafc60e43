//! Random sends, deliveries, answers and timeouts between two chains: no token is made or lost.
//!
//! What lies in a channel's escrow of a token is exactly what there is of its voucher on the other side, and what is on its way: this
//! holds after every step, for tokens that went any number of times back and forth over both channels.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;

use std::collections::BTreeMap;

use common::*;
use cosmwasm_std::Uint256;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_transfer::address::escrow;
use openledger_transfer::denom::prefix;
use openledger_transfer::packet::PacketData;
use proptest::prelude::*;

const CHANNELS: [[&str; 2]; 2] = [["channel-0", "channel-1"], ["channel-10", "channel-11"]];

#[derive(Debug, Clone)]
enum Step {
    /// Which chain, channel, sender, receiver, of which of its coins how many hundredths.
    Send(usize, usize, u8, u8, usize, u32),
    /// To nobody: it is refused there.
    SendToNobody(usize, usize, u8, usize, u32),
    Deliver(usize),
    TimeOut(usize),
    Answer(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let send = (0..2usize, 0..2usize, 1..4u8, 1..4u8, 0..8usize, 1..=100u32);
    prop_oneof![
        5 => send.clone().prop_map(|(chain, channel, from, to, coin, part)| Step::Send(chain, channel, from, to, coin, part)),
        1 => send.prop_map(|(chain, channel, from, _, coin, part)| Step::SendToNobody(chain, channel, from, coin, part)),
        4 => (0..16usize).prop_map(Step::Deliver),
        1 => (0..16usize).prop_map(Step::TimeOut),
        4 => (0..16usize).prop_map(Step::Answer),
    ]
}

/// A packet on its way.
struct OnItsWay {
    from: usize,
    packet: Packet,
    answer: Option<Vec<u8>>,
}

struct World {
    chains: [Chain; 2],
    packets: Vec<OnItsWay>,
}

impl World {
    fn new() -> Self {
        let first = Chain::new(&CHANNELS[0], &["1000aopen", "50aopen,7gamm/pool/1", ""]);
        let second = Chain::new(&CHANNELS[1], &["900uatom", "33uatom", "5aopen"]);
        Self { chains: [first, second], packets: Vec::new() }
    }

    fn act(&mut self, step: &Step) {
        match *step {
            Step::Send(chain, channel, from, to, coin, part) => {
                self.send(chain, channel, from, &text(to), coin, part);
            }
            Step::SendToNobody(chain, channel, from, coin, part) => {
                self.send(chain, channel, from, "nobody", coin, part);
            }
            Step::Deliver(which) => {
                let waiting = self.packets.iter().position(|on| on.answer.is_none());
                let Some(at) = waiting.map(|first| (first + which) % self.packets.len()) else { return };
                let Self { chains, packets } = self;
                let on = &mut packets[at];
                if on.answer.is_none() {
                    on.answer = chains[1 - on.from].receive(&on.packet).0;
                }
            }
            Step::TimeOut(which) => {
                let at = which % self.packets.len().max(1);
                if self.packets.get(at).is_some_and(|on| on.answer.is_none()) {
                    let on = self.packets.remove(at);
                    self.chains[on.from].time_out(&on.packet).unwrap();
                }
            }
            Step::Answer(which) => {
                let at = which % self.packets.len().max(1);
                if self.packets.get(at).is_some_and(|on| on.answer.is_some()) {
                    let on = self.packets.remove(at);
                    self.chains[on.from].acknowledge(&on.packet, &on.answer.unwrap()).unwrap();
                }
            }
        }
    }

    fn send(&mut self, chain: usize, channel: usize, from: u8, to: &str, coin: usize, part: u32) {
        let held = self.chains[chain].with(|ctx| BANK.balances(ctx, &address(from)).unwrap());
        let Some(coin) = held.iter().nth(coin % held.iter().len().max(1)) else { return };
        let amount = coin.amount * Uint256::from(part) / Uint256::from(100u32);
        if amount.is_zero() {
            return;
        }
        let (channel, coin) = (CHANNELS[chain][channel], format!("{amount}{}", coin.denom));
        let packet = self.chains[chain].send(from, channel, &coin, to).unwrap();
        self.packets.push(OnItsWay { from: chain, packet, answer: None });
    }

    /// By chain, channel and whole trace: what should be in escrow there.
    fn owed(&mut self) -> BTreeMap<(usize, String, String), Uint256> {
        let mut owed: BTreeMap<(usize, String, String), Uint256> = BTreeMap::new();
        for (chain, channels) in CHANNELS.iter().enumerate() {
            // Vouchers of the other chain's tokens, and of its vouchers.
            let vouchers = self.chains[chain].with(|ctx| BANK.denoms_with_prefix(ctx, "ibc/").unwrap());
            for denom in vouchers {
                let supply = self.chains[chain].supply(&denom);
                let full = self.chains[chain].with(|ctx| TRANSFER.full_denom(ctx, &denom).unwrap());
                let channel = channels.iter().find(|channel| full.starts_with(&prefix("transfer", channel))).unwrap();
                let rest = full.strip_prefix(&prefix("transfer", channel)).unwrap();
                *owed.entry((1 - chain, other_end(channel), rest.into())).or_default() += supply;
            }
        }
        for on in &self.packets {
            let data = PacketData::read(&on.packet.data).unwrap();
            let amount: Uint256 = data.amount.parse().unwrap();
            let arrived = on.answer.as_ref().is_some_and(|answer| answer.starts_with(br#"{"result""#));
            let here = prefix("transfer", &on.packet.source_channel);
            match data.denom.strip_prefix(&here) {
                // A voucher that goes home: locked there until it arrives.
                Some(rest) if !arrived => {
                    let key = (1 - on.from, on.packet.destination_channel.clone(), rest.to_string());
                    *owed.entry(key).or_default() += amount;
                }
                // A token that leaves: locked here, and from its arrival on a voucher's.
                None if !arrived => {
                    let key = (on.from, on.packet.source_channel.clone(), data.denom.clone());
                    *owed.entry(key).or_default() += amount;
                }
                _ => {}
            }
        }
        owed
    }

    fn check(&mut self) {
        let owed = self.owed();
        let mut held = BTreeMap::new();
        for (chain, channels) in CHANNELS.iter().enumerate() {
            for channel in channels {
                let coins = self.chains[chain].with(|ctx| BANK.balances(ctx, &escrow("transfer", channel)).unwrap());
                for coin in coins.iter() {
                    let full = self.chains[chain].with(|ctx| TRANSFER.full_denom(ctx, &coin.denom).unwrap());
                    held.insert((chain, (*channel).to_string(), full), coin.amount);
                }
            }
        }
        let owed: BTreeMap<_, _> = owed.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
        assert_eq!(held, owed);
        assert_eq!(self.chains[0].supply("aopen"), Uint256::from(1_050u32));
        assert_eq!(self.chains[0].supply("gamm/pool/1"), Uint256::from(7u32));
        assert_eq!(self.chains[1].supply("uatom"), Uint256::from(933u32));
        assert_eq!(self.chains[1].supply("aopen"), Uint256::from(5u32));
    }

    /// Everything arrives or is answered; everything goes home.
    fn unwind(&mut self) {
        while let Some(on) = self.packets.pop() {
            let answer = on.answer.or_else(|| self.chains[1 - on.from].receive(&on.packet).0).unwrap();
            self.chains[on.from].acknowledge(&on.packet, &answer).unwrap();
        }
        loop {
            let mut moved = false;
            for (chain, channels) in CHANNELS.iter().enumerate() {
                for who in 1..4u8 {
                    let held = self.chains[chain].with(|ctx| BANK.balances(ctx, &address(who)).unwrap());
                    for coin in held.iter().filter(|coin| coin.denom.starts_with("ibc/")) {
                        let full = self.chains[chain].with(|ctx| TRANSFER.full_denom(ctx, &coin.denom).unwrap());
                        let channel = channels.iter().find(|channel| full.starts_with(&prefix("transfer", channel)));
                        let packet =
                            self.chains[chain].send(who, channel.unwrap(), &coin.to_string(), &text(who)).unwrap();
                        let (answer, _) = self.chains[1 - chain].receive(&packet);
                        assert_eq!(answer.as_deref(), Some(br#"{"result":"AQ=="}"#.as_slice()));
                        self.chains[chain].acknowledge(&packet, &answer.unwrap()).unwrap();
                        moved = true;
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_of_packets_makes_or_loses_a_token(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.act(step);
            world.check();
        }
        world.unwind();
        world.check();
        for (chain, channels) in CHANNELS.iter().enumerate() {
            let left = world.chains[chain].with(|ctx| BANK.denoms_with_prefix(ctx, "ibc/").unwrap());
            prop_assert!(left.is_empty(), "vouchers that are left: {left:?}");
            for channel in channels {
                prop_assert_eq!(world.chains[chain].balances(&escrow("transfer", channel)), "");
            }
        }
    }
}
