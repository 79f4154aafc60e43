//! Whatever bytes a relayer sends: an error or success, never a panic, and of an error nothing stays. Handshakes that lie.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use common::app::PORT;
use common::link::Link;
use common::{attribute, code, kinds};
use ibc_proto::ibc::core::channel::v1::*;
use ibc_proto::ibc::core::connection::v1::{MsgConnectionOpenTry, MsgUpdateParams, Params};
use openledger_core::Module;
use openledger_proto::{Any, Message, Name};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

#[test]
fn a_connection_s_other_side_has_to_show_a_client_that_could_follow_this_chain() {
    let mut link = Link::clients();
    link.connection_init(0);
    let good = link.connection_try(0);
    let before = link.chains[1].dump();
    let mut refused = |change: &dyn Fn(&mut MsgConnectionOpenTry), expected| {
        let mut msg = good.clone();
        change(&mut msg);
        assert_eq!(code(link.chains[1].execute(&msg)), expected);
        assert_eq!(link.chains[1].dump(), before);
    };
    refused(&|msg| msg.delay_period = 1, ("commitment", 2));
    refused(&|msg| msg.proof_init = msg.proof_client.clone(), ("commitment", 2));
    refused(&|msg| msg.proof_client = msg.proof_init.clone(), ("commitment", 2));
    refused(&|msg| msg.proof_consensus = msg.proof_init.clone(), ("commitment", 2));
    refused(&|msg| msg.consensus_height.as_mut().unwrap().revision_height += 1_000_000, ("ibc", 9));
    refused(&|msg| msg.client_id = "07-tendermint-5".into(), ("client", 4));
    refused(&|msg| msg.counterparty_versions[0].identifier = "2".into(), ("connection", 10));
    refused(
        &|msg| {
            use ibc_proto::ibc::lightclients::tendermint::v1::ClientState;
            let any = msg.client_state.as_mut().unwrap();
            let mut client = ClientState::decode(any.value.as_slice()).unwrap();
            client.unbonding_period.as_mut().unwrap().seconds += 1;
            any.value = client.encode_to_vec();
        },
        ("client", 3),
    );
    let (_, events) = link.chains[1].execute(&good).unwrap();
    assert_eq!(kinds(&events), ["connection_open_try", "message"]);
    assert_eq!(attribute(&events, "connection_open_try", "counterparty_connection_id"), "connection-0");
}

#[test]
fn a_channel_has_the_version_that_its_application_answered() {
    let mut link = Link::clients();
    link.connect(0);
    link.order = Order::Unordered;
    assert_eq!(code(link.chains[0].execute(&link.channel_init("other"))), ("sdk", 18));
    let mut foreign = link.channel_init("");
    foreign.port_id = "bank".into();
    assert_eq!(code(link.chains[0].execute(&foreign)), ("port", 3));
    let (response, events) = link.chains[0].execute(&link.channel_init("")).unwrap();
    let response = MsgChannelOpenInitResponse::decode(response.as_slice()).unwrap();
    assert_eq!((response.channel_id.as_str(), response.version.as_str()), ("channel-0", "probe-1"));
    assert_eq!(attribute(&events, "channel_open_init", "version"), "probe-1");
    link.channels[0] = response.channel_id;
    let good = link.channel_try();
    let lie = MsgChannelOpenTry { counterparty_version: "probe-2".into(), ..good.clone() };
    assert_eq!(code(link.chains[1].execute(&lie)), ("commitment", 2));
    link.chains[1].execute(&good).unwrap();
}

#[test]
fn governance_says_how_long_a_block_may_take() {
    let mut link = Link::clients();
    let chain = &mut link.chains[0];
    let signer = openledger_auth::authority().to_string();
    let params =
        |time| MsgUpdateParams { signer: signer.clone(), params: Some(Params { max_expected_time_per_block: time }) };
    assert_eq!(code(chain.execute(&params(0))), ("ibc", 8));
    chain.execute(&params(1)).unwrap();
    let ibc = chain.ibc;
    assert_eq!(chain.with(|ctx| ibc.connection_params(ctx).unwrap().max_expected_time_per_block), 1);
}

#[test]
fn a_genesis_takes_the_whole_store_over() {
    let mut link = Link::channel(Order::Unordered);
    let received = link.send(b"one");
    link.sync();
    link.recv(&received).unwrap();
    link.send(b"two");
    for chain in &mut link.chains {
        let (ibc, before) = (chain.ibc, chain.dump());
        let exported = chain.with(|ctx| ibc.export_genesis(ctx).unwrap());
        ibc.validate_genesis(&exported).unwrap();
        let mut fresh = common::chain::Chain::new("north-1", 1);
        fresh.with(|ctx| ibc.init_genesis(ctx, &exported).unwrap());
        assert_eq!(fresh.dump(), before);
        let again = fresh.with(|ctx| ibc.export_genesis(ctx).unwrap());
        assert_eq!(again, exported);
    }
}

#[test]
fn a_genesis_that_no_chain_exported_is_refused() {
    use ibc_proto::ibc::core::types::v1::GenesisState;
    let mut link = Link::channel(Order::Unordered);
    let ibc = link.chains[0].ibc;
    let exported = link.chains[0].with(|ctx| ibc.export_genesis(ctx).unwrap());
    let refused = |change: &dyn Fn(&mut GenesisState)| {
        let mut genesis = GenesisState::decode(exported.as_slice()).unwrap();
        change(&mut genesis);
        assert!(ibc.validate_genesis(&genesis.encode_to_vec()).is_err());
    };
    refused(&|genesis| genesis.client_genesis.as_mut().unwrap().next_client_sequence = 0);
    refused(&|genesis| genesis.client_genesis.as_mut().unwrap().clients.clear());
    refused(&|genesis| genesis.client_genesis.as_mut().unwrap().params = None);
    refused(&|genesis| {
        let clients = &mut genesis.client_genesis.as_mut().unwrap().clients;
        clients.push(clients[0].clone());
    });
    refused(&|genesis| {
        let metadata = &mut genesis.client_genesis.as_mut().unwrap().clients_metadata;
        metadata[0].client_metadata[0].key = b"clientState".to_vec();
    });
    refused(&|genesis| genesis.connection_genesis.as_mut().unwrap().next_connection_sequence = 0);
    refused(&|genesis| genesis.channel_genesis.as_mut().unwrap().next_channel_sequence = 0);
    refused(&|genesis| genesis.channel_genesis.as_mut().unwrap().send_sequences[0].sequence = 0);
    refused(&|genesis| genesis.channel_genesis.as_mut().unwrap().channels[0].port_id = "?".into());
}

/// One change each, so that each is refused for itself alone.
#[test]
fn a_genesis_whose_parts_name_what_is_not_there_or_say_something_twice_is_refused() {
    use ibc_proto::ibc::core::types::v1::GenesisState;
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"one");
    link.sync();
    link.recv(&packet).unwrap();
    // Of the sender the commitment, of the receiver receipt and acknowledgement.
    let ibc = link.chains[0].ibc;
    let exported = link.chains.each_mut().map(|chain| chain.with(|ctx| ibc.export_genesis(ctx).unwrap()));
    let refused = |which: usize, why: &str, change: &dyn Fn(&mut GenesisState)| {
        let mut genesis = GenesisState::decode(exported[which].as_slice()).unwrap();
        ibc.validate_genesis(&genesis.encode_to_vec()).unwrap();
        change(&mut genesis);
        let error = ibc.validate_genesis(&genesis.encode_to_vec()).unwrap_err();
        assert!(error.message.contains(why), "{why}: {error:?}");
    };
    let channel = |which: usize, why: &str, change: &dyn Fn(&mut IdentifiedChannel)| {
        refused(which, why, &|genesis| change(&mut genesis.channel_genesis.as_mut().unwrap().channels[0]));
    };
    channel(0, "one connection, not 0", &|end| end.connection_hops.clear());
    channel(0, "one connection, not 2", &|end| end.connection_hops.push("connection-0".into()));
    channel(0, "no connection connection-7", &|end| end.connection_hops = vec!["connection-7".into()]);
    channel(0, "without counterparty", &|end| end.counterparty.as_mut().unwrap().channel_id.clear());
    let sequence = |which: usize, change: fn(&mut ibc_proto::ibc::core::channel::v1::GenesisState)| {
        refused(which, "no channel channel-7", &|genesis| change(genesis.channel_genesis.as_mut().unwrap()));
    };
    sequence(0, |genesis| genesis.commitments[0].channel_id = "channel-7".into());
    sequence(1, |genesis| genesis.acknowledgements[0].channel_id = "channel-7".into());
    sequence(1, |genesis| genesis.receipts[0].channel_id = "channel-7".into());
    sequence(0, |genesis| genesis.send_sequences[0].channel_id = "channel-7".into());
    sequence(0, |genesis| genesis.recv_sequences[0].channel_id = "channel-7".into());
    sequence(0, |genesis| genesis.ack_sequences[0].channel_id = "channel-7".into());
    refused(0, "is there twice", &|genesis| {
        let known = &mut genesis.client_genesis.as_mut().unwrap().clients_consensus;
        known.push(known[0].clone());
    });
    refused(0, "is there twice", &|genesis| {
        let known = &mut genesis.client_genesis.as_mut().unwrap().clients_consensus[0].consensus_states;
        known.push(known[0].clone());
    });
    refused(0, "is there twice", &|genesis| {
        let metadata = &mut genesis.client_genesis.as_mut().unwrap().clients_metadata;
        metadata.push(metadata[0].clone());
    });
    refused(0, "is there twice", &|genesis| {
        let metadata = &mut genesis.client_genesis.as_mut().unwrap().clients_metadata[0].client_metadata;
        metadata.push(metadata[0].clone());
    });
    refused(0, "is there twice", &|genesis| {
        let paths = &mut genesis.connection_genesis.as_mut().unwrap().client_connection_paths;
        paths.push(paths[0].clone());
    });
    refused(0, "is there twice", &|genesis| {
        let paths = &mut genesis.connection_genesis.as_mut().unwrap().client_connection_paths[0].paths;
        paths.push(paths[0].clone());
    });
    refused(0, "missing among the connections", &|genesis| {
        genesis.connection_genesis.as_mut().unwrap().client_connection_paths.clear();
    });
}

/// A link with a packet on its way, and the messages that would relay it, as they are; behind them those that made the link.
fn world() -> &'static Mutex<(Link, Vec<(usize, Any)>)> {
    static WORLD: OnceLock<Mutex<(Link, Vec<(usize, Any)>)>> = OnceLock::new();
    WORLD.get_or_init(|| {
        fn any<M: Message + Name>(message: &M) -> Any {
            Any { type_url: M::type_url(), value: message.encode_to_vec() }
        }
        let mut link = Link::channel(Order::Unordered);
        let packet = link.send(b"one");
        link.sync();
        let mut messages = vec![(1, any(&link.recv_msg(&packet))), (0, any(&link.timeout_msg(&packet, 1)))];
        link.recv(&packet).unwrap();
        link.sync();
        messages.push((0, any(&link.ack_msg(&packet, b"{\"result\":\"AQ==\"}"))));
        link.tick();
        messages.push((0, any(&link.update_msg(0))));
        messages.push((0, any(&link.channel_init(""))));
        let channel_id = link.channels[0].clone();
        let signer = link.chains[0].signer();
        messages.push((0, any(&MsgChannelCloseInit { port_id: PORT.into(), channel_id, signer })));
        let (client, known) = common::link::client_of(&link.chains[1]);
        messages.push((0, any(&common::link::create(&link.chains[0], client, known))));
        let made = |chain: usize| link.chains[chain].executed.iter().cloned().map(move |message| (chain, message));
        messages.extend(made(0).chain(made(1)));
        let kinds: BTreeSet<&str> = messages.iter().map(|(_, message)| message.type_url.as_str()).collect();
        assert_eq!(kinds.len(), 14, "{kinds:?}");
        Mutex::new((link, messages))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutated_messages_never_panic_and_what_fails_changes_nothing(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut world = world().lock().unwrap_or_else(|broken| broken.into_inner());
        let (link, messages) = &mut *world;
        let (chain, mut message) = which.get(messages).clone();
        for (place, byte) in changes {
            let place = place.index(message.value.len());
            message.value[place] ^= byte;
        }
        if let Some(cut) = cut {
            message.value.truncate(cut.index(message.value.len()));
        }
        let before = link.chains[chain].dump();
        let point = link.chains[chain].with(|ctx| ctx.checkpoint());
        if link.chains[chain].execute_any(&message).is_err() {
            prop_assert_eq!(link.chains[chain].dump(), before);
        }
        link.chains[chain].with(|ctx| ctx.revert(point));
        link.chains[chain].executed.clear();
    }

    #[test]
    fn proofs_of_random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0usize..3) {
        let mut world = world().lock().unwrap_or_else(|broken| broken.into_inner());
        let (link, messages) = &mut *world;
        let (chain, message) = messages[which].clone();
        let value = match which {
            0 => MsgRecvPacket { proof_commitment: bytes, ..Message::decode(message.value.as_slice()).unwrap() }.encode_to_vec(),
            1 => MsgTimeout { proof_unreceived: bytes, ..Message::decode(message.value.as_slice()).unwrap() }.encode_to_vec(),
            _ => MsgAcknowledgement { proof_acked: bytes, ..Message::decode(message.value.as_slice()).unwrap() }.encode_to_vec(),
        };
        let refused = link.chains[chain].execute_any(&Any { value, ..message }).is_err();
        prop_assert!(refused);
    }
}
