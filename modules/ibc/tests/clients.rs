//! Clients of other chains: made, updated, frozen, recovered, upgraded, pruned; and what is refused.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

mod common;

use std::time::Duration;

use common::chain::{Chain, UNBONDING};
use common::link::{client_of, create, Link, TRUSTING};
use common::{attribute, code, kinds};
use ibc::clients::tendermint::types::{ClientState as TmClientState, Misbehaviour, TrustThreshold};
use ibc::core::client::types::Height;
use ibc_proto::ibc::core::channel::v1::Order;
use ibc_proto::ibc::core::client::v1::{Height as RawHeight, *};
use ibc_proto::ibc::lightclients::tendermint::v1::{
    ClientState as RawClientState, ConsensusState as RawConsensusState, Header as RawHeader,
    Misbehaviour as RawMisbehaviour,
};
use openledger_core::Module;
use openledger_ibc::{state, ClientStatus};
use openledger_proto::cosmos::upgrade::v1beta1::Plan;
use openledger_proto::{Any, Message, Name};

/// What the application of these tests answers.
const DONE: &[u8] = b"{\"result\":\"AQ==\"}";

fn authority() -> String {
    openledger_auth::authority().to_string()
}

fn status(link: &mut Link, here: usize) -> ClientStatus {
    let (ibc, client) = (link.chains[here].ibc, link.clients[here].clone());
    link.chains[here].with(|ctx| ibc.client_status(ctx, &client).unwrap())
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// A client's message with another client state than the good one.
fn with_client(chain: &Chain, other: &Chain, change: impl FnOnce(&mut RawClientState)) -> MsgCreateClient {
    let (client, known) = client_of(other);
    let mut raw: RawClientState = client.clone().into();
    change(&mut raw);
    MsgCreateClient { client_state: Some(any(&raw)), ..create(chain, client, known) }
}

#[test]
fn a_client_stands_in_the_store_as_ics_24_has_it() {
    let mut link = Link::clients();
    let (client, height) = (link.clients[0].clone(), link.known[0]);
    assert_eq!(client, "07-tendermint-0");
    let mut keys: Vec<_> = link.chains[0].dump().into_iter().map(|(key, _)| key).collect();
    let mut expected = vec![
        b"channelParams".to_vec(),
        b"clientParams".to_vec(),
        b"clients/07-tendermint-0/clientState".to_vec(),
        format!("clients/07-tendermint-0/consensusStates/4-{height}").into_bytes(),
        format!("clients/07-tendermint-0/consensusStates/4-{height}/processedHeight").into_bytes(),
        format!("clients/07-tendermint-0/consensusStates/4-{height}/processedTime").into_bytes(),
        [&b"clients/07-tendermint-0/iterateConsensusStates"[..], &4u64.to_be_bytes(), &height.to_be_bytes()].concat(),
        b"connectionParams".to_vec(),
        b"nextChannelSequence".to_vec(),
        b"nextClientSequence".to_vec(),
        b"nextConnectionSequence".to_vec(),
    ];
    keys.sort();
    expected.sort();
    assert_eq!(keys, expected);
    let stored = link.chains[0].committed("ibc", b"clients/07-tendermint-0/clientState").unwrap();
    assert_eq!(Any::decode(stored.as_slice()).unwrap().type_url, "/ibc.lightclients.tendermint.v1.ClientState");
}

#[test]
fn an_update_brings_a_header_and_a_second_one_changes_nothing() {
    let mut link = Link::clients();
    let msg = link.update_msg(0);
    let (_, events) = link.chains[0].execute(&msg).unwrap();
    assert_eq!(kinds(&events), ["update_client", "message"]);
    let height = link.chains[1].block.height;
    assert_eq!(attribute(&events, "update_client", "consensus_heights"), format!("4-{height}"));
    let header = attribute(&events, "update_client", "header");
    let raw: String = msg.client_message.as_ref().unwrap().encode_to_vec().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(header, raw);
    let before = link.chains[0].dump();
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(link.chains[0].dump(), before);
}

#[test]
fn an_older_header_fills_a_gap_and_the_client_stays_where_it_is() {
    let mut link = Link::clients();
    let first = link.known[0];
    let old = link.chains[1].block.height;
    link.tick();
    link.update(0);
    let latest = link.known[0];
    let there = &link.chains[1];
    let header = there.signed(there.header_at(old), first);
    let msg = link.message(0, header.into());
    link.chains[0].execute(&msg).unwrap();
    let (ibc, client) = (link.chains[0].ibc, link.clients[0].clone());
    let state = link.chains[0].with(|ctx| ibc.tendermint_client(ctx, &client).unwrap());
    assert_eq!(state.latest_height.revision_height(), latest);
}

#[test]
fn bad_headers_are_refused_and_change_nothing() {
    let mut link = Link::clients();
    let before = link.chains[0].dump();
    let trusted = link.known[0];
    let other = Chain::new("south-4", 77);
    let there = &link.chains[1];
    let header = there.header_at(there.block.height);
    let foreign = other.signed(header.clone(), trusted);
    let mut unsigned = there.signed(header.clone(), trusted);
    unsigned.signed_header.header.app_hash = vec![1; 32].try_into().unwrap();
    let future = there.signed(there.header(there.block.time_seconds + 3_600), trusted);
    let untrusted = there.signed(header.clone(), trusted - 1);
    let mut strange = header.clone();
    strange.chain_id = "south-5".parse().unwrap();
    let strange = there.signed(strange, trusted);
    let msgs: Vec<_> = [foreign, unsigned, future, untrusted, strange]
        .into_iter()
        .map(|header| link.message(0, header.into()))
        .collect();
    let spaces = ["client", "07-tendermint", "07-tendermint", "client", "07-tendermint"];
    for (number, (msg, space)) in msgs.iter().zip(spaces).enumerate() {
        assert_eq!(code(link.chains[0].execute(msg)).0, space, "{number}");
        assert_eq!(link.chains[0].dump(), before);
    }
    let unknown = MsgUpdateClient { client_id: "07-tendermint-9".into(), ..link.update_msg(0) };
    assert_eq!(code(link.chains[0].execute(&unknown)), ("client", 4));
    let none = MsgUpdateClient { client_message: None, ..link.update_msg(0) };
    assert_eq!(code(link.chains[0].execute(&none)), ("ibc", 14));
}

/// What makes ibc-rs panic is refused before ibc-rs sees it.
#[test]
fn headers_with_a_chain_id_or_height_that_ibc_rs_does_not_expect_are_refused() {
    let mut link = Link::clients();
    let good = link.update_msg(0);
    let raw = RawHeader::decode(good.client_message.as_ref().unwrap().value.as_slice()).unwrap();
    let bad = |change: &dyn Fn(&mut RawHeader)| {
        let mut raw = raw.clone();
        change(&mut raw);
        raw
    };
    let inner = |raw: &mut RawHeader, id: &str, height: i64| {
        let header = raw.signed_header.as_mut().unwrap().header.as_mut().unwrap();
        (header.chain_id, header.height) = (id.into(), height);
    };
    let wrong = ("07-tendermint", 6);
    let crafted = [
        (bad(&|raw| inner(raw, "", 5)), wrong),
        (bad(&|raw| inner(raw, "a b/c", 5)), wrong),
        (bad(&|raw| inner(raw, "south-4", 0)), wrong),
        (bad(&|raw| inner(raw, "south-4", -1)), wrong),
        (bad(&|raw| raw.signed_header = None), ("client", 12)),
        (bad(&|raw| raw.validator_set = None), ("client", 12)),
        (bad(&|raw| raw.trusted_height.as_mut().unwrap().revision_height = u64::MAX), ("07-tendermint", 5)),
    ];
    for (number, (raw, expected)) in crafted.iter().enumerate() {
        let msg = link.message(0, any(raw));
        assert_eq!(code(link.chains[0].execute(&msg)), *expected, "{number}");
        #[allow(deprecated)]
        let both = RawMisbehaviour {
            client_id: String::new(),
            header_1: Some(raw.clone()),
            header_2: Some(crafted[0].0.clone()),
        };
        let msg = link.message(0, any(&both));
        assert!(link.chains[0].execute(&msg).is_err(), "{number}");
    }
}

/// ibc-rs takes any specification, and the ics23 crate panics on some: here only the SDK's are taken.
#[test]
fn clients_with_crafted_proof_specifications_are_refused() {
    let mut link = Link::clients();
    let [here, there] = &mut link.chains;
    let cases: [(&str, fn(&mut RawClientState)); 9] = [
        ("none", |raw| raw.proof_specs.clear()),
        ("one", |raw| raw.proof_specs.truncate(1)),
        ("three", |raw| raw.proof_specs.push(ics23::tendermint_spec())),
        ("swapped", |raw| raw.proof_specs.reverse()),
        ("no leaf", |raw| raw.proof_specs[0].leaf_spec = None),
        ("no inner", |raw| raw.proof_specs[0].inner_spec = None),
        ("child order", |raw| raw.proof_specs[0].inner_spec.as_mut().unwrap().child_order = vec![7, -1]),
        ("child size", |raw| raw.proof_specs[1].inner_spec.as_mut().unwrap().child_size = 0),
        ("prefix lengths", |raw| {
            let inner = raw.proof_specs[0].inner_spec.as_mut().unwrap();
            (inner.min_prefix_length, inner.max_prefix_length) = (-5, i32::MAX);
        }),
    ];
    let before = here.dump();
    for (name, change) in cases {
        let msg = with_client(here, there, change);
        let error = here.execute(&msg).unwrap_err();
        assert!(matches!((error.codespace, error.code), ("07-tendermint", 13) | ("client", 3)), "{name}: {error:?}");
        assert_eq!(here.dump(), before);
    }
    let depth = with_client(here, there, |raw| raw.proof_specs[0].max_depth = 1);
    assert_eq!(code(here.execute(&depth)), ("07-tendermint", 13));
    let hashed = with_client(here, there, |raw| raw.proof_specs[0].prehash_key_before_comparison = true);
    assert_eq!(code(here.execute(&hashed)), ("07-tendermint", 13));
}

#[test]
fn clients_that_make_no_sense_are_refused() {
    let mut link = Link::clients();
    let [here, there] = &mut link.chains;
    const TENDERMINT: &str = "07-tendermint";
    type Case = (fn(&mut RawClientState), (&'static str, u32));
    let cases: [Case; 12] = [
        (|raw| raw.chain_id = " ".into(), (TENDERMINT, 2)),
        (|raw| raw.trust_level.as_mut().unwrap().denominator = 0, ("client", 3)),
        (|raw| raw.trust_level.as_mut().unwrap().numerator = 9, ("client", 3)),
        (|raw| raw.trusting_period = None, (TENDERMINT, 3)),
        (|raw| raw.unbonding_period.as_mut().unwrap().seconds = -1, (TENDERMINT, 4)),
        (|raw| raw.max_clock_drift.as_mut().unwrap().seconds = 0, (TENDERMINT, 7)),
        (|raw| raw.chain_id = "south-5".into(), (TENDERMINT, 5)),
        (|raw| raw.latest_height.as_mut().unwrap().revision_height = 0, (TENDERMINT, 5)),
        (|raw| raw.trusting_period = raw.unbonding_period, (TENDERMINT, 3)),
        (|raw| raw.proof_specs.clear(), (TENDERMINT, 13)),
        (|raw| raw.upgrade_path = vec![" ".into()], ("client", 3)),
        (|raw| raw.frozen_height = Some(RawHeight { revision_number: 0, revision_height: 1 }), ("client", 29)),
    ];
    let before = here.dump();
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let msg = with_client(here, there, change);
        assert_eq!(code(here.execute(&msg)), expected, "{number}");
        assert_eq!(here.dump(), before);
    }
    let (client, known) = client_of(there);
    let good = create(here, client, known);
    let swapped = MsgCreateClient { client_state: good.consensus_state.clone(), ..good.clone() };
    assert_eq!(code(here.execute(&swapped)), ("client", 10));
    let local = Any { type_url: "/ibc.lightclients.localhost.v2.ClientState".into(), value: Vec::new() };
    assert_eq!(code(here.execute(&MsgCreateClient { client_state: Some(local), ..good })), ("client", 10));
}

#[test]
fn governance_says_which_clients_are_allowed() {
    let mut link = Link::clients();
    let params = |allowed: &[&str]| MsgUpdateParams {
        signer: authority(),
        params: Some(Params { allowed_clients: allowed.iter().map(ToString::to_string).collect() }),
    };
    let here = &mut link.chains[0];
    let nobody = MsgUpdateParams { signer: here.signer(), ..params(&["*"]) };
    assert_eq!(code(here.execute(&nobody)), ("ibc", 2));
    assert_eq!(code(here.execute(&params(&["*", "07-tendermint"]))), ("ibc", 8));
    assert_eq!(code(here.execute(&params(&["07-tendermint", "07-tendermint"]))), ("ibc", 8));
    assert_eq!(code(here.execute(&params(&[" "]))), ("ibc", 8));
    here.execute(&params(&[])).unwrap();
    assert_eq!(status(&mut link, 0), ClientStatus::Unauthorized);
    let msg = link.update_msg(0);
    assert_eq!(code(link.chains[0].execute(&msg)), ("client", 29));
    let (client, known) = client_of(&link.chains[1]);
    let msg = create(&link.chains[0], client, known);
    assert_eq!(code(link.chains[0].execute(&msg)), ("client", 10));
    link.chains[0].execute(&params(&["07-tendermint"])).unwrap();
    link.update(0);
}

#[test]
fn a_chain_whose_governance_forbids_the_clients_it_has_goes_on_and_can_be_exported() {
    let mut link = Link::channel(Order::Unordered);
    let params = Some(Params { allowed_clients: vec!["06-solomachine".into()] });
    let here = &mut link.chains[0];
    here.execute(&MsgUpdateParams { signer: authority(), params }).unwrap();
    let (ibc, before) = (here.ibc, here.dump());
    here.with(|ctx| ibc.check_invariants(ctx)).unwrap();
    let exported = here.with(|ctx| ibc.export_genesis(ctx)).unwrap();
    ibc.validate_genesis(&exported).unwrap();
    let mut again = Chain::new("north-1", 1);
    again.with(|ctx| ibc.init_genesis(ctx, &exported)).unwrap();
    assert_eq!(again.dump(), before);
    link.chains[0] = again;
    assert_eq!(status(&mut link, 0), ClientStatus::Unauthorized);
}

/// What a client keeps is written with each update and read by whoever lists clients.
#[test]
fn a_client_with_more_to_keep_than_any_chain_gives_it_is_refused() {
    let mut link = Link::clients();
    let [here, there] = &mut link.chains;
    let part = |bytes: usize| "p".repeat(bytes);
    let good = with_client(here, there, |raw| raw.upgrade_path = vec![part(64); 8]);
    here.execute(&good).unwrap();
    let cases: [&dyn Fn(&mut RawClientState); 3] =
        [&|raw| raw.chain_id = part(51), &|raw| raw.upgrade_path = vec![part(64); 9], &|raw| {
            raw.upgrade_path = vec!["upgrade".into(), part(65)]
        }];
    let before = here.dump();
    for (number, change) in cases.into_iter().enumerate() {
        let msg = with_client(here, there, change);
        let upgrade = MsgUpgradeClient {
            client_id: link.clients[0].clone(),
            client_state: msg.client_state.clone(),
            consensus_state: msg.consensus_state.clone(),
            proof_upgrade_client: vec![1],
            proof_upgrade_consensus_state: vec![1],
            signer: here.signer(),
        };
        for error in [here.execute(&msg).unwrap_err(), here.execute(&upgrade).unwrap_err()] {
            let expected = if number == 0 { ("07-tendermint", 2) } else { ("client", 3) };
            assert_eq!((error.codespace, error.code), expected, "{number}");
            assert!(error.message.contains("are possible"), "{number}: {error:?}");
        }
        assert_eq!(here.dump(), before);
    }
}

/// Two headers of one height of the other chain, both signed.
fn two_headers(link: &Link, here: usize) -> Misbehaviour {
    let (there, trusted) = (&link.chains[1 - here], link.known[here]);
    let header = there.header_at(there.block.height);
    let mut other = header.clone();
    other.app_hash = vec![6; 32].try_into().unwrap();
    let client = link.clients[here].parse().unwrap();
    Misbehaviour::new(client, there.signed(header, trusted), there.signed(other, trusted))
}

#[test]
fn misbehaviour_freezes_a_client_and_governance_recovers_it() {
    let mut link = Link::channel(Order::Unordered);
    let packet = link.send(b"one");
    link.tick();
    let mut raw: RawMisbehaviour = two_headers(&link, 0).into();
    #[allow(deprecated)]
    raw.client_id.clear();
    let msg = MsgSubmitMisbehaviour {
        client_id: link.clients[0].clone(),
        misbehaviour: Some(any(&raw)),
        signer: link.chains[0].signer(),
    };
    let (_, events) = link.chains[0].execute(&msg).unwrap();
    assert_eq!(kinds(&events), ["client_misbehaviour", "message"]);
    assert_eq!(status(&mut link, 0), ClientStatus::Frozen);
    let update = link.update_msg(0);
    assert_eq!(code(link.chains[0].execute(&update)), ("client", 29));
    assert_eq!(code(link.send_until(b"two", 1_000, 0)), ("client", 29));
    let timeout = link.timeout_msg(&packet, 1);
    assert!(link.chains[0].execute(&timeout).is_err());

    let subject = link.clients[0].clone();
    let substitute = link.create(0);
    let recover = MsgRecoverClient {
        subject_client_id: subject.clone(),
        substitute_client_id: substitute.clone(),
        signer: authority(),
    };
    let stranger = MsgRecoverClient { signer: link.chains[0].signer(), ..recover.clone() };
    assert_eq!(code(link.chains[0].execute(&stranger)), ("ibc", 2));
    let same = MsgRecoverClient { substitute_client_id: subject.clone(), ..recover.clone() };
    assert_eq!(code(link.chains[0].execute(&same)), ("client", 27));
    let active = MsgRecoverClient {
        subject_client_id: substitute.clone(),
        substitute_client_id: subject.clone(),
        ..recover.clone()
    };
    assert_eq!(code(link.chains[0].execute(&active)), ("client", 24));
    link.chains[0].next();
    let (_, events) = link.chains[0].execute(&recover).unwrap();
    assert_eq!(attribute(&events, "recover_client", "subject_client_id"), subject);
    assert_eq!(status(&mut link, 0), ClientStatus::Active);
    let height = link.chains[1].height(link.known[0]);
    let dump = link.chains[0].dump();
    let of = |key: Vec<u8>| dump.iter().find(|(known, _)| *known == key).unwrap().1.clone();
    let (ours, theirs) =
        (state::processed_time_key(&subject, &height), state::processed_time_key(&substitute, &height));
    assert_eq!(of(ours), of(theirs), "when it was learnt is taken over too");
    link.sync();
    link.recv(&packet).unwrap();
}

#[test]
fn a_substitute_has_to_be_like_the_client_that_it_recovers() {
    let mut link = Link::clients();
    link.tick();
    let msg = link.message(0, two_headers(&link, 0).into());
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(status(&mut link, 0), ClientStatus::Frozen, "an update carries misbehaviour as well");
    let [here, there] = &mut link.chains;
    let msg = with_client(here, there, |raw| raw.max_clock_drift.as_mut().unwrap().seconds += 1);
    let (_, events) = here.execute(&msg).unwrap();
    let recover = MsgRecoverClient {
        subject_client_id: link.clients[0].clone(),
        substitute_client_id: attribute(&events, "create_client", "client_id"),
        signer: authority(),
    };
    let before = here.dump();
    assert_eq!(code(here.execute(&recover)), ("client", 27));
    assert_eq!(here.dump(), before);
}

#[test]
fn what_is_no_misbehaviour_freezes_nothing() {
    let mut link = Link::clients();
    let (there, trusted) = (&link.chains[1], link.known[0]);
    let header = there.signed(there.header_at(there.block.height), trusted);
    let client = link.clients[0].parse().unwrap();
    let msg = link.message(0, Misbehaviour::new(client, header.clone(), header).into());
    let before = link.chains[0].dump();
    link.chains[0].execute(&msg).unwrap();
    assert_eq!(link.chains[0].dump(), before);
    assert_eq!(status(&mut link, 0), ClientStatus::Active);
}

#[test]
fn over_a_frozen_client_nothing_is_received_acknowledged_or_connected() {
    let mut link = Link::channel(Order::Unordered);
    let (packet, answered) = (link.send(b"one"), link.send(b"two"));
    link.sync();
    link.recv(&answered).unwrap();
    link.sync();
    let (recv, ack) = (link.recv_msg(&packet), link.ack_msg(&answered, DONE));
    link.tick();
    for here in [0, 1] {
        let msg = link.message(here, two_headers(&link, here).into());
        link.chains[here].execute(&msg).unwrap();
        assert_eq!(status(&mut link, here), ClientStatus::Frozen);
    }
    let before = [0, 1].map(|here| link.chains[here].dump());
    assert_eq!(code(link.chains[1].execute(&recv)), ("client", 29));
    assert_eq!(code(link.chains[0].execute(&ack)), ("client", 29));
    let open = link.channel_init("");
    assert_eq!(code(link.chains[0].execute(&open)), ("client", 29));
    assert_eq!([0, 1].map(|here| link.chains[here].dump()), before);
}

#[test]
fn a_header_that_contradicts_a_known_one_freezes_the_client() {
    let mut link = Link::clients();
    let trusted = link.known[0];
    link.tick();
    link.update(0);
    let there = &link.chains[1];
    let mut other = there.header_at(there.block.height);
    other.app_hash = vec![6; 32].try_into().unwrap();
    let msg = link.message(0, there.signed(other, trusted).into());
    let (_, events) = link.chains[0].execute(&msg).unwrap();
    assert_eq!(kinds(&events), ["client_misbehaviour", "message"]);
    assert_eq!(status(&mut link, 0), ClientStatus::Frozen);
}

#[test]
fn a_client_that_nobody_updates_expires_and_its_oldest_heights_are_pruned_one_an_update() {
    let mut link = Link::clients();
    let first = link.known[0];
    link.update(0);
    let second = link.known[0];
    link.chains.iter_mut().for_each(|chain| chain.later(TRUSTING - 100));
    link.update(0);
    link.chains.iter_mut().for_each(|chain| chain.later(200));
    let held = |link: &mut Link, height: u64| {
        let (ibc, client, height) = (link.chains[0].ibc, link.clients[0].clone(), link.chains[1].height(height));
        link.chains[0].with(|ctx| ibc.consensus_state(ctx, &client, &height).unwrap().is_some())
    };
    assert!(held(&mut link, first) && held(&mut link, second));
    link.update(0);
    assert!(!held(&mut link, first) && held(&mut link, second), "one an update");
    link.tick();
    link.update(0);
    assert!(!held(&mut link, second));
    let left = link.chains[0].dump().into_iter().filter(|(key, _)| key.ends_with(&first.to_be_bytes())).count();
    assert_eq!(left, 0, "what is said of a height goes with it");

    link.chains.iter_mut().for_each(|chain| chain.later(TRUSTING + 1));
    assert_eq!(status(&mut link, 0), ClientStatus::Expired);
    let msg = link.update_msg(0);
    assert_eq!(code(link.chains[0].execute(&msg)), ("client", 29));
    let subject = link.clients[0].clone();
    let substitute_client_id = link.create(0);
    link.chains[0]
        .execute(&MsgRecoverClient { subject_client_id: subject, substitute_client_id, signer: authority() })
        .unwrap();
    assert_eq!(status(&mut link, 0), ClientStatus::Active);
}

#[test]
fn a_chain_that_upgrades_says_so_before_and_clients_of_it_follow() {
    let mut link = Link::clients();
    let plan_height = link.chains[1].block.height + 3;
    let (client, _) = client_of(&link.chains[1]);
    let next = TmClientState {
        chain_id: "south-5".parse().unwrap(),
        latest_height: Height::new(5, plan_height + 1).unwrap(),
        unbonding_period: Duration::from_secs(UNBONDING as u64 + 9),
        ..client
    };
    let msg = MsgIbcSoftwareUpgrade {
        plan: Some(Plan { name: "next".into(), height: plan_height.try_into().unwrap(), ..Plan::default() }),
        upgraded_client_state: Some(next.clone().into()),
        signer: authority(),
    };
    let stranger = MsgIbcSoftwareUpgrade { signer: link.chains[1].signer(), ..msg.clone() };
    assert_eq!(code(link.chains[1].execute(&stranger)), ("ibc", 2));
    let (_, events) = link.chains[1].execute(&msg).unwrap();
    assert_eq!(kinds(&events), ["schedule_ibc_software_upgrade", "message"]);
    while link.chains[1].block.height < plan_height {
        link.tick();
    }
    link.update(0);
    let key = |what: &str| format!("upgradedIBCState/{plan_height}/{what}").into_bytes();
    let there = &link.chains[1];
    let known = there.committed("upgrade", &key("upgradedConsState")).expect("written in the block before the plan's");
    let known = Any::decode(known.as_slice()).unwrap();
    assert_eq!(RawConsensusState::decode(known.value.as_slice()).unwrap().root.unwrap().hash, Vec::<u8>::new());
    let upgrade = MsgUpgradeClient {
        client_id: link.clients[0].clone(),
        // As it is, and not as it was committed to: what a client chooses for itself is left out of the proof.
        client_state: Some(next.clone().into()),
        consensus_state: Some(known),
        proof_upgrade_client: there.prove("upgrade", &key("upgradedClient")),
        proof_upgrade_consensus_state: there.prove("upgrade", &key("upgradedConsState")),
        signer: link.chains[0].signer(),
    };
    let mut longer: RawClientState = next.clone().into();
    longer.unbonding_period.as_mut().unwrap().seconds += 1;
    let forged = MsgUpgradeClient { client_state: Some(any(&longer)), ..upgrade.clone() };
    assert_eq!(code(link.chains[0].execute(&forged)), ("commitment", 2));
    longer.proof_specs.reverse();
    let forged = MsgUpgradeClient { client_state: Some(any(&longer)), ..upgrade.clone() };
    assert_eq!(code(link.chains[0].execute(&forged)), ("07-tendermint", 13));
    let (_, events) = link.chains[0].execute(&upgrade).unwrap();
    assert_eq!(kinds(&events), ["upgrade_client", "message"]);
    let (ibc, client) = (link.chains[0].ibc, link.clients[0].clone());
    let now = link.chains[0].with(|ctx| ibc.tendermint_client(ctx, &client).unwrap());
    assert_eq!((now.chain_id.as_str(), now.unbonding_period), ("south-5", next.unbonding_period));
    assert_eq!((now.trust_level, now.trusting_period.as_secs()), (TrustThreshold::ONE_THIRD, TRUSTING as u64));
}
