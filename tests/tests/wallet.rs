//! Keys, transactions and queries on the command line, against a real node.

use anyhow::{Context, Result};
use openledger_tests::node::{Home, Node, PATIENCE};
use serde_json::Value;

#[tokio::test]
async fn a_person_sends_tokens_with_estimated_gas_and_sees_them_arrive() -> Result<()> {
    let home = Home::init("wallet-1")?;
    for name in ["alice", "bob"] {
        home.succeed(&["keys", "add", name, "--no-backup"])?;
    }
    home.succeed(&["genesis", "add-genesis-account", "alice", "1000000aopen"])?;
    let mut node = Node::start(&home, &[])?;
    node.reach(2).await?;
    let rpc = node.rpc_address.clone();
    let bob = home.succeed(&["keys", "show", "bob", "-a"])?;
    let bob = bob.trim();

    let send = ["tx", "bank", "send", "alice", bob, "10aopen", "--gas", "auto", "--fees", "5aopen", "-y", "-o", "json"];
    let sent: Value = serde_json::from_str(&home.succeed(&[&send[..], &["--node", &rpc]].concat())?)?;
    assert_eq!(sent["code"], 0);
    let hash = sent["txhash"].as_str().context("a hash")?;
    node.rpc.wait_for_tx(hash, PATIENCE).await?;

    let found: Value = serde_json::from_str(&home.succeed(&["query", "tx", hash, "--node", &rpc, "-o", "json"])?)?;
    assert_eq!(found["code"], 0, "{found}");
    let query = ["query", "bank", "balances", bob, "--node", &rpc, "-o", "json"];
    let balances: Value = serde_json::from_str(&home.succeed(&query)?)?;
    assert_eq!(balances["balances"], serde_json::json!([{"denom": "aopen", "amount": "10"}]));
    let refused = home.fail(&["query", "bank", "balances", "open1nonsense", "--node", &rpc])?;
    assert!(refused.contains("invalid address"), "{refused}");
    Ok(())
}
