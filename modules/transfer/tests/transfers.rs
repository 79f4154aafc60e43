//! Tokens leave, arrive, come home, and are given back where they did not arrive.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use ibc_proto::ibc::applications::transfer::v1::{MsgTransfer, MsgUpdateParams, Params};
use openledger_bank::BankError;
use openledger_core::{Address, Module};
use openledger_proto::cosmos::bank::v1beta1::{MsgSetSendEnabled, SendEnabled};
use openledger_transfer::address::escrow;
use openledger_transfer::denom::Trace;
use openledger_transfer::packet::PacketData;

const OK: &[u8] = br#"{"result":"AQ=="}"#;

fn failed(code: u32) -> Vec<u8> {
    format!(r#"{{"error":"ABCI code: {code}: error handling packet: see events for details"}}"#).into_bytes()
}

/// Two chains; the first has OPEN, the second atoms and the shares of a pool.
fn pair() -> (Chain, Chain) {
    let first = Chain::new(&["channel-0", "channel-1"], &["1000aopen"]);
    let second = Chain::new(&["channel-10", "channel-11"], &["1000gamm/pool/1,1000uatom"]);
    (first, second)
}

fn voucher(full: &str) -> String {
    Trace::parse(full).denom()
}

/// Sends, delivers and brings the answer back; the answer.
fn move_over(from: &mut Chain, to: &mut Chain, channel: &str, coin: &str, receiver: &str) -> Vec<u8> {
    let packet = from.send(1, channel, coin, receiver).unwrap();
    let (answer, _) = to.receive(&packet);
    from.acknowledge(&packet, answer.as_ref().unwrap()).unwrap();
    answer.unwrap()
}

#[test]
fn what_leaves_lies_in_escrow_and_is_a_voucher_there_until_it_comes_home() {
    let (mut first, mut second) = pair();
    assert_eq!(move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1)), OK);
    let (held, there) = (escrow("transfer", "channel-0"), voucher("transfer/channel-10/aopen"));
    assert_eq!(first.balances(&held), "300aopen");
    assert_eq!(first.balances(&address(1)), "700aopen");
    assert_eq!(second.balance(&address(1), &there), cosmwasm_std::Uint256::from(300u32));
    assert_eq!(second.supply(&there), cosmwasm_std::Uint256::from(300u32));

    assert_eq!(move_over(&mut second, &mut first, "channel-10", &format!("120{there}"), &text(1)), OK);
    assert_eq!(first.balances(&held), "180aopen");
    assert_eq!(first.balances(&address(1)), "820aopen");
    assert_eq!(second.supply(&there), cosmwasm_std::Uint256::from(180u32));
    assert_eq!(move_over(&mut second, &mut first, "channel-10", &format!("180{there}"), &text(1)), OK);
    assert_eq!(first.balances(&held), "");
    assert_eq!(first.with(|ctx| TRANSFER.total_escrow(ctx, "aopen").unwrap()), cosmwasm_std::Uint256::from(0u32));
}

#[test]
fn a_way_back_over_another_channel_is_a_way_on() {
    let (mut first, mut second) = pair();
    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let there = voucher("transfer/channel-10/aopen");
    move_over(&mut second, &mut first, "channel-11", &format!("100{there}"), &text(1));
    let here = voucher("transfer/channel-1/transfer/channel-10/aopen");
    assert_eq!(first.balance(&address(1), &here), cosmwasm_std::Uint256::from(100u32));
    assert_eq!(second.balances(&escrow("transfer", "channel-11")), format!("100{there}"));
    // It unwinds the way it came.
    move_over(&mut first, &mut second, "channel-1", &format!("100{here}"), &text(1));
    assert_eq!(first.supply(&here), cosmwasm_std::Uint256::from(0u32));
    assert_eq!(second.balance(&address(1), &there), cosmwasm_std::Uint256::from(300u32));
}

#[test]
fn denominations_with_slashes_of_their_own_go_and_come() {
    let (mut first, mut second) = pair();
    move_over(&mut second, &mut first, "channel-10", "40gamm/pool/1", &text(1));
    let here = voucher("transfer/channel-0/gamm/pool/1");
    assert_eq!(first.balance(&address(1), &here), cosmwasm_std::Uint256::from(40u32));
    let metadata = first.with(|ctx| BANK.metadata(ctx, &here).unwrap().unwrap());
    assert_eq!(metadata.description, "IBC token from transfer/channel-0/gamm/pool/1");
    assert_eq!(metadata.name, "transfer/channel-0/gamm/pool/1 IBC token");
    assert_eq!(
        (metadata.display.as_str(), metadata.symbol.as_str()),
        ("transfer/channel-0/gamm/pool/1", "GAMM/POOL/1")
    );
    assert_eq!((metadata.denom_units[0].denom.as_str(), metadata.denom_units[0].exponent), ("gamm/pool/1", 0));
    move_over(&mut first, &mut second, "channel-0", &format!("40{here}"), &text(1));
    assert_eq!(second.balances(&address(1)), "1000gamm/pool/1,1000uatom");
}

#[test]
fn what_times_out_is_given_back_from_escrow_or_made_again() {
    let (mut first, mut second) = pair();
    let packet = first.send_with_memo(1, "channel-0", "300aopen", &text(1), "note").unwrap();
    let events = first.time_out(&packet).unwrap();
    let sender = text(1);
    assert_eq!(
        shown(&events).last().unwrap(),
        &format!("timeout{{module=transfer,refund_receiver={sender},refund_denom=aopen,refund_amount=300,memo=note}}")
    );
    assert_eq!(first.balances(&address(1)), "1000aopen");

    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let there = voucher("transfer/channel-10/aopen");
    let packet = second.send(1, "channel-10", &format!("200{there}"), &text(1)).unwrap();
    assert_eq!(second.supply(&there), cosmwasm_std::Uint256::from(100u32), "burnt");
    second.time_out(&packet).unwrap();
    assert_eq!(second.balance(&address(1), &there), cosmwasm_std::Uint256::from(300u32));
}

#[test]
fn what_is_refused_there_is_given_back_here_and_the_events_say_why() {
    let (mut first, mut second) = pair();
    let packet = first.send(1, "channel-0", "300aopen", "nobody").unwrap();
    let (answer, events) = second.receive(&packet);
    let answer = answer.unwrap();
    assert_eq!(answer, failed(1), "what bech32 refuses has no code of its own");
    assert_eq!(events.len(), 1);
    let shown_event = &shown(&events)[0];
    assert!(shown_event.starts_with(&format!(
        "fungible_token_packet{{module=transfer,sender={},receiver=nobody,denom=aopen,amount=300,memo=,success=false,error=failed to decode receiver address: nobody",
        text(1)
    )), "{shown_event}");
    let events = shown(&first.acknowledge(&packet, &answer).unwrap());
    assert_eq!(
        events[events.len() - 2..],
        [
            format!(
                "fungible_token_packet{{module=transfer,sender={},receiver=nobody,denom=aopen,amount=300,memo=,acknowledgement=error:\"ABCI code: 1: error handling packet: see events for details\" }}",
                text(1)
            ),
            "fungible_token_packet{error=ABCI code: 1: error handling packet: see events for details}".to_string(),
        ]
    );
    assert_eq!(first.balances(&address(1)), "1000aopen");
}

#[test]
fn events_are_those_that_relayers_index() {
    let (mut first, mut second) = pair();
    let message = MsgTransfer { memo: "m".into(), ..msg(1, "channel-0", "5aopen", &text(2)) };
    let (events, _) = first.execute(&message).unwrap();
    let (sender, receiver) = (text(1), text(2));
    assert_eq!(
        shown(&events)[4..],
        [
            format!("ibc_transfer{{sender={sender},receiver={receiver},amount=5,denom=aopen,memo=m}}"),
            "message{module=transfer}".to_string()
        ]
    );
    let packet = first.sent("channel-0", 1);
    let (answer, events) = second.receive(&packet);
    let trace = Trace::parse("transfer/channel-10/aopen");
    let (hash, denom) = (hex::encode_upper(trace.hash()), trace.denom());
    let events = shown(&events);
    assert_eq!(events[0], format!("denomination_trace{{trace_hash={hash},denom={denom}}}"));
    assert_eq!(
        events.last().unwrap(),
        &format!("fungible_token_packet{{module=transfer,sender={sender},receiver={receiver},denom=aopen,amount=5,memo=m,success=true}}")
    );
    let events = shown(&first.acknowledge(&packet, &answer.unwrap()).unwrap());
    assert_eq!(
        events,
        [
            format!("fungible_token_packet{{module=transfer,sender={sender},receiver={receiver},denom=aopen,amount=5,memo=m,acknowledgement=result:\"\\001\" }}"),
            "fungible_token_packet{success=\u{1}}".to_string(),
        ]
    );
}

#[test]
fn more_than_lies_in_escrow_does_not_come_home() {
    let (mut first, mut second) = pair();
    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let mut forged = first.send(1, "channel-0", "1aopen", &text(1)).unwrap();
    (forged.source_channel, forged.destination_channel) = ("channel-10".into(), "channel-0".into());
    forged.sequence = 77;
    let data = PacketData {
        denom: "transfer/channel-10/aopen".into(),
        amount: "302".into(),
        sender: text(1),
        receiver: text(2),
        memo: String::new(),
    };
    forged.data = data.to_bytes();
    let before = first.balances(&escrow("transfer", "channel-0"));
    assert_eq!(first.receive(&forged).0.unwrap(), failed(5));
    assert_eq!(first.balances(&escrow("transfer", "channel-0")), before);
    assert_eq!(first.balances(&address(2)), "");
    // Nor does what another channel holds.
    (forged.source_channel, forged.destination_channel) = ("channel-11".into(), "channel-1".into());
    forged.data = PacketData { denom: "transfer/channel-11/aopen".into(), amount: "1".into(), ..data }.to_bytes();
    assert_eq!(first.receive(&forged).0.unwrap(), failed(5));
}

#[test]
fn what_a_chain_sends_home_out_of_a_gift_to_its_escrow_stops_no_other_channel() {
    let (mut first, mut second) = pair();
    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let late = first.send(1, "channel-0", "50aopen", &text(1)).unwrap();
    let mut forged = first.send(1, "channel-1", "1aopen", &text(1)).unwrap();
    (forged.source_channel, forged.destination_channel) = ("channel-11".into(), "channel-1".into());
    for sequence in 70..73 {
        let gift = coins("149aopen");
        first.with(|ctx| BANK.send(ctx, &address(1), &escrow("transfer", "channel-1"), &gift)).unwrap();
        let data = PacketData {
            denom: "transfer/channel-11/aopen".into(),
            amount: "149".into(),
            sender: text(1),
            receiver: text(1),
            memo: String::new(),
        };
        (forged.sequence, forged.data) = (sequence, data.to_bytes());
        assert_eq!(first.receive(&forged).0.unwrap(), OK);
    }
    first.time_out(&late).unwrap();
    let there = voucher("transfer/channel-10/aopen");
    assert_eq!(move_over(&mut second, &mut first, "channel-10", &format!("300{there}"), &text(1)), OK);
    assert_eq!(first.balances(&escrow("transfer", "channel-0")), "");
    assert_eq!(first.balances(&address(1)), "999aopen");
}

#[test]
fn modules_accounts_receive_nothing() {
    let (mut first, mut second) = pair();
    let module = Address::module("distribution").to_string();
    let packet = second.send(1, "channel-10", "5uatom", &module).unwrap();
    assert_eq!(first.receive(&packet).0.unwrap(), failed(4), "a voucher: the SDK's refusal");
    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let there = voucher("transfer/channel-10/aopen");
    let packet = second.send(1, "channel-10", &format!("5{there}"), &module).unwrap();
    assert_eq!(first.receive(&packet).0.unwrap(), failed(2), "a token that comes home: IBC's refusal");
}

#[test]
fn parameters_and_bank_say_what_may_be_sent_and_received() {
    let (mut first, mut second) = pair();
    let signer = openledger_auth::authority().to_string();
    let set = |send_enabled, receive_enabled| MsgUpdateParams {
        signer: signer.clone(),
        params: Some(Params { send_enabled, receive_enabled }),
    };
    let refused = MsgUpdateParams { signer: text(1), params: None };
    let error = first.execute(&refused).unwrap_err();
    assert_eq!((error.codespace, error.code), ("ibc", 2));
    first.execute(&set(false, false)).unwrap();
    let error = first.send(1, "channel-0", "5aopen", "x").unwrap_err();
    assert_eq!((error.codespace, error.code), ("transfer", 7));
    let packet = second.send(1, "channel-10", "5uatom", &text(1)).unwrap();
    assert_eq!(first.receive(&packet).0.unwrap(), failed(8));

    first.execute(&set(true, true)).unwrap();
    let off = SendEnabled { denom: "aopen".into(), enabled: false };
    let off = MsgSetSendEnabled { authority: signer.clone(), send_enabled: vec![off], use_default_for: Vec::new() };
    first.execute(&off).unwrap();
    let error = first.send(1, "channel-0", "5aopen", "x").unwrap_err();
    assert_eq!(
        error.to_string(),
        "aopen transfers are currently disabled: fungible token transfers from this chain are disabled"
    );
    assert_ne!(error.codespace, openledger_core::Coded::codespace(&BankError::NoInputs));
}

#[test]
fn the_greatest_amount_sends_all_that_there_is() {
    let (mut first, mut second) = pair();
    let all = format!("{}aopen", cosmwasm_std::Uint256::MAX);
    let packet = first.send(1, "channel-0", &all, &text(1)).unwrap();
    assert_eq!(PacketData::read(&packet.data).unwrap().amount, "1000");
    assert_eq!(second.receive(&packet).0.unwrap(), OK);
    let error = first.send(1, "channel-0", &all, &text(1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("transfer", 5));
}

#[test]
fn amounts_of_256_bits_move_and_one_more_is_refused() {
    let most = cosmwasm_std::Uint256::MAX - cosmwasm_std::Uint256::from(1u32);
    let mut first = Chain::new(&["channel-0"], &[&format!("{most}aopen")]);
    let mut second = Chain::new(&["channel-10"], &["10uatom"]);
    let packet = first.send(1, "channel-0", &format!("{most}aopen"), &text(1)).unwrap();
    assert_eq!(second.receive(&packet).0.unwrap(), OK);
    let there = voucher("transfer/channel-10/aopen");
    assert_eq!(second.balance(&address(1), &there), most);
    // A chain that claims more than there can be is answered, not obeyed.
    let mut again = packet.clone();
    again.sequence = 2;
    let (answer, _) = second.receive(&again);
    assert!(answer.unwrap().starts_with(br#"{"error""#));
    assert_eq!(second.supply(&there), most);
    let mut beyond = packet;
    beyond.sequence = 3;
    let data =
        PacketData { amount: format!("{}0", cosmwasm_std::Uint256::MAX), ..PacketData::read(&beyond.data).unwrap() };
    beyond.data = data.to_bytes();
    assert_eq!(second.receive(&beyond).0.unwrap(), failed(5));
}

#[test]
fn a_message_that_is_wrong_in_itself_is_refused_with_ibc_go_s_codes() {
    let (mut first, _) = pair();
    let good = msg(1, "channel-0", "5aopen", "receiver");
    let with = |change: &dyn Fn(&mut MsgTransfer)| {
        let mut msg = good.clone();
        change(&mut msg);
        msg
    };
    let coin = |msg: &mut MsgTransfer, denom: &str, amount: &str| {
        let token = msg.token.as_mut().unwrap();
        (token.denom, token.amount) = (denom.into(), amount.into());
    };
    let unknown = format!("ibc/{}", "0A".repeat(32));
    for (msg, codespace, code) in [
        (with(&|msg| msg.source_port = "p".into()), "host", 2),
        (with(&|msg| msg.source_channel = "channel".into()), "host", 2),
        (with(&|msg| msg.source_channel = "channel-5".into()), "channel", 3),
        (with(&|msg| msg.token = None), "ibc", 6),
        (with(&|msg| coin(msg, "a", "1")), "ibc", 6),
        (with(&|msg| coin(msg, "aopen", "-1")), "ibc", 6),
        (with(&|msg| coin(msg, "aopen", "0")), "ibc", 3),
        (with(&|msg| coin(msg, "ibc/XYZ", "1")), "transfer", 3),
        (with(&|msg| coin(msg, &unknown, "1")), "transfer", 6),
        (with(&|msg| coin(msg, "aopen", "1001")), "sdk", 5),
        (with(&|msg| msg.sender = "x".into()), "ibc", 5),
        (with(&|msg| msg.receiver = " ".into()), "ibc", 5),
        (with(&|msg| msg.receiver = "r".repeat(2_049)), "ibc", 5),
        (with(&|msg| msg.memo = "m".repeat(32_769)), "transfer", 11),
        (with(&|msg| msg.timeout_timestamp = 0), "sdk", 18),
    ] {
        let error = first.execute(&msg).unwrap_err();
        assert_eq!((error.codespace, error.code), (codespace, code), "{error}: {msg:?}");
        assert_eq!(first.balances(&address(1)), "1000aopen");
    }
    first.execute(&with(&|msg| msg.receiver = "r".repeat(2_048))).unwrap();
    first.execute(&with(&|msg| msg.memo = "m".repeat(32_768))).unwrap();
}

#[test]
fn packets_that_are_no_transfers_are_answered_and_change_nothing() {
    let (mut first, mut second) = pair();
    let packet = second.send(1, "channel-10", "5uatom", &text(1)).unwrap();
    let data = PacketData::read(&packet.data).unwrap();
    let change = |change: &dyn Fn(&mut PacketData)| {
        let mut data = data.clone();
        change(&mut data);
        data.to_bytes()
    };
    for (sequence, (bytes, code)) in (50u64..).zip([
        (b"".to_vec(), 12),
        (b"null".to_vec(), 5),
        (br#"{"denom":"uatom","amount":1}"#.to_vec(), 12),
        (br#"{"denom":"uatom","more":""}"#.to_vec(), 12),
        (b"\xff".to_vec(), 12),
        (change(&|data| data.amount = "0".into()), 5),
        (change(&|data| data.amount = "-5".into()), 5),
        (change(&|data| data.amount = "0x5".into()), 5),
        (change(&|data| data.amount = "010".into()), 5),
        (change(&|data| data.amount = "5.0".into()), 5),
        (change(&|data| data.sender = " ".into()), 5),
        (change(&|data| data.receiver = " ".into()), 5),
        (change(&|data| data.denom = "a/b/".into()), 3),
    ]) {
        let mut packet = packet.clone();
        (packet.sequence, packet.data) = (sequence, bytes);
        assert_eq!(first.receive(&packet).0.unwrap(), failed(code), "{:?}", String::from_utf8_lossy(&packet.data));
        assert_eq!(first.balances(&address(1)), "1000aopen");
    }
}

#[test]
fn answers_that_no_chain_writes_are_refused() {
    let (mut first, _) = pair();
    let packet = first.send(1, "channel-0", "5aopen", &text(1)).unwrap();
    for answer in [
        "",
        "null",
        "AQ==",
        r#"{"result":"AQ==","error":"x"}"#,
        r#"{ "result":"AQ=="}"#,
        r#"{"result":"AQ="}"#,
        r#"{"x":1}"#,
    ] {
        let error = first.acknowledge(&packet, answer.as_bytes()).unwrap_err();
        assert_eq!(error.codespace, "ibc", "{answer}: {error}");
        assert_eq!(first.balances(&address(1)), "995aopen");
    }
    first.acknowledge(&packet, br#"{"error":"no"}"#).unwrap();
    assert_eq!(first.balances(&address(1)), "1000aopen");
}

#[test]
fn channels_open_unordered_with_version_ics20_1_on_the_module_s_port_alone() {
    let (unordered, ordered) = (1, 2);
    let init = |order, port: &str, channel: &str, version: &str| TRANSFER.on_open_init(order, port, channel, version);
    assert_eq!(init(unordered, "transfer", "channel-0", "").unwrap(), "ics20-1");
    assert_eq!(init(unordered, "transfer", "channel-0", " ").unwrap(), "ics20-1");
    assert_eq!(init(unordered, "transfer", "channel-4294967295", "ics20-1").unwrap(), "ics20-1");
    for (result, codespace, code) in [
        (init(unordered, "transfer", "channel-0", "ics20-2"), "transfer", 4),
        (init(ordered, "transfer", "channel-0", ""), "channel", 6),
        (init(unordered, "other", "channel-0", ""), "port", 4),
        (init(unordered, "transfer", "channel-4294967296", ""), "transfer", 9),
        (init(unordered, "transfer", "other-0", ""), "host", 2),
        (TRANSFER.on_open_ack("ics20-2").map(|()| String::new()), "transfer", 4),
        (TRANSFER.on_close_init().map(|()| String::new()), "ibc", 8),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.codespace, error.code), (codespace, code), "{error}");
    }
    assert_eq!(TRANSFER.on_open_try(unordered, "transfer", "channel-0").unwrap(), "ics20-1");
    TRANSFER.on_open_ack("ics20-1").unwrap();
}

#[test]
fn escrow_that_is_missing_breaks_the_invariants() {
    let (mut first, mut second) = pair();
    move_over(&mut first, &mut second, "channel-0", "300aopen", &text(1));
    let error = first.with(|ctx| {
        let point = ctx.checkpoint();
        BANK.send(ctx, &escrow("transfer", "channel-0"), &address(1), &coins("1aopen")).unwrap();
        let error = TRANSFER.check_invariants(ctx).unwrap_err();
        ctx.revert(point);
        error
    });
    assert!(error.message.contains("300aopen should be in escrow, there are 299aopen"), "{error}");
    let error = second.with(|ctx| {
        let fake = coins(&format!("5ibc/{}", "AB".repeat(32)));
        BANK.mint(ctx, "transfer", &fake).unwrap();
        TRANSFER.check_invariants(ctx).unwrap_err()
    });
    assert!(error.message.contains("without the trace"), "{error}");
}
