//! New nodes join a running one, with a real CometBFT: from its snapshots (state sync), and from its blocks (block sync).

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests read the clock")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use nix::sys::signal::Signal;
use openledger_proto::cosmos::store::snapshots::v1::Snapshot;
use openledger_proto::Message;
use openledger_tests::node::{eventually, Home, Node, PATIENCE};
use serde_json::{json, Value};

/// Every how many heights the provider makes a snapshot.
const INTERVAL: u64 = 5;
/// Accounts of genesis, so that a restore takes long enough to be killed within.
const ACCOUNTS: u32 = 4_000;

fn edit(home: &Home, file: &str, change: impl FnOnce(String) -> String) -> Result<()> {
    let path = home.path().join("config").join(file);
    Ok(fs::write(&path, change(fs::read_to_string(&path)?))?)
}

/// A chain with accounts enough, whose peers may be on this machine.
fn provider(chain_id: &str) -> Result<Home> {
    let home = Home::init(chain_id)?;
    edit(&home, "config.toml", local)?;
    let path = home.path().join("config/genesis.json");
    let mut genesis: Value = serde_json::from_slice(&fs::read(&path)?)?;
    let state = genesis["app_state"].as_object_mut().context("an app state")?;
    for index in 0..ACCOUNTS {
        let mut bytes = [7; 20];
        bytes[..4].copy_from_slice(&index.to_be_bytes());
        let address = openledger_core::Address::new(bytes)?.to_string();
        let account = json!({"@type": "/cosmos.auth.v1beta1.BaseAccount", "address": address, "pub_key": null,
            "account_number": "0", "sequence": "0"});
        let coins = json!([{"denom": "aopen", "amount": (index + 1).to_string()}]);
        state["auth"]["accounts"].as_array_mut().context("accounts")?.push(account);
        state["bank"]["balances"].as_array_mut().context("balances")?.push(json!({"address": address, "coins": coins}));
    }
    state["bank"]["supply"] = json!([]);
    fs::write(&path, genesis.to_string())?;
    Ok(home)
}

fn local(config: String) -> String {
    let config = config.replace("addr_book_strict = true", "addr_book_strict = false");
    config.replace("allow_duplicate_ip = false", "allow_duplicate_ip = true")
}

fn start_provider(home: &Home) -> Result<Node> {
    let (interval, keep) = (INTERVAL.to_string(), "0");
    Node::start(home, &["--state-sync.snapshot-interval", &interval, "--state-sync.snapshot-keep-recent", keep])
}

/// A node that is to join the chain of `of`.
fn joiner(of: &Home) -> Result<Home> {
    let home = Home::init("joins")?;
    fs::copy(of.path().join("config/genesis.json"), home.path().join("config/genesis.json"))?;
    edit(&home, "config.toml", local)?;
    Ok(home)
}

/// Sets state sync as an operator does: from these servers, trusting a block.
fn with_state_sync(home: &Home, server: &str, height: u64, hash: &str) -> Result<()> {
    edit(home, "config.toml", |config| {
        let (before, sync) = config.split_once("[statesync]").unwrap_or((&config, ""));
        let set = |text: String, key: &str, value: String| {
            let lines = text.lines().map(|line| match line.split_once('=') {
                Some((name, _)) if name.trim() == key => format!("{key} = {value}"),
                _ => line.to_string(),
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        let (sync, rest) = sync.split_once("\n[").unwrap_or((sync, ""));
        let mut sync = sync.to_string();
        for (key, value) in [
            ("enable", "true".into()),
            ("rpc_servers", format!("\"{server},{server}\"")),
            ("trust_height", height.to_string()),
            ("trust_hash", format!("\"{hash}\"")),
            ("discovery_time", "\"5s\"".into()),
        ] {
            sync = set(sync, key, value);
        }
        let rest = if rest.is_empty() { String::new() } else { format!("\n[{rest}") };
        format!("{before}[statesync]{sync}{rest}\n")
    })
}

fn peers(home: &Home, node: &Node) -> Result<String> {
    Ok(format!("{}@{}", home.succeed(&["comet", "show-node-id"])?.trim(), node.p2p_address))
}

fn snapshot(home: &Home, height: u64) -> PathBuf {
    home.path().join(format!("data/snapshots/{height}/3"))
}

fn has_snapshot(home: &Home, height: u64) -> bool {
    snapshot(home, height).join("metadata").is_file()
}

async fn same_chain(a: &mut Node, b: &mut Node) -> Result<()> {
    let (_, height) = b.rpc.chain().await?;
    a.reach(height).await?;
    ensure!(a.app_hash(height).await? == b.app_hash(height).await?);
    ensure!(a.block_hash(height).await? == b.block_hash(height).await?);
    Ok(())
}

/// The snapshot of one height under the name of another: all of its hashes fit, and the state is not that height's.
fn lie(home: &Home, from: u64, to: u64) -> Result<()> {
    let (from, place) = (snapshot(home, from), snapshot(home, to));
    fs::create_dir_all(&place)?;
    fs::copy(from.join("0"), place.join("0"))?;
    let mut meta = Snapshot::decode(fs::read(from.join("metadata"))?.as_slice())?;
    meta.height = to;
    Ok(fs::write(place.join("metadata"), meta.encode_to_vec())?)
}

/// Takes a snapshot to another machine in an archive, and restores the application's state there; what that says.
fn by_archive(home: &Home, height: u64) -> Result<String> {
    let other = joiner(home)?;
    let (named, file) = ([&height.to_string(), "3"], other.path().join("archive.tar.gz"));
    let archive = file.to_str().context("a path in UTF-8")?;
    home.succeed(&[&["snapshots", "dump"][..], &named, &["--output", archive]].concat())?;
    ensure!(other.fail(&[&["snapshots", "restore"][..], &named].concat())?.contains("snapshot doesn't exist"));
    other.succeed(&["snapshots", "load", archive])?;
    ensure!(other.fail(&["snapshots", "load", archive])?.contains("already exists"));
    ensure!(other.succeed(&["snapshots", "list"])? == format!("height: {height} format: 3 chunks: 1\n"));
    let restored = other.succeed(&[&["snapshots", "restore"][..], &named].concat())?;
    // What it holds makes the same snapshot again.
    other.succeed(&[&["snapshots", "delete"][..], &named].concat())?;
    let made = other.succeed(&["snapshots", "export"])?;
    ensure!(made.ends_with(&format!("Snapshot created at height {height}, format 3, chunks 1\n")), "{made}");
    let of = |home: &Home| fs::read(snapshot(home, height).join("metadata"));
    ensure!(of(&other)? == of(home)?);
    let mut bytes = fs::read(&file)?;
    bytes.truncate(bytes.len() / 2);
    fs::write(&file, bytes)?;
    other.succeed(&[&["snapshots", "delete"][..], &named].concat())?;
    other.fail(&["snapshots", "load", archive])?;
    ensure!(other.succeed(&["snapshots", "list"])?.is_empty());
    Ok(restored)
}

fn flip(path: &Path) -> Result<()> {
    let mut bytes = fs::read(path)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(fs::write(path, bytes)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_join_by_blocks_and_by_snapshots_of_which_the_lying_and_the_damaged_are_passed_over() -> Result<()> {
    let home = provider("sync-1")?;
    let mut node = start_provider(&home)?;
    node.reach(4 * INTERVAL + 1).await?;
    eventually("the snapshot is there", || has_snapshot(&home, 4 * INTERVAL))?;
    node.signal(Signal::SIGTERM)?;
    ensure!(node.wait(PATIENCE)?.success(), "{}", node.log_tail());
    // The last is damaged, the one before it lies, and those before it are good.
    let listed = home.succeed(&["snapshots", "list"])?;
    let last: u64 = listed.split_whitespace().nth(1).context("no snapshot is listed")?.parse()?;
    ensure!(last >= 4 * INTERVAL && listed.starts_with(&format!("height: {last} format: 3 chunks: 1\n")), "{listed}");
    let (lying, good) = (last - INTERVAL, last - 2 * INTERVAL);
    lie(&home, good - INTERVAL, lying)?;
    flip(&snapshot(&home, last).join("0"))?;
    let listed = home.succeed(&["snapshots", "list"])?;
    ensure!(!listed.contains(&format!("height: {last} ")) && listed.contains(&format!("height: {lying} ")), "{listed}");
    home.succeed(&["snapshots", "delete", &last.to_string(), "3"])?;
    ensure!(home.fail(&["snapshots", "delete", &last.to_string(), "3"])?.contains("doesn't exist"));

    let restored = by_archive(&home, good)?;

    // No more snapshots from here on, so that the lying one is the last.
    let mut node = Node::start(&home, &[])?;
    node.reach(last + 3).await?;
    let trusted = node.app_hash(good + 1).await?;
    ensure!(restored == format!("Restored the state of height {good} with the app hash {trusted}\n"), "{restored}");
    let peers = peers(&home, &node)?;
    let flags = ["--p2p.persistent_peers", peers.as_str()];

    let by_blocks = joiner(&home)?;
    let mut second = Node::start(&by_blocks, &flags)?;
    let by_snapshot = joiner(&home)?;
    with_state_sync(&by_snapshot, &node.rpc_address, 1, &node.block_hash(1).await?)?;
    let mut third = Node::start(&by_snapshot, &flags)?;

    second.reach(last + 3).await?;
    same_chain(&mut second, &mut node).await?;
    ensure!(second.log().contains("committed state height=1 "), "the blocks were not executed");
    third.reach(last + 3).await?;
    same_chain(&mut third, &mut node).await?;
    let log = third.log();
    ensure!(log.contains("is trusted"), "the lying snapshot was not seen through:\n{}", third.log_tail());
    ensure!(log.contains(&format!("the state was restored from a snapshot height={good}")), "{}", third.log_tail());
    ensure!(!log.contains("committed state height=1 "), "the blocks were executed");
    // It offers the snapshot in its turn, and goes on after a restart.
    third.signal(Signal::SIGTERM)?;
    ensure!(third.wait(PATIENCE)?.success(), "{}", third.log_tail());
    let listed = by_snapshot.succeed(&["snapshots", "list"])?;
    ensure!(listed == format!("height: {good} format: 3 chunks: 1\n"), "{listed}");
    let (_, height) = node.rpc.chain().await?;
    let mut third = Node::start(&by_snapshot, &flags)?;
    third.reach(height + 1).await?;
    same_chain(&mut third, &mut node).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_while_it_restores_begins_anew_and_joins() -> Result<()> {
    let home = provider("sync-2")?;
    let mut node = start_provider(&home)?;
    node.reach(INTERVAL + 3).await?;
    eventually("the snapshot is there", || has_snapshot(&home, INTERVAL))?;
    let peers = peers(&home, &node)?;
    let flags = ["--p2p.persistent_peers", peers.as_str()];
    let joins = joiner(&home)?;
    with_state_sync(&joins, &node.rpc_address, 1, &node.block_hash(1).await?)?;
    for wait_ms in [0, 60] {
        let mut killed = Node::start(&joins, &flags)?;
        let begun = killed.log().matches("restoring the state from a snapshot").count();
        let begins = |killed: &Node| killed.log().matches("restoring the state from a snapshot").count() > begun;
        eventually("the restore begins", || begins(&killed))?;
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        killed.signal(Signal::SIGKILL)?;
        killed.wait(PATIENCE)?;
        // Whole or not at all.
        let state = joins.run(&["snapshots", "export"])?;
        ensure!(state.status.success() || String::from_utf8_lossy(&state.stderr).contains("height 0 is not available"));
    }
    let mut joined = Node::start(&joins, &flags)?;
    let (_, height) = node.rpc.chain().await?;
    joined.reach(height + 1).await?;
    same_chain(&mut joined, &mut node).await
}
