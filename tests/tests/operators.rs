//! What an operator sets and sees: halting, metrics, logs, former processes, faults.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use anyhow::{ensure, Context, Result};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::Signal;
use openledger_client::free_port;
use openledger_tests::node::{eventually, Home, Node, PATIENCE};
use serde_json::Value;

#[tokio::test]
async fn a_node_halts_after_the_height_it_is_told_and_goes_on_without_it() -> Result<()> {
    let home = Home::init("halt-1")?;
    let mut node = Node::start(&home, &["--halt-height", "3"])?;
    assert!(node.wait(PATIENCE)?.success(), "a halt that was asked for is no fault: {}", node.log_tail());
    assert!(node.log_tail().contains("halt per configuration height 3 time 0"), "{}", node.log_tail());
    let before = node.log();
    let committed = |height: u64| {
        before.lines().any(|line| line.contains("committed state") && line.contains(&format!("height={height} ")))
    };
    assert!(committed(3) && !committed(4), "{before}");
    let mut node = Node::start(&home, &[])?;
    node.reach(5).await?;
    Ok(())
}

/// The body of an HTTP answer.
fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a head")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    Ok(body.into())
}

fn restarted_with_rest(home: &Home, mut node: Node, address: &str) -> Result<Node> {
    node.signal(Signal::SIGTERM)?;
    node.wait(PATIENCE)?;
    Node::start(home, &["--api.enable", "--api.address", address])
}

fn metric(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn metrics_are_served_where_they_are_switched_on_and_blocks_are_executed_before_they_are_decided_on() -> Result<()>
{
    let home = Home::init("metrics-1")?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let (api, comet) = (format!("127.0.0.1:{}", free_port()?), format!("127.0.0.1:{}", free_port()?));
    let config = home.path().join("config/config.toml");
    let theirs = std::fs::read_to_string(&config)?.replace("\nprometheus = false", "\nprometheus = true");
    std::fs::write(&config, theirs.replace("127.0.0.1:26660", &comet))?;
    let rest = format!("tcp://{api}");
    let flags = ["--telemetry.enabled", "--telemetry.address", &address, "--api.enable", "--api.address", &rest];
    let mut node = Node::start(&home, &flags)?;
    let height = node.reach(4).await?;
    let text = get(&address, "/metrics")?;
    // As simd's, at the REST server's port too.
    assert!(get(&api, "/metrics?format=prometheus")?.contains("openledger_block_height "));
    assert!(get(&api, "/metrics?format=xml").is_err());
    // What the board for Grafana asks of CometBFT is there; what it asks of us is seen to where it is counted.
    let theirs = get(&comet, "/metrics")?;
    let board = include_str!("../../cometbft-config/grafana.json");
    let names: Vec<_> = board.split("cometbft_").skip(1).filter_map(|rest| rest.split('{').next()).collect();
    assert!(names.len() > 4, "{names:?}");
    // The number of peers is shown once there is one.
    for name in names.into_iter().filter(|name| *name != "p2p_peers") {
        assert!(theirs.contains(&format!("\ncometbft_{name}{{")), "cometbft_{name} is not in\n{theirs}");
    }
    let shown = |name: &str| metric(&text, name).with_context(|| format!("{name} is not in\n{text}"));
    // CometBFT's RPC may run a block ahead of our Commit's end.
    assert!(shown("openledger_block_height")? + 1.0 >= height as f64);
    assert!(shown("openledger_seconds_count{call=\"commit\"}")? >= 3.0);
    assert!(shown("openledger_store_bytes")? > 0.0);
    // The only validator proposes, so every block but the first was guessed right.
    assert!(shown("openledger_optimistic_total{end=\"hit\"}")? >= 2.0);
    assert_eq!(metric(&text, "openledger_optimistic_total{end=\"miss\"}"), None);
    node.signal(Signal::SIGTERM)?;
    assert!(node.wait(PATIENCE)?.success());
    let mut node = Node::start(&home, &["--optimistic-execution=false"])?;
    node.reach(height + 1).await?;
    assert!(TcpStream::connect(&address).is_err(), "metrics are off by default");
    let mut node = restarted_with_rest(&home, node, &rest)?;
    node.reach(height + 2).await?;
    assert!(get(&api, "/metrics").is_err(), "and so they are at the REST server");
    Ok(())
}

#[tokio::test]
async fn logs_are_objects_where_asked_and_name_each_block() -> Result<()> {
    let home = Home::init("logs-1")?;
    let mut node = Node::start(&home, &["--log_format", "json", "--log_level", "abci:debug,*:info"])?;
    node.reach(2).await?;
    node.signal(Signal::SIGTERM)?;
    node.wait(PATIENCE)?;
    let log = node.log();
    let (mut blocks, mut theirs) = (Vec::new(), 0);
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).with_context(|| format!("{line:?} is no JSON"))?;
        if entry["fields"]["message"] == "committed state" {
            blocks.push(entry["fields"]["height"].as_u64().context("a height")?);
        }
        theirs += u32::from(entry["_msg"].is_string());
    }
    assert_eq!(blocks[..2], [1, 2]);
    assert!(theirs > 0, "CometBFT logs objects too");
    let error = home.fail(&["start", "--log_level", "loud"])?;
    assert!(error.contains("\"loud\" is no level"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_start_waits_for_a_former_cometbft_on_the_same_home() -> Result<()> {
    let home = Home::init("orphan-1")?;
    // As an orphan would, this test holds CometBFT's block store.
    let folder = home.path().join("data/blockstore.db");
    std::fs::create_dir_all(&folder)?;
    let lock = Flock::lock(File::create(folder.join("LOCK"))?, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
    let mut node = Node::start(&home, &[])?;
    eventually("the start sees the lock", || node.log().contains("a former CometBFT still runs"))?;
    assert!(node.children()?.is_empty(), "no second CometBFT beside it");
    drop(lock);
    node.reach(1).await?;
    Ok(())
}

#[test]
fn an_empty_gas_price_is_refused_and_a_zero_one_is_warned_of() -> Result<()> {
    let home = Home::init("prices-1")?;
    let error = home.fail(&["start", "--minimum-gas-prices", ""])?;
    assert!(error.contains("minimum-gas-prices is empty"), "{error}");
    let mut node = Node::start_alone(&home, &format!("unix://{}", home.path().join("s").display()))?;
    eventually("it starts", || node.log().contains("serving ABCI"))?;
    assert!(node.log().contains("anybody can fill this node's mempool"), "{}", node.log());
    node.signal(Signal::SIGTERM)?;
    node.wait(PATIENCE)?;
    Ok(())
}

#[test]
fn a_fault_in_commit_is_told_and_ends_the_process() -> Result<()> {
    let home = Home::init("fault-1")?;
    let socket = home.path().join("alone.sock");
    let mut node = Node::start_alone(&home, &format!("unix://{}", socket.display()))?;
    eventually("the socket is there", || UnixStream::connect(&socket).is_ok())?;
    let mut stream = UnixStream::connect(&socket)?;
    // Request{commit{}} behind its length.
    stream.write_all(b"\x02\x5a\x00")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    assert!(String::from_utf8_lossy(&answer).contains("Commit without a finalized block"), "{answer:?}");
    assert_eq!(node.wait(PATIENCE)?.code(), Some(1));
    assert!(node.log_tail().contains("the application cannot go on"), "{}", node.log_tail());
    Ok(())
}

/// A remote signer, which ends with this value.
struct Signer(std::process::Child);

impl Drop for Signer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_validator_whose_key_is_with_a_remote_signer_makes_blocks_while_the_signer_is_there() -> Result<()> {
    let home = Home::init("signer-1")?;
    let vault = tempfile::tempdir()?;
    let (key, state) = (vault.path().join("key.json"), vault.path().join("state.json"));
    // The key leaves the node's machine.
    std::fs::rename(home.path().join("config/priv_validator_key.json"), &key)?;
    std::fs::rename(home.path().join("data/priv_validator_state.json"), &state)?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let config = home.path().join("config/config.toml");
    let text = std::fs::read_to_string(&config)?;
    std::fs::write(&config, format!("priv_validator_laddr = \"tcp://{address}\"\n{text}"))?;
    let mut node = Node::start(&home, &[])?;
    // CometBFT's own, of the same version; scripts/setup installs it.
    let mut command = std::process::Command::new("priv_val_server");
    command.args(["-addr", &address, "-chain-id", "signer-1", "-priv-key"]).arg(&key).arg("-priv-state").arg(&state);
    let signer = Signer(command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn()?);
    let height = node.reach(3).await?;
    drop(signer);
    let signed: Value = serde_json::from_slice(&std::fs::read(&state)?)?;
    let signed: u64 = signed["height"].as_str().context("the signer keeps what it signed")?.parse()?;
    assert!(signed >= height, "{signed} and {height}");
    // Nobody else has the key.
    let (_, stands) = node.rpc.chain().await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let (_, later) = node.rpc.chain().await.unwrap_or((String::new(), stands));
    assert!(later <= stands + 1, "{stands} and {later}");
    Ok(())
}
