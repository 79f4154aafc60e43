//! `export`: the state of a stopped node as a genesis, and a new chain that goes on from it.

use anyhow::{Context, Result};
use openledger_tests::node::{Home, Node, PATIENCE};
use serde_json::Value;

fn send(home: &Home, rpc: &str, to: &str) -> Result<String> {
    let line = ["tx", "bank", "send", "alice", to, "25aopen", "--fees", "5aopen", "--yes", "-o", "json", "--node", rpc];
    let sent: Value = serde_json::from_str(&home.succeed(&line)?)?;
    Ok(sent["txhash"].as_str().context("a hash")?.to_string())
}

fn balances(home: &Home, rpc: &str, addresses: &[&str]) -> Result<Vec<Value>> {
    let ask = |address: &&str| {
        let line = ["query", "bank", "balances", address, "-o", "json", "--node", rpc];
        Ok(serde_json::from_str::<Value>(&home.succeed(&line)?)?["balances"].clone())
    };
    addresses.iter().map(ask).collect()
}

#[tokio::test]
async fn a_new_chain_goes_on_from_what_was_exported() -> Result<()> {
    let home = Home::init("first-1")?;
    home.succeed(&["keys", "add", "alice"])?;
    home.succeed(&["keys", "add", "bob"])?;
    home.succeed(&["genesis", "add-genesis-account", "alice", "1000000aopen"])?;
    let alice = home.succeed(&["keys", "show", "alice", "-a"])?.trim().to_string();
    let bob = home.succeed(&["keys", "show", "bob", "-a"])?.trim().to_string();
    let mut node = Node::start(&home, &[])?;
    node.reach(2).await?;
    let rpc = node.rpc_address.clone();
    let hash = send(&home, &rpc, &bob)?;
    let height = node.rpc.wait_for_tx(&hash, PATIENCE).await?.height;
    let datanet = ["tx", "datanet", "create-datanet", "Notes", "What we saw", "MODALITY_TEXT", "CC0-1.0", "UTF-8 text",
        "{\"admission\":\"ADMISSION_OPEN\",\"deposit\":{\"denom\":\"aopen\",\"amount\":\"1000000000000000000\"},\"max_length\":\"1000\",\"length_cap\":\"1000\"}",
        "--from", "alice", "--gas", "1000000", "--yes", "-o", "json", "--node", &rpc];
    let made: Value = serde_json::from_str(&home.succeed(&datanet)?)?;
    let made = node.rpc.wait_for_tx(made["txhash"].as_str().context("a hash")?, PATIENCE).await?;
    assert_eq!(made.tx_result.code, 0, "{}", made.tx_result.log);
    node.reach(made.height + 2).await?;
    assert!(home.fail(&["export"])?.contains("another openledgerd runs"));
    let before = balances(&home, &rpc, &[&alice, &bob])?;
    drop(node);

    let file = home.path().join("exported.json");
    let file_name = file.to_str().context("a path")?;
    home.succeed(&["export", "--output-document", file_name])?;
    let exported: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    let initial = exported["initial_height"].as_u64().context("a height")?;
    assert!(initial > made.height);
    assert_eq!(exported["consensus"]["validators"].as_array().map(Vec::len), Some(1));
    assert_eq!(exported["consensus"]["params"]["block"]["max_bytes"], "4194304");
    // An earlier height, some modules, and height zero.
    let past = home.succeed(&["export", "--height", &(height - 1).to_string(), "--modules-to-export", "auth,bank"])?;
    let past: Value = serde_json::from_str(&past)?;
    assert_eq!(past["app_state"].as_object().map(|state| state.len()), Some(2));
    assert_eq!(past["app_state"]["bank"]["balances"].as_array().map(Vec::len), Some(1));
    assert!(home.fail(&["export", "--modules-to-export", "gold"])?.contains("no module \"gold\""));
    assert!(home.fail(&["export", "--for-zero-height"])?.contains("datanet"));
    assert!(home.fail(&["export", "--jail-allowed-addrs", "openvaloper1x"])?.contains("--for-zero-height"));
    let nobody = ["export", "--for-zero-height", "--jail-allowed-addrs", "openvaloper1x"];
    assert!(home.fail(&nobody)?.contains("name operators of validators"));
    assert!(home.fail(&["export", "--height", "100000"])?.contains("future"));
    let zero = home.succeed(&["export", "--for-zero-height", "--modules-to-export", "auth,bank,consensus"])?;
    assert_eq!(serde_json::from_str::<Value>(&zero)?["initial_height"], 0);

    // Another home with the same validator starts from the file, under another id.
    let next = Home::init("second-1")?;
    let text = std::fs::read_to_string(&file)?.replace("\"chain_id\":\"first-1\"", "\"chain_id\":\"second-1\"");
    std::fs::write(next.path().join("config/genesis.json"), text)?;
    let name = "config/priv_validator_key.json";
    std::fs::copy(home.path().join(name), next.path().join(name))?;
    next.succeed(&["genesis", "validate"])?;
    let mut node = Node::start(&next, &[])?;
    node.reach(initial + 1).await?;
    let rpc = node.rpc_address.clone();
    assert_eq!(balances(&home, &rpc, &[&alice, &bob])?, before);
    let datanets = next.succeed(&["query", "datanet", "datanets", "-o", "json", "--node", &rpc])?;
    assert!(datanets.contains("What we saw"), "{datanets}");
    let line = [
        "tx",
        "bank",
        "send",
        "alice",
        &bob,
        "25aopen",
        "--yes",
        "-o",
        "json",
        "--chain-id",
        "second-1",
        "--node",
        &rpc,
    ];
    let sent: Value = serde_json::from_str(&home.succeed(&line)?)?;
    let found = node.rpc.wait_for_tx(sent["txhash"].as_str().context("a hash")?, PATIENCE).await?;
    assert_eq!(found.tx_result.code, 0, "the sequence went on: {}", found.tx_result.log);
    Ok(())
}

fn ask(home: &Home, rpc: &str, args: &[&str]) -> Result<Value> {
    let args = [&["query"], args, &["--node", rpc, "-o", "json"]].concat();
    Ok(serde_json::from_str(&home.succeed(&args)?)?)
}

#[tokio::test]
async fn a_chain_with_validators_begins_again_at_height_zero_and_everybody_has_been_paid() -> Result<()> {
    let home = Home::init("first-1")?;
    home.succeed(&["keys", "add", "alice"])?;
    home.succeed(&["genesis", "add-genesis-account", "alice", "9000000000000000000aopen"])?;
    home.succeed(&["genesis", "gentx", "alice", "5000000000000000000aopen", "--ip", "127.0.0.1"])?;
    home.succeed(&["genesis", "collect-gentxs"])?;
    let alice = home.succeed(&["keys", "show", "alice", "-a"])?.trim().to_string();
    let mut node = Node::start(&home, &[])?;
    node.reach(3).await?;
    let rpc = node.rpc_address.clone();
    let line =
        ["tx", "bank", "send", "alice", &alice, "1aopen", "--fees", "700000aopen", "-y", "-o", "json", "--node", &rpc];
    let sent: Value = serde_json::from_str(&home.succeed(&line)?)?;
    let found = node.rpc.wait_for_tx(sent["txhash"].as_str().context("a hash")?, PATIENCE).await?;
    node.reach(found.height + 3).await?;
    let before = balances(&home, &rpc, &[&alice])?;
    let owed = ask(&home, &rpc, &["distribution", "rewards", &alice])?;
    assert_ne!(owed["total"], serde_json::json!([]), "{owed}");
    // A validator is named by its key, too.
    let key = home.succeed(&["comet", "show-validator"])?;
    let info = ask(&home, &rpc, &["slashing", "signing-info", key.trim()])?;
    let address = home.succeed(&["comet", "show-address"])?;
    assert_eq!(info["val_signing_info"]["address"], address.trim());
    drop(node);

    let file = home.path().join("zero.json");
    home.succeed(&["export", "--for-zero-height", "--output-document", file.to_str().context("a path")?])?;
    let next = Home::init("second-1")?;
    let text = std::fs::read_to_string(&file)?.replace("\"chain_id\":\"first-1\"", "\"chain_id\":\"second-1\"");
    std::fs::write(next.path().join("config/genesis.json"), text)?;
    let name = "config/priv_validator_key.json";
    std::fs::copy(home.path().join(name), next.path().join(name))?;
    next.succeed(&["genesis", "validate"])?;
    let mut node = Node::start(&next, &[])?;
    node.reach(4).await?;
    let rpc = node.rpc_address.clone();
    let status = ask(&home, &rpc, &["staking", "validators"])?;
    assert_eq!(status["validators"][0]["status"], "BOND_STATUS_BONDED", "{status}");
    // The stakers' part of the fee: 700000 less two hundredths for the community.
    let amount =
        |balances: &[Value]| -> Result<u128> { Ok(balances[0][0]["amount"].as_str().context("an amount")?.parse()?) };
    assert_eq!(amount(&balances(&home, &rpc, &[&alice])?)?, amount(&before)? + 686_000);
    drop(node);

    // CometBFT's own data go, what was signed stays noted.
    next.succeed(&["comet", "reset-state"])?;
    let is_there = |name: &str| next.path().join("data").join(name).exists();
    assert!(!is_there("blockstore.db") && !is_there("state.db"));
    assert!(is_there("application.db") && is_there("priv_validator_state.json"));
    assert!(next.fail(&["comet", "bootstrap-state"])?.contains("state sync"));
    Ok(())
}

#[test]
fn a_home_without_blocks_has_nothing_to_export() -> Result<()> {
    let home = Home::init("empty-1")?;
    assert!(home.fail(&["export"])?.contains("no block was committed"));
    Ok(())
}
