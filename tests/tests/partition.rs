//! Four validators on machines of their own, whose network is parted and healed: never two chains, and none stays behind.

use std::time::Duration;

use anyhow::{Context, Result};
use openledger_tests::namespaces::Machines;
use openledger_tests::network::Network;

/// The height of the last block that a node has told of, which works where nobody reaches it.
fn logged_height(network: &Network, index: usize) -> u64 {
    let log = network.node(index).log();
    let heights = log.lines().filter(|line| line.contains("committed state")).filter_map(|line| {
        let text = line.split("height=").nth(1)?;
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().ok()
    });
    heights.max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parted_network_never_forks_and_goes_on_once_it_is_healed() -> Result<()> {
    let machines = Machines::new(4)?;
    let mut network = Network::new("parted-1", machines.places(), |_| {})?;
    network.start_all()?;
    network.reach(4).await?;

    // Three against one: the three go on, the one stands still.
    machines.part(&[3])?;
    // What was on its way when the cable was pulled arrives.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let alone = logged_height(&network, 3);
    let (_, parted) = network.node(0).rpc.chain().await?;
    for index in 0..3 {
        network.validators[index].node.as_mut().context("it runs")?.reach(parted + 4).await?;
    }
    assert_eq!(logged_height(&network, 3), alone, "one of four made a block");
    machines.heal()?;
    let (_, tip) = network.node(0).rpc.chain().await?;
    network.reach(tip + 2).await?;

    // Two against two: nobody has two thirds.
    machines.part(&[2, 3])?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before: Vec<u64> = (0..4).map(|index| logged_height(&network, index)).collect();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after: Vec<u64> = (0..4).map(|index| logged_height(&network, index)).collect();
    assert_eq!(before, after, "half of the power made a block");
    machines.heal()?;
    let most = after.into_iter().max().unwrap_or(0);
    network.reach(most + 3).await?;
    let checked = network.check_no_fork().await?;
    assert!(checked >= most + 3);
    Ok(())
}
