//! Queries: one way to answer for all doors, and ABCI's own (Cosmos SDK v0.50 `baseapp.Query`).
//!
//! | path | answer |
//! | --- | --- |
//! | `/package.Service/Method` | the module's or the added service's response, protobuf |
//! | `store/<name>/key` | the value under the key `data`, with `prove` its proof or that of its absence |
//! | `app/version`, `app/simulate` | this program's version; gas and events of the transaction `data`, JSON |
//! | `p2p/filter/…` | always yes |
//!
//! A query reads one committed height and says which. It has a gas limit, and a panic in it is an error of it alone.

use bytes::Bytes;
use openledger_core::query::Code;
use openledger_core::{BlockInfo, Coded, Context, Error, GasMeter, SdkError, Status};
use openledger_proto::cosmos::base::abci::v1beta1::{GasInfo, Result as SimulationResult, SimulationResponse};
use openledger_proto::tendermint::abci::{RequestQuery, ResponseQuery};
use openledger_proto::tendermint::crypto::{ProofOp, ProofOps};
use openledger_proto::{walker, Message as _, Name as _};
use openledger_store::BlockState;

use super::chain::Chain;
use super::panics::contained;
use super::run::Outcome;
use super::{abci as convert, header, NAME, VERSION};

/// SDK `ErrInvalidHeight`.
const INVALID_HEIGHT: u32 = 26;
/// `ErrInvalidRequest` of the SDK's codespace `store`.
const INVALID_STORE_REQUEST: u32 = 7;
/// Broadcasting by query would make CometBFT wait for itself.
const BROADCAST_TX: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";

/// The longest answer to ABCI's Query, in bytes. CometBFT ends the node over a message of more than 100 MiB, and its RPC writes this one a
/// third longer.
const MAX_ANSWER_BYTES: usize = 32 << 20;

/// The answer, or that it is too long.
fn bounded(answer: ResponseQuery, most: usize) -> ResponseQuery {
    let len = answer.encoded_len();
    if len <= most {
        return answer;
    }
    let text =
        format!("the answer has {len} bytes, and at most {most} are given here; ask for pages, or at another door");
    refused(SdkError::InvalidRequest(text).into())
}

impl Chain {
    /// Answers a query `/package.Service/Method` at a height (0: the latest): the response's bytes, and the height that was read.
    pub fn answer(&self, path: &str, request: &[u8], height: u64) -> Result<(Vec<u8>, u64), Status> {
        let _timer = self.metrics.time("query");
        if !self.router().has_query(path) {
            let service =
                self.service(path).ok_or_else(|| Status::unimplemented(format!("unknown query path {path}")))?;
            let answer = contained(|| Ok(service(request, height))).map_err(fault)??;
            return Ok((answer, if height == 0 { self.latest().height } else { height }));
        }
        let (state, block) = self.state_at(height).map_err(|error| of_height(&error))?;
        let ctx =
            Context::query(&state, &block, GasMeter::new(self.config().query_gas_limit)).with_router(self.router());
        let answer = contained(|| Ok(self.router().answer(&ctx, path, request))).map_err(fault)??;
        Ok((answer, block.height))
    }

    /// The state at a height that is served (0: the latest), and the block that made it.
    pub fn state_at(&self, height: u64) -> Result<(BlockState, BlockInfo), Error> {
        let latest = self.latest();
        if latest.height == 0 {
            return Err(invalid_height(format!("{NAME} is not ready; please wait for first block")));
        }
        if height == 0 || height == latest.height {
            return Ok((BlockState::new(latest.snapshot.clone()), latest.block.clone()));
        }
        if height > latest.height {
            return Err(invalid_height("cannot query with height in the future; please provide a valid height".into()));
        }
        let snapshot = self.store().snapshot_at(height).map_err(|error| {
            let (latest, error) = (latest.height, not_kept(&error));
            let text = format!("failed to load state at height {height}; {error} (latest height: {latest})");
            SdkError::InvalidRequest(text)
        })?;
        let block = header::read(&snapshot, &self.config().chain_id)?;
        Ok((BlockState::new(snapshot), block))
    }

    /// ABCI's Query.
    pub fn query(&self, request: &RequestQuery) -> ResponseQuery {
        bounded(contained(|| self.route(request)).unwrap_or_else(refused), MAX_ANSWER_BYTES)
    }

    fn route(&self, request: &RequestQuery) -> Result<ResponseQuery, Error> {
        let height = u64::try_from(request.height).map_err(|_| {
            SdkError::InvalidRequest("cannot query with height < 0; please provide a valid height".into())
        })?;
        let path = request.path.as_str();
        if path == BROADCAST_TX {
            return Err(SdkError::InvalidRequest("can't route a broadcast tx message".into()).into());
        }
        if self.router().has_query(path) || self.service(path).is_some() {
            return self.route_method(path, request, height);
        }
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        match parts.as_slice() {
            ["store", store, "key"] => self.read_key(store, request, height),
            ["app", "version"] => Ok(self.app_answer(VERSION.into())),
            ["app", "simulate"] => self.simulate_json(&request.data),
            ["p2p", "filter", ..] => Ok(ResponseQuery::default()),
            [""] => Err(SdkError::UnknownRequest("no query path provided".into()).into()),
            _ => Err(SdkError::UnknownRequest(format!("unknown query path {path:?}")).into()),
        }
    }

    fn route_method(&self, path: &str, request: &RequestQuery, height: u64) -> Result<ResponseQuery, Error> {
        let latest = self.latest().height;
        let asked = if height == 0 { latest } else { height };
        refuse_early_proof(request.prove, asked)?;
        if self.router().has_query(path) {
            self.state_at(height)?;
        }
        match self.answer(path, &request.data, height) {
            Ok((value, height)) => {
                Ok(ResponseQuery { value: value.into(), height: signed(height), ..Default::default() })
            }
            Err(status) => Ok(ResponseQuery { height: signed(asked), ..refused(of_status(&status)) }),
        }
    }

    fn read_key(&self, store: &str, request: &RequestQuery, height: u64) -> Result<ResponseQuery, Error> {
        let latest = self.latest().height;
        let height = if height == 0 { latest } else { height };
        refuse_early_proof(request.prove, height)?;
        if request.data.is_empty() {
            return Err(SdkError::TxDecode("query cannot be zero length".into()).into());
        }
        let answer = self.store().query(store, &request.data, height, request.prove);
        let answer = answer.map_err(|error| match error {
            openledger_store::Error::UnknownStore(_) => Error::from(SdkError::UnknownRequest(error.to_string())),
            openledger_store::Error::HeightNotAvailable { .. } => refuse_height(request.prove),
            _ => SdkError::InvalidRequest(error.to_string()).into(),
        })?;
        let op = |op: openledger_store::ProofOp| ProofOp { r#type: op.op_type.into(), key: op.key, data: op.data };
        let ops: Vec<ProofOp> = answer.proof.into_iter().map(op).collect();
        Ok(ResponseQuery {
            key: request.data.clone(),
            value: answer.value.unwrap_or_default().into(),
            proof_ops: request.prove.then_some(ProofOps { ops }),
            height: signed(answer.height),
            ..Default::default()
        })
    }

    fn simulate_json(&self, tx: &Bytes) -> Result<ResponseQuery, Error> {
        let response = simulation(self.simulate(tx))?;
        let name = SimulationResponse::full_name();
        let json = walker::to_json(&name, &response.encode_to_vec())
            .map_err(|error| SdkError::Logic(format!("failed to JSON encode simulation response: {error}")))?;
        Ok(self.app_answer(json.to_string().into_bytes()))
    }

    fn app_answer(&self, value: Vec<u8>) -> ResponseQuery {
        let height = signed(self.latest().height);
        ResponseQuery { codespace: "sdk".into(), value: value.into(), height, ..Default::default() }
    }
}

/// A simulation as the SDK reports it, or why the transaction would fail.
pub fn simulation(outcome: Outcome) -> Result<SimulationResponse, Error> {
    let gas_info = GasInfo { gas_wanted: outcome.gas_wanted, gas_used: outcome.gas_used };
    let data = outcome.data();
    let msg_responses = outcome.result?;
    let events = outcome.events.into_iter().map(convert::event).collect();
    #[allow(deprecated)]
    let result = SimulationResult { data, log: String::new(), events, msg_responses };
    Ok(SimulationResponse { gas_info: Some(gas_info), result: Some(result) })
}

/// The first height whose proofs can be checked is 2: the header of `height + 1` holds the app hash, and 1 is genesis.
fn refuse_early_proof(prove: bool, height: u64) -> Result<(), SdkError> {
    if prove && height <= 1 {
        let text = "cannot query with proof when height <= 1; please provide a valid height";
        return Err(SdkError::InvalidRequest(text.into()));
    }
    Ok(())
}

/// Why a height cannot be loaded, in the words of the SDK's `iavl.Store.GetImmutable`.
fn not_kept(error: &openledger_store::Error) -> String {
    match error {
        openledger_store::Error::HeightNotAvailable { .. } => {
            "version mismatch on immutable IAVL tree; version does not exist. Version has either been pruned, or is for a future \
             block height"
                .into()
        }
        error => error.to_string(),
    }
}

/// A key at a height that is not kept (SDK `rootmulti.Store.Query`). Without a proof the SDK answers code 0, no value and this text,
/// which a client takes for an absent key: here it is an error as well.
fn refuse_height(prove: bool) -> Error {
    let text =
        if prove { "proof is unexpectedly empty; ensure height has not been pruned" } else { "version does not exist" };
    Error { codespace: "store", code: INVALID_STORE_REQUEST, message: format!("{text}: invalid request") }
}

/// A height that cannot be read, as the SDK's gRPC server answers: code unknown, what is wrong before the details.
fn of_height(error: &Error) -> Status {
    let Error { codespace, code, message } = error;
    let (details, what) = message.rsplit_once(": ").unwrap_or(("", message));
    Status::new(Code::Unknown, format!("codespace {codespace} code {code}: {what}: {details}"))
}

/// gRPC's codes as ABCI's (SDK `gRPCErrorToSDKError`).
fn of_status(status: &Status) -> Error {
    let text = status.to_string();
    match status.code {
        Code::NotFound => SdkError::KeyNotFound(text),
        Code::InvalidArgument | Code::FailedPrecondition => SdkError::InvalidRequest(text),
        _ => SdkError::UnknownRequest(text),
    }
    .into()
}

/// A query that unwound: its gas was used up, or a fault of ours.
fn fault(error: Error) -> Status {
    let out_of_gas = error.code == SdkError::OutOfGas(String::new()).code();
    let code = if out_of_gas { Code::ResourceExhausted } else { Code::Internal };
    Status::new(code, error.message)
}

fn refused(error: Error) -> ResponseQuery {
    ResponseQuery { code: error.code, codespace: error.codespace.into(), log: error.message, ..Default::default() }
}

fn invalid_height(text: String) -> Error {
    Error { codespace: "sdk", code: INVALID_HEIGHT, message: format!("{text}: invalid height") }
}

fn signed(height: u64) -> i64 {
    i64::try_from(height).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_would_end_cometbft_is_an_error() {
        let answer = |len: usize| ResponseQuery { value: vec![7; len].into(), ..Default::default() };
        assert_eq!(bounded(answer(100), 200), answer(100));
        let refused = bounded(answer(300), 200);
        assert_eq!((refused.code, refused.codespace.as_str()), (18, "sdk"));
        assert!(refused.value.is_empty() && refused.log.contains("at most 200"), "{}", refused.log);
    }
}
