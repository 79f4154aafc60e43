//! Genesis: the port, the traces of vouchers, the parameters, what is in escrow.
//!
//! Source: ibc-go v8 `modules/apps/transfer/{types,keeper}/genesis.go`. The port is `transfer`: IBC core routes no other to this module.

use std::collections::BTreeSet;

use ibc_proto::ibc::applications::transfer::v1::{GenesisState, Params};
use openledger_core::{Coins, Context, Result};
use prost::Message;

use crate::denom::{check_port_id, hash_text, Trace};
use crate::error::TransferError;
use crate::keeper::Transfer;
use crate::state::{self, STORE};
use crate::PORT;

/// A checked genesis.
pub(crate) struct Checked {
    traces: Vec<Trace>,
    params: Params,
    escrowed: Coins,
}

/// Nothing was transferred yet; everything may be.
pub(crate) fn default() -> GenesisState {
    let params = Params { send_enabled: true, receive_enabled: true };
    GenesisState { port_id: PORT.into(), params: Some(params), ..GenesisState::default() }
}

/// Decodes and checks a genesis.
pub(crate) fn read(genesis: &[u8]) -> Result<Checked> {
    let genesis = GenesisState::decode(genesis).map_err(|error| refusal(error.to_string()))?;
    check_port_id(&genesis.port_id)?;
    if genesis.port_id != PORT {
        return Err(refusal(format!("port_id is {:?}; this chain routes the port {PORT:?}", genesis.port_id)).into());
    }
    let mut seen = BTreeSet::new();
    let mut traces = Vec::with_capacity(genesis.denom_traces.len());
    for (trace, at) in genesis.denom_traces.into_iter().zip(0usize..) {
        let trace = Trace { path: trace.path, base: trace.base_denom };
        let hash = trace.hash();
        if !seen.insert(hash) {
            let text = format!("duplicated denomination trace with hash {}", hash_text(&hash));
            return Err(refusal(text).into());
        }
        trace.check().map_err(|error| error.context(&format!("failed denom trace {at} validation")))?;
        traces.push(trace);
    }
    let escrowed = Coins::from_proto(&genesis.total_escrowed)?;
    Ok(Checked { traces, params: genesis.params.unwrap_or_default(), escrowed })
}

fn refusal(text: String) -> TransferError {
    TransferError::InvalidGenesis(text)
}

/// Takes a genesis over. What is known to bank of a voucher is written anew, as ibc-go does.
pub(crate) fn init(transfer: &Transfer, ctx: &mut Context, genesis: &[u8]) -> Result<()> {
    let Checked { traces, params, escrowed } = read(genesis)?;
    state::set_port(&mut ctx.kv_mut(STORE), PORT);
    for trace in &traces {
        state::set_trace(&mut ctx.kv_mut(STORE), trace);
        transfer.set_metadata(ctx, trace)?;
    }
    state::set_params(&mut ctx.kv_mut(STORE), &params);
    for coin in escrowed.iter() {
        state::set_total_escrow(&mut ctx.kv_mut(STORE), &coin.denom, coin.amount);
    }
    Ok(())
}

/// The state as a genesis; traces in order of what they say.
pub(crate) fn export(ctx: &Context) -> Result<GenesisState> {
    let kv = ctx.kv(STORE);
    let escrowed = state::total_escrows(&*kv)?;
    Ok(GenesisState {
        port_id: state::port(&*kv).unwrap_or_else(|| PORT.into()),
        denom_traces: state::traces(&*kv)?.iter().map(state::to_proto).collect(),
        params: Some(state::params(&*kv)?),
        total_escrowed: escrowed.to_proto(),
    })
}
