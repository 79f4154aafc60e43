//! Channels of IBC core that were closed.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use cosmwasm_std::Storage;
use ibc_proto::ibc::core::channel::v1::{Channel, Counterparty, Order, Packet, State};
use openledger_core::{BlockInfo, Context, GasMeter, Mode};
use openledger_ibc::{state, Ibc};
use openledger_staking::Staking;
use openledger_store::{BlockState, MemSnapshot};
use openledger_transfer::{Channels, Core};

#[test]
fn a_packet_whose_channel_was_closed_meanwhile_is_not_answered_and_that_is_no_error() {
    let core = Core(Ibc { staking: Staking::default(), applications: &[] });
    let (mut kv, block) = (BlockState::new(Arc::new(MemSnapshot::default())), BlockInfo::default());
    let mut ctx = Context::new(&mut kv, &block, Mode::Deliver, GasMeter::infinite());
    let packet = Packet {
        sequence: 1,
        source_port: "transfer".into(),
        source_channel: "channel-7".into(),
        destination_port: "transfer".into(),
        destination_channel: "channel-0".into(),
        data: b"{}".to_vec(),
        timeout_timestamp: 1,
        ..Packet::default()
    };
    let mut answered = |end: State| {
        let end = Channel {
            state: end.into(),
            ordering: Order::Unordered.into(),
            counterparty: Some(Counterparty { port_id: "transfer".into(), channel_id: "channel-7".into() }),
            connection_hops: vec!["connection-0".into()],
            version: "ics20-1".into(),
            ..Channel::default()
        };
        let bytes = prost::Message::encode_to_vec(&end);
        ctx.kv_mut(state::STORE).set(&state::channel_key("transfer", "channel-0"), &bytes);
        let written = core.write_acknowledgement(&mut ctx, &packet, b"{}".to_vec());
        (written, ctx.kv(state::STORE).get(&state::ack_key("transfer", "channel-0", 1)).is_some())
    };
    assert!(matches!(answered(State::Closed), (Ok(false), false)));
    assert!(matches!(answered(State::Init), (Err(_), false)));
    assert!(matches!(answered(State::Open), (Ok(true), true)));
}
