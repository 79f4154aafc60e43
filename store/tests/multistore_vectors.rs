//! App hashes and proofs of a chain of several stores against cosmossdk.io/store's (`tests/iavl-vectors` makes them again).
#![allow(clippy::unwrap_used)]

mod common;

use common::{bytes, options, Block};
use openledger_store::Multistore;

#[test]
fn app_hashes_and_proofs_are_those_of_the_sdk_also_after_an_upgrade_that_adds_stores() {
    let folder = tempfile::tempdir().unwrap();
    let blocks: Vec<Block> = serde_json::from_str(include_str!("vectors/multistore.json")).unwrap();
    let mut names = Vec::new();
    let mut store = None;
    let mut proofs = 0;
    for block in blocks {
        if block.stores != names {
            drop(store.take());
            names = block.stores.clone();
        }
        let store = store.get_or_insert_with(|| Multistore::open(folder.path(), options(&names)).unwrap());
        let prepared = store.prepare(block.height, block.changes()).unwrap();
        assert_eq!(hex::encode(prepared.app_hash()), block.app_hash, "height {}", block.height);
        store.commit(prepared).unwrap();
        for query in block.queries {
            let answer = store.query(&query.store, &bytes(&query.key), block.height, true).unwrap();
            assert_eq!(hex::encode(answer.value.unwrap_or_default()), query.value);
            let ours: Vec<_> =
                answer.proof.iter().map(|op| (op.op_type, hex::encode(&op.key), hex::encode(&op.data))).collect();
            let sdk: Vec<_> = query.ops.into_iter().map(|op| (op.op_type, op.key, op.data)).collect();
            assert!(ours.iter().map(|(t, k, d)| (*t, k, d)).eq(sdk.iter().map(|(t, k, d)| (t.as_str(), k, d))));
            proofs += 1;
        }
    }
    assert!(proofs > 100, "{proofs} proofs");
}
