//! Public keys: equal to the SDK's in form and address (`tests/vectors/keys.json`, made by `tests/vectors-go/auth`).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use openledger_auth::PublicKey;
use openledger_proto::cosmos::crypto::multisig::LegacyAminoPubKey;
use openledger_proto::cosmos::crypto::{secp256k1, secp256r1};
use openledger_proto::{Any, Message, Name};
use proptest::prelude::*;

#[test]
fn keys_have_the_sdk_s_form_and_addresses() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/keys.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap().to_string();
        let any = Any { type_url: text("type_url"), value: hex::decode(text("value")).unwrap() };
        let key = PublicKey::from_any(&any).unwrap();
        assert_eq!(key.to_any(), any);
        assert_eq!(hex::encode(key.address().as_bytes()), text("address"));
    }
}

fn multisig(threshold: u32, keys: Vec<Any>) -> Any {
    let value = LegacyAminoPubKey { threshold, public_keys: keys }.encode_to_vec();
    Any { type_url: LegacyAminoPubKey::type_url(), value }
}

fn single(length: usize) -> Any {
    Any { type_url: secp256k1::PubKey::type_url(), value: secp256k1::PubKey { key: vec![2; length] }.encode_to_vec() }
}

fn r1() -> Any {
    Any { type_url: secp256r1::PubKey::type_url(), value: secp256r1::PubKey { key: vec![3; 33] }.encode_to_vec() }
}

#[test]
fn a_key_counts_as_many_as_it_is_made_of() {
    let nested = multisig(1, vec![multisig(2, vec![single(33), single(33)]), single(33)]);
    let count = |any: &Any| PublicKey::from_any(any).unwrap().count();
    assert_eq!([count(&single(33)), count(&r1()), count(&nested)], [1, 1, 3]);
}

#[test]
fn keys_that_cannot_sign_are_refused() {
    for bad in [
        single(32),
        single(0),
        multisig(0, vec![single(33)]),
        multisig(2, vec![single(33)]),
        multisig(1, vec![]),
        multisig(1, vec![single(34)]),
        Any { type_url: "/cosmos.crypto.secp256r1.PubKey".into(), value: vec![] },
        Any { type_url: "/cosmos.crypto.sr25519.PubKey".into(), value: vec![] },
        multisig(1, vec![r1()]),
        Any { type_url: secp256k1::PubKey::type_url(), value: vec![0xff] },
    ] {
        let error = PublicKey::from_any(&bad).unwrap_err();
        assert_eq!((error.codespace, error.code), ("sdk", 8), "{error}");
    }
    assert!(PublicKey::from_any(&multisig(1, vec![single(33)])).is_ok());
}

#[test]
fn a_multisig_nested_a_thousand_deep_is_refused_without_exhausting_the_stack() {
    let mut nested = single(33);
    for depth in 0..1_000 {
        nested = multisig(1, vec![nested]);
        assert_eq!(PublicKey::from_any(&nested).is_ok(), depth < 9, "{depth}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_reading_a_key_panic(value in prop::collection::vec(any::<u8>(), 0..120), sort in 0usize..2) {
        let type_url = [secp256k1::PubKey::type_url(), LegacyAminoPubKey::type_url()][sort].clone();
        let _ = PublicKey::from_any(&Any { type_url, value });
    }
}
