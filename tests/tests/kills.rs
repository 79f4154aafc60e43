//! `kill -9` at random moments under load. The short form is in the gate; `OPENLEDGER_KILLS=50` is the soak's.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests read the clock")]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{ensure, Context, Result};
use nix::sys::signal::Signal;
use openledger_client::{any, Key, Rpc, Wallet};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, QueryBalanceRequest, QueryBalanceResponse};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_tests::node::{eventually, is_alive, Home, Node, PATIENCE};
use serde_json::json;
use tokio::task::JoinHandle;

/// Who sends at the same time.
const SENDERS: u8 = 4;
/// The longest life of a node under load, in milliseconds.
const LIFE_MS: u64 = 2_500;

fn kills() -> u64 {
    std::env::var("OPENLEDGER_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(3)
}

fn sender(index: u8) -> Result<Key> {
    Ok(Key::from_secret(&[index + 1; 32])?)
}

fn aopen(amount: u64) -> Coin {
    Coin { denom: "aopen".into(), amount: amount.to_string() }
}

/// Sends single units to `to`, one transaction after the other, until it is aborted.
fn load(rpc_address: String, from: u8, to: String) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let connected = async { Wallet::connect(Rpc::new(&rpc_address), sender(from).ok()?).await.ok() };
            if let Some(mut wallet) = connected.await {
                let message =
                    MsgSend { from_address: wallet.address(), to_address: to.clone(), amount: vec![aopen(1)] };
                // A sequence that a block or a kill has overtaken: look the account up again.
                while wallet.submit(vec![any(&message)], 200_000).await.is_ok() {}
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

async fn received(node: &Node, address: &str) -> Result<u64> {
    let request = QueryBalanceRequest { address: address.into(), denom: "aopen".into() };
    let answer: QueryBalanceResponse = node.rpc.query("/cosmos.bank.v1beta1.Query/Balance", &request).await?;
    Ok(answer.balance.context("a balance")?.amount.parse()?)
}

/// How many transactions of the blocks up to `height` succeeded.
async fn succeeded(node: &Node, height: u64) -> Result<u64> {
    let mut count = 0;
    for height in 1..=height {
        let results = node.rpc.call("block_results", json!({"height": height.to_string()})).await?;
        let results = results["txs_results"].as_array().cloned().unwrap_or_default();
        count += results.iter().filter(|result| result["code"] == 0).count() as u64;
    }
    Ok(count)
}

/// Stops making blocks and asks again, so that the height and the balance are of one state.
async fn settled(node: &mut Node, to: &str) -> Result<(u64, u64)> {
    loop {
        let (_, before) = node.rpc.chain().await?;
        let balance = received(node, to).await?;
        let (_, after) = node.rpc.chain().await?;
        // Blocks go on empty; what counts is that none came in between.
        if before == after && succeeded(node, after).await? == balance {
            return Ok((after, balance));
        }
        ensure!(succeeded(node, after + 1).await.unwrap_or(u64::MAX) >= balance, "money from nowhere: {balance}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_lose_nothing_and_the_blocks_replay_to_the_same_hashes() -> Result<()> {
    let home = Home::init("kills-1")?;
    for index in 0..SENDERS {
        let address = sender(index)?.address().to_string();
        home.succeed(&["genesis", "add-genesis-account", &address, "1000000000aopen"])?;
    }
    let to = Key::from_secret(&[99; 32])?.address().to_string();
    // Random moments; the seed is in the failure's output.
    let mut random = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64 | 1;
    println!("seed {random}");

    let (mut height, mut known) = (0, BTreeMap::new());
    for _ in 0..kills() {
        let mut node = Node::start(&home, &[])?;
        height = node.reach(height + 1).await?;
        for (at, hashes) in known.iter().rev().take(3) {
            assert_eq!(hashes, &(node.block_hash(*at).await?, node.app_hash(*at).await?), "block {at} has changed");
        }
        let senders: Vec<_> = (0..SENDERS).map(|from| load(node.rpc_address.clone(), from, to.clone())).collect();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        tokio::time::sleep(Duration::from_millis(random % LIFE_MS)).await;
        if let Ok((_, at)) = node.rpc.chain().await {
            height = at;
            known.insert(at, (node.block_hash(at).await?, node.app_hash(at).await?));
        }
        let children = node.children()?;
        node.signal(Signal::SIGKILL)?;
        node.wait(PATIENCE)?;
        senders.iter().for_each(JoinHandle::abort);
        for child in children {
            eventually("CometBFT dies with the node", || !is_alive(child))?;
        }
    }

    let mut node = Node::start(&home, &[])?;
    node.reach(height + 2).await?;
    for (at, hashes) in &known {
        assert_eq!(hashes, &(node.block_hash(*at).await?, node.app_hash(*at).await?), "block {at} has changed");
    }
    let (height, balance) = settled(&mut node, &to).await?;
    assert!(balance > 0, "there was no load");
    node.signal(Signal::SIGTERM)?;
    assert!(node.wait(PATIENCE)?.success(), "{}", node.log_tail());
    let firsts = |node: &Node| node.log().matches("committed state height=1 ").count();
    let before = firsts(&node);

    // A fresh application: CometBFT gives it every block again, and stops where one app hash differs from its headers.
    std::fs::remove_dir_all(home.path().join("data/application.db"))?;
    let mut node = Node::start(&home, &[])?;
    node.reach(height + 1).await?;
    assert_eq!(firsts(&node), before + 1, "the chain was not replayed from its first block");
    assert!(received(&node, &to).await? >= balance, "a committed transaction is lost");
    Ok(())
}
