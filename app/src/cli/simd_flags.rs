//! Flags of `simd start` that have no setting here, so that its unit files start this node too: what would only tune simd has no effect,
//! and says so in the log; what would do something else is refused, and says how it is done here.

use anyhow::{bail, Result};
use clap::Args;

/// See the file's head.
#[derive(Args, Default)]
pub struct SimdFlags {
    /// No effect: values that blocks read are kept in memory anyway
    #[arg(long = "inter-block-cache", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    inter_block_cache: Option<bool>,
    /// No effect: the state is no IAVL tree
    #[arg(long = "iavl-disable-fastnode", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    iavl_disable_fastnode: Option<bool>,
    /// No effect: the state is no IAVL tree
    #[arg(long = "iavl-cache-size", hide = true, value_name = "COUNT")]
    iavl_cache_size: Option<u64>,
    /// No effect: the mempool is CometBFT's
    #[arg(long = "mempool.max-txs", hide = true, value_name = "COUNT", allow_negative_numbers = true)]
    mempool_max_txs: Option<i64>,
    /// No effect: a node ends within seconds by itself
    #[arg(long = "shutdown-grace", hide = true, value_name = "DURATION")]
    shutdown_grace: Option<String>,
    /// Refused: see the text
    #[arg(long = "trace-store", hide = true, value_name = "FILE")]
    trace_store: Option<String>,
    /// Refused: see the text
    #[arg(long = "cpu-profile", hide = true, value_name = "FILE")]
    cpu_profile: Option<String>,
    /// Refused: see the text
    #[arg(long = "grpc-only", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    grpc_only: Option<bool>,
}

impl SimdFlags {
    /// Warns of flags without effect; refuses those that ask for what this node does not do.
    pub fn check(&self) -> Result<()> {
        for warning in self.warnings() {
            tracing::warn!("{warning}");
        }
        // Empty is simd's default.
        let named = |file: &Option<String>| file.as_ref().is_some_and(|file| !file.is_empty());
        if named(&self.trace_store) {
            bail!(
                "--trace-store: no trace of the state is written; --log_level abci:debug,*:info logs what is executed"
            );
        }
        if named(&self.cpu_profile) {
            bail!("--cpu-profile: no profile is written; `perf record -g -p $(pidof openledgerd)` makes one");
        }
        if self.grpc_only == Some(true) {
            bail!("--grpc-only: --with-comet=false starts the application and its gRPC without CometBFT");
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        let tree = "the state is no IAVL tree";
        let given = [
            ("inter-block-cache", self.inter_block_cache.is_some(), "what blocks read is kept in memory anyway"),
            ("iavl-disable-fastnode", self.iavl_disable_fastnode.is_some(), tree),
            (
                "iavl-cache-size",
                self.iavl_cache_size.is_some(),
                "the state is no IAVL tree; see store.memory-limit-mb in app.toml",
            ),
            (
                "mempool.max-txs",
                self.mempool_max_txs.is_some(),
                "the mempool is CometBFT's; see [mempool] in config.toml",
            ),
            (
                "shutdown-grace",
                self.shutdown_grace.is_some(),
                "a node that is told to ends as soon as its block is written",
            ),
        ];
        let given = given.iter().filter(|(_, is_given, _)| *is_given);
        given.map(|(name, _, why)| format!("--{name} has no effect: {why}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches, Parser};

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        flags: SimdFlags,
    }

    fn read(line: &str) -> SimdFlags {
        let matches = Alone::command().try_get_matches_from(line.split(' ')).unwrap();
        Alone::from_arg_matches(&matches).unwrap().flags
    }

    #[test]
    fn flags_of_simd_that_tune_it_are_taken_with_a_warning_and_those_that_ask_for_something_else_refused() {
        let flags = read(
            "x --inter-block-cache=false --iavl-disable-fastnode --mempool.max-txs -1 --trace-store= --grpc-only=false",
        );
        flags.check().unwrap();
        let warnings = flags.warnings();
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(warnings[2].contains("--mempool.max-txs") && warnings[2].contains("config.toml"), "{warnings:?}");
        for (line, text) in [
            ("x --trace-store trace.json", "--log_level"),
            ("x --cpu-profile cpu.out", "perf"),
            ("x --grpc-only", "--with-comet=false"),
        ] {
            assert!(read(line).check().unwrap_err().to_string().contains(text), "{line}");
        }
        assert!(read("x").warnings().is_empty());
    }
}
