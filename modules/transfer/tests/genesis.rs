//! Genesis and queries: what is taken over, what is refused, what can be asked.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;

use common::*;
use ibc_proto::cosmos::base::query::v1beta1::PageRequest;
use ibc_proto::cosmos::base::v1beta1::Coin;
use ibc_proto::ibc::applications::transfer::v1::*;
use ibc_proto::ibc::core::channel::v1::Packet;
use openledger_core::query::Code;
use openledger_core::Module;
use openledger_transfer::address::escrow;
use openledger_transfer::denom::Trace;
use openledger_transfer::packet::PacketData;
use prost::Message;

fn path(method: &str) -> String {
    format!("/ibc.applications.transfer.v1.Query/{method}")
}

/// A chain that has vouchers of three tokens and something in escrow.
fn used() -> Chain {
    let mut first = Chain::new(&["channel-0"], &["1000aopen"]);
    let mut second = Chain::new(&["channel-10"], &["9gamm/pool/1,9uatom,9uosmo"]);
    for coin in ["1uatom", "2uosmo", "3gamm/pool/1"] {
        let packet = second.send(1, "channel-10", coin, &text(1)).unwrap();
        first.receive(&packet);
    }
    first.send(1, "channel-0", "7aopen", "there").unwrap();
    first
}

#[test]
fn an_export_brings_the_same_chain_back() {
    let mut chain = used();
    let (bank, genesis) = chain.with(|ctx| (BANK.export_genesis(ctx).unwrap(), TRANSFER.export_genesis(ctx).unwrap()));
    let shown = GenesisState::decode(genesis.as_slice()).unwrap();
    assert_eq!(shown.port_id, "transfer");
    let traces: Vec<String> =
        shown.denom_traces.iter().map(|trace| format!("{}/{}", trace.path, trace.base_denom)).collect();
    assert_eq!(traces, ["transfer/channel-0/gamm/pool/1", "transfer/channel-0/uatom", "transfer/channel-0/uosmo"]);
    assert_eq!(shown.total_escrowed, [Coin { denom: "aopen".into(), amount: "7".into() }]);

    BANK.validate_genesis(&bank).unwrap();
    TRANSFER.validate_genesis(&genesis).unwrap();
    let mut again = Chain::new(&["channel-0"], &[]);
    again.with(|ctx| {
        BANK.init_genesis(ctx, &bank).unwrap();
        TRANSFER.init_genesis(ctx, &genesis).unwrap();
        assert_eq!(BANK.export_genesis(ctx).unwrap(), bank);
        assert_eq!(TRANSFER.export_genesis(ctx).unwrap(), genesis);
    });
    again.check();
}

#[test]
fn a_token_that_is_called_as_a_path_is_refused_so_that_every_export_can_be_taken_over() {
    let (mut first, mut second) = (used(), Chain::new(&["channel-10"], &["9uatom"]));
    let packet = second.send(1, "channel-10", "5uatom", &text(1)).unwrap();
    let data = PacketData::read(&packet.data).unwrap();
    for (denom, taken) in [("foo/channel-1", false), ("a/channel-1/foo/channel-2", false), ("foo/channel-1x", true)] {
        let data = PacketData { denom: denom.into(), ..data.clone() }.to_bytes();
        let packet = Packet { data, sequence: packet.sequence + denom.len() as u64, ..packet.clone() };
        let answer = first.receive(&packet).0.unwrap();
        assert_eq!(answer.starts_with(br#"{"result""#), taken, "{denom}");
    }
    let genesis = first.with(|ctx| TRANSFER.export_genesis(ctx).unwrap());
    TRANSFER.validate_genesis(&genesis).unwrap();
}

#[test]
fn a_genesis_that_is_wrong_is_refused() {
    let trace = |path: &str, base: &str| DenomTrace { path: path.into(), base_denom: base.into() };
    let good = GenesisState {
        port_id: "transfer".into(),
        denom_traces: vec![trace("transfer/channel-0", "uatom")],
        params: Some(Params { send_enabled: true, receive_enabled: true }),
        total_escrowed: vec![Coin { denom: "aopen".into(), amount: "7".into() }],
    };
    TRANSFER.validate_genesis(&good.encode_to_vec()).unwrap();
    for (wrong, why) in [
        (GenesisState { port_id: "(x)".into(), ..good.clone() }, "must contain only"),
        (GenesisState { port_id: "oracle".into(), ..good.clone() }, "this chain routes the port"),
        (GenesisState { denom_traces: vec![trace("transfer/channel-0", "uatom"); 2], ..good.clone() }, "duplicated"),
        (GenesisState { denom_traces: vec![trace("transfer", "uatom")], ..good.clone() }, "come in pairs"),
        (GenesisState { denom_traces: vec![trace("transfer/channel-0", " ")], ..good.clone() }, "cannot be blank"),
        (
            GenesisState { total_escrowed: vec![Coin { denom: "aopen".into(), amount: "0".into() }], ..good.clone() },
            "not positive",
        ),
    ] {
        let error = TRANSFER.validate_genesis(&wrong.encode_to_vec()).unwrap_err();
        assert!(error.message.contains(why), "{error}");
    }
}

#[test]
fn traces_are_paged_and_found_by_hash_voucher_and_path() {
    let chain = used();
    let page = |key: Vec<u8>, limit| QueryDenomTracesRequest {
        pagination: Some(PageRequest { key, limit, ..PageRequest::default() }),
    };
    let (mut found, mut key) = (Vec::new(), Vec::new());
    loop {
        let answer: QueryDenomTracesResponse = chain.ask(&path("DenomTraces"), &page(key, 2)).unwrap();
        assert!(answer.denom_traces.len() <= 2);
        found.extend(answer.denom_traces.into_iter().map(|trace| trace.base_denom));
        key = answer.pagination.unwrap().next_key;
        if key.is_empty() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["gamm/pool/1", "uatom", "uosmo"]);
    let all: QueryDenomTracesResponse =
        chain.ask(&path("DenomTraces"), &QueryDenomTracesRequest { pagination: None }).unwrap();
    assert_eq!(all.pagination.unwrap().total, 3);

    let trace = Trace::parse("transfer/channel-0/gamm/pool/1");
    let hash = hex::encode_upper(trace.hash());
    for text in [hash.clone(), hash.to_lowercase(), trace.denom(), trace.full()] {
        let answer: QueryDenomTraceResponse =
            chain.ask(&path("DenomTrace"), &QueryDenomTraceRequest { hash: text }).unwrap();
        assert_eq!(answer.denom_trace.unwrap().base_denom, "gamm/pool/1");
    }
    let ask = |text: &str| {
        let request = QueryDenomTraceRequest { hash: text.into() };
        chain.ask::<QueryDenomTraceResponse>(&path("DenomTrace"), &request).unwrap_err().code
    };
    assert_eq!(ask("zz"), Code::InvalidArgument);
    assert_eq!(ask("00"), Code::InvalidArgument);
    assert_eq!(ask(&"00".repeat(32)), Code::NotFound);

    let request = QueryDenomHashRequest { trace: trace.full() };
    let answer: QueryDenomHashResponse = chain.ask(&path("DenomHash"), &request).unwrap();
    assert_eq!(answer.hash, hash);
    let ask = |text: &str| {
        let request = QueryDenomHashRequest { trace: text.into() };
        chain.ask::<QueryDenomHashResponse>(&path("DenomHash"), &request).unwrap_err().code
    };
    assert_eq!(ask("transfer/channel-0/other"), Code::NotFound);
    assert_eq!(ask("transfer/channel-0/"), Code::InvalidArgument);
}

#[test]
fn escrow_and_parameters_are_told() {
    let chain = used();
    let request = QueryEscrowAddressRequest { port_id: "transfer".into(), channel_id: "channel-0".into() };
    let answer: QueryEscrowAddressResponse = chain.ask(&path("EscrowAddress"), &request).unwrap();
    assert_eq!(answer.escrow_address, escrow("transfer", "channel-0").to_string());
    let total = |denom: &str| {
        let request = QueryTotalEscrowForDenomRequest { denom: denom.into() };
        chain.ask::<QueryTotalEscrowForDenomResponse>(&path("TotalEscrowForDenom"), &request)
    };
    assert_eq!(total("aopen").unwrap().amount.unwrap().amount, "7");
    assert_eq!(total("gamm/pool/9").unwrap().amount.unwrap().amount, "0");
    assert_eq!(total("1").unwrap_err().code, Code::InvalidArgument);
    let answer: QueryParamsResponse = chain.ask(&path("Params"), &QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(Params { send_enabled: true, receive_enabled: true }));
}

#[test]
fn a_remote_sender_s_account_is_told_and_is_another_on_each_channel() {
    use openledger_proto::openledger::transfer::v1::*;
    let chain = used();
    let ask = |channel: &str, sender: &str| {
        let request = QueryRemoteAccountRequest { channel: channel.into(), sender: sender.into() };
        chain.ask::<QueryRemoteAccountResponse>("/openledger.transfer.v1.Query/RemoteAccount", &request)
    };
    let first = ask("channel-0", "cosmos1payer").unwrap().address;
    assert_eq!(first, openledger_transfer::address::remote_account("channel-0", "cosmos1payer").to_string());
    assert_ne!(first, ask("channel-1", "cosmos1payer").unwrap().address);
    assert_eq!(ask("c", "cosmos1payer").unwrap_err().code, Code::InvalidArgument);
    assert_eq!(ask("channel-0", " ").unwrap_err().code, Code::InvalidArgument);
}
