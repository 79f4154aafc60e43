//! Transactions that the Cosmos SDK itself built and signed (`vectors.json`, made by `go run ./signing` in `tests/vectors-go`).

use openledger_core::Address;
use serde_json::Value;

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
