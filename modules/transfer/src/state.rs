//! Every key of the store `transfer`, in the layout of ibc-go (v8 `modules/apps/transfer/types/keys.go`), so that what queries
//! traces and escrow of other chains by key and proof works here.
//!
//! | key | value |
//! | --- | --- |
//! | `01` | the port, `transfer` |
//! | `02` ‖ hash (32 bytes) | `ibc.applications.transfer.v1.DenomTrace`; the hash is its voucher's name |
//! | `params` | `ibc.applications.transfer.v1.Params`, `false` written out, since an empty value has no proof |
//! | `totalEscrowForDenom/` ‖ denom | how much of it all channels hold: protobuf, field 1, decimal text; absent where it is zero |

use cosmwasm_std::{Order, Storage, Uint256};
use ibc_proto::ibc::applications::transfer::v1::{DenomTrace, Params};
use openledger_core::query::prefix_end;
use openledger_core::{Coin, Coins, Result, SdkError};
use openledger_store::StoreName;
use prost::Message;

use crate::denom::Trace;

/// The module's store.
pub const STORE: StoreName = "transfer";

const PORT: [u8; 1] = [0x01];
pub(crate) const TRACES: [u8; 1] = [0x02];
const PARAMS: &[u8] = b"params";
const TOTAL_ESCROW: &[u8] = b"totalEscrowForDenom/";

/// A total as the SDK's `IntProto` writes it.
#[derive(Clone, PartialEq, Message)]
struct IntProto {
    #[prost(string, tag = "1")]
    int: String,
}

/// The key of a trace.
pub fn trace_key(hash: &[u8; 32]) -> Vec<u8> {
    [TRACES.as_slice(), hash].concat()
}

/// The key of the total that is in escrow of a denomination.
pub fn escrow_key(denom: &str) -> Vec<u8> {
    [TOTAL_ESCROW, denom.as_bytes()].concat()
}

pub(crate) fn port(kv: &dyn Storage) -> Option<String> {
    kv.get(&PORT).and_then(|port| String::from_utf8(port).ok())
}

pub(crate) fn set_port(kv: &mut dyn Storage, port: &str) {
    kv.set(&PORT, port.as_bytes());
}

/// The parameters; before genesis everything may be sent and received.
pub(crate) fn params(kv: &dyn Storage) -> Result<Params> {
    let Some(value) = kv.get(PARAMS) else { return Ok(Params { send_enabled: true, receive_enabled: true }) };
    Params::decode(value.as_slice()).map_err(|_| corrupt("the parameters are not Params"))
}

pub(crate) fn set_params(kv: &mut dyn Storage, params: &Params) {
    kv.set(PARAMS, &[0x08, u8::from(params.send_enabled), 0x10, u8::from(params.receive_enabled)]);
}

pub(crate) fn trace(kv: &dyn Storage, hash: &[u8; 32]) -> Result<Option<Trace>> {
    kv.get(&trace_key(hash)).map(|value| read_trace(&value)).transpose()
}

pub(crate) fn read_trace(value: &[u8]) -> Result<Trace> {
    let DenomTrace { path, base_denom } = DenomTrace::decode(value).map_err(|_| corrupt("a trace is no DenomTrace"))?;
    Ok(Trace { path, base: base_denom })
}

pub(crate) fn set_trace(kv: &mut dyn Storage, trace: &Trace) {
    kv.set(&trace_key(&trace.hash()), &to_proto(trace).encode_to_vec());
}

pub(crate) fn to_proto(trace: &Trace) -> DenomTrace {
    DenomTrace { path: trace.path.clone(), base_denom: trace.base.clone() }
}

/// All traces, in order of what they say.
pub(crate) fn traces(kv: &dyn Storage) -> Result<Vec<Trace>> {
    let entries = kv.range(Some(&TRACES), prefix_end(&TRACES).as_deref(), Order::Ascending);
    let mut traces = entries.map(|(_, value)| read_trace(&value)).collect::<Result<Vec<_>>>()?;
    traces.sort_by_key(Trace::full);
    Ok(traces)
}

pub(crate) fn total_escrow(kv: &dyn Storage, denom: &str) -> Result<Uint256> {
    kv.get(&escrow_key(denom)).map_or(Ok(Uint256::zero()), |value| read_total(&value))
}

fn read_total(value: &[u8]) -> Result<Uint256> {
    let total = IntProto::decode(value).ok().and_then(|total| total.int.parse().ok());
    total.ok_or_else(|| corrupt("an escrow's total is no number"))
}

pub(crate) fn set_total_escrow(kv: &mut dyn Storage, denom: &str, amount: Uint256) {
    let key = escrow_key(denom);
    if amount.is_zero() {
        kv.remove(&key);
    } else {
        kv.set(&key, &IntProto { int: amount.to_string() }.encode_to_vec());
    }
}

pub(crate) fn total_escrows(kv: &dyn Storage) -> Result<Coins> {
    let entries = kv.range(Some(TOTAL_ESCROW), prefix_end(TOTAL_ESCROW).as_deref(), Order::Ascending);
    let coins = entries.map(|(key, value)| {
        let denom = String::from_utf8(key.get(TOTAL_ESCROW.len()..).unwrap_or_default().to_vec());
        let denom = denom.map_err(|_| corrupt("a denomination is not text"))?;
        Ok(Coin { denom, amount: read_total(&value)? })
    });
    Ok(Coins::sum(coins.collect::<Result<Vec<_>>>()?)?)
}

fn corrupt(what: &str) -> openledger_core::Error {
    SdkError::Logic(format!("transfer state: {what}")).into()
}
