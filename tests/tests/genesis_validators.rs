//! A chain whose validators come together as Cosmos chains' do: accounts, `gentx`, `collect-gentxs`, `start`.

use anyhow::{ensure, Context, Result};
use openledger_tests::node::{Home, Node, PATIENCE};
use serde_json::{json, Value};

fn read(home: &Home, path: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(home.path().join(path))?)?)
}

#[tokio::test]
async fn a_validator_of_a_genesis_transaction_is_bonded_from_the_first_block_on() -> Result<()> {
    let home = Home::init("gentx-1")?;
    home.succeed(&["keys", "add", "alice", "--no-backup"])?;
    let poor = home.fail(&["genesis", "gentx", "alice", "5000000000000000000aopen"])?;
    ensure!(poor.contains("does not have a balance in the genesis state"), "{poor}");
    home.succeed(&["genesis", "add-genesis-account", "alice", "9000000000000000000aopen"])?;
    let nothing = home.fail(&["genesis", "collect-gentxs"])?;
    ensure!(nothing.contains("gentx"), "{nothing}");
    let gentx = ["genesis", "gentx", "alice", "5000000000000000000aopen", "--moniker", "first", "--ip", "127.0.0.1"];
    home.succeed(&[&gentx[..], &["--commission-rate", "0.07"]].concat())?;
    home.fail(&gentx)?; // The file is there.
    home.succeed(&["genesis", "collect-gentxs"])?;
    home.succeed(&["genesis", "validate"])?;
    let genesis = read(&home, "config/genesis.json")?;
    ensure!(genesis["consensus"]["validators"].is_null(), "init's validator has gone");
    let message = &genesis["app_state"]["genutil"]["gen_txs"][0]["body"]["messages"][0];
    assert_eq!(message["description"]["moniker"], "first");

    let mut node = Node::start(&home, &[])?;
    node.reach(3).await?;
    let rpc = node.rpc_address.clone();
    let ask = |args: &[&str]| -> Result<Value> {
        let args = [&["query", "staking"], args, &["--node", &rpc, "-o", "json"]].concat();
        Ok(serde_json::from_str(&home.succeed(&args)?)?)
    };
    let validators = ask(&["validators"])?;
    let validator = &validators["validators"][0];
    assert_eq!(validator["status"], "BOND_STATUS_BONDED", "{validators}");
    assert_eq!(validator["tokens"], "5000000000000000000");
    assert_eq!(validator["commission"]["commission_rates"]["rate"], "0.070000000000000000");
    let operator = validator["operator_address"].as_str().context("an address")?.to_string();
    let alice = home.succeed(&["keys", "show", "alice", "-a"])?;
    let delegation = ask(&["delegation", alice.trim(), &operator])?;
    let balance = json!({"denom": "aopen", "amount": "5000000000000000000"});
    assert_eq!(delegation["delegation_response"]["balance"], balance, "{delegation}");

    // A delegation from the command line counts in the next block's set.
    let delegate = ["tx", "staking", "delegate", &operator, "2000000000000000000aopen", "--from", "alice", "-y"];
    let sent = home.succeed(
        &[&delegate[..], &["--gas", "auto", "--gas-adjustment", "1.5", "-o", "json", "--node", &rpc]].concat(),
    )?;
    let sent: Value = serde_json::from_str(&sent)?;
    assert_eq!(sent["code"], 0, "{sent}");
    node.rpc.wait_for_tx(sent["txhash"].as_str().context("a hash")?, PATIENCE).await?;
    assert_eq!(ask(&["pool"])?["pool"]["bonded_tokens"], "7000000000000000000");
    Ok(())
}
