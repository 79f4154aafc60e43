//! The walker against the Cosmos SDK's own results (`proto/vectors`, made by `go run ./vectors` in `proto/dump`),
//! and against random input.

mod random;

use serde_json::Value;

use super::*;
use crate::cosmos::bank::v1beta1::MsgSend;
use crate::test_vectors::{string, unhex, vectors};
use crate::{Message as _, Name as _};

fn json_vectors() -> Vec<Value> {
    vectors(include_str!("../../../vectors/json.json"))
}

#[test]
fn bytes_become_the_json_that_the_sdk_writes() {
    for vector in json_vectors() {
        let json = to_json(string(&vector, "type"), &unhex(string(&vector, "hex"))).unwrap();
        // As text, so that the order of fields counts.
        assert_eq!(json.to_string(), vector["json"].to_string(), "{}", vector["note"]);
    }
}

#[test]
fn the_sdks_json_becomes_the_bytes_it_came_from() {
    for vector in json_vectors() {
        let bytes = from_json(string(&vector, "type"), &vector["json"]).unwrap();
        assert_eq!(bytes, unhex(string(&vector, "hex")), "{}", vector["note"]);
    }
}

#[test]
fn json_is_read_or_refused_as_the_sdk_does() {
    for vector in vectors(include_str!("../../../vectors/read.json")) {
        let result = from_json(string(&vector, "type"), &vector["json"]);
        match vector["refused"].as_bool() {
            Some(true) => assert!(matches!(result, Err(WalkError::Json { .. })), "{}: {result:?}", vector["note"]),
            _ => assert_eq!(result.unwrap(), unhex(string(&vector, "hex")), "{}", vector["note"]),
        }
    }
}

#[test]
fn unknown_fields_are_judged_as_the_sdk_judges_them() {
    for vector in vectors(include_str!("../../../vectors/unknown.json")) {
        let bytes = unhex(string(&vector, "hex"));
        for (mode, allow) in [("strict", false), ("non_critical", true)] {
            let result = reject_unknown(string(&vector, "type"), &bytes, allow);
            let wanted = &vector[mode];
            assert_eq!(result.is_ok(), wanted["ok"] == true, "{} {mode}: {result:?}", vector["note"]);
            if let Ok(found) = result {
                assert_eq!(found, wanted["found"] == true, "{} {mode}", vector["note"]);
            }
        }
    }
}

#[test]
fn signers_are_those_that_the_sdk_names() {
    for vector in vectors(include_str!("../../../vectors/signers.json")) {
        let result = signers(string(&vector, "type"), &unhex(string(&vector, "hex")));
        if vector["refused"] == true {
            // Absent addresses are told as empty text, which is no address.
            let none = matches!(&result, Err(WalkError::NoSigner(_)));
            assert!(none || result == Ok(vec![String::new()]), "{}: {result:?}", vector["note"]);
            continue;
        }
        let wanted: Vec<&str> = vector["signers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(result.unwrap(), wanted, "{}", vector["note"]);
    }
}

#[test]
fn an_error_names_the_field_with_its_path() {
    let json =
        serde_json::json!({"messages": [{"@type": MsgSend::type_url(), "amount": [{"denom": "x", "amont": "1"}]}]});
    let error = from_json("cosmos.tx.v1beta1.TxBody", &json).unwrap_err();
    assert_eq!(error.to_string(), "messages[0].amount[0].amont: unknown field in cosmos.base.v1beta1.Coin");
}

#[test]
fn two_members_of_a_oneof_are_refused() {
    let json = serde_json::json!({"single": {}, "multi": {}});
    assert!(from_json("cosmos.tx.v1beta1.ModeInfo", &json).is_err());
}

#[test]
fn nesting_ends_at_the_limit() {
    let mut bytes = Vec::new();
    for _ in 0..200 {
        let mut outer = Vec::new();
        wire::put_bytes(&mut outer, 2, &bytes);
        let mut mode = Vec::new();
        wire::put_bytes(&mut mode, 2, &outer);
        bytes = mode;
    }
    assert_eq!(reject_unknown("cosmos.tx.v1beta1.ModeInfo", &bytes, false), Err(WalkError::Depth));
    assert_eq!(to_json("cosmos.tx.v1beta1.ModeInfo", &bytes), Err(WalkError::Depth));
}

#[test]
fn a_type_url_names_a_message_and_a_msg_has_a_response() {
    assert!(exists(&MsgSend::type_url()));
    assert!(!exists("cosmos.bank.v1beta1.MsgSend"));
    assert!(!exists("/cosmos.bank.v1beta1.MsgSnd"));
    assert_eq!(response_type(&MsgSend::type_url()), Some("cosmos.bank.v1beta1.MsgSendResponse"));
    assert_eq!(response_type("cosmos.bank.v1beta1.QueryBalanceRequest"), None);
}

#[test]
fn services_carry_their_routes() {
    let bank = services().iter().find(|service| service.full_name == "cosmos.bank.v1beta1.Query").unwrap();
    let balance = bank.methods.iter().find(|method| method.name == "Balance").unwrap();
    assert_eq!(balance.routes[0].verb, "GET");
    assert_eq!(balance.routes[0].path, "/cosmos/bank/v1beta1/balances/{address}/by_denom");
}

#[test]
fn each_of_our_messages_says_who_signs_it_and_every_message_index_is_resolved() {
    let mut ours = 0;
    for service in services().iter().filter(|s| s.full_name.starts_with("openledger.") && s.full_name.ends_with(".Msg"))
    {
        for method in &service.methods {
            assert!(!matches!(signers(&method.input, &[]), Err(WalkError::NoSigner(_))), "{}", method.input);
            ours += 1;
        }
    }
    assert!(ours > 0);
    for message in &SCHEMA.messages {
        for field in &message.fields {
            match field.kind {
                schema::Kind::Message(index) => assert!(index < SCHEMA.messages.len()),
                schema::Kind::Enum(index) => assert!(index < SCHEMA.enums.len()),
                _ => {}
            }
        }
        assert_eq!(message.order.len(), message.fields.len());
    }
}

#[test]
fn a_message_of_the_rust_types_is_walked_by_the_same_table() {
    let send = MsgSend { from_address: "a".into(), to_address: "b".into(), amount: vec![] };
    assert_eq!(signers(&MsgSend::type_url(), &send.encode_to_vec()).unwrap(), ["a"]);
    let json = to_json("/cosmos.bank.v1beta1.MsgSend", &send.encode_to_vec()).unwrap();
    let back = MsgSend::decode(from_json("/cosmos.bank.v1beta1.MsgSend", &json).unwrap().as_slice()).unwrap();
    assert_eq!(back, send);
}
