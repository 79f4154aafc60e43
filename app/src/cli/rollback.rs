//! `rollback`: one height back, in the application and in CometBFT (SDK `server/rollback.go`). The block is executed again at the next
//! start; with `--hard` it is removed.
//!
//! It may be interrupted anywhere and begun again. First CometBFT's state goes back, with the block still there: a start would take it
//! forward again. Then the application, each height in one write. The block goes last, when nothing is ahead of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{ensure, Context, Result};
use clap::Args;
use openledger_store::Multistore;

use super::{start, Global};
use crate::execution::Chain;
use crate::node::{comet, AppConfig, Home, Source};
use crate::runtime::Runtime;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "Examples:\n  openledgerd rollback\n  openledgerd rollback --hard")]
pub struct Rollback {
    /// Remove the last block as well as the state
    #[arg(long)]
    hard: bool,
    /// The cometbft binary [default: the first on the PATH, or in $HOME/go/bin]
    #[arg(long = "comet-bin", env = "OPENLEDGERD_COMET_BIN", value_name = "FILE")]
    comet_bin: Option<PathBuf>,
}

/// Where CometBFT is after its rollback.
#[derive(Debug, PartialEq, Eq)]
struct Comet {
    height: u64,
    /// The app hash after that height, in hex.
    app_hash: String,
}

impl Rollback {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        home.require()?;
        let _lock = home.lock()?;
        let config = AppConfig::read(&home)?;
        let bin = comet::find(Some(self.comet_bin.as_deref().unwrap_or(&config.comet.bin)))?;
        comet::version(&bin)?;
        let blocks = home.data("blockstore.db");
        ensure!(blocks.exists(), "no blockstore found in {}: there is no block to roll back", home.data("").display());
        tokio::runtime::Runtime::new()?.block_on(comet::await_orphan(&home))?;
        let settings = start::settings(&Source::read(&home.genesis())?.chain_id, &config)?;
        let options = Chain::store_options(&Runtime::default(), &settings);

        let state = roll_back_comet(&bin, &home, false)?;
        let path = home.application_db();
        let mut store =
            Multistore::open(&path, options.clone()).with_context(|| format!("opening {}", path.display()))?;
        if store.height() > state.height {
            drop(store);
            store = Multistore::roll_back(&path, options, state.height).context("failed to rollback to version")?;
        }
        if self.hard {
            roll_back_comet(&bin, &home, true)?;
            eprintln!("a validator that signed the removed block signs no other at its height: it waits for the others to pass it");
        }
        println!("Rolled back state to height {} and hash {}", state.height, state.app_hash);
        let ours: String = store.app_hash().iter().map(|byte| format!("{byte:02X}")).collect();
        ensure!(
            store.height() < state.height || ours == state.app_hash,
            "at this height this node has the app hash {ours}: roll back further, or restore the node"
        );
        Ok(())
    }
}

fn roll_back_comet(bin: &Path, home: &Home, hard: bool) -> Result<Comet> {
    let mut command = Command::new(bin);
    command.arg("rollback").arg("--home").arg(home.root()).args(hard.then_some("--hard")).stdin(Stdio::null());
    let output = command.output().with_context(|| format!("running {} rollback", bin.display()))?;
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "failed to rollback CometBFT state: {}: {}", output.status, complained.trim());
    read(&said).with_context(|| format!("cometbft rollback said {said:?}"))
}

/// Reads `Rolled back state to height 5 and hash AB…`, or `… both state and block to height …`.
fn read(said: &str) -> Option<Comet> {
    let (height, app_hash) = said.rsplit_once("to height ")?.1.split_once(" and hash ")?;
    Some(Comet { height: height.parse().ok()?, app_hash: app_hash.trim().to_uppercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cometbft_says_is_read() {
        let there = Some(Comet { height: 7, app_hash: "AB01".into() });
        assert_eq!(read("Rolled back state to height 7 and hash AB01\n"), there);
        assert_eq!(read("Rolled back both state and block to height 7 and hash AB01\n"), there);
        for other in ["", "to height x and hash AB", "Rolled back"] {
            assert_eq!(read(other), None);
        }
    }
}
