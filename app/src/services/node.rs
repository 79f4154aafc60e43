//! `cosmos.base.node.v1beta1.Service`: this node's settings and where it stands (SDK v0.50 `client/grpc/node/service.go`).

use openledger_core::Status;
use openledger_proto::cosmos::base::node::v1beta1::{ConfigRequest, ConfigResponse, StatusRequest, StatusResponse};

use super::{add, add_at, block, Backend};
use crate::execution::Chain;

/// Settings that the chain does not know itself; as `app.toml` has them.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `pruning-keep-recent`.
    pub pruning_keep_recent: u64,
    /// `pruning-interval`.
    pub pruning_interval: u64,
}

pub(super) fn open(chain: &Chain, backend: &Backend, settings: Settings) {
    let path = |method: &str| format!("/cosmos.base.node.v1beta1.Service/{method}");
    add(chain, &path("Config"), backend, move |backend: &Backend, _: ConfigRequest| config(backend, &settings));
    add_at(chain, &path("Status"), backend, status);
}

fn config(backend: &Backend, settings: &Settings) -> Result<ConfigResponse, Status> {
    let chain = backend.chain()?;
    Ok(ConfigResponse {
        minimum_gas_price: chain.config().min_gas_prices.to_string(),
        pruning_keep_recent: settings.pruning_keep_recent.to_string(),
        pruning_interval: settings.pruning_interval.to_string(),
        halt_height: chain.config().halt_height,
    })
}

/// The block of a height (the last that was executed for 0) by its header: its app hash is that of the state before it. The earliest
/// height stays 0, as the SDK leaves it.
fn status(backend: &Backend, _: StatusRequest, height: u64) -> Result<StatusResponse, Status> {
    let height = if height == 0 { backend.chain()?.latest().height } else { height };
    let header = block::header(&backend.comet, i64::try_from(height).unwrap_or(i64::MAX))?;
    Ok(StatusResponse {
        earliest_store_height: 0,
        height,
        timestamp: header.time,
        app_hash: header.app_hash,
        validator_hash: header.next_validators_hash,
    })
}
