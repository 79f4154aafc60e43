//! What a person does on the command line without computing anything: handles and contributions committed and opened, statements as a
//! table.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests read the clock")]

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_tests::node::{Home, Node};
use serde_json::Value;

/// Commands of one home at one node.
struct Shell<'a> {
    home: &'a Home,
    node: &'a str,
}

impl Shell<'_> {
    fn tx(&self, from: &str, args: &[&str]) -> Result<()> {
        let more = ["--from", from, "--gas", "2000000", "--yes", "-o", "json", "--node", self.node];
        let sent = self.home.succeed(&[&["tx"], args, &more].concat())?;
        let sent: Value = serde_json::from_str(&sent)?;
        let hash = sent["txhash"].as_str().context("a hash")?;
        let found: Value = serde_json::from_str(&self.query(&["wait-tx", hash, "--timeout", "60s", "-o", "json"])?)?;
        ensure!(found["code"] == 0, "{args:?}: {}", found["raw_log"]);
        Ok(())
    }

    fn query(&self, args: &[&str]) -> Result<String> {
        self.home.succeed(&[&["query"], args, &["--node", self.node]].concat())
    }

    fn refused(&self, from: &str, args: &[&str]) -> Result<String> {
        let more = ["--from", from, "--gas", "2000000", "--yes", "--node", self.node];
        self.home.fail(&[&["tx"], args, &more].concat())
    }
}

fn address(home: &Home, name: &str) -> Result<String> {
    Ok(home.succeed(&["keys", "show", name, "-a"])?.trim().to_string())
}

/// A line of a statement as a genesis holds it.
fn line(address: &str, year: u32, kind: &str, amount: &str) -> Value {
    // In the middle of the year.
    let seconds = (i64::from(year) - 1970) * 31_556_952 + 15_000_000;
    serde_json::json!({
        "address": address, "year": year, "kind": kind, "amount": amount, "count": "3",
        "first_height": "1", "first_seconds": seconds.to_string(),
        "last_height": "2", "last_seconds": (seconds + 60).to_string(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_and_contributions_are_committed_and_opened_without_a_hash_and_statements_are_tables() -> Result<()> {
    let home = Home::init("by-hand-1")?;
    for name in ["alice", "bob"] {
        home.succeed(&["keys", "add", name])?;
        home.succeed(&["genesis", "add-genesis-account", name, "1000000000000000000000aopen"])?;
    }
    let (alice, bob) = (address(&home, "alice")?, address(&home, "bob")?);
    let path = home.path().join("config/genesis.json");
    let mut genesis: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    genesis["app_state"]["contributor"]["statements"] = serde_json::json!([
        line(&bob, 2026, "INCOME_KIND_ATTRIBUTION", "1500000000000000000"),
        line(&bob, 2025, "INCOME_KIND_BOUNTY", "7"),
        line(&alice, 2026, "INCOME_KIND_SERVING", "1"),
    ]);
    genesis["app_state"]["contributor"]["params"]["handle_wait_blocks"] = "2".into();
    std::fs::write(&path, serde_json::to_vec(&genesis)?)?;
    let mut node = Node::start(&home, &["--minimum-gas-prices", "0aopen"])?;
    node.reach(2).await?;
    let at = node.rpc_address.clone();
    let shell = Shell { home: &home, node: &at };

    statements(&shell, &bob)?;
    handle(&shell, &mut node, &alice).await?;
    contribution(&shell, &home, &bob)
}

fn statements(shell: &Shell<'_>, bob: &str) -> Result<()> {
    let table = shell.query(&["contributor", "statements", bob, "--output", "csv"])?;
    let rows: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(rows.len(), 4, "{table}");
    assert!(rows[0].starts_with("account,year,kind,amount_aopen,amount_open,payments,"), "{table}");
    assert!(rows[1].starts_with(&format!("{bob},2025,bounty,7,0.000000000000000007,3,1,2025-06-2")), "{table}");
    assert!(rows[2].starts_with(&format!("{bob},2026,attribution,1500000000000000000,1.5,3,1,2026-06-2")), "{table}");
    assert_eq!(rows[3], "");
    let year = shell.query(&["contributor", "statement", bob, "2025", "-o", "csv"])?;
    assert_eq!(year, format!("{}\r\n{}\r\n", rows[0], rows[1]));
    // What is no statement is no table.
    let node = ["--node", shell.node];
    let error = shell.home.fail(&[&["query", "bank", "balances", bob, "-o", "csv"], &node[..]].concat())?;
    assert!(error.contains("csv is for statements"), "{error}");
    Ok(())
}

async fn handle(shell: &Shell<'_>, node: &mut Node, alice: &str) -> Result<()> {
    let error = shell.refused("alice", &["contributor", "claim-handle", "alice-writes", "1"])?;
    assert!(error.contains("commit"), "{error}");
    let error = shell.refused("alice", &["contributor", "commit-handle", "Alice"])?;
    assert!(error.contains("Alice"), "{error}");
    // The one before is replaced on chain; what opens either is kept.
    shell.tx("alice", &["contributor", "commit-handle", "alice-reads"])?;
    shell.tx("alice", &["contributor", "commit-handle", "alice-writes"])?;
    let height = node.reach(1).await?;
    node.reach(height + 3).await?;
    let error = shell.refused("alice", &["contributor", "claim-handle", "alice-reads", "1"])?;
    assert!(error.contains("alice-writes"), "{error}");
    shell.tx("alice", &["contributor", "claim-handle", "alice-writes", "1"])?;
    let profile: Value =
        serde_json::from_str(&shell.query(&["contributor", "profile-by-handle", "alice-writes", "-o", "json"])?)?;
    assert_eq!(profile["profile"]["address"], alice, "{profile}");
    Ok(())
}

fn contribution(shell: &Shell<'_>, home: &Home, bob: &str) -> Result<()> {
    let policy = r#"{"admission":"ADMISSION_OPEN","deposit":{"denom":"aopen","amount":"1000000000000000000"},"max_length":"100000","length_cap":"20000"}"#;
    shell.tx(
        "alice",
        &["datanet", "create-datanet", "Field notes", "What we saw", "MODALITY_TEXT", "CC0-1.0", "UTF-8 text", policy],
    )?;
    let file = home.path().join("notes.txt");
    let text = "What we saw of the river in the early morning.\n".repeat(20);
    std::fs::write(&file, &text)?;
    let file = file.to_string_lossy();
    shell.tx("bob", &["datanet", "commit-contribution", "1", &file])?;
    let rights = r#"{"kind":"RIGHTS_KIND_OWN"}"#;
    let reveal = ["datanet", "reveal-contribution", "1", rights, "https://example.org/notes.txt"];
    // Who did not commit has nothing to open it with, and half of the flags is none.
    let error = shell.refused("alice", &reveal)?;
    assert!(error.contains(bob), "{error}");
    let error = shell.refused("bob", &[&reveal[..], &["--length", "5"]].concat())?;
    assert!(error.contains("--root, --length, --salt"), "{error}");
    shell.tx("bob", &[&reveal[..], &["--media-type", "text/plain"]].concat())?;
    let found: Value = serde_json::from_str(&shell.query(&["datanet", "contribution", "1", "-o", "json"])?)?;
    assert_eq!(found["contribution"]["reveal"]["length"], text.len().to_string(), "{found}");
    // An engine of this home has the content.
    let kept = std::fs::read_dir(home.path().join("engine/contents"))?.collect::<Result<Vec<_>, _>>()?;
    assert_eq!(kept.len(), 1);
    assert_eq!(std::fs::read_to_string(kept[0].path())?, text);
    let started = Instant::now();
    let error = shell.refused("bob", &["datanet", "commit-contribution", "1", "/nowhere"])?;
    assert!(error.contains("/nowhere") && started.elapsed() < Duration::from_secs(30), "{error}");
    Ok(())
}
