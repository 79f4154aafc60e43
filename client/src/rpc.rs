//! CometBFT's JSON-RPC, as far as wallets and services need it: status, queries through ABCI, broadcast, transactions.
//!
//! tendermint-rpc covers far more and brings a second HTTP stack; these five calls do not need it.

use std::time::Duration;

use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_proto::Message;
use serde::{Deserialize, Deserializer};
use serde_json::{json, Value};

use crate::{Error, Result};

/// The calls that CometBFT takes in one request by default (`rpc.max_request_batch_size`).
pub const MOST_AT_ONCE: usize = 10;

/// A node's RPC endpoint.
#[derive(Debug, Clone)]
pub struct Rpc {
    url: String,
    http: reqwest::Client,
}

/// The answer to an ABCI query.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QueryAnswer {
    /// 0 where it was answered.
    pub code: u32,
    /// Why not.
    pub log: String,
    /// The key that was asked for.
    #[serde(deserialize_with = "bytes")]
    pub key: Vec<u8>,
    /// The answer.
    #[serde(deserialize_with = "bytes")]
    pub value: Vec<u8>,
    /// The height that was read.
    #[serde(deserialize_with = "number")]
    pub height: u64,
    /// The proof as CometBFT prints it, `null` where none was asked for.
    #[serde(rename = "proofOps")]
    pub proof_ops: Value,
}

/// What CheckTx said of a broadcast transaction.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Broadcast {
    /// 0 where the mempool took it.
    pub code: u32,
    /// Why not.
    pub log: String,
    /// The table of codes.
    pub codespace: String,
    /// The transaction's hash.
    pub hash: String,
    /// What the check gave back, in hexadecimal.
    pub data: String,
}

/// A transaction in a block.
#[derive(Debug, Clone, Deserialize)]
pub struct TxInBlock {
    /// Its hash.
    pub hash: String,
    /// The block's height.
    #[serde(deserialize_with = "number")]
    pub height: u64,
    /// What became of it.
    pub tx_result: TxResult,
}

/// What became of a transaction.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TxResult {
    /// 0 where it succeeded.
    pub code: u32,
    /// Encoded `TxMsgData`: the messages' responses.
    #[serde(deserialize_with = "bytes")]
    pub data: Vec<u8>,
    /// Why it failed.
    pub log: String,
    /// The table of codes.
    pub codespace: String,
    /// The gas it might use.
    #[serde(deserialize_with = "number")]
    pub gas_wanted: u64,
    /// The gas it used.
    #[serde(deserialize_with = "number")]
    pub gas_used: u64,
    /// Its events.
    pub events: Vec<Event>,
}

/// An event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Keys and values.
    pub attributes: Vec<Attribute>,
}

/// A key and a value of an event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Attribute {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Rpc {
    /// The endpoint at `url`; `tcp://` is read as `http://`.
    pub fn new(url: &str) -> Self {
        let url = url.trim_end_matches('/').replacen("tcp://", "http://", 1);
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy().build().unwrap_or_default();
        Self { url, http }
    }

    /// Calls a method with parameters by name; its `result`.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        result(self.post(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})).await?)
    }

    async fn post(&self, request: &Value) -> Result<Value> {
        if self.url.starts_with("https:") {
            return Err(self.fault("this program speaks HTTP without TLS only: name an http:// or tcp:// address"));
        }
        let answer =
            self.http.post(&self.url).json(request).send().await.map_err(|error| self.fault(causes(&error)))?;
        answer.json().await.map_err(|error| self.fault(causes(&error)))
    }

    async fn typed<T: serde::de::DeserializeOwned>(&self, method: &str, params: Value) -> Result<T> {
        let value = self.call(method, params).await?;
        serde_json::from_value(value).map_err(|error| self.fault(format!("{method}: {error}")))
    }

    /// CometBFT's `/status`.
    pub async fn status(&self) -> Result<Value> {
        self.call("status", json!({})).await
    }

    /// The chain's id and the last block's height.
    pub async fn chain(&self) -> Result<(String, u64)> {
        let status = self.status().await?;
        let id = status["node_info"]["network"].as_str();
        let height = status["sync_info"]["latest_block_height"].as_str().and_then(|height| height.parse().ok());
        id.zip(height).map(|(id, height)| (id.to_string(), height)).ok_or_else(|| self.fault("status names no chain"))
    }

    /// An ABCI query; `height` 0 is the latest.
    pub async fn abci_query(&self, path: &str, data: &[u8], height: u64, prove: bool) -> Result<QueryAnswer> {
        #[derive(Deserialize)]
        struct Answer {
            response: QueryAnswer,
        }
        let params = json!({"path": path, "data": hex::encode(data), "height": height.to_string(), "prove": prove});
        Ok(self.typed::<Answer>("abci_query", params).await?.response)
    }

    /// A query by its gRPC path.
    pub async fn query<Req: Message, Resp: Message + Default>(&self, path: &str, request: &Req) -> Result<Resp> {
        self.query_at(path, request, 0).await
    }

    /// A query by its gRPC path of the state at a height; 0 is the latest.
    pub async fn query_at<Req: Message, Resp: Message + Default>(
        &self,
        path: &str,
        request: &Req,
        height: u64,
    ) -> Result<Resp> {
        let answer = self.abci_query(path, &request.encode_to_vec(), height, false).await?;
        if answer.code != 0 {
            return Err(Error::Query { path: path.into(), code: answer.code, log: answer.log });
        }
        Resp::decode(answer.value.as_slice()).map_err(|error| self.fault(format!("{path}: {error}")))
    }

    /// Hands a transaction to the node and waits for CheckTx.
    pub async fn broadcast(&self, tx: &[u8]) -> Result<Broadcast> {
        self.broadcast_by("broadcast_tx_sync", tx).await
    }

    /// Hands several transactions to the node in one request and waits for CheckTx of each; what became of each, in their order. A node
    /// takes [`MOST_AT_ONCE`] unless its `max_request_batch_size` says otherwise.
    pub async fn broadcast_all(&self, txs: &[Vec<u8>]) -> Result<Vec<Result<Broadcast>>> {
        let call = |(id, tx): (usize, &Vec<u8>)| {
            let params = json!({"tx": BASE64.encode(tx)});
            json!({"jsonrpc": "2.0", "id": id, "method": "broadcast_tx_sync", "params": params})
        };
        // A batch of one is answered like a single call.
        let answers = match self.post(&txs.iter().enumerate().map(call).collect()).await? {
            Value::Array(answers) => answers,
            answer => vec![answer],
        };
        if answers.len() != txs.len() {
            return Err(self.fault(format!("{} answers to {} transactions", answers.len(), txs.len())));
        }
        let read = |answer: Value| {
            serde_json::from_value(result(answer)?).map_err(|error| self.fault(format!("broadcast_tx_sync: {error}")))
        };
        Ok(answers.into_iter().map(read).collect())
    }

    /// Hands a transaction to the node by one of CometBFT's methods: `broadcast_tx_sync` or `broadcast_tx_async`.
    pub async fn broadcast_by(&self, method: &str, tx: &[u8]) -> Result<Broadcast> {
        self.typed(method, json!({"tx": BASE64.encode(tx)})).await
    }

    /// The transaction of this hash, `None` where no block holds it (yet).
    pub async fn tx(&self, hash: &str) -> Result<Option<TxInBlock>> {
        let bytes = hex::decode(hash).map_err(|_| self.fault(format!("{hash:?} is no transaction hash")))?;
        match self.typed("tx", json!({"hash": BASE64.encode(bytes), "prove": false})).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::Refused { message, .. }) if message.contains("not found") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until a block holds the transaction; its success or failure is in the result.
    pub async fn wait_for_tx(&self, hash: &str, timeout: Duration) -> Result<TxInBlock> {
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            if let Some(found) = self.tx(hash).await? {
                return Ok(found);
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(Error::Timeout(hash.into()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn fault(&self, what: impl ToString) -> Error {
        Error::Node { url: self.url.clone(), what: what.to_string() }
    }
}

/// The result in an answer of JSON-RPC.
fn result(mut answer: Value) -> Result<Value> {
    match answer.get("error") {
        Some(error) if !error.is_null() => Err(refused(error)),
        _ => Ok(answer.get_mut("result").map(Value::take).unwrap_or_default()),
    }
}

/// The last cause of an error, which says what happened.
fn causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => causes(source),
        None => error.to_string(),
    }
}

/// An error of JSON-RPC: CometBFT puts the reason into `data`.
fn refused(error: &Value) -> Error {
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let message = [text("message"), text("data")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    Error::Refused { code: error["code"].as_i64().unwrap_or_default(), message: message.join(": ") }
}

/// A number that CometBFT writes as a string, or 0 for `null`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<u64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(0),
        Value::String(text) => text.parse().map_err(serde::de::Error::custom),
        value => value.as_u64().ok_or_else(|| serde::de::Error::custom(format!("{value} is no height or amount"))),
    }
}

/// Bytes that CometBFT writes in base64, or none for `null`.
fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<u8>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    BASE64.decode(text).map_err(serde::de::Error::custom)
}
