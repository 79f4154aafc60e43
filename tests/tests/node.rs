//! The node as an operator meets it: `init`, `start`, kills, stops, with a real CometBFT.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use openledger_tests::node::{eventually, is_alive, Home, Node, PATIENCE};

/// What an operator is promised for a stop, and a little for a busy machine.
const STOP: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_node_that_is_killed_takes_its_cometbft_along_and_goes_on_where_it_was() -> Result<()> {
    let home = Home::init("kill-1")?;
    let (mut height, mut known) = (0, Vec::new());
    for _ in 0..3 {
        let mut node = Node::start(&home, &[])?;
        height = node.reach(height + 3).await?;
        // What was agreed before the kill is what the chain still says.
        for (at, hash) in &known {
            assert_eq!(&node.app_hash(*at).await?, hash);
        }
        known.push((height, node.app_hash(height).await?));
        let children = node.children()?;
        assert_eq!(children.len(), 1, "CometBFT is the only child");
        node.signal(Signal::SIGKILL)?;
        node.wait(PATIENCE)?;
        eventually("CometBFT dies with the node", || !is_alive(children[0]))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_stop_is_clean_within_five_seconds_and_the_chain_goes_on_after_it() -> Result<()> {
    let home = Home::init("stop-1")?;
    let mut height = 0;
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut node = Node::start(&home, &[])?;
        height = node.reach(height + 2).await?;
        let children = node.children()?;
        node.signal(signal)?;
        let status = node.wait(STOP)?;
        assert!(status.success(), "{signal}: {status}: {}", node.log_tail());
        assert!(!is_alive(children[0]));
        assert!(!home.path().join("run/abci.sock").exists());
    }
    Ok(())
}

#[tokio::test]
async fn a_cometbft_that_dies_ends_the_node_with_an_error() -> Result<()> {
    let home = Home::init("comet-1")?;
    let mut node = Node::start(&home, &[])?;
    node.reach(1).await?;
    kill(Pid::from_raw(node.children()?[0].try_into()?), Signal::SIGKILL)?;
    assert_eq!(node.wait(STOP)?.code(), Some(1));
    assert!(node.log_tail().contains("CometBFT ended"), "{}", node.log_tail());
    Ok(())
}

#[tokio::test]
async fn a_second_node_on_the_same_home_is_refused() -> Result<()> {
    let home = Home::init("twice-1")?;
    let mut node = Node::start(&home, &[])?;
    node.reach(1).await?;
    let error = home.fail(&["start"])?;
    assert!(error.contains("another openledgerd runs"), "{error}");
    assert!(home.fail(&["comet", "unsafe-reset-all"])?.contains("another openledgerd runs"));
    Ok(())
}

#[tokio::test]
async fn after_unsafe_reset_all_another_chain_begins_with_the_first_block() -> Result<()> {
    let home = Home::init("reset-1")?;
    let mut node = Node::start(&home, &[])?;
    node.reach(3).await?;
    let before = node.block_hash(2).await?;
    drop(node);
    home.succeed(&["comet", "unsafe-reset-all"])?;
    let mut node = Node::start(&home, &[])?;
    node.reach(2).await?;
    assert_ne!(node.block_hash(2).await?, before);
    let status: serde_json::Value = serde_json::from_str(&home.succeed(&["status", "--node", &node.rpc_address])?)?;
    assert_eq!(status["node_info"]["network"], "reset-1");
    assert_eq!(status["sync_info"]["earliest_block_height"], "1");
    Ok(())
}

#[test]
fn the_application_alone_answers_abci_and_stops_on_sigterm() -> Result<()> {
    let home = Home::init("alone-1")?;
    let socket = home.path().join("alone.sock");
    let mut node = Node::start_alone(&home, &format!("unix://{}", socket.display()))?;
    eventually("the socket is there", || UnixStream::connect(&socket).is_ok())?;
    let mut stream = UnixStream::connect(&socket)?;
    // Request{echo{"hi"}} and Response{echo{"hi"}}, each behind its length.
    stream.write_all(b"\x06\x0a\x04\x0a\x02hi")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    assert_eq!(&answer, b"\x06\x12\x04\x0a\x02hi");
    node.signal(Signal::SIGTERM)?;
    let end = node.wait(STOP)?;
    assert!(end.success(), "{end}: {}", node.log_tail());
    assert!(!socket.exists());
    Ok(())
}
