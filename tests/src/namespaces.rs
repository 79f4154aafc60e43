//! Machines of a network, as network namespaces of this one: each node has an address of its own, and a cable that can be moved from one
//! switch to another, which parts the network.
//!
//! Needs root (CAP_NET_ADMIN) and `ip` of iproute2; without them it is an error that says so.

use std::process::Command;

use anyhow::{ensure, Context, Result};

use crate::network::Place;

/// The namespaces and switches; removed with this value.
pub struct Machines {
    name: String,
    net: u8,
    count: u8,
}

impl Machines {
    /// Makes `count` machines on one switch.
    pub fn new(count: u8) -> Result<Self> {
        let id = std::process::id();
        let machines = Self { name: format!("ol{id}"), net: u8::try_from(id % 250)? + 1, count };
        let why = "network namespaces are not available here: this test needs root (CAP_NET_ADMIN) and iproute2";
        ip(&["netns", "add", &machines.namespace(0)]).context(why)?;
        for side in ["a", "b"] {
            let switch = machines.switch(side);
            ip(&["link", "add", &switch, "type", "bridge"]).context(why)?;
            ip(&["link", "set", &switch, "up"])?;
        }
        // This machine is on the first switch, so that the test can ask who is there.
        ip(&["addr", "add", &format!("10.211.{}.254/24", machines.net), "dev", &machines.switch("a")])?;
        for index in 0..count {
            machines.plug_in(index)?;
        }
        Ok(machines)
    }

    fn plug_in(&self, index: u8) -> Result<()> {
        let (space, cable) = (self.namespace(index), self.cable(index));
        if index > 0 {
            ip(&["netns", "add", &space])?;
        }
        ip(&["link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &space])?;
        ip(&["-n", &space, "addr", "add", &format!("{}/24", self.host(index)), "dev", "eth0"])?;
        ip(&["-n", &space, "link", "set", "lo", "up"])?;
        ip(&["-n", &space, "link", "set", "eth0", "up"])?;
        ip(&["link", "set", &cable, "master", &self.switch("a"), "up"])
    }

    /// Where the nodes listen.
    pub fn places(&self) -> Vec<Place> {
        let place = |index| Place {
            namespace: Some(self.namespace(index)),
            host: self.host(index),
            rpc: 26_657,
            p2p: 26_656,
            grpc: 9_090,
        };
        (0..self.count).map(place).collect()
    }

    /// Moves these machines to the other switch, where they reach each other and nobody else; this machine does not reach them either.
    pub fn part(&self, away: &[u8]) -> Result<()> {
        away.iter().try_for_each(|index| ip(&["link", "set", &self.cable(*index), "master", &self.switch("b")]))
    }

    /// Brings all machines together again.
    pub fn heal(&self) -> Result<()> {
        (0..self.count).try_for_each(|index| ip(&["link", "set", &self.cable(index), "master", &self.switch("a")]))
    }

    fn namespace(&self, index: u8) -> String {
        format!("{}n{index}", self.name)
    }

    fn cable(&self, index: u8) -> String {
        format!("{}v{index}", self.name)
    }

    fn switch(&self, side: &str) -> String {
        format!("{}{side}", self.name)
    }

    fn host(&self, index: u8) -> String {
        format!("10.211.{}.{}", self.net, index + 1)
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        // What was not made cannot be removed, and need not be.
        for index in 0..self.count {
            let _ = ip(&["link", "del", &self.cable(index)]);
            let _ = ip(&["netns", "del", &self.namespace(index)]);
        }
        for side in ["a", "b"] {
            let _ = ip(&["link", "del", &self.switch(side)]);
        }
    }
}

fn ip(args: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(args).output().context("running ip (package iproute2)")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {}", args.join(" "), error.trim());
    Ok(())
}
