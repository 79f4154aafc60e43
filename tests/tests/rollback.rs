//! `rollback` and `rollback --hard` as an operator uses them, with a real CometBFT; and a node that prunes all it may.

use anyhow::Result;
use nix::sys::signal::Signal;
use openledger_tests::node::{Home, Node, PATIENCE};

/// Runs a node up to a height; where it was seen then, with the app hash there.
async fn run(home: &Home, height: u64) -> Result<(u64, String)> {
    let mut node = Node::start(home, &["--pruning", "everything"])?;
    let height = node.reach(height).await?;
    let known = (height, node.app_hash(height).await?);
    node.signal(Signal::SIGTERM)?;
    assert!(node.wait(PATIENCE)?.success(), "{}", node.log_tail());
    Ok(known)
}

/// The height in `Rolled back state to height 5 and hash AB…`.
fn height(said: &str) -> u64 {
    let line = said.lines().last().unwrap_or_default();
    assert!(line.starts_with("Rolled back state to height ") && line.contains(" and hash "), "{said}");
    line.split_whitespace().nth(5).and_then(|height| height.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_node_goes_back_again_and_again_and_then_on() -> Result<()> {
    let home = Home::init("rollback-1")?;
    let (reached, hash) = run(&home, 8).await?;
    let first = height(&home.succeed(&["rollback"])?);
    // One below where the node stopped, which is at least where it was seen.
    assert!(first + 1 >= reached, "{first} {reached}");
    // The block is still there, so CometBFT has nothing more to roll back, and the application stays with it.
    assert_eq!(height(&home.succeed(&["rollback"])?), first);

    // The block is executed again, and the chain goes on over it.
    let mut node = Node::start(&home, &["--pruning", "everything"])?;
    node.reach(first + 3).await?;
    assert_eq!(node.app_hash(reached).await?, hash);
    let refused = home.fail(&["rollback"])?;
    assert!(refused.contains("another openledgerd runs"), "{refused}");
    node.signal(Signal::SIGTERM)?;
    assert!(node.wait(PATIENCE)?.success(), "{}", node.log_tail());

    // With the block removed, each goes one further.
    let last = height(&home.succeed(&["rollback", "--hard"])?);
    assert!(last + 1 >= first + 3, "{last} {first}");
    assert_eq!(height(&home.succeed(&["rollback", "--hard"])?), last - 1);
    assert_eq!(height(&home.succeed(&["rollback", "--hard"])?), last - 2);
    // The only validator of this chain has signed what is gone, and may sign again since nobody else has seen it.
    let signed = home.path().join("data/priv_validator_state.json");
    std::fs::write(signed, r#"{"height": "0", "round": 0, "step": 0}"#)?;
    let mut node = Node::start(&home, &[])?;
    node.reach(last + 2).await?;
    assert_eq!(node.app_hash(reached).await?, hash);
    Ok(())
}
