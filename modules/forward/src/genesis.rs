//! Genesis: what was sent on and waits for its answer.

use std::collections::BTreeSet;

use cosmwasm_std::Order;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_core::coin::check_denom;
use openledger_core::{wire, Address, Context, Result};
use openledger_proto::openledger::forward::v1::GenesisState;
use openledger_transfer::denom::check_channel_id;
use openledger_transfer::packet::PacketData;
use prost::Message;

use crate::error::ForwardError;
use crate::state::{Forward, FORWARDS, STORE};

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Vec<((String, u64), Forward)>> {
    let genesis = GenesisState::decode(genesis).map_err(|error| refusal(error.to_string()))?;
    let (mut seen, mut forwards) = (BTreeSet::new(), Vec::new());
    for forward in genesis.forwards {
        let key = (forward.channel.clone(), forward.sequence);
        check_channel_id(&forward.channel)?;
        check_denom(&forward.denom)?;
        forward.sender.parse::<Address>()?;
        if !seen.insert(key.clone()) {
            return Err(refusal(format!("packet {} on {} was sent on twice", key.1, key.0)).into());
        }
        let packet = Packet::decode(forward.packet.as_slice()).map_err(|error| refusal(error.to_string()))?;
        PacketData::read(&packet.data).map_err(refusal)?;
        let retries_left = u8::try_from(forward.retries_left)
            .map_err(|_| refusal(format!("{} retries are left, at most 255 may be", forward.retries_left)))?;
        let read = Forward {
            packet: forward.packet.into(),
            sender: forward.sender,
            receiver: forward.receiver,
            memo: forward.memo,
            timeout: forward.timeout,
            retries_left,
            denom: forward.denom,
            amount: wire::amount("amount", &forward.amount)?,
        };
        forwards.push((key, read));
    }
    Ok(forwards)
}

fn refusal(text: String) -> ForwardError {
    ForwardError::InvalidGenesis(text)
}

/// Takes a genesis over.
pub(crate) fn init(ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    for ((channel, sequence), forward) in &read(genesis)? {
        FORWARDS.save(&mut ctx.kv_mut(STORE), (channel, *sequence), forward)?;
    }
    Ok(())
}

/// The state as a genesis.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let mut genesis = GenesisState::default();
    for entry in FORWARDS.range(&*ctx.kv(STORE), None, None, Order::Ascending) {
        let ((channel, sequence), forward) = entry?;
        genesis.forwards.push(forward.to_proto(&channel, sequence));
    }
    Ok(genesis)
}
