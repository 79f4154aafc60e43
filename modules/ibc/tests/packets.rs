//! Packets between two chains: sent, received, acknowledged, timed out; and what is refused.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::app::{noted, PORT};
use common::link::Link;
use common::{attribute, code, kinds};
use cosmwasm_std::Storage;
use ibc_proto::ibc::core::channel::v1::*;
use ibc_proto::ibc::core::client::v1::MsgUpdateClient;
use openledger_ibc::state;
use openledger_proto::{Any, Message, Name};

const DONE: &[u8] = b"{\"result\":\"AQ==\"}";
const SUCCESS: i32 = ResponseResultType::Success as i32;
const NOOP: i32 = ResponseResultType::Noop as i32;

fn result(response: &[u8]) -> i32 {
    // The responses of packets' messages all have this shape.
    MsgRecvPacketResponse::decode(response).unwrap().result
}

#[test]
fn what_is_sent_is_received_and_acknowledged_on_either_kind_of_channel() {
    for order in [Order::Unordered, Order::Ordered] {
        let mut link = Link::channel(order);
        let packets = [link.send(b"one"), link.send(b"two")];
        assert_eq!((packets[0].sequence, packets[1].sequence), (1, 2));
        link.sync();
        for packet in &packets {
            let (response, events) = link.recv(packet).unwrap();
            assert_eq!(result(&response), SUCCESS);
            assert_eq!(kinds(&events), ["recv_packet", "message", "probe", "write_acknowledgement", "message"]);
            assert_eq!(attribute(&events, "write_acknowledgement", "packet_ack").as_bytes(), DONE);
        }
        link.sync();
        for packet in &packets {
            let msg = link.ack_msg(packet, DONE);
            let (response, events) = link.chains[0].execute(&msg).unwrap();
            assert_eq!(result(&response), SUCCESS);
            assert_eq!(kinds(&events), ["acknowledge_packet", "message", "probe"]);
            let (ibc, channel) = (link.chains[0].ibc, packet.source_channel.clone());
            let left = link.chains[0].with(|ctx| ibc.packet_commitment(ctx, PORT, &channel, packet.sequence));
            assert_eq!(left, None, "what was acknowledged is forgotten");
        }
    }
}

#[test]
fn a_packet_that_somebody_else_relayed_does_nothing_and_says_so() {
    for order in [Order::Unordered, Order::Ordered] {
        let mut link = Link::channel(order);
        let packet = link.send(b"one");
        link.sync();
        link.recv(&packet).unwrap();
        let before = link.chains[1].dump();
        let (response, events) = link.recv(&packet).unwrap();
        assert_eq!((result(&response), events.len()), (NOOP, 0));
        assert_eq!(link.chains[1].dump(), before);
        link.sync();
        let msg = link.ack_msg(&packet, DONE);
        link.chains[0].execute(&msg).unwrap();
        let before = link.chains[0].dump();
        let (response, events) = link.chains[0].execute(&msg).unwrap();
        assert_eq!((result(&response), events.len()), (NOOP, 0));
        assert_eq!(link.chains[0].dump(), before);
    }
}

#[test]
fn what_a_failed_callback_did_is_taken_back_and_its_acknowledgement_stays() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"fail");
    link.sync();
    let (_, events) = link.recv(&packet).unwrap();
    assert_eq!(kinds(&events)[2], "ibccallbackerror-probe");
    assert_eq!(events[2].attributes[0].0, "ibccallbackerror-did");
    assert_eq!(link.chains[1].with(|ctx| noted(ctx)), "confirm", "the note of the packet is gone");
    link.sync();
    let msg = link.ack_msg(&packet, b"{\"error\":\"as asked\"}");
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(link.chains[0].with(|ctx| noted(ctx)), "acknowledged {\"error\":\"as asked\"}");
}

#[test]
fn an_acknowledgement_may_come_later_and_only_once() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"later");
    link.sync();
    let (_, events) = link.recv(&packet).unwrap();
    assert!(!kinds(&events).contains(&"write_acknowledgement"));
    let (ibc, domain) = (link.chains[1].ibc, packet.clone().try_into().unwrap());
    let write = |link: &mut Link, bytes: &[u8]| {
        link.chains[1].with(|ctx| ibc.write_acknowledgement(ctx, &domain, bytes.to_vec()))
    };
    assert_eq!(code(write(&mut link, b"")), ("channel", 16));
    write(&mut link, DONE).unwrap();
    assert_eq!(code(write(&mut link, DONE)), ("channel", 17));
    link.sync();
    let msg = link.ack_msg(&packet, DONE);
    link.chains[0].execute(&msg).unwrap();
}

#[test]
fn an_empty_acknowledgement_fails_the_packet() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"nothing");
    link.sync();
    let before = link.chains[1].dump();
    assert_eq!(code(link.recv(&packet)), ("channel", 16));
    assert_eq!(link.chains[1].dump(), before);
}

#[test]
fn an_application_that_refuses_an_acknowledgement_fails_it_with_its_own_code() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"refuse ack");
    link.sync();
    link.recv(&packet).unwrap();
    link.sync();
    let before = link.chains[0].dump();
    let msg = link.ack_msg(&packet, DONE);
    let error = link.chains[0].execute(&msg).unwrap_err();
    assert_eq!((error.codespace, error.code, error.message.as_str()), ("sdk", 5, "as asked: insufficient funds"));
    assert_eq!(link.chains[0].dump(), before);
}

#[test]
fn an_ordered_channel_takes_packets_in_their_order_alone() {
    let mut link = Link::channel(Order::Ordered);
    let (one, two) = (link.send(b"one"), link.send(b"two"));
    link.sync();
    assert_eq!(code(link.recv(&two)), ("channel", 21));
    link.recv(&one).unwrap();
    link.recv(&two).unwrap();
}

#[test]
fn a_packet_is_too_late_in_the_block_of_its_timeout() {
    let mut link = Link::channel(Order::Unordered);
    let at = link.chains[1].block.height + 2;
    let packet = link.send_until(b"one", at, 0).unwrap();
    link.sync();
    link.sync();
    assert_eq!(link.chains[1].block.height, at);
    assert_eq!(code(link.recv(&packet)), ("channel", 40));
    let msg = link.timeout_msg(&packet, 1);
    let (response, events) = link.chains[0].execute(&msg).unwrap();
    assert_eq!(result(&response), SUCCESS);
    assert_eq!(kinds(&events), ["timeout_packet", "message", "probe"]);
    let (response, _) = link.chains[0].execute(&msg).unwrap();
    assert_eq!(result(&response), NOOP);
}

#[test]
fn a_packet_is_too_late_in_the_nanosecond_of_its_timeout() {
    let mut link = Link::channel(Order::Unordered);
    let block = &link.chains[1].block;
    let at = (block.time_seconds as u64 + 10) * 1_000_000_000 + u64::from(block.time_nanos);
    let packet = link.send_until(b"one", 0, at).unwrap();
    link.sync();
    let early = link.timeout_msg(&packet, 1);
    assert_eq!(code(link.chains[0].execute(&early)), ("channel", 39));
    link.sync();
    assert_eq!(code(link.recv(&packet)), ("channel", 40));
    let msg = link.timeout_msg(&packet, 1);
    link.chains[0].execute(&msg).unwrap();
}

#[test]
fn all_packets_of_an_ordered_channel_time_out_though_the_first_closes_it() {
    let mut link = Link::channel(Order::Ordered);
    let at = link.chains[1].block.height + 1;
    let packets = [link.send_until(b"one", at, 0).unwrap(), link.send_until(b"two", at, 0).unwrap()];
    link.sync();
    let msg = link.timeout_msg(&packets[0], 2);
    assert_eq!(code(link.chains[0].execute(&msg)), ("channel", 19), "the message says that it was received");
    let second = link.timeout_msg(&packets[1], 2);
    assert_eq!(code(link.chains[0].execute(&second)), ("commitment", 2), "the next is 1");
    for packet in &packets {
        let msg = link.timeout_msg(packet, 1);
        let (_, events) = link.chains[0].execute(&msg).unwrap();
        assert_eq!(kinds(&events), ["timeout_packet", "message", "channel_close", "message", "probe"]);
    }
    let (ibc, channel) = (link.chains[0].ibc, link.channels[0].clone());
    let end = link.chains[0].with(|ctx| ibc.channel(ctx, PORT, &channel)).unwrap().unwrap();
    assert_eq!(end.state, State::Closed as i32);
    assert_eq!(code(link.send_until(b"three", at + 100, 0)), ("channel", 5));
}

#[test]
fn what_was_not_received_before_the_other_side_closed_times_out_at_once() {
    for order in [Order::Unordered, Order::Ordered] {
        let mut link = Link::channel(order);
        let packet = link.send(b"one");
        let close = MsgChannelCloseInit {
            port_id: PORT.into(),
            channel_id: link.channels[1].clone(),
            signer: link.chains[1].signer(),
        };
        let (_, events) = link.chains[1].execute(&close).unwrap();
        assert_eq!(kinds(&events), ["probe", "channel_close_init", "message"]);
        link.sync();
        let msg = MsgTimeoutOnClose {
            packet: Some(packet.clone()),
            proof_unreceived: link.unreceived(&packet),
            proof_close: link.proof(0, &state::channel_key(PORT, &packet.destination_channel)),
            proof_height: link.proof_height(0),
            next_sequence_recv: 1,
            signer: link.chains[0].signer(),
            counterparty_upgrade_sequence: 0,
        };
        let forged = MsgTimeoutOnClose { proof_close: msg.proof_unreceived.clone(), ..msg.clone() };
        assert_eq!(code(link.chains[0].execute(&forged)), ("commitment", 2));
        link.chains[0].execute(&msg).unwrap();
        assert_eq!(link.chains[0].with(|ctx| noted(ctx)), "timed out 1");
        let (response, _) = link.chains[0].execute(&msg).unwrap();
        assert_eq!(result(&response), NOOP);
        if order == Order::Unordered {
            let confirm = MsgChannelCloseConfirm {
                port_id: PORT.into(),
                channel_id: link.channels[0].clone(),
                proof_init: msg.proof_close.clone(),
                proof_height: msg.proof_height,
                signer: link.chains[0].signer(),
                counterparty_upgrade_sequence: 0,
            };
            link.chains[0].execute(&confirm).unwrap();
            assert_eq!(code(link.chains[0].execute(&confirm)), ("channel", 5));
        }
    }
}

#[test]
fn a_channel_whose_far_end_ever_began_an_upgrade_can_be_closed_and_timed_out_on_close() {
    for order in [Order::Unordered, Order::Ordered] {
        let mut link = Link::channel(order);
        let packet = link.send(b"one");
        // What ibc-go leaves of an upgrade that was begun and not finished, once the channel is closed.
        let (ibc, far, key) =
            (link.chains[1].ibc, link.channels[1].clone(), state::channel_key(PORT, &link.channels[1]));
        link.chains[1].with(|ctx| {
            let mut end = ibc.channel(ctx, PORT, &far).unwrap().unwrap();
            (end.state, end.upgrade_sequence) = (State::Closed as i32, 3);
            ctx.kv_mut(state::STORE).set(&key, &end.encode_to_vec());
        });
        link.sync();
        let confirm = MsgChannelCloseConfirm {
            port_id: PORT.into(),
            channel_id: link.channels[0].clone(),
            proof_init: link.proof(0, &key),
            proof_height: link.proof_height(0),
            signer: link.chains[0].signer(),
            counterparty_upgrade_sequence: 3,
        };
        let timeout = MsgTimeoutOnClose {
            packet: Some(packet.clone()),
            proof_unreceived: link.unreceived(&packet),
            proof_close: confirm.proof_init.clone(),
            proof_height: link.proof_height(0),
            next_sequence_recv: 1,
            signer: link.chains[0].signer(),
            counterparty_upgrade_sequence: 3,
        };
        for wrong in [0, 2] {
            let confirm = MsgChannelCloseConfirm { counterparty_upgrade_sequence: wrong, ..confirm.clone() };
            assert_eq!(code(link.chains[0].execute(&confirm)), ("commitment", 2));
            let timeout = MsgTimeoutOnClose { counterparty_upgrade_sequence: wrong, ..timeout.clone() };
            assert_eq!(code(link.chains[0].execute(&timeout)), ("commitment", 2));
        }
        let (_, events) = link.chains[0].execute(&confirm).unwrap();
        assert_eq!(kinds(&events), ["probe", "channel_close_confirm", "message"]);
        link.chains[0].execute(&timeout).unwrap();
        assert_eq!(link.chains[0].with(|ctx| noted(ctx)), "timed out 1");
    }
}

#[test]
fn an_application_hears_of_a_packet_s_end_when_its_commitment_is_gone() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"look");
    let late = link.send_until(b"look", link.chains[1].block.height + 1, 0).unwrap();
    link.sync();
    link.recv(&packet).unwrap();
    let msg = link.timeout_msg(&late, 1);
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(link.chains[0].with(|ctx| noted(ctx)), "timed out, pending: false");
    link.sync();
    let msg = link.ack_msg(&packet, DONE);
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(link.chains[0].with(|ctx| noted(ctx)), "acknowledged, pending: false");
}

#[test]
fn forged_packets_are_refused_and_change_nothing() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"one");
    link.sync();
    let good = link.recv_msg(&packet);
    let before = link.chains[1].dump();
    let mut refused = |change: &dyn Fn(&mut MsgRecvPacket), expected| {
        let mut msg = good.clone();
        change(&mut msg);
        assert_eq!(code(link.chains[1].execute(&msg)), expected, "{msg:?}");
        assert_eq!(link.chains[1].dump(), before);
    };
    let of = |msg: &mut MsgRecvPacket, change: &dyn Fn(&mut Packet)| change(msg.packet.as_mut().unwrap());
    refused(&|msg| of(msg, &|packet| packet.data = b"two".to_vec()), ("commitment", 2));
    refused(&|msg| of(msg, &|packet| packet.sequence = 2), ("commitment", 2));
    refused(&|msg| of(msg, &|packet| packet.timeout_timestamp = u64::MAX), ("commitment", 2));
    refused(&|msg| of(msg, &|packet| packet.destination_channel = "channel-7".into()), ("channel", 3));
    refused(&|msg| of(msg, &|packet| packet.destination_port = "bank".into()), ("channel", 3));
    refused(&|msg| of(msg, &|packet| packet.source_channel = "channel-7".into()), ("channel", 13));
    refused(&|msg| of(msg, &|packet| packet.sequence = 0), ("channel", 13));
    refused(&|msg| of(msg, &|packet| packet.data = Vec::new()), ("channel", 13));
    refused(&|msg| msg.packet = None, ("host", 2));
    refused(&|msg| msg.proof_commitment[40] ^= 1, ("commitment", 2));
    refused(&|msg| msg.proof_commitment = b"nothing of a proof".to_vec(), ("commitment", 2));
    refused(&|msg| msg.proof_commitment = Vec::new(), ("commitment", 2));
    refused(&|msg| msg.proof_height.as_mut().unwrap().revision_height += 1, ("ibc", 9));
    refused(&|msg| msg.proof_height.as_mut().unwrap().revision_height = u64::MAX, ("ibc", 9));
    refused(&|msg| msg.proof_height.as_mut().unwrap().revision_number = u64::MAX, ("ibc", 9));
    refused(&|msg| msg.proof_height.as_mut().unwrap().revision_height = 1, ("client", 7));
    refused(&|msg| msg.proof_height = None, ("ibc", 8));
    refused(&|msg| msg.signer = "nobody".into(), ("ibc", 5));
    link.recv(&packet).unwrap();
}

#[test]
fn what_cannot_be_delivered_is_not_sent() {
    let mut link = Link::channel(Order::Unordered);
    let latest = link.known[0];
    assert_eq!(code(link.send_until(b"one", latest, 0)), ("channel", 40));
    assert_eq!(code(link.send_until(b"one", 0, 1)), ("channel", 40));
    assert_eq!(code(link.send_until(b"one", 0, 0)), ("channel", 13));
    assert_eq!(code(link.send_until(b"", latest + 1, 0)), ("channel", 13));
    let sent = link.send_until(b"one", latest + 1, 0).unwrap();
    assert_eq!(sent.sequence, 1, "what was refused took no sequence");
}

#[test]
fn a_connection_s_delay_holds_packets_back() {
    let mut link = Link::clients();
    link.connect(60_000_000_000);
    link.open(Order::Unordered);
    let packet = link.send(b"one");
    link.sync();
    let msg = link.recv_msg(&packet);
    assert_eq!(code(link.chains[1].execute(&msg)), ("07-tendermint", 10));
    // Two blocks of at most thirty seconds, and a minute.
    link.chains[1].later(30);
    assert_eq!(code(link.chains[1].execute(&msg)), ("07-tendermint", 10));
    link.chains[1].later(30);
    link.chains[1].execute(&msg).unwrap();
}

#[test]
fn events_of_data_that_is_no_text_show_it_in_hexadecimal() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(&[0xff, 0x00, 0x80]);
    link.sync();
    let (_, events) = link.recv(&packet).unwrap();
    assert_eq!(attribute(&events, "recv_packet", "packet_data_hex"), "ff0080");
    let keys: Vec<_> = events[0].attributes.iter().map(|(key, _)| key.as_str()).collect();
    let expected = [
        "packet_data",
        "packet_data_hex",
        "packet_timeout_height",
        "packet_timeout_timestamp",
        "packet_sequence",
        "packet_src_port",
        "packet_src_channel",
        "packet_dst_port",
        "packet_dst_channel",
        "packet_channel_ordering",
        "packet_connection",
        "connection_id",
    ];
    assert_eq!(keys, expected);
    assert_eq!(attribute(&events, "recv_packet", "packet_channel_ordering"), "ORDER_UNORDERED");
    assert_eq!(attribute(&events, "recv_packet", "packet_timeout_timestamp"), "0");
}

#[test]
fn messages_that_all_were_relayed_before_are_redundant_but_not_with_one_that_was_not() {
    for order in [Order::Unordered, Order::Ordered] {
        let mut link = Link::channel(order);
        let packets = [link.send(b"one"), link.send(b"two")];
        link.sync();
        let received = packets.each_ref().map(|packet| any(&link.recv_msg(packet)));
        let update = any(&MsgUpdateClient::default());
        let refused = |link: &mut Link, chain: usize, messages: &[Any]| {
            let ibc = link.chains[chain].ibc;
            link.chains[chain].with(|ctx| ibc.check_not_redundant(ctx, messages)).is_err()
        };
        assert!(!refused(&mut link, 1, &received));
        link.recv(&packets[0]).unwrap();
        assert!(!refused(&mut link, 1, &received), "the second is new");
        assert!(refused(&mut link, 1, &[update.clone(), received[0].clone()]));
        assert!(!refused(&mut link, 1, std::slice::from_ref(&update)), "an update alone is worth a transaction");
        let other = Any { type_url: "/cosmos.bank.v1beta1.MsgSend".into(), value: Vec::new() };
        assert!(!refused(&mut link, 1, &[received[0].clone(), other]));
        link.sync();
        let msg = link.ack_msg(&packets[0], DONE);
        assert!(!refused(&mut link, 0, &[any(&msg)]));
        link.chains[0].execute(&msg).unwrap();
        assert!(refused(&mut link, 0, &[any(&msg)]));
        let late = link.timeout_msg(&packets[0], 2);
        assert!(refused(&mut link, 0, &[any(&late)]));
        let error = link.chains[0].ibc;
        let error = link.chains[0].with(|ctx| error.check_not_redundant(ctx, &[any(&late)])).unwrap_err();
        assert_eq!((error.codespace, error.code), ("channel", 22));
    }
}

fn any<M: Message + Name>(msg: &M) -> Any {
    Any { type_url: M::type_url(), value: msg.encode_to_vec() }
}
