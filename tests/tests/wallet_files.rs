//! Transactions in files: made, signed offline, put together by two of three, checked, sent; and how they are found again.

use std::path::PathBuf;

use anyhow::{Context, Result};
use openledger_tests::node::{Home, Node, PATIENCE};
use serde_json::{json, Value};

/// A chain with accounts, and what asks it.
struct World {
    home: Home,
    node: Node,
    rpc: String,
}

impl World {
    /// Keys `alice`, `bob`, `carol`, the multisig `board` (2 of 3) and `dave`, each but dave with 1,000,000 aopen.
    async fn start(chain_id: &str) -> Result<Self> {
        let home = Home::init(chain_id)?;
        for name in ["alice", "bob", "carol", "dave"] {
            home.succeed(&["keys", "add", name, "--no-backup"])?;
        }
        home.succeed(&["keys", "add", "board", "--multisig", "alice,bob,carol", "--multisig-threshold", "2"])?;
        for name in ["alice", "bob", "carol", "board"] {
            home.succeed(&["genesis", "add-genesis-account", name, "1000000aopen"])?;
        }
        let mut node = Node::start(&home, &[])?;
        node.reach(2).await?;
        let rpc = node.rpc_address.clone();
        home.succeed(&["config", "set", "client", "node", &rpc])?;
        home.succeed(&["config", "set", "client", "output", "json"])?;
        Ok(Self { home, node, rpc })
    }

    fn address(&self, name: &str) -> Result<String> {
        Ok(self.home.succeed(&["keys", "show", name, "-a"])?.trim().to_string())
    }

    fn json(&self, args: &[&str]) -> Result<Value> {
        let text = self.home.succeed(args)?;
        serde_json::from_str(&text).with_context(|| format!("{args:?}: {text}"))
    }

    fn balance(&self, name: &str) -> Result<String> {
        let answer = self.json(&["query", "bank", "balance", &self.address(name)?, "aopen"])?;
        Ok(answer["balance"]["amount"].as_str().unwrap_or_default().to_string())
    }

    fn write(&self, name: &str, text: &str) -> Result<String> {
        let path: PathBuf = self.home.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("a path")?.to_string())
    }

    /// Sends a signed file; the transaction once it is in a block.
    async fn broadcast(&self, file: &str) -> Result<Value> {
        let sent = self.json(&["tx", "broadcast", file])?;
        assert_eq!(sent["code"], 0, "{sent}");
        let hash = sent["txhash"].as_str().context("a hash")?;
        let found = self.json(&["query", "wait-tx", hash, "--timeout", "60s"])?;
        assert_eq!(found["code"], 0, "{found}");
        Ok(found)
    }
}

const NOBODY: &str = "tcp://127.0.0.1:1";

#[tokio::test]
async fn a_machine_without_a_network_signs_and_another_one_sends() -> Result<()> {
    let world = World::start("offline-1").await?;
    let (home, alice, dave) = (&world.home, world.address("alice")?, world.address("dave")?);
    let make = ["tx", "bank", "send", &alice, &dave, "7aopen", "--generate-only", "--fees", "3aopen", "--node", NOBODY];
    let unsigned = home.succeed(&[&make[..], &["--note", "offline", "--timeout-height", "100000"]].concat())?;
    let tx: Value = serde_json::from_str(&unsigned)?;
    assert_eq!(tx["body"]["memo"], "offline");
    assert_eq!(tx["body"]["timeout_height"], "100000");
    assert_eq!((&tx["auth_info"]["fee"]["gas_limit"], &tx["signatures"]), (&json!("200000"), &json!([])));
    let unsigned = world.write("unsigned.json", &unsigned)?;
    let account = world.json(&["query", "auth", "account", &alice])?;
    let number = account["account"]["account_number"].as_str().unwrap_or("0").to_string();

    let sign = ["tx", "sign", &unsigned, "--from", "alice", "--offline", "--node", NOBODY];
    assert!(home.fail(&sign)?.contains("must be set in offline mode"));
    for mode in ["direct", "amino-json"] {
        let given = ["--chain-id", "offline-1", "-a", &number, "-s", if mode == "direct" { "0" } else { "1" }];
        let signed = home.succeed(&[&sign[..], &given, &["--sign-mode", mode]].concat())?;
        let signed = world.write("signed.json", &signed)?;
        let checked = home.succeed(&["tx", "validate-signatures", &signed])?;
        assert!(checked.contains(&format!("0: {alice}\t\t\t[OK]")), "{checked}");
        let found = world.broadcast(&signed).await?;
        assert_eq!(found["tx"]["body"]["memo"], "offline");
    }
    assert_eq!(world.balance("dave")?, "14");
    assert_eq!(world.balance("alice")?, "999980");

    // The sequence is spent, the account number is another's, and the signer is not asked for.
    let wrong = [&sign[..], &["--chain-id", "offline-1", "-a", &number, "-s", "9"]].concat();
    let stale = world.write("stale.json", &home.succeed(&wrong)?)?;
    assert!(home.fail(&["tx", "broadcast", &stale])?.contains("account sequence mismatch, expected 2, got 9"));
    assert!(home.fail(&["tx", "validate-signatures", &stale])?.contains("signatures validation failed"));
    let bob = home.fail(&["tx", "sign", &unsigned, "--from", "bob"])?;
    assert!(bob.contains("does not match the given signer") && bob.contains(&alice), "{bob}");
    assert!(home.fail(&["tx", "broadcast", &unsigned])?.contains("not signed"));
    Ok(())
}

#[tokio::test]
async fn two_of_three_spend_what_is_theirs_together() -> Result<()> {
    let world = World::start("board-1").await?;
    let (home, board, dave) = (&world.home, world.address("board")?, world.address("dave")?);
    let make = ["tx", "bank", "send", &board, &dave, "11aopen", "--generate-only"];
    let unsigned = world.write("unsigned.json", &home.succeed(&make)?)?;
    let mut parts = Vec::new();
    for name in ["alice", "carol"] {
        let signature = home.succeed(&["tx", "sign", &unsigned, "--from", name, "--multisig", "board"])?;
        let read: Value = serde_json::from_str(&signature)?;
        assert_eq!(read["signatures"][0]["data"]["single"]["mode"], "SIGN_MODE_LEGACY_AMINO_JSON");
        parts.push(world.write(&format!("{name}.json"), &signature)?);
    }
    let one = home.fail(&["tx", "multisign", &unsigned, "board", &parts[0]])?;
    assert!(one.contains("1 of 3 members signed, and 2 must"), "{one}");
    let outsider = home.fail(&["tx", "sign", &unsigned, "--from", "dave", "--multisig", "board"])?;
    assert!(outsider.contains("dave is no member of board"), "{outsider}");
    let direct = ["tx", "sign", &unsigned, "--from", "alice", "--multisig", "board", "--sign-mode", "direct"];
    assert!(home.fail(&direct)?.contains("amino-json"));
    let changed = std::fs::read_to_string(&unsigned)?.replace("\"11\"", "\"12\"");
    let changed = world.write("changed.json", &changed)?;
    let error = home.fail(&["tx", "multisign", &changed, "board", &parts[0], &parts[1]])?;
    assert!(error.contains("couldn't verify signature"), "{error}");

    let signed = home.succeed(&["tx", "multi-sign", &unsigned, "board", &parts[1], &parts[0]])?;
    let signed = world.write("signed.json", &signed)?;
    assert!(home.succeed(&["tx", "validate-signatures", &signed])?.contains("[OK]"));
    world.broadcast(&signed).await?;
    assert_eq!(world.balance("dave")?, "11");

    // Many at once: signed and put together line by line, with sequences that go on.
    let line = std::fs::read_to_string(&unsigned)?;
    let batch = world.write("batch.jsonl", &line.repeat(2))?;
    let mut files = Vec::new();
    for name in ["bob", "carol"] {
        let signatures = home.succeed(&["tx", "sign-batch", &batch, "--from", name, "--multisig", "board"])?;
        assert_eq!(signatures.lines().count(), 2);
        files.push(world.write(&format!("{name}.jsonl"), &signatures)?);
    }
    let all = home.succeed(&["tx", "multisign-batch", &batch, "board", &files[0], &files[1]])?;
    for (index, line) in all.lines().enumerate() {
        world.broadcast(&world.write(&format!("batch-{index}.json"), line)?).await?;
    }
    assert_eq!(world.balance("dave")?, "33");
    Ok(())
}

#[tokio::test]
async fn a_batch_and_a_second_payer_are_signed_by_everyone_in_order() -> Result<()> {
    let world = World::start("batch-1").await?;
    let (home, alice, bob, dave) =
        (&world.home, world.address("alice")?, world.address("bob")?, world.address("dave")?);
    let make = |extra: &[&str]| {
        home.succeed(
            &[&["tx", "bank", "send", &alice, &dave, "5aopen", "--generate-only", "--fees", "2aopen"], extra].concat(),
        )
    };
    let batch = world.write("batch.jsonl", &make(&[])?.repeat(3))?;
    let signed = home.succeed(&["tx", "sign-batch", &batch, "--from", "alice"])?;
    for (index, line) in signed.lines().enumerate() {
        world.broadcast(&world.write(&format!("{index}.json"), line)?).await?;
    }
    let one = home.succeed(&["tx", "sign-batch", &batch, "--from", "alice", "--append"])?;
    let found = world.broadcast(&world.write("one.json", &one)?).await?;
    assert_eq!(found["tx"]["auth_info"]["fee"]["amount"][0]["amount"], "6");
    assert_eq!(found["gas_wanted"], "600000");
    assert_eq!(world.balance("dave")?, "30");

    // Bob pays alice's fee: she signs in amino-json, he directly, over both.
    let unsigned = world.write("payer.json", &make(&["--fee-payer", &bob])?)?;
    let half = home.succeed(&["tx", "sign", &unsigned, "--from", "alice", "--sign-mode", "amino-json"])?;
    let half = world.write("half.json", &half)?;
    let missing = home.fail(&["tx", "validate-signatures", &half])?;
    assert!(missing.contains("1 of 2 signers signed"), "{missing}");
    let both = world.write("both.json", &home.succeed(&["tx", "sign", &half, "--from", "bob"])?)?;
    assert!(home.succeed(&["tx", "validate-signatures", &both, "--offline", "-a", "0", "-s", "0"])?.contains("1: "));
    world.broadcast(&both).await?;
    assert_eq!(world.balance("bob")?, "999998");
    Ok(())
}

#[tokio::test]
async fn transactions_and_blocks_are_found_in_the_sdk_s_shapes() -> Result<()> {
    let world = World::start("found-1").await?;
    let (home, alice, dave) = (&world.home, world.address("alice")?, world.address("dave")?);
    let send = ["tx", "bank", "multi-send", "alice", &dave, &world.address("bob")?, "10aopen", "--split", "--yes"];
    let sent = world.json(&[&send[..], &["--gas", "auto", "--gas-prices", "0.001aopen"]].concat())?;
    for field in ["height", "txhash", "codespace", "code", "raw_log", "logs", "gas_wanted", "tx", "timestamp", "events"]
    {
        assert!(sent.get(field).is_some(), "{field}: {sent}");
    }
    let hash = sent["txhash"].as_str().context("a hash")?;
    world.node.rpc.wait_for_tx(hash, PATIENCE).await?;
    let found = world.json(&["query", "tx", hash])?;
    assert_eq!(found["tx"]["@type"], "/cosmos.tx.v1beta1.Tx");
    assert_eq!(world.json(&["query", "tx", "--type", "acc_seq", &format!("{alice}/0")])?["txhash"], hash);
    let signature = found["tx"]["signatures"][0].as_str().context("a signature")?;
    assert_eq!(world.json(&["query", "tx", "--type", "signature", signature])?["txhash"], hash);
    let query = format!("message.sender='{alice}'");
    let txs = world.json(&["query", "txs", "--query", &query, "--limit", "1"])?;
    assert_eq!(
        (&txs["total_count"], &txs["page_total"], &txs["txs"][0]["txhash"]),
        (&json!("1"), &json!("1"), &json!(hash))
    );
    assert!(home.fail(&["query", "tx", "AB"])?.contains("64 hexadecimal digits"));
    assert!(home.fail(&["query", "tx", &"A".repeat(64)])?.contains("not found"));
    assert_eq!(world.balance("dave")?, "5", "ten are divided among two");

    let height = found["height"].as_str().context("a height")?;
    let block = world.json(&["query", "block", "--type", "height", height])?;
    assert_eq!(block["header"]["height"], height);
    assert_eq!(block["data"]["txs"].as_array().map(Vec::len), Some(1));
    let results = world.json(&["query", "block-results", height])?;
    assert_eq!(results["height"], height);
    let blocks = world.json(&["query", "blocks", "--query", &format!("block.height={height}")])?;
    assert_eq!(blocks["blocks"][0]["header"]["height"], height);
    // Heights in the past, the node itself, and text instead of JSON.
    let before = (height.parse::<u64>()? - 1).to_string();
    let past = world.json(&["query", "bank", "balance", &dave, "aopen", "--height", &before])?;
    assert_eq!(past["balance"]["amount"], "0");
    let by_grpc = ["--grpc-addr", &world.node.grpc_address, "--grpc-insecure"];
    for height in [&before, height] {
        let ask = ["query", "bank", "balance", &dave, "aopen", "--height", height];
        assert_eq!(world.json(&[&ask[..], &by_grpc].concat())?, world.json(&ask)?, "the same over gRPC");
    }
    let refused = home.fail(&[&["query", "bank", "balances", "open1x"], &by_grpc[..]].concat())?;
    assert!(refused.contains("code = InvalidArgument"), "{refused}");
    assert!(home.fail(&[&["query", "bank", "params"], &by_grpc[..2]].concat())?.contains("add --grpc-insecure"));
    assert_eq!(world.json(&["query", "comet", "node-info"])?["default_node_info"]["network"], "found-1");
    let text = home.succeed(&["query", "bank", "balances", &dave, "-o", "text"])?;
    assert!(text.starts_with("balances:\n- amount: '5'\n  denom: aopen\n"), "{text}");
    assert!(home.fail(&["query", "bank", "balances", &dave, "--height", "soon"])?.contains("soon"));

    let encoded =
        world.write("tx.json", &found["tx"].to_string().replacen("\"@type\":\"/cosmos.tx.v1beta1.Tx\",", "", 1))?;
    let bytes = home.succeed(&["tx", "encode", &encoded])?;
    assert_eq!(world.json(&["tx", "decode", bytes.trim()])?["body"], found["tx"]["body"]);
    assert!(home.fail(&["tx", "decode", "AAAA"])?.contains("no transaction"));
    let make = ["tx", "bank", "send", &alice, &dave, "1aopen", "--generate-only"];
    let unsigned = world.write("unsigned.json", &home.succeed(&make)?)?;
    let simulated = world.json(&["tx", "simulate", &unsigned, "--from", "alice"])?;
    assert!(simulated["gas_info"]["gas_used"].as_str().is_some_and(|gas| gas.len() > 3), "{simulated}");
    assert!(world.rpc.starts_with("tcp://"));
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_in_a_command_is_named_before_anything_is_sent() -> Result<()> {
    let world = World::start("wrong-1").await?;
    let (home, dave) = (&world.home, world.address("dave")?);
    let cases: [(&[&str], &str); 9] = [
        (&["bank", "send", "nobody", &dave, "1aopen"], "nobody is not a valid name or address"),
        (&["bank", "send", "alice", "bob", "1aopen"], "begins with open1"),
        (&["bank", "send", "alice", &dave, "1"], "amount"),
        (&["bank", "send", "alice", &dave], "amount is missing"),
        (&["bank", "send", "alice", &dave, "1aopen", "--gas", "much"], "much"),
        (&["bank", "send", "alice", &dave, "1aopen", "--fees", "x"], "--fees \"x\""),
        (&["bank", "send", "alice", &dave, "1aopen", "--gas-prices", "aopen"], "gas-prices"),
        (&["bank", "send", "alice", &dave, "1aopen", "--sign-mode", "textual"], "choose direct or amino-json"),
        (&["bank", "send", "alice", &dave, "1aopen", "--ledger"], "devices are not supported"),
    ];
    for (line, part) in cases {
        let error = home.fail(&[&["tx"], line, &["--yes"]].concat())?;
        assert!(error.contains(part), "{line:?}: {error}");
    }
    let declined = home.run_with(&["tx", "bank", "send", "alice", &dave, "1aopen"], "n\n")?;
    assert!(String::from_utf8_lossy(&declined.stderr).contains("canceled transaction"));
    assert_eq!(world.balance("dave")?, "0");
    let broken = world.write("broken.json", "{\"body\":{\"messages\":[{\"@type\":\"/no.Such\"}]}}")?;
    assert!(home.fail(&["tx", "sign", &broken, "--from", "alice"])?.contains("/no.Such"));
    Ok(())
}
