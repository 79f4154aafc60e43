//! Decimals against the SDK's own results (`vectors/dec.json`, made by `tests/vectors-go/dec`).

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use openledger_core::{Dec, SdkError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    a: Dec,
    b: Dec,
    results: BTreeMap<String, Option<String>>,
}

fn result(operation: &str, a: Dec, b: Dec) -> Result<String, SdkError> {
    let dec = match operation {
        "add" => a.add(b),
        "sub" => a.sub(b),
        "mul" => a.mul(b),
        "mul_truncate" => a.mul_truncate(b),
        "mul_round_up" => a.mul_round_up(b),
        "quo" => a.quo(b),
        "quo_truncate" => a.quo_truncate(b),
        "quo_round_up" => a.quo_round_up(b),
        "ceil" => a.ceil(),
        "truncate" => Ok(a.truncate()),
        "power_3" => b.power(3),
        "truncate_int" => return a.truncate_int().map(|int| int.to_string()),
        "round_int" => return a.round_int().map(|int| int.to_string()),
        other => panic!("no such operation: {other}"),
    };
    dec.map(|dec| dec.to_string())
}

#[test]
fn every_operation_gives_the_sdk_s_result() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../vectors/dec.json")).unwrap();
    assert!(vectors.len() >= 400);
    for Vector { a, b, results } in vectors {
        for (operation, expected) in results {
            let got = result(&operation, a, b).ok();
            // Amounts here have no sign: a negative whole number is an error.
            let expected = expected.filter(|text| !(operation.ends_with("_int") && text.starts_with('-')));
            // The SDK's Ceil multiplies without a check of the size.
            if operation == "ceil" && got.is_none() {
                continue;
            }
            assert_eq!(got, expected, "{operation} of {a} and {b}");
        }
    }
}

#[test]
fn what_is_printed_is_read_again() {
    for text in ["0.000000000000000000", "-0.000000000000000001", "12.500000000000000000"] {
        let dec: Dec = text.parse().unwrap();
        assert_eq!(dec.to_string(), text);
        assert_eq!(Dec::from_proto(&dec.to_proto()).unwrap(), dec);
    }
    assert_eq!("7".parse::<Dec>().unwrap(), Dec::from_u64(7));
    for bad in ["", "-", ".5", "5.", "1.2.3", "+1", "1e3", "0.0000000000000000001", "--1", "1.-2"] {
        assert!(bad.parse::<Dec>().is_err(), "{bad:?}");
    }
    let most = format!("{}.5", "9".repeat(78));
    assert!(most.parse::<Dec>().is_err(), "more than 315 bits");
    assert!(Dec::one().quo(Dec::ZERO).is_err());
}
