//! `openledger.base.v1.Query/Invariants`: what must hold at every height, checked module by module at a height that is served.
//!
//! A check walks the whole state of its module. It is held to the gas of a query (`query-gas-limit`): on a chain too large for that,
//! `--inv-check-period` checks without a limit.

use openledger_core::{Context, GasMeter, Status};
use openledger_proto::openledger::base::v1::{ModuleInvariants, QueryInvariantsRequest, QueryInvariantsResponse};

use super::{add_at, Backend};
use crate::execution::Chain;

pub(super) fn open(chain: &Chain, backend: &Backend) {
    add_at(chain, "/openledger.base.v1.Query/Invariants", backend, invariants);
}

fn invariants(
    backend: &Backend,
    request: QueryInvariantsRequest,
    height: u64,
) -> Result<QueryInvariantsResponse, Status> {
    let chain = backend.chain()?;
    let (state, block) = chain.state_at(height).map_err(|error| Status::invalid_argument(error.to_string()))?;
    let gas = GasMeter::new(chain.config().query_gas_limit);
    let ctx = Context::query(&state, &block, gas).with_router(chain.router());
    let asked = |name: &str| request.module.is_empty() || request.module == name;
    let found = chain.runtime().invariants(&ctx).filter(|(name, _)| asked(name));
    let modules: Vec<_> = found
        .map(|(name, check)| {
            let text = check().err().map(|error| error.to_string()).unwrap_or_default();
            ModuleInvariants { module: name.into(), broken: !text.is_empty(), text }
        })
        .collect();
    if modules.is_empty() {
        return Err(Status::invalid_argument(format!("there is no module {:?}", request.module)));
    }
    let broken = modules.iter().any(|module| module.broken);
    Ok(QueryInvariantsResponse { height: block.height, broken, modules })
}
