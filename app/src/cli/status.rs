//! `status`: what a node says of itself, in the words of `simd status`.

use anyhow::Result;
use clap::Args;
use openledger_client::Rpc;
use serde_json::json;

use super::output::print;
use super::Global;
use crate::node::ClientConfig;

/// See the file's head.
#[derive(Args)]
#[command(after_help = "Example:\n  openledgerd status --node tcp://10.0.0.7:26657")]
pub struct Status {
    /// CometBFT's RPC [default: that of config/client.toml]
    #[arg(long, short = 'n', env = "OPENLEDGERD_NODE", value_name = "ADDRESS")]
    node: Option<String>,
    /// json: one line; text: YAML
    #[arg(long, short = 'o', value_name = "FORM", value_parser = ["json", "text"], default_value = "json")]
    output: String,
}

impl Status {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let node = self.node.map_or_else(|| Ok(ClientConfig::read(&global.home()?)?.node), anyhow::Ok)?;
        let status = tokio::runtime::Runtime::new()?.block_on(Rpc::new(&node).status())?;
        let part = |name: &str| status.get(name).cloned().unwrap_or_default();
        let answer = json!({
            "node_info": part("node_info"), "sync_info": part("sync_info"), "validator_info": part("validator_info"),
        });
        print(&answer, self.output.parse()?)
    }
}
