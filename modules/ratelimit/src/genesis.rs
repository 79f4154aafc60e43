//! Genesis: the limits, what they have counted, whom they do not count.

use std::collections::BTreeSet;

use cosmwasm_std::{Empty, Order};
use openledger_core::coin::check_denom;
use openledger_core::{wire, Context, Result};
use openledger_proto::openledger::ratelimit::v1::{GenesisState, WhitelistedPair};
use openledger_proto::Message;
use openledger_transfer::denom::check_channel_id;

use crate::error::RateLimitError;
use crate::state::{Direction, Limit, Pending, GENERATION, LIMITS, PAIRS, PENDING, STORE};

/// A checked genesis.
pub(crate) struct Checked {
    limits: Vec<(String, String, Limit)>,
    pairs: Vec<WhitelistedPair>,
    pending: Vec<((u8, String, u64), Pending)>,
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let genesis = GenesisState::decode(genesis).map_err(|error| refusal(error.to_string()))?;
    let (mut seen, mut limits) = (BTreeSet::new(), Vec::new());
    for limit in &genesis.rate_limits {
        check_place(&limit.channel, &limit.denom)?;
        if !seen.insert((&limit.channel, &limit.denom)) {
            return Err(refusal(format!("two limits of {} on {}", limit.denom, limit.channel)).into());
        }
        limits.push((limit.channel.clone(), limit.denom.clone(), Limit::from_proto(limit)?));
    }
    let mut seen = BTreeSet::new();
    for pair in &genesis.whitelisted_pairs {
        check_pair(&pair.sender, &pair.receiver)?;
        if !seen.insert((&pair.sender, &pair.receiver)) {
            return Err(refusal(format!("the pair of {} and {} is there twice", pair.sender, pair.receiver)).into());
        }
    }
    let (mut seen, mut pending) = (BTreeSet::new(), Vec::new());
    for packet in &genesis.pending_packets {
        check_place(&packet.channel, &packet.denom)?;
        let direction = if packet.received { Direction::Received } else { Direction::Sent };
        let key = (direction as u8, packet.channel.clone(), packet.sequence);
        if !seen.insert(key.clone()) {
            return Err(refusal(format!("packet {} on {} is pending twice", packet.sequence, packet.channel)).into());
        }
        let counted = Pending {
            denom: packet.denom.clone(),
            amount: wire::amount("amount", &packet.amount)?,
            window: packet.window,
            generation: packet.generation,
        };
        pending.push((key, counted));
    }
    Ok(Checked { limits, pairs: genesis.whitelisted_pairs, pending })
}

/// Refuses what is no channel or no denomination.
pub(crate) fn check_place(channel: &str, denom: &str) -> Result<()> {
    check_channel_id(channel)?;
    Ok(check_denom(denom)?)
}

/// The longest name in a pair, in bytes: it is part of a key.
const MOST_NAME_BYTES: usize = 256;

/// Refuses a pair of which one has no name, or one too long for a key.
pub(crate) fn check_pair(sender: &str, receiver: &str) -> Result<()> {
    if sender.len().max(receiver.len()) > MOST_NAME_BYTES {
        let text = format!("senders and receivers of a pair have at most {MOST_NAME_BYTES} bytes");
        return Err(RateLimitError::Invalid(text).into());
    }
    if sender.trim().is_empty() || receiver.trim().is_empty() {
        return Err(RateLimitError::Invalid("a pair is a sender and a receiver, both named".into()).into());
    }
    Ok(())
}

fn refusal(text: String) -> RateLimitError {
    RateLimitError::InvalidGenesis(text)
}

/// Takes a genesis over.
pub(crate) fn init(ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let Checked { limits, pairs, pending } = read(genesis)?;
    let mut kv = ctx.kv_mut(STORE);
    let mut last = 0;
    for (channel, denom, limit) in &limits {
        last = limit.generation.max(last);
        LIMITS.save(&mut kv, (channel, denom), limit)?;
    }
    for pair in &pairs {
        PAIRS.save(&mut kv, (&pair.sender, &pair.receiver), &Empty {})?;
    }
    for ((direction, channel, sequence), counted) in &pending {
        last = counted.generation.max(last);
        PENDING.save(&mut kv, (*direction, channel, *sequence), counted)?;
    }
    GENERATION.save(&mut kv, &last)?;
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let mut genesis = GenesisState::default();
    for entry in LIMITS.range(&*kv, None, None, Order::Ascending) {
        let ((channel, denom), limit) = entry?;
        genesis.rate_limits.push(limit.to_proto(&channel, &denom));
    }
    for entry in PAIRS.keys(&*kv, None, None, Order::Ascending) {
        let (sender, receiver) = entry?;
        genesis.whitelisted_pairs.push(WhitelistedPair { sender, receiver });
    }
    for entry in PENDING.range(&*kv, None, None, Order::Ascending) {
        let ((direction, channel, sequence), counted) = entry?;
        let received = direction == Direction::Received as u8;
        genesis.pending_packets.push(counted.to_proto(received, &channel, sequence));
    }
    Ok(genesis)
}
