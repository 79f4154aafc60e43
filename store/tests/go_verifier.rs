//! Proofs of existence and absence under Go's own verifier: the proof runtime of cosmossdk.io/store, as relayers and light clients use.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{options, Op, Query};
use openledger_store::{Changes, Multistore};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

#[derive(Serialize)]
struct Claim {
    app_hash: String,
    #[serde(flatten)]
    query: Query,
}

fn claims() -> Vec<Claim> {
    let folder = tempfile::tempdir().unwrap();
    let names = ["bank", "auth", "ibc", "model", "upgrade"].map(str::to_string);
    let store = Multistore::open(folder.path(), options(&names)).unwrap();
    let mut claims = Vec::new();
    for height in 1..=8u8 {
        let mut changes = BTreeMap::new();
        for name in &names {
            let key = |i: u8| vec![i.wrapping_mul(37).wrapping_add(height), i];
            let list: Changes = (0..40).map(|i| (key(i), (i % 5 != 4).then(|| vec![i, height]))).collect();
            changes.insert(common::name(name), list);
        }
        store.commit(store.prepare(height.into(), changes).unwrap()).unwrap();
        for name in &names {
            for key in [vec![0], vec![0xff; 4], vec![height, 0], vec![height, 0, 0], vec![37u8.wrapping_add(height), 1]]
            {
                let answer = store.query(name, &key, 0, true).unwrap();
                let op = |op: openledger_store::ProofOp| Op {
                    op_type: op.op_type.to_string(),
                    key: hex::encode(op.key),
                    data: hex::encode(op.data),
                };
                claims.push(Claim {
                    app_hash: hex::encode(store.app_hash()),
                    query: Query {
                        store: name.clone(),
                        key: hex::encode(key),
                        value: hex::encode(answer.value.unwrap_or_default()),
                        ops: answer.proof.into_iter().map(op).collect(),
                    },
                });
            }
        }
    }
    claims
}

#[test]
fn gos_verifier_accepts_every_proof_and_no_other_app_hash() {
    let claims = claims();
    let (there, missing) = claims.iter().partition::<Vec<_>, _>(|claim| !claim.query.value.is_empty());
    assert!(there.len() >= 50 && missing.len() >= 50);
    let mut go = Command::new("go")
        .args(["run", ".", "verify"])
        .current_dir("../tests/iavl-vectors")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Go is installed");
    go.stdin.take().unwrap().write_all(&serde_json::to_vec(&claims).unwrap()).unwrap();
    let output = go.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{} claims verified\n", claims.len()));
}
