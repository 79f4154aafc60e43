//! Transfers that go on to a third chain, and come back from it.
//!
//! The first chain's channel-0 ends in the second's channel-10, whose channel-2 ends in the third's channel-12.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "../../transfer/tests/common/mod.rs"]
mod common;

use common::*;
use openledger_auth::Auth;
use openledger_core::query::Code;
use openledger_core::{Module, SdkError};
use openledger_forward::{intermediate, Forwards};
use openledger_proto::openledger::forward::v1::*;
use openledger_proto::Message;
use openledger_transfer::address::escrow;
use openledger_transfer::denom::Trace;
use openledger_transfer::packet::PacketData;
use openledger_transfer::Transfer;

static FORWARDS: Forwards =
    Forwards { transfer: Transfer { auth: Auth, bank: BANK, channels: &CORE_CHANNELS }, under: &TRANSFER };
const OK: &[u8] = br#"{"result":"AQ=="}"#;
const REFUSED: &[u8] = br#"{"error":"ABCI code: 1: error handling packet: see events for details"}"#;
const GIVEN_UP: &[u8] = br#"{"error":"ABCI code: 3: error handling packet: see events for details"}"#;

struct Row {
    first: Chain,
    second: Chain,
    third: Chain,
}

impl Row {
    fn new() -> Self {
        let second =
            Chain::with_stack(&["channel-10", "channel-2"], &["900bopen"], &FORWARDS, vec![&TRANSFER, &FORWARDS]);
        Self { first: Chain::new(&["channel-0"], &["1000aopen"]), second, third: Chain::new(&["channel-12"], &[]) }
    }

    /// Sends from the first chain to the third; nothing is answered yet.
    fn send(&mut self, coin: &str, receiver: &str, more: &str) -> ibc_proto::ibc::core::channel::v1::Packet {
        let memo =
            format!(r#"{{"forward":{{"receiver":"{receiver}","port":"transfer","channel":"channel-2"{more}}}}}"#);
        let packet = self.first.send_with_memo(1, "channel-0", coin, "pfm", &memo).unwrap();
        assert_eq!(self.second.receive(&packet).0, None, "it is answered later");
        packet
    }

    fn waiting(&self) -> Vec<Forward> {
        let request = QueryForwardsRequest { pagination: None };
        self.second.ask::<QueryForwardsResponse>("/openledger.forward.v1.Query/Forwards", &request).unwrap().forwards
    }

    /// The second chain sends nothing any more.
    fn stop_sending(&mut self) {
        self.second.router.gate(|_, url| match url {
            "/ibc.applications.transfer.v1.MsgTransfer" => Err(SdkError::Unauthorized("stopped".into()).into()),
            _ => Ok(()),
        });
    }

    /// The second chain has answered, so; nothing waits there and nothing is left over.
    fn answered(&mut self, packet: &ibc_proto::ibc::core::channel::v1::Packet, want: &[u8]) {
        let answer = self.second.answer(packet).unwrap();
        assert_eq!(answer, want);
        self.first.acknowledge(packet, &answer).unwrap();
        assert!(self.waiting().is_empty());
        let between = intermediate("channel-10", &text(1)).unwrap();
        assert_eq!(self.second.balances(&between), "");
    }
}

fn twice() -> String {
    Trace::parse("transfer/channel-12/transfer/channel-10/aopen").denom()
}

#[test]
fn what_goes_on_arrives_and_the_answer_comes_all_the_way_back() {
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), r#","next":{"note":"hello"}"#);
    let waiting = row.waiting();
    assert_eq!(
        (waiting.len(), waiting[0].memo.as_str(), waiting[0].amount.as_str()),
        (1, r#"{"note":"hello"}"#, "300")
    );
    let request = QueryForwardRequest { channel: "channel-2".into(), sequence: 1 };
    row.second.ask::<QueryForwardResponse>("/openledger.forward.v1.Query/Forward", &request).unwrap();
    let on = row.second.sent("channel-2", 1);
    assert_eq!(on.timeout_timestamp, 1_000_000_000_000_000 + 600_000_000_000);
    let (answer, _) = row.third.receive(&on);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, OK);
    assert_eq!(row.third.balance(&address(9), &twice()), cosmwasm_std::Uint256::from(300u32));
    assert_eq!(row.first.balances(&address(1)), "700aopen");
    let gone = row.second.ask::<QueryForwardResponse>("/openledger.forward.v1.Query/Forward", &request).unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
}

#[test]
fn what_the_third_chain_refuses_is_given_back_on_the_first_and_nothing_stays_between() {
    let mut row = Row::new();
    let packet = row.send("300aopen", "nobody", "");
    let on = row.second.sent("channel-2", 1);
    let (answer, _) = row.third.receive(&on);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, REFUSED);
    assert_eq!(row.first.balances(&address(1)), "1000aopen");
    assert_eq!(
        row.second.supply(&Trace::parse("transfer/channel-10/aopen").denom()),
        cosmwasm_std::Uint256::from(0u32)
    );
    assert_eq!(row.second.balances(&escrow("transfer", "channel-2")), "");
}

#[test]
fn a_token_that_only_passes_its_home_lies_in_its_escrow_again_when_it_is_refused_further_on() {
    let mut row = Row::new();
    let packet = row.second.send(1, "channel-10", "500bopen", &text(1)).unwrap();
    let (answer, _) = row.first.receive(&packet);
    row.second.acknowledge(&packet, &answer.unwrap()).unwrap();
    let voucher = Trace::parse("transfer/channel-0/bopen").denom();
    let packet = row.send(&format!("200{voucher}"), "nobody", "");
    assert_eq!(row.second.balances(&escrow("transfer", "channel-10")), "300bopen");
    assert_eq!(row.second.balances(&escrow("transfer", "channel-2")), "200bopen");
    let on = row.second.sent("channel-2", 1);
    let (answer, _) = row.third.receive(&on);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, REFUSED);
    assert_eq!(row.second.balances(&escrow("transfer", "channel-10")), "500bopen");
    assert_eq!(row.second.balances(&escrow("transfer", "channel-2")), "");
    assert_eq!(row.first.balance(&address(1), &voucher), cosmwasm_std::Uint256::from(500u32));
}

#[test]
fn a_timeout_is_tried_again_as_often_as_the_memo_says_and_then_given_up() {
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), r#","retries":2,"timeout":"1m""#);
    for sequence in 1..=3 {
        let on = row.second.sent("channel-2", sequence);
        assert_eq!(on.timeout_timestamp, (row.second.block.time_seconds as u64 + 60) * 1_000_000_000);
        assert_eq!(row.waiting()[0].retries_left, 3 - sequence as u32);
        assert_eq!(row.second.answer(&packet), None);
        row.second.block.time_seconds += 100;
        row.second.time_out(&on).unwrap();
    }
    row.answered(&packet, GIVEN_UP);
    assert_eq!(row.first.balances(&address(1)), "1000aopen");
}

#[test]
fn a_retry_that_arrives_is_answered_well() {
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), r#","retries":1"#);
    let on = row.second.sent("channel-2", 1);
    row.second.time_out(&on).unwrap();
    let on = row.second.sent("channel-2", 2);
    let (answer, _) = row.third.receive(&on);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, OK);
    assert_eq!(row.third.balance(&address(9), &twice()), cosmwasm_std::Uint256::from(300u32));
}

#[test]
fn a_retry_that_cannot_be_sent_gives_up_and_loses_nothing() {
    use ibc_proto::ibc::applications::transfer::v1::{MsgUpdateParams, Params};
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), r#","retries":9"#);
    let off = MsgUpdateParams {
        signer: openledger_auth::authority().to_string(),
        params: Some(Params { send_enabled: false, receive_enabled: true }),
    };
    row.second.execute(&off).unwrap();
    let on = row.second.sent("channel-2", 1);
    row.second.time_out(&on).unwrap();
    row.answered(&packet, GIVEN_UP);
    assert_eq!(row.first.balances(&address(1)), "1000aopen");
}

#[test]
fn what_cannot_go_on_is_refused_at_once() {
    let mut row = Row::new();
    for memo in [
        r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-9"}}"#,
        r#"{"forward":{"receiver":"r","port":"oracle","channel":"channel-2"}}"#,
        r#"{"forward":{"receiver":"","port":"transfer","channel":"channel-2"}}"#,
        r#"{"forward":[]}"#,
    ] {
        let packet = row.first.send_with_memo(1, "channel-0", "5aopen", "pfm", memo).unwrap();
        let (answer, events) = row.second.receive(&packet);
        assert!(answer.as_ref().unwrap().starts_with(br#"{"error":"ABCI code"#), "{memo}");
        assert_eq!(events.last().unwrap().kind, "packet_forward_failed");
        row.first.acknowledge(&packet, &answer.unwrap()).unwrap();
        assert_eq!(row.first.balances(&address(1)), "1000aopen");
        assert!(row.waiting().is_empty());
    }
    // Without a forward it just arrives.
    let packet = row.first.send_with_memo(1, "channel-0", "5aopen", &text(4), "hello").unwrap();
    assert_eq!(row.second.receive(&packet).0.unwrap(), OK);
}

#[test]
fn what_names_no_receiver_here_does_not_go_on() {
    let mut row = Row::new();
    let memo = r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-2"}}"#;
    let mut packet = row.first.send_with_memo(1, "channel-0", "5aopen", "pfm", memo).unwrap();
    let data = PacketData::read(&packet.data).unwrap();
    packet.data = PacketData { receiver: " ".into(), ..data }.to_bytes();
    let (answer, _) = row.second.receive(&packet);
    assert!(answer.unwrap().starts_with(br#"{"error":"ABCI code: 5:"#));
    assert!(row.waiting().is_empty());
}

#[test]
fn who_receives_may_send_the_tokens_home_before_the_answer_is_brought() {
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), "");
    let on = row.second.sent("channel-2", 1);
    let (answer, _) = row.third.receive(&on);
    let home = row.third.send(9, "channel-12", &format!("300{}", twice()), &text(5)).unwrap();
    // Every module's invariants hold after it, though the escrow has nothing any more of what is on its way.
    assert_eq!(row.second.receive(&home).0.unwrap(), OK);
    assert_eq!(row.second.balances(&escrow("transfer", "channel-2")), "");
    assert_eq!(row.waiting().len(), 1);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, OK);
}

#[test]
fn the_circuit_breaker_stops_forwards_and_retries_and_loses_nothing() {
    let mut row = Row::new();
    let packet = row.send("300aopen", &text(9), r#","retries":9"#);
    row.stop_sending();
    let on = row.second.sent("channel-2", 1);
    row.second.time_out(&on).unwrap();
    row.answered(&packet, GIVEN_UP);
    let memo = r#"{"forward":{"receiver":"r","port":"transfer","channel":"channel-2"}}"#;
    let packet = row.first.send_with_memo(1, "channel-0", "5aopen", "pfm", memo).unwrap();
    let answer = row.second.receive(&packet).0.unwrap();
    assert!(answer.starts_with(br#"{"error":"ABCI code: 4:"#), "{}", String::from_utf8_lossy(&answer));
    row.first.acknowledge(&packet, &answer).unwrap();
    assert_eq!(row.first.balances(&address(1)), "1000aopen");
}

#[test]
fn a_forward_whose_first_channel_was_closed_is_settled_though_nobody_can_be_told() {
    let mut row = Row::new();
    let voucher = Trace::parse("transfer/channel-10/aopen").denom();
    let refused = row.send("300aopen", "nobody", "");
    let late = row.send("200aopen", &text(9), "");
    let taken = row.send("100aopen", &text(9), "");
    row.second.close_channel("channel-10");
    let on: Vec<_> = (1..=3).map(|sequence| row.second.sent("channel-2", sequence)).collect();
    let told = |events: &[openledger_core::Event]| events.last().unwrap().kind == "packet_forward_unanswered";
    let (answer, _) = row.third.receive(&on[0]);
    assert!(told(&row.second.acknowledge(&on[0], &answer.unwrap()).unwrap()));
    assert!(told(&row.second.time_out(&on[1]).unwrap()));
    let (answer, _) = row.third.receive(&on[2]);
    assert!(told(&row.second.acknowledge(&on[2], &answer.unwrap()).unwrap()));
    assert!(row.waiting().is_empty());
    for packet in [refused, late, taken] {
        assert_eq!(row.second.answer(&packet), None);
    }
    // What came to nothing is burnt; what arrived further on is matched by what lies here.
    assert_eq!(row.second.supply(&voucher), cosmwasm_std::Uint256::from(100u32));
    assert_eq!(row.second.balances(&escrow("transfer", "channel-2")), format!("100{voucher}"));
}

#[test]
fn an_export_brings_back_what_waits() {
    let mut row = Row::new();
    let packet = row.send("300aopen", "nobody", r#","retries":1"#);
    let genesis = row.second.with(|ctx| FORWARDS.export_genesis(ctx).unwrap());
    FORWARDS.validate_genesis(&genesis).unwrap();
    let state = GenesisState::decode(genesis.as_slice()).unwrap();
    assert_eq!(state.forwards.len(), 1);
    let twice = GenesisState { forwards: vec![state.forwards[0].clone(); 2] };
    assert!(FORWARDS.validate_genesis(&twice.encode_to_vec()).is_err());
    // Taken over again over the same state, it is the same, and the forward is answered as before.
    row.second.with(|ctx| {
        FORWARDS.init_genesis(ctx, &genesis).unwrap();
        assert_eq!(FORWARDS.export_genesis(ctx).unwrap(), genesis);
    });
    let on = row.second.sent("channel-2", 1);
    let (answer, _) = row.third.receive(&on);
    row.second.acknowledge(&on, &answer.unwrap()).unwrap();
    row.answered(&packet, REFUSED);
}
