//! The verbs that need no running node.

use anyhow::Result;
use openledger_tests::node::Home;
use serde_json::Value;

fn genesis(home: &Home) -> Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(home.path().join("config/genesis.json"))?)?)
}

fn address() -> Result<String> {
    // Gov's module address, which is the same bytes on every Cosmos chain.
    let home = Home::empty()?;
    let forms = home.succeed(&["debug", "addr", "7b5fe22b5446f7c62ea27b8bd71cef94e03f3df2"])?;
    let line = forms.lines().find_map(|line| line.strip_prefix("Bech32 Acc: "));
    Ok(line.unwrap_or_default().to_string())
}

#[test]
fn init_writes_what_a_node_needs_and_says_what_it_wrote() -> Result<()> {
    let home = Home::empty()?;
    let output = home.run(&["init", "alice", "--chain-id", "lines-1"])?;
    let summary: Value = serde_json::from_slice(&output.stderr)?;
    assert_eq!(summary["moniker"], "alice");
    assert_eq!(summary["chain_id"], "lines-1");
    assert_eq!(summary["node_id"], home.succeed(&["comet", "show-node-id"])?.trim());
    for name in ["config.toml", "app.toml", "client.toml", "genesis.json", "node_key.json", "priv_validator_key.json"] {
        assert!(home.path().join("config").join(name).exists(), "{name}");
    }
    let genesis = genesis(&home)?;
    let key: Value = serde_json::from_str(&home.succeed(&["cometbft", "show-validator"])?)?;
    assert_eq!(genesis["consensus"]["validators"][0]["pub_key"]["value"], key["key"]);
    assert_eq!(genesis["app_state"], summary["app_message"]);
    assert!(home.succeed(&["comet", "show-address"])?.starts_with("openvalcons1"));
    home.succeed(&["genesis", "validate"])?;
    Ok(())
}

#[test]
fn a_genesis_that_is_there_is_kept_unless_overwriting_is_asked_for_and_keys_are_kept_always() -> Result<()> {
    let home = Home::empty()?;
    home.succeed(&["init", "alice", "--chain-id", "one-1"])?;
    let id = home.succeed(&["comet", "show-node-id"])?;
    assert!(home.fail(&["init", "alice", "--chain-id", "two-1"])?.contains("--overwrite"));
    assert_eq!(genesis(&home)?["chain_id"], "one-1");
    home.succeed(&["init", "alice", "--chain-id", "two-1", "--overwrite"])?;
    assert_eq!(genesis(&home)?["chain_id"], "two-1");
    assert_eq!(home.succeed(&["comet", "show-node-id"])?, id);
    Ok(())
}

#[test]
fn an_account_is_added_to_a_genesis_that_stays_valid() -> Result<()> {
    let home = Home::empty()?;
    home.succeed(&["init", "alice", "--chain-id", "accounts-1"])?;
    let address = address()?;
    home.succeed(&["genesis", "add-genesis-account", &address, "1000000000000000000000aopen"])?;
    home.succeed(&["genesis", "validate"])?;
    let genesis = genesis(&home)?;
    assert_eq!(genesis["app_state"]["bank"]["supply"][0]["amount"], "1000000000000000000000");
    assert_eq!(genesis["app_state"]["bank"]["balances"][0]["address"], address.as_str());
    let again = home.fail(&["genesis", "add-genesis-account", &address, "5aopen"])?;
    assert!(again.contains("--append"), "{again}");
    assert!(home.fail(&["genesis", "add-genesis-account", "nobody", "5aopen"])?.contains("nobody"));
    assert!(home.fail(&["genesis", "add-genesis-account", &address, "5"])?.contains('5'));
    Ok(())
}

#[test]
fn a_genesis_that_is_wrong_is_refused_by_the_module_s_name() -> Result<()> {
    let home = Home::empty()?;
    home.succeed(&["init", "alice", "--chain-id", "wrong-1"])?;
    let mut genesis = genesis(&home)?;
    genesis["app_state"]["bank"]["balances"] = serde_json::json!([{"address": "nonsense", "coins": []}]);
    let path = home.path().join("wrong.json");
    std::fs::write(&path, genesis.to_string())?;
    let error = home.fail(&["genesis", "validate", path.to_str().unwrap_or_default()])?;
    assert!(error.contains("bank"), "{error}");
    Ok(())
}

#[test]
fn what_the_sdk_has_and_this_chain_has_not_says_what_to_do_instead() -> Result<()> {
    let home = Home::empty()?;
    for verb in ["bulk-add-genesis-account", "migrate"] {
        let error = home.fail(&["genesis", verb, "alice", "1aopen", "--chain-id", "x"])?;
        assert!(error.contains("consensus.validators") || error.contains("add-genesis-account"), "{verb}: {error}");
    }
    assert!(home.fail(&["start"])?.contains("openledgerd init"));
    Ok(())
}

#[test]
fn the_version_is_the_program_s() -> Result<()> {
    let home = Home::empty()?;
    assert_eq!(home.succeed(&["version"])?.trim(), env!("CARGO_PKG_VERSION"));
    assert!(home.succeed(&["version", "--long"])?.contains("server_name: openledgerd"));
    Ok(())
}

#[test]
fn a_draft_of_a_proposal_is_made_of_answers_on_standard_input_and_can_be_submitted() -> Result<()> {
    let home = Home::empty()?;
    let gov = address()?;
    let answers = format!("community-pool-spend\nMore shade\nTrees\n10aopen\n\n{gov}\n");
    let files = |name: &str| home.path().join(name);
    // It writes where it is called.
    let draft = |input: &str, skip: &[&str]| {
        let verb = [&["tx", "gov", "draft-proposal"][..], skip].concat();
        home.command_with(&verb, input, |command| command.current_dir(home.path()))
    };
    let output = draft(&answers, &["--skip-metadata"])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!files("draft_metadata.json").exists());
    let made: Value = serde_json::from_slice(&std::fs::read(files("draft_proposal.json"))?)?;
    assert_eq!([&made["title"], &made["summary"]], ["More shade", "Trees"]);
    let message = &made["messages"][0];
    assert_eq!([&message["authority"], &message["recipient"]], [&gov, &gov]);
    let path = files("draft_proposal.json");
    let path = path.to_str().unwrap_or_default();
    let tx = ["tx", "gov", "submit-proposal", path, "--from", &gov, "--generate-only"];
    let tx: Value = serde_json::from_str(&home.succeed(&tx)?)?;
    assert_eq!(tx["body"]["messages"][0]["messages"], made["messages"]);

    let output = draft("text\n\n", &[])?;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("input cannot be empty"));
    let output = draft("text\nT\nAnn\nS\nD\nhttps://forum\nC\n10aopen\n", &[])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&std::fs::read(files("draft_metadata.json"))?)?;
    assert_eq!(metadata["authors"], serde_json::json!(["Ann"]));
    Ok(())
}

#[test]
fn grants_their_use_and_their_end_are_written_as_simd_s() -> Result<()> {
    let home = Home::empty()?;
    let granter = address()?;
    let forms = home.succeed(&["debug", "addr", &"01".repeat(20)])?;
    let grantee = forms.lines().find_map(|line| line.strip_prefix("Bech32 Acc: ")).unwrap_or_default();
    let made = |args: &[&str], from: &str| -> Result<String> {
        home.succeed(&[args, &["--from", from, "--generate-only"]].concat())
    };
    let message = |args: &[&str], from: &str| -> Result<Value> {
        let tx: Value = serde_json::from_str(&made(args, from)?)?;
        Ok(tx["body"]["messages"][0].clone())
    };
    let vote = "/cosmos.gov.v1.MsgVote";
    let grant = message(&["tx", "authz", "grant", grantee, "generic", "--msg-type", vote], &granter)?;
    assert_eq!([&grant["granter"], &grant["grantee"]], [granter.as_str(), grantee]);
    assert_eq!(grant["grant"]["authorization"]["msg"], vote);
    let send = made(&["tx", "bank", "send", &granter, grantee, "5aopen"], &granter)?;
    let file = home.path().join("tx.json");
    std::fs::write(&file, &send)?;
    let exec = message(&["tx", "authz", "exec", file.to_str().unwrap_or_default()], grantee)?;
    assert_eq!(exec["grantee"], grantee);
    assert_eq!(exec["msgs"], serde_json::from_str::<Value>(&send)?["body"]["messages"]);
    let revoke = message(&["tx", "authz", "revoke", grantee, vote], &granter)?;
    assert_eq!([&revoke["grantee"], &revoke["msg_type_url"]], [grantee, vote]);
    Ok(())
}
