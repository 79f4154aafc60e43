//! Governance on a live chain: a vote changes a parameter of the mission, and another one the binary, with nothing lost.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests read the clock")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use nix::sys::signal::Signal;
use openledger_core::address::VALOPER_PREFIX;
use openledger_core::Address;
use openledger_tests::node::{build_example, openledgerd, Home, Node, PATIENCE};
use serde_json::{json, Value};

/// What the validator has: its power, 10, is that of `init`'s genesis.
const STAKE: &str = "10000000000000000000";

/// A chain whose only validator is alice's, and whose votes last six seconds.
fn prepare() -> Result<Home> {
    let home = Home::init("governed-1")?;
    for name in ["alice", "bob"] {
        home.succeed(&["keys", "add", name, "--no-backup"])?;
    }
    home.succeed(&["genesis", "add-genesis-account", "alice", "1000000000000aopen"])?;
    let alice: Address = home.succeed(&["keys", "show", "alice", "-a"])?.trim().parse()?;
    let path = home.path().join("config/genesis.json");
    let mut genesis: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    let key = genesis["consensus"]["validators"][0]["pub_key"]["value"].clone();
    ensure!(genesis["consensus"]["validators"][0]["power"] == "10", "init gives its validator the power 10");
    let state = &mut genesis["app_state"];
    let gov = &mut state["gov"]["params"];
    gov["min_deposit"] = json!([{"denom": "aopen", "amount": "1000"}]);
    gov["expedited_min_deposit"] = json!([{"denom": "aopen", "amount": "5000"}]);
    gov["voting_period"] = json!("6s");
    gov["expedited_voting_period"] = json!("2s");
    let operator = alice.to_bech32(VALOPER_PREFIX);
    let shares = format!("{STAKE}.000000000000000000");
    let rate = "0.100000000000000000";
    state["staking"]["validators"] = json!([{
        "operator_address": operator,
        "consensus_pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": key},
        "jailed": false,
        "status": "BOND_STATUS_UNBONDED",
        "tokens": STAKE,
        "delegator_shares": shares,
        "description": {"moniker": "alice's"},
        "unbonding_height": "0",
        "unbonding_time": "1970-01-01T00:00:00Z",
        "commission": {
            "commission_rates": {"rate": rate, "max_rate": rate, "max_change_rate": rate},
            "update_time": "1970-01-01T00:00:00Z",
        },
        "min_self_delegation": "1",
    }]);
    state["staking"]["delegations"] =
        json!([{"delegator_address": alice.to_string(), "validator_address": operator, "shares": shares}]);
    let pool = Address::module("not_bonded_tokens_pool").to_string();
    let balances = state["bank"]["balances"].as_array_mut().context("balances are a list")?;
    balances.push(json!({"address": pool, "coins": [{"denom": "aopen", "amount": STAKE}]}));
    state["bank"]["supply"] = json!([]);
    std::fs::write(&path, serde_json::to_vec_pretty(&genesis)?)?;
    Ok(home)
}

/// Sends what these arguments say, from alice, and waits until it is in a block.
async fn send(home: &Home, node: &Node, args: &[&str]) -> Result<()> {
    let rest = ["--from", "alice", "--gas", "auto", "--gas-adjustment", "1.5", "--fees", "5aopen", "-y", "-o", "json"];
    let sent = home.succeed(&[args, &rest, &["--node", &node.rpc_address]].concat())?;
    let sent: Value = serde_json::from_str(&sent)?;
    ensure!(sent["code"] == 0, "{sent}");
    let found = node.rpc.wait_for_tx(sent["txhash"].as_str().context("a hash")?, PATIENCE).await?;
    let result = found.tx_result;
    ensure!(result.code == 0, "{args:?}: {}", result.log);
    Ok(())
}

fn query(home: &Home, node: &Node, args: &[&str]) -> Result<Value> {
    let rest = ["--node", &node.rpc_address, "-o", "json"];
    Ok(serde_json::from_str(&home.succeed(&[&["query"], args, &rest].concat())?)?)
}

/// Votes for a proposal and waits until it has passed.
async fn pass(home: &Home, node: &Node, id: &str) -> Result<()> {
    send(home, node, &["tx", "gov", "vote", id, "yes"]).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let proposal = &query(home, node, &["gov", "proposal", id])?["proposal"];
        match proposal["status"].as_str() {
            Some("PROPOSAL_STATUS_PASSED") => return Ok(()),
            Some("PROPOSAL_STATUS_VOTING_PERIOD") => {}
            _ => anyhow::bail!("{proposal}"),
        }
        ensure!(Instant::now() < deadline, "{proposal}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// `draft-proposal` of the parameters of attribution, with another window, as alice would edit it.
fn draft(home: &Home, node: &Node) -> Result<()> {
    let made = Command::new(openledgerd())
        .args(["tx", "gov", "draft-proposal", "openledger.attribution.v1.MsgUpdateParams"])
        .args(["--node", &node.rpc_address, "--home"])
        .arg(home.path())
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let path = home.path().join("draft_proposal.json");
    let mut draft: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    draft["messages"][0]["params"]["dispute_window"] = json!("9000");
    draft["title"] = json!("Shorter windows");
    draft["summary"] = json!("Disputes come within 9,000 blocks.");
    draft["deposit"] = json!("1000aopen");
    Ok(std::fs::write(&path, draft.to_string())?)
}

fn expect_end(started: Result<Node>, words: &str) -> Result<()> {
    // Where it ends before it is ready, the error has its log.
    let mut node = match started {
        Ok(node) => node,
        Err(error) => {
            ensure!(error.to_string().contains(words), "{words:?} is not in\n{error}");
            return Ok(());
        }
    };
    let status = node.wait(PATIENCE)?;
    ensure!(!status.success() && node.log().contains(words), "{status}: {words:?} is not in\n{}", node.log_tail());
    Ok(())
}

#[tokio::test]
async fn votes_change_a_parameter_of_attribution_and_then_the_binary_without_loss() -> Result<()> {
    let next = build_example("next_release")?;
    let home = prepare()?;
    let mut node = Node::start(&home, &[])?;
    node.reach(2).await?;
    draft(&home, &node)?;
    let file = home.path().join("draft_proposal.json");
    let file = file.to_str().context("a path of letters")?;
    let refused = home.fail(&["tx", "gov", "submit-proposal", "nowhere.json", "--from", "alice", "-y"])?;
    assert!(refused.contains("nowhere.json"), "{refused}");
    send(&home, &node, &["tx", "gov", "submit-proposal", file]).await?;
    pass(&home, &node, "1").await?;
    let params = query(&home, &node, &["attribution", "params"])?;
    assert_eq!(params["params"]["dispute_window"], "9000");
    assert_eq!(params["params"]["answer_window"], "1200", "what the proposal did not change stays");

    let height = node.reach(1).await? + 70;
    let plan = ["tx", "upgrade", "software-upgrade", "v2", "--upgrade-info", "see the release"];
    let about = ["--title", "Version 2", "--summary", "Grains", "--deposit", "1000aopen"];
    send(&home, &node, &[&plan[..], &["--upgrade-height", &height.to_string()], &about].concat()).await?;
    pass(&home, &node, "2").await?;
    let bob = home.succeed(&["keys", "show", "bob", "-a"])?;
    send(&home, &node, &["tx", "bank", "send", "alice", bob.trim(), "7aopen"]).await?;
    swap(&home, node, &next, height, bob.trim()).await
}

/// The new binary too early, the old one to its end, the old one again, and the new one from there.
async fn swap(home: &Home, mut node: Node, next: &Path, height: u64, bob: &str) -> Result<()> {
    let before = node.app_hash(2).await?;
    node.signal(Signal::SIGTERM)?;
    node.wait(PATIENCE)?;
    expect_end(Node::start_binary(next, home, &[]), "BINARY UPDATED BEFORE TRIGGER!")?;
    let info = home.path().join("data/upgrade-info.json");
    ensure!(!info.exists(), "it is not time yet");
    let needed = format!("NEEDED at height: {height}: see the release");
    for _ in 0..2 {
        expect_end(Node::start(home, &[]), &needed)?;
    }
    let written: Value = serde_json::from_slice(&std::fs::read(&info)?)?;
    let time = "0001-01-01T00:00:00Z";
    assert_eq!(written, json!({"name": "v2", "time": time, "height": height, "info": "see the release"}));

    let mut new = Node::start_binary(next, home, &[])?;
    new.reach(height + 2).await?;
    assert_eq!(query(home, &new, &["upgrade", "applied", "v2"])?["height"], height.to_string());
    assert_eq!(new.app_hash(2).await?, before, "the chain is the same");
    let balances = query(home, &new, &["bank", "balances", bob])?;
    assert_eq!(balances["balances"], json!([{"denom": "aopen", "amount": "7"}]));
    assert_eq!(query(home, &new, &["attribution", "params"])?["params"]["dispute_window"], "9000");
    let metadata = query(home, &new, &["bank", "denom-metadata", "aopen"])?;
    let aliases = &metadata["metadata"]["denom_units"][0]["aliases"];
    assert!(aliases.as_array().is_some_and(|all| all.contains(&json!("grains"))), "{metadata}");
    send(home, &new, &["tx", "bank", "send", "alice", bob, "1aopen"]).await?;
    Ok(())
}
