//! CometBFT's RPC as the services call it: from threads that may wait, each call with an end, each failure a gRPC status.
//!
//! Never `abci_query`: it would wait for this process, which waits for it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use openledger_client::{Error, Rpc};
use openledger_core::query::Code;
use openledger_core::Status;
use serde_json::Value;
use tokio::runtime::Handle;

/// How long a call may take (SDK: CometBFT's `timeout_broadcast_tx_commit`).
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// The node's CometBFT, or its absence.
#[derive(Clone)]
pub struct Comet(Option<(Rpc, Handle)>);

impl Comet {
    /// No CometBFT: what needs it is answered with Unavailable.
    pub fn absent() -> Self {
        Self(None)
    }

    /// CometBFT's RPC listening at `laddr` as its `config.toml` writes it, e.g. `tcp://0.0.0.0:26657`; empty: it does not listen.
    /// To be called within the runtime that is to drive the calls.
    pub fn listening(laddr: &str) -> Self {
        match url(laddr) {
            Some(url) => Self(Some((Rpc::new(&url), Handle::current()))),
            None => Self::absent(),
        }
    }

    /// A call's result. Waits, so not for a thread of the runtime.
    pub fn call(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let Some((rpc, handle)) = &self.0 else {
            return Err(CallError::Away("this node runs without CometBFT's RPC, which this query needs".into()));
        };
        let call = async { tokio::time::timeout(CALL_LIMIT, rpc.call(method, params)).await };
        match handle.block_on(call) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error @ Error::Refused { .. })) => Err(CallError::Refused(error.to_string())),
            Ok(Err(error)) => Err(CallError::Away(error.to_string())),
            Err(_) => {
                Err(CallError::Away(format!("CometBFT did not answer {method} within {} s", CALL_LIMIT.as_secs())))
            }
        }
    }
}

/// Why a call has no result.
#[derive(Debug)]
pub enum CallError {
    /// CometBFT is not there, or does not answer.
    Away(String),
    /// CometBFT refused; its text.
    Refused(String),
}

impl From<CallError> for Status {
    /// A refusal has the code that Go gives an error without one.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Away(why) => Self::new(Code::Unavailable, why),
            CallError::Refused(why) => Self::new(Code::Unknown, why),
        }
    }
}

/// Where the RPC will listen: the flag, else `[rpc] laddr` in CometBFT's `config.toml`.
pub fn laddr(config_toml: &str, flag: Option<&str>) -> Result<String> {
    if let Some(flag) = flag {
        return Ok(flag.into());
    }
    let config: toml::Table = config_toml.parse().context("CometBFT's config.toml is wrong")?;
    let laddr = config.get("rpc").and_then(|rpc| rpc.get("laddr")).and_then(toml::Value::as_str);
    Ok(laddr.unwrap_or_default().into())
}

/// How to reach what listens at `laddr`: an address that stands for all of a machine's is reached at its own.
fn url(laddr: &str) -> Option<String> {
    if laddr.is_empty() || laddr.starts_with("unix:") {
        return None;
    }
    let host = laddr.rsplit("://").next()?;
    let host = match host.parse::<SocketAddr>() {
        Ok(SocketAddr::V4(at)) if at.ip().is_unspecified() => format!("127.0.0.1:{}", at.port()),
        Ok(SocketAddr::V6(at)) if at.ip().is_unspecified() => format!("[::1]:{}", at.port()),
        _ if host.starts_with(':') => format!("127.0.0.1{host}"),
        _ => host.into(),
    };
    Some(format!("http://{host}"))
}

/// The text at a JSON pointer; empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a JSON pointer, which CometBFT writes as a number or as text.
pub fn number<T: std::str::FromStr>(value: &Value, pointer: &str) -> Result<T, Status> {
    let found = value.pointer(pointer);
    let text = match found {
        Some(Value::String(text)) => text.clone(),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    text.parse().map_err(|_| Status::internal(format!("CometBFT answered {text:?} for {pointer}, which is no number")))
}

/// The bytes at a JSON pointer, in base64; none where there is nothing.
pub fn base64(value: &Value, pointer: &str) -> Result<Vec<u8>, Status> {
    use base64::Engine;
    let text = text(value, pointer);
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map_err(|_| Status::internal(format!("CometBFT answered {text:?} for {pointer}, which is no base64")))
}

/// The list at a JSON pointer; empty for `null` and for nothing.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rpc_is_reached_where_it_listens() {
        for (laddr, reached) in [
            ("tcp://127.0.0.1:26657", Some("http://127.0.0.1:26657")),
            ("tcp://0.0.0.0:1", Some("http://127.0.0.1:1")),
            ("tcp://[::]:1", Some("http://[::1]:1")),
            ("tcp://:7", Some("http://127.0.0.1:7")),
            ("localhost:9", Some("http://localhost:9")),
            ("unix:///tmp/rpc", None),
            ("", None),
        ] {
            assert_eq!(url(laddr).as_deref(), reached, "{laddr}");
        }
    }

    #[test]
    fn a_flag_wins_over_config_toml() {
        let config = include_str!("../../../cometbft-config/config.toml").replace("{{moniker}}", "\"m\"");
        assert_eq!(laddr(&config, None).unwrap(), "tcp://127.0.0.1:26657");
        assert_eq!(laddr(&config, Some("tcp://127.0.0.1:1")).unwrap(), "tcp://127.0.0.1:1");
        assert!(laddr("= nonsense", None).is_err());
    }

    #[test]
    fn without_cometbft_a_call_is_unavailable() {
        let status = Status::from(Comet::absent().call("status", Value::Null).unwrap_err());
        assert_eq!(status.code, Code::Unavailable);
    }
}
