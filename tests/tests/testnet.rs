//! `testnet`: the files of a network, and a whole network as one process's children.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{ensure, Context, Result};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use openledger_tests::namespaces::Machines;
use openledger_tests::node::{eventually, is_alive, openledgerd, Home};
use serde_json::Value;

fn config(root: &Path, node: &str) -> Result<String> {
    Ok(std::fs::read_to_string(root.join(node).join("openledgerd/config/config.toml"))?)
}

#[test]
fn nodes_on_machines_of_their_own_know_each_other_s_addresses_and_share_a_genesis() -> Result<()> {
    let home = Home::empty()?;
    let root = home.path().join("net");
    let folder = root.to_str().context("letters")?.to_string();
    let args = ["testnet", "init-files", "--v", "3", "--output-dir", &folder, "--starting-ip-address", "10.9.8.7"];
    home.succeed(&[&args[..], &["--chain-id", "files-1", "--minimum-gas-prices", "5aopen"]].concat())?;
    let id = |node: &str| -> Result<String> {
        Ok(Home::at(root.join(node).join("openledgerd")).succeed(&["comet", "show-node-id"])?.trim().to_string())
    };
    let peers = format!("persistent_peers = \"{}@10.9.8.7:26656,{}@10.9.8.9:26656\"", id("node0")?, id("node2")?);
    assert!(config(&root, "node1")?.contains(&peers), "{peers}");
    let genesis = |node: &str| std::fs::read(root.join(node).join("openledgerd/config/genesis.json"));
    assert_eq!(genesis("node0")?, genesis("node2")?);
    let parsed: Value = serde_json::from_slice(&genesis("node0")?)?;
    assert_eq!(parsed["app_state"]["genutil"]["gen_txs"].as_array().map(Vec::len), Some(3));
    assert!(parsed["consensus"]["validators"].is_null());
    let node = Home::at(root.join("node1/openledgerd"));
    node.succeed(&["genesis", "validate"])?;
    assert!(node.succeed(&["keys", "list"])?.contains("node1"));
    assert_eq!(node.succeed(&["config", "get", "app", "minimum-gas-prices"])?.trim(), "\"5aopen\"");

    let error = home.fail(&args)?;
    assert!(error.contains("is there already"), "{error}");
    let other = format!("{folder}2");
    let fail = |flags: &[&str]| {
        let args = ["testnet", "init-files", "--v", "3", "--output-dir", &other];
        home.fail(&[&args[..], flags].concat())
    };
    assert!(fail(&["--starting-ip-address", "10.9.8.254"])?.contains("leaves no address for 3 validators"));
    assert!(fail(&["--minimum-gas-prices", ""])?.contains("minimum-gas-prices is empty"));
    assert!(fail(&["--node-daemon-home", "../x"])?.contains("is no name of a folder"));
    assert!(!Path::new(&other).exists(), "what is refused leaves nothing behind");
    Ok(())
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `testnet start` with two validators, on loopback of a machine of its own, since its ports are fixed.
fn begin(machines: &Machines, root: &Path) -> Result<Running> {
    let namespace = machines.places().remove(0).namespace.context("a machine has a namespace")?;
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &namespace]).arg(openledgerd());
    command.args(["testnet", "start", "--v", "2", "--commit-timeout", "200ms", "--output-dir"]).arg(root);
    let running = Running(command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?);
    // A log may be of an earlier run, so that the nodes are counted too.
    let id = running.0.id();
    eventually("both nodes run", || children(id).is_ok_and(|nodes| nodes.len() == 2))?;
    for node in ["node0", "node1"] {
        eventually("both nodes make blocks", || log(root, node).contains("committed state height=3 "))?;
    }
    Ok(running)
}

fn log(root: &Path, node: &str) -> String {
    std::fs::read_to_string(root.join(node).join("openledgerd/node.log")).unwrap_or_default()
}

fn children(id: u32) -> Result<Vec<u32>> {
    let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    Ok(list.split_whitespace().filter_map(|child| child.parse().ok()).collect())
}

fn signal(id: u32, signal: Signal) -> Result<()> {
    Ok(kill(Pid::from_raw(id.try_into()?), signal)?)
}

#[test]
fn a_network_runs_as_children_and_ends_with_a_signal_or_with_one_of_them() -> Result<()> {
    let (machines, home) = (Machines::new(1)?, Home::empty()?);
    let root = home.path().join("net");
    let mut running = begin(&machines, &root)?;
    let nodes = children(running.0.id())?;
    ensure!(nodes.len() == 2, "{nodes:?}");
    signal(running.0.id(), Signal::SIGTERM)?;
    assert!(running.0.wait()?.success());
    assert!(nodes.iter().all(|id| !is_alive(*id)));
    for node in ["node0", "node1"] {
        assert!(log(&root, node).contains("stopping"), "{node} was not asked to end");
    }

    // The same folder goes on where it was; the end of one node ends all, and is told.
    let running = begin(&machines, &root)?;
    let nodes = children(running.0.id())?;
    signal(nodes[1], Signal::SIGKILL)?;
    let mut running = running;
    let mut error = String::new();
    std::io::Read::read_to_string(running.0.stderr.as_mut().context("it is piped")?, &mut error)?;
    assert!(!running.0.wait()?.success());
    assert!(error.contains("node1 ended by itself"), "{error}");
    eventually("no node is left", || nodes.iter().all(|id| !is_alive(*id)))?;
    Ok(())
}
