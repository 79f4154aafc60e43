//! What ibc-go makes of denominations, packets, acknowledgements and addresses (`vectors/ics20.json`, made by
//! `tests/vectors-go/transfer`) is made here too.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use ibc_proto::ibc::applications::transfer::v1::DenomTrace;
use openledger_transfer::ack::Ack;
use openledger_transfer::address::escrow;
use openledger_transfer::denom::{check_packet_denom, Trace};
use openledger_transfer::packet::PacketData;
use openledger_transfer::state::{escrow_key, trace_key};
use prost::Message;
use serde_json::Value;

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/ics20.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn traces_and_hashes_are_ibc_go_s() {
    let all = vectors("denoms");
    assert!(all.len() > 15);
    for vector in &all {
        let full = text(vector, "full");
        let trace = Trace::parse(full);
        assert_eq!((trace.path.as_str(), trace.base.as_str()), (text(vector, "path"), text(vector, "base")), "{full}");
        assert_eq!(hex::encode_upper(trace.hash()), text(vector, "hash"));
        assert_eq!(trace.denom(), text(vector, "denom"));
        let proto = DenomTrace { path: trace.path.clone(), base_denom: trace.base.clone() };
        assert_eq!(hex::encode(proto.encode_to_vec()), text(vector, "trace"));
        assert_eq!(check_packet_denom(full).is_ok(), vector["valid"].as_bool().unwrap(), "{full:?}");
    }
}

#[test]
fn packets_have_ibc_go_s_bytes_and_survive_them() {
    for vector in vectors("packets") {
        let field = |name: &str| text(&vector, name).to_string();
        let data = PacketData {
            denom: field("denom"),
            amount: field("amount"),
            sender: field("sender"),
            receiver: field("receiver"),
            memo: field("memo"),
        };
        let bytes = data.to_bytes();
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), text(&vector, "bytes"));
        assert_eq!(PacketData::read(&bytes).unwrap(), data);
        assert_eq!(data.check().is_ok(), vector["valid"].as_bool().unwrap(), "{data:?}");
    }
}

#[test]
fn what_ibc_go_reads_as_a_packet_is_read_and_nothing_else() {
    for vector in vectors("reads") {
        let bytes = text(&vector, "bytes");
        assert_eq!(PacketData::read(bytes.as_bytes()).is_ok(), vector["read"].as_bool().unwrap(), "{bytes}");
    }
}

#[test]
fn acknowledgements_have_ibc_go_s_bytes_and_texts() {
    for vector in vectors("acks") {
        let bytes = text(&vector, "bytes").as_bytes();
        let ack = Ack::read(bytes).unwrap();
        assert_eq!(ack.to_bytes(), bytes);
        assert_eq!(ack.text(), text(&vector, "text"));
    }
    assert_eq!(Ack::success().to_bytes(), text(&vectors("acks")[0], "bytes").as_bytes());
}

#[test]
fn escrow_accounts_are_ibc_go_s() {
    for vector in vectors("escrows") {
        let address = escrow(text(&vector, "port"), text(&vector, "channel"));
        assert_eq!(hex::encode(address.as_bytes()), text(&vector, "address"));
    }
}

#[test]
fn keys_are_ibc_go_s() {
    assert_eq!(escrow_key("aopen"), b"totalEscrowForDenom/aopen");
    assert_eq!(trace_key(&[7; 32]), [&[2u8][..], &[7; 32]].concat());
}
