//! Four validators that end and start again at random under load: one chain, and nothing that was committed is lost.
//! The short form is in the gate; with `OPENLEDGER_LONG=1` it takes ten minutes.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests read the clock")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use nix::sys::signal::Signal;
use openledger_client::{any, Key, Rpc, Wallet};
use openledger_proto::cosmos::bank::v1beta1::{MsgSend, QueryBalanceRequest, QueryBalanceResponse};
use openledger_proto::cosmos::base::v1beta1::Coin;
use openledger_tests::network::Network;
use serde_json::json;
use tokio::task::JoinHandle;

/// How long nodes end and start.
fn duration() -> Duration {
    Duration::from_secs(if std::env::var_os("OPENLEDGER_LONG").is_some() { 600 } else { 60 })
}

/// What somebody saw in blocks: by height its hash, the state before it, and its transactions.
type Seen = Arc<Mutex<BTreeMap<u64, (String, String, Vec<String>)>>>;

/// Sends single units to `to` through any node that answers, until it is aborted.
fn load(addresses: Vec<String>, secret: [u8; 32], to: String) -> JoinHandle<()> {
    tokio::spawn(async move {
        for address in addresses.iter().cycle() {
            let connected = async { Wallet::connect(Rpc::new(address), Key::from_secret(&secret).ok()?).await.ok() };
            if let Some(mut wallet) = connected.await {
                let amount = vec![Coin { denom: "aopen".into(), amount: "1".into() }];
                let message = MsgSend { from_address: wallet.address(), to_address: to.clone(), amount };
                while wallet.submit(vec![any(&message)], 200_000).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
}

/// A block as one node has it.
async fn block(rpc: &Rpc, height: u64) -> Result<(String, String, Vec<String>)> {
    let block = rpc.call("block", json!({"height": height.to_string()})).await?;
    let text = |pointer: &str| block.pointer(pointer).and_then(|value| value.as_str()).map(str::to_string);
    let txs = block["block"]["data"]["txs"].as_array().cloned().unwrap_or_default();
    let hashes = txs.iter().map(|tx| {
        let bytes = BASE64.decode(tx.as_str().context("a transaction is text")?)?;
        Ok(openledger_client::tx::hash(&bytes))
    });
    let hashes = hashes.collect::<Result<Vec<_>>>()?;
    Ok((
        text("/block_id/hash").context("a block has a hash")?,
        text("/block/header/app_hash").context("a header has an app hash")?,
        hashes,
    ))
}

/// Notes every block that any node shows, in order, while nodes come and go.
fn watch(addresses: Vec<String>, seen: Seen) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut next = 1;
        for address in addresses.iter().cycle() {
            let rpc = Rpc::new(address);
            while let Ok(found) = block(&rpc, next).await {
                if let Ok(mut seen) = seen.lock() {
                    seen.insert(next, found);
                }
                next += 1;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_of_all_validators_at_random_under_load_fork_nothing_and_lose_nothing() -> Result<()> {
    let mut network = Network::start("restarts-1", |genesis| {
        // Who is away often is not to be jailed here.
        genesis["app_state"]["slashing"]["params"]["signed_blocks_window"] = json!("100000");
    })
    .await?;
    let addresses: Vec<String> = (0..4).map(|index| network.node(index).rpc_address.clone()).collect();
    let to = Key::from_secret(&[99; 32])?.address().to_string();
    let senders: Vec<_> = (0..4)
        .map(|index| {
            let mut addresses = addresses.clone();
            addresses.rotate_left(index);
            load(addresses, *network.validators[index].operator.secret(), to.clone())
        })
        .collect();
    let seen = Seen::default();
    let watcher = watch(addresses, seen.clone());

    let mut random = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64 | 1;
    println!("seed {random}");
    let mut draw = |most: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % most
    };
    let (end, mut rounds) = (Instant::now() + duration(), 0);
    while Instant::now() < end {
        // One, two, three or all of them at once, politely or not; away for up to a second and a half.
        let signal = if draw(3) == 0 { Signal::SIGTERM } else { Signal::SIGKILL };
        let chosen: BTreeSet<usize> = (0..=draw(4)).map(|_| draw(4) as usize).collect();
        for index in &chosen {
            network.end(*index, signal)?;
        }
        tokio::time::sleep(Duration::from_millis(draw(1_500))).await;
        for index in chosen {
            network.start_one(index)?;
        }
        tokio::time::sleep(Duration::from_millis(500 + draw(2_500))).await;
        rounds += 1;
    }
    senders.iter().for_each(JoinHandle::abort);
    network.reach(1).await?;
    // What is still on its way comes into blocks, or is dropped.
    network.until("the mempools are empty", |network| async { Ok(waiting(network).await? == 0) }).await?;
    let height = highest(&network).await;
    // All come to the same height, and two blocks more without load.
    network.reach(height + 3).await?;
    watcher.abort();

    let checked = network.check_no_fork().await?;
    let seen = seen.lock().map_err(|_| anyhow::anyhow!("the watcher panicked"))?.clone();
    let mut committed = 0;
    for (height, before) in seen.range(..=checked) {
        for index in 0..4 {
            let now = block(&network.node(index).rpc, *height).await?;
            ensure!(now == *before, "block {height} of node {index} is another: {now:?}, seen was {before:?}");
        }
        committed += before.2.len();
    }
    println!("{rounds} rounds of restarts, {checked} blocks, {committed} transactions seen in them");
    ensure!(committed > 0, "there was no load");

    // The state says the same as the blocks: each successful transaction moved its unit.
    let mut succeeded = 0;
    for height in 1..=checked {
        let results = network.node(0).rpc.call("block_results", json!({"height": height.to_string()})).await?;
        let results = results["txs_results"].as_array().cloned().unwrap_or_default();
        succeeded += results.iter().filter(|result| result["code"] == 0).count() as u64;
    }
    for index in 0..4 {
        let request = QueryBalanceRequest { address: to.clone(), denom: "aopen".into() };
        let path = "/cosmos.bank.v1beta1.Query/Balance";
        let answer: QueryBalanceResponse = network.node(index).rpc.query(path, &request).await?;
        let balance: u64 = answer.balance.context("a balance")?.amount.parse()?;
        ensure!(balance == succeeded, "node {index}: {succeeded} units were sent, {balance} are there");
    }
    Ok(())
}

/// How many transactions wait in the nodes' mempools.
async fn waiting(network: &Network) -> Result<u64> {
    let mut waiting = 0;
    for index in 0..4 {
        let answer = network.node(index).rpc.call("num_unconfirmed_txs", json!({})).await?;
        waiting += answer["n_txs"].as_str().context("a number")?.parse::<u64>()?;
    }
    Ok(waiting)
}

/// The greatest height that a node is at.
async fn highest(network: &Network) -> u64 {
    let mut highest = 0;
    for index in 0..4 {
        if let Ok((_, height)) = network.node(index).rpc.chain().await {
            highest = highest.max(height);
        }
    }
    highest
}
