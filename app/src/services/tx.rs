//! `cosmos.tx.v1beta1.Service`: transactions simulated, broadcast and found again (SDK v0.50 `x/auth/tx/service.go`,
//! `client/broadcast.go`). The amino methods translate `StdTx` between amino's JSON and its binary form, which nothing sends any more.

use std::collections::BTreeMap;

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_core::query::Code;
use openledger_core::Status;
use openledger_proto::cosmos::base::abci::v1beta1::TxResponse;
use openledger_proto::cosmos::base::query::v1beta1::PageResponse;
use openledger_proto::cosmos::tx::v1beta1::{
    BroadcastMode, BroadcastTxRequest, BroadcastTxResponse, GetBlockWithTxsRequest, GetBlockWithTxsResponse,
    GetTxRequest, GetTxResponse, GetTxsEventRequest, GetTxsEventResponse, OrderBy, SimulateRequest, SimulateResponse,
    Tx, TxDecodeAminoRequest, TxDecodeAminoResponse, TxDecodeRequest, TxDecodeResponse, TxEncodeAminoRequest,
    TxEncodeAminoResponse, TxEncodeRequest, TxEncodeResponse,
};
use openledger_proto::tendermint::abci::{Event, EventAttribute};
use openledger_proto::{amino, walker, Any, Message, Name};
use serde_json::{json, Value};

use super::comet::{base64, list, number, text, CallError};
use super::{add, block, page_of, Backend};
use crate::execution::{simulation, tx::hash, Chain};

pub(super) fn open(chain: &Chain, backend: &Backend) {
    let path = |method: &str| format!("/cosmos.tx.v1beta1.Service/{method}");
    add(chain, &path("Simulate"), backend, simulate);
    add(chain, &path("GetTx"), backend, get_tx);
    add(chain, &path("GetTxsEvent"), backend, get_txs_event);
    add(chain, &path("GetBlockWithTxs"), backend, get_block_with_txs);
    add(chain, &path("BroadcastTx"), backend, broadcast_tx);
    add(chain, &path("TxDecode"), backend, tx_decode);
    add(chain, &path("TxEncode"), backend, tx_encode);
    add(chain, &path("TxEncodeAmino"), backend, tx_encode_amino);
    add(chain, &path("TxDecodeAmino"), backend, tx_decode_amino);
}

#[allow(deprecated)] // `tx`, which the Go relayer still sends.
fn simulate(backend: &Backend, request: SimulateRequest) -> Result<SimulateResponse, Status> {
    let bytes = match request.tx {
        Some(tx) if request.tx_bytes.is_empty() => tx.encode_to_vec(),
        _ => request.tx_bytes,
    };
    if bytes.is_empty() {
        return Err(Status::invalid_argument("empty txBytes is not allowed"));
    }
    let outcome = backend.chain()?.simulate(&bytes.into());
    let gas_used = outcome.gas_used;
    let simulated = simulation(outcome)
        .map_err(|error| Status::new(Code::Unknown, format!("{error} with gas used: '{gas_used}'")))?;
    Ok(SimulateResponse { gas_info: simulated.gas_info, result: simulated.result })
}

fn get_tx(backend: &Backend, request: GetTxRequest) -> Result<GetTxResponse, Status> {
    if request.hash.is_empty() {
        return Err(Status::invalid_argument("tx hash cannot be empty"));
    }
    let hash = hex::decode(&request.hash)
        .map_err(|error| Status::invalid_argument(format!("the tx hash {:?}: {error}", request.hash)))?;
    let found = backend.comet.call("tx", json!({"hash": BASE64.encode(hash), "prove": false}));
    let found = match found {
        Err(CallError::Refused(why)) if why.contains("not found") => {
            return Err(Status::not_found(format!("tx not found: {}", request.hash)));
        }
        found => found?,
    };
    let (tx, response) = Times::default().of_tx(backend, &found)?;
    Ok(GetTxResponse { tx: Some(tx), tx_response: Some(response) })
}

#[allow(deprecated)] // `events` and `pagination`, which older clients send in the place of `query`, `page` and `limit`.
fn get_txs_event(backend: &Backend, request: GetTxsEventRequest) -> Result<GetTxsEventResponse, Status> {
    let query = if request.query.is_empty() { request.events.join(" AND ") } else { request.query };
    if query.is_empty() {
        return Err(Status::internal("query cannot be empty"));
    }
    let (page, limit) = page_of(request.pagination.as_ref())?;
    let page = if request.page == 0 { page } else { request.page };
    let limit = if request.limit == 0 { limit } else { request.limit };
    let order_by = match OrderBy::try_from(request.order_by) {
        Ok(OrderBy::Asc) => "asc",
        Ok(OrderBy::Desc) => "desc",
        _ => "",
    };
    let params = json!({"query": query, "prove": false, "page": page.to_string(), "per_page": limit.to_string(),
                        "order_by": order_by});
    let found = backend.comet.call("tx_search", params).map_err(|error| match error {
        CallError::Refused(why) => Status::internal(format!("failed to search for txs: {why}")),
        away => away.into(),
    })?;
    let mut times = Times::default();
    let read = list(&found, "/txs").iter().map(|tx| times.of_tx(backend, tx));
    let (txs, tx_responses) = read.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    Ok(GetTxsEventResponse { txs, tx_responses, pagination: None, total: number(&found, "/total_count")? })
}

fn get_block_with_txs(backend: &Backend, request: GetBlockWithTxsRequest) -> Result<GetBlockWithTxsResponse, Status> {
    let (height, latest) = (request.height, backend.chain()?.latest().height);
    if height < 1 || u64::try_from(height).is_ok_and(|height| height > latest) {
        return Err(Status::invalid_argument(format!(
            "requested height {height} but height must not be less than 1 or greater than the current height {latest}: \
             invalid height"
        )));
    }
    let found = block::fetch(&backend.comet, Some(height))?;
    let all = found.block.data.as_ref().map_or(&[][..], |data| data.txs.as_slice());
    let page = request.pagination.unwrap_or_default();
    let (_, limit) = page_of(Some(&page))?;
    let count = all.len();
    let offset = usize::try_from(page.offset).unwrap_or(usize::MAX);
    if offset >= count && count != 0 {
        return Err(Status::invalid_argument(format!(
            "out of range: cannot paginate {count} txs with offset {offset} and limit {limit}: invalid request"
        )));
    }
    let mut txs: Vec<&Vec<u8>> = all.iter().collect();
    if page.reverse {
        txs.reverse();
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // What is no transaction is left out, as the SDK does.
    let txs = txs.into_iter().skip(offset).take(limit).filter_map(|tx| decode(tx).ok()).collect();
    let total = u64::try_from(count).unwrap_or(u64::MAX);
    Ok(GetBlockWithTxsResponse {
        txs,
        block_id: Some(found.id),
        pagination: Some(PageResponse { next_key: Vec::new(), total }),
        block: Some(found.block),
    })
}

fn broadcast_tx(backend: &Backend, request: BroadcastTxRequest) -> Result<BroadcastTxResponse, Status> {
    if request.tx_bytes.is_empty() {
        return Err(Status::invalid_argument("invalid empty tx"));
    }
    let method = match BroadcastMode::try_from(request.mode) {
        Ok(BroadcastMode::Sync) => "broadcast_tx_sync",
        Ok(BroadcastMode::Async) => "broadcast_tx_async",
        // As the SDK since v0.47, which waits for no block either.
        _ => {
            let text = "unsupported return type unspecified; supported types: sync, async";
            return Err(Status::new(Code::Unknown, text));
        }
    };
    let response = match backend.comet.call(method, json!({"tx": BASE64.encode(&request.tx_bytes)})) {
        Ok(answer) => TxResponse {
            code: number(&answer, "/code")?,
            codespace: text(&answer, "/codespace").into(),
            data: text(&answer, "/data").into(),
            raw_log: text(&answer, "/log").into(),
            txhash: text(&answer, "/hash").into(),
            ..TxResponse::default()
        },
        Err(error) => not_submitted(error, &request.tx_bytes)?,
    };
    Ok(BroadcastTxResponse { tx_response: Some(response) })
}

/// What the mempool refused before CheckTx, as a result with the SDK's code (SDK `client.CheckCometError`).
fn not_submitted(error: CallError, tx: &[u8]) -> Result<TxResponse, Status> {
    let code = match &error {
        CallError::Refused(why) if why.contains("tx already exists in cache") => 19,
        CallError::Refused(why) if why.contains("mempool is full") => 20,
        CallError::Refused(why) if why.to_lowercase().contains("tx too large") => 21,
        _ => return Err(error.into()),
    };
    Ok(TxResponse { code, codespace: "sdk".into(), txhash: hex::encode_upper(hash(tx)), ..TxResponse::default() })
}

fn tx_decode(_: &Backend, request: TxDecodeRequest) -> Result<TxDecodeResponse, Status> {
    if request.tx_bytes.is_empty() {
        return Err(Status::invalid_argument("invalid empty tx bytes"));
    }
    let wrong = |why: String| Status::invalid_argument(format!("{why}: tx parse error"));
    walker::reject_unknown(&Tx::full_name(), &request.tx_bytes, true).map_err(|error| wrong(error.to_string()))?;
    let tx = Tx::decode(request.tx_bytes.as_slice()).map_err(|error| wrong(error.to_string()))?;
    Ok(TxDecodeResponse { tx: Some(tx) })
}

fn tx_encode(_: &Backend, request: TxEncodeRequest) -> Result<TxEncodeResponse, Status> {
    let tx = request.tx.ok_or_else(|| Status::invalid_argument("invalid empty tx"))?;
    Ok(TxEncodeResponse { tx_bytes: tx.encode_to_vec() })
}

fn tx_encode_amino(_: &Backend, request: TxEncodeAminoRequest) -> Result<TxEncodeAminoResponse, Status> {
    if request.amino_json.is_empty() {
        return Err(Status::invalid_argument("invalid empty tx json"));
    }
    let encoded = amino::encode_std_tx(&request.amino_json);
    let amino_binary = encoded.map_err(|error| Status::invalid_argument(format!("{error}: tx parse error")))?;
    Ok(TxEncodeAminoResponse { amino_binary })
}

fn tx_decode_amino(_: &Backend, request: TxDecodeAminoRequest) -> Result<TxDecodeAminoResponse, Status> {
    if request.amino_binary.is_empty() {
        return Err(Status::invalid_argument("invalid empty tx bytes"));
    }
    let decoded = amino::decode_std_tx(&request.amino_binary);
    let amino_json = decoded.map_err(|error| Status::invalid_argument(format!("{error}: tx parse error")))?;
    Ok(TxDecodeAminoResponse { amino_json })
}

/// `TxRaw` and `Tx` are the same bytes.
fn decode(bytes: &[u8]) -> Result<Tx, Status> {
    Tx::decode(bytes).map_err(|error| Status::internal(format!("{error}: tx parse error")))
}

/// The times of blocks, each asked for once.
#[derive(Default)]
struct Times(BTreeMap<i64, String>);

impl Times {
    /// RFC 3339 in whole seconds, as Go's `time.RFC3339` prints it.
    fn of_block(&mut self, backend: &Backend, height: i64) -> Result<String, Status> {
        if let Some(time) = self.0.get(&height) {
            return Ok(time.clone());
        }
        let answer = backend.comet.call("header", json!({"height": height.to_string()}))?;
        let time = whole_seconds(text(&answer, "/header/time"));
        self.0.insert(height, time.clone());
        Ok(time)
    }

    /// A transaction that CometBFT found, and its result (SDK `types.NewResponseResultTx`).
    fn of_tx(&mut self, backend: &Backend, found: &Value) -> Result<(Tx, TxResponse), Status> {
        let (bytes, height) = (base64(found, "/tx")?, number(found, "/height")?);
        let timestamp = self.of_block(backend, height)?;
        Ok((decode(&bytes)?, result(found, bytes, height, timestamp)?))
    }
}

fn result(found: &Value, tx: Vec<u8>, height: i64, timestamp: String) -> Result<TxResponse, Status> {
    let of = |pointer: &str| text(found, pointer).to_string();
    Ok(TxResponse {
        height,
        txhash: of("/hash"),
        codespace: of("/tx_result/codespace"),
        code: number(found, "/tx_result/code")?,
        data: hex::encode_upper(base64(found, "/tx_result/data")?),
        raw_log: of("/tx_result/log"),
        // Per-message logs ended with SDK v0.50; `events` has them all, each with its `msg_index`.
        logs: Vec::new(),
        info: of("/tx_result/info"),
        gas_wanted: number(found, "/tx_result/gas_wanted")?,
        gas_used: number(found, "/tx_result/gas_used")?,
        tx: Some(Any { type_url: Tx::type_url(), value: tx }),
        timestamp,
        events: list(found, "/tx_result/events").iter().map(event).collect(),
    })
}

fn event(event: &Value) -> Event {
    let attribute = |attribute: &Value| EventAttribute {
        key: text(attribute, "/key").into(),
        value: text(attribute, "/value").into(),
        index: attribute.get("index").and_then(Value::as_bool).unwrap_or_default(),
    };
    let attributes = list(event, "/attributes").iter().map(attribute).collect();
    Event { r#type: text(event, "/type").into(), attributes }
}

fn whole_seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_go_prints_them() {
        assert_eq!(whole_seconds("2026-11-21T03:59:24.123456789Z"), "2026-11-21T03:59:24Z");
        assert_eq!(whole_seconds("2026-11-21T03:59:24Z"), "2026-11-21T03:59:24Z");
    }

    #[test]
    fn what_the_mempool_refuses_has_the_sdk_s_code() {
        let refused =
            |why: &str| not_submitted(CallError::Refused(format!("RPC error -32603 - Internal error: {why}")), b"tx");
        assert_eq!(refused("tx already exists in cache").unwrap().code, 19);
        assert_eq!(refused("mempool is full: number of txs 5000 (max: 5000)").unwrap().code, 20);
        let large = refused("Tx too large. Max size is 1048576, but got 2000000").unwrap();
        assert_eq!((large.code, large.codespace.as_str(), large.txhash.len()), (21, "sdk", 64));
        assert_eq!(refused("anything else").unwrap_err().code, Code::Unknown);
        assert_eq!(not_submitted(CallError::Away("gone".into()), b"tx").unwrap_err().code, Code::Unavailable);
    }

    #[test]
    fn a_result_keeps_every_field() {
        let found = json!({"hash": "AB", "height": "7", "index": 0, "tx_result": {
            "code": 5, "data": "EiY=", "log": "why", "info": "i", "gas_wanted": "200000", "gas_used": "61234",
            "events": [{"type": "tx", "attributes": [{"key": "fee", "value": "1aopen", "index": true}]}],
            "codespace": "sdk"}});
        let found = result(&found, vec![1], 7, "t".into()).unwrap();
        assert_eq!((found.height, found.code, found.codespace.as_str(), found.data.as_str()), (7, 5, "sdk", "1226"));
        assert_eq!((found.gas_wanted, found.gas_used, found.raw_log.as_str()), (200_000, 61_234, "why"));
        assert_eq!(found.tx.unwrap().type_url, "/cosmos.tx.v1beta1.Tx");
        assert_eq!((found.events[0].r#type.as_str(), found.events[0].attributes[0].index), ("tx", true));
    }
}
