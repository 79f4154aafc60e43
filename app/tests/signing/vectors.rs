//! Transactions that the Cosmos SDK itself built and signed (`vectors.json`, made by `go run ./signing` in `tests/vectors-go`).

use openledger_core::Address;
use openledger_proto::amino;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::*;

#[test]
fn what_the_sdk_signs_is_verified() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let net = net();
        let giver = person(7);
        for (sequence, address) in vector["new"].as_array().unwrap().iter().enumerate() {
            let address = Address::new(hex::decode(address.as_str().unwrap()).unwrap()).unwrap();
            let given = draft(vec![giver.send_to(&address, 1_000)], &[(&giver, sequence as u64)]).sign();
            assert_eq!(net.deliver(given).code, 0);
        }
        let tx = hex::decode(vector["tx"].as_str().unwrap()).unwrap();
        let result = net.deliver(tx.into());
        assert_eq!((result.code, result.log.as_str()), (0, ""), "{}", vector["note"]);
    }
}

/// CosmJS's signatures over ADR-036's document (`proto/vectors/adr036.json`), as Keplr's `signArbitrary` makes them.
#[test]
fn what_a_wallet_signs_beside_transactions_is_verified() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../../../proto/vectors/adr036.json")).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let bytes = |key: &str| hex::decode(vector[key].as_str().unwrap()).unwrap();
        let signer = vector["signer"].as_str().unwrap();
        assert_eq!(Address::of_secp256k1(&bytes("public_key")).to_string(), signer);
        let key = secp256k1::PublicKey::from_slice(&bytes("public_key")).unwrap();
        let signature = secp256k1::ecdsa::Signature::from_compact(&bytes("signature")).unwrap();
        let verify = |data: &[u8]| {
            let digest = Sha256::digest(amino::adr036_sign_bytes(signer, data)).into();
            secp256k1::Secp256k1::new().verify_ecdsa(secp256k1::Message::from_digest(digest), &signature, &key).is_ok()
        };
        assert!(verify(&bytes("data")));
        assert!(!verify(b"other data"));
    }
}
