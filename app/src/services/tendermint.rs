//! `cosmos.base.tendermint.v1beta1.Service`: the node, its blocks and validators (SDK v0.50 `client/grpc/cmtservice/service.go`).

use openledger_core::address::VALCONS_PREFIX;
use openledger_core::{Address, Status};
use openledger_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use openledger_proto::cosmos::base::tendermint::v1beta1::{
    AbciQueryRequest, AbciQueryResponse, GetBlockByHeightRequest, GetBlockByHeightResponse, GetLatestBlockRequest,
    GetLatestBlockResponse, GetLatestValidatorSetRequest, GetLatestValidatorSetResponse, GetNodeInfoRequest,
    GetNodeInfoResponse, GetSyncingRequest, GetSyncingResponse, GetValidatorSetByHeightRequest,
    GetValidatorSetByHeightResponse, Module, ProofOp, ProofOps, Validator, VersionInfo,
};
use openledger_proto::cosmos::crypto::{ed25519, secp256k1};
use openledger_proto::tendermint::abci::RequestQuery;
use openledger_proto::tendermint::p2p::{DefaultNodeInfo, DefaultNodeInfoOther, ProtocolVersion};
use openledger_proto::{Any, Message, Name};
use serde_json::{json, Value};

use super::comet::{base64, list, number, text};
use super::{add, block, page_of, Backend};
use crate::execution::{Chain, NAME, VERSION};
use crate::node::comet::TESTED;

/// The SDK whose behaviour this chain has.
const SDK_VERSION: &str = "v0.50.9";
/// The ibc-go whose store layout, events and queries this chain has.
const IBC_VERSION: &str = "v8.8.0";
/// The libraries of Go whose behaviour this chain has, where a Go program would list those that it is built from: clients read these
/// paths and versions to choose how to talk to the chain, and have no other way to learn it.
const BEHAVES_AS: [(&str, &str); 3] = [
    ("github.com/cosmos/cosmos-sdk", SDK_VERSION),
    ("github.com/cometbft/cometbft", TESTED),
    ("github.com/cosmos/ibc-go/v8", IBC_VERSION),
];
/// What ABCIQuery may reach (SDK `baseapp`): methods have doors of their own.
const ABCI_PATHS: [&str; 4] = ["app", "store", "p2p", "custom"];

pub(super) fn open(chain: &Chain, backend: &Backend) {
    let path = |method: &str| format!("/cosmos.base.tendermint.v1beta1.Service/{method}");
    add(chain, &path("GetNodeInfo"), backend, node_info);
    add(chain, &path("GetSyncing"), backend, syncing);
    add(chain, &path("GetLatestBlock"), backend, latest_block);
    add(chain, &path("GetBlockByHeight"), backend, block_by_height);
    add(chain, &path("GetLatestValidatorSet"), backend, latest_validators);
    add(chain, &path("GetValidatorSetByHeight"), backend, validators_by_height);
    add(chain, &path("ABCIQuery"), backend, abci_query);
}

fn node_info(backend: &Backend, _: GetNodeInfoRequest) -> Result<GetNodeInfoResponse, Status> {
    let status = backend.comet.call("status", json!({}))?;
    let module =
        |(path, version): (&str, &str)| Module { path: path.into(), version: version.into(), sum: String::new() };
    let application_version = VersionInfo {
        name: NAME.into(),
        app_name: format!("{NAME}d"),
        version: VERSION.into(),
        git_commit: option_env!("OPENLEDGER_COMMIT").unwrap_or_default().into(),
        build_deps: BEHAVES_AS.map(module).into(),
        cosmos_sdk_version: SDK_VERSION.into(),
        // Built by no Go.
        ..VersionInfo::default()
    };
    let default_node_info = status.get("node_info").map(default_node_info).transpose()?;
    Ok(GetNodeInfoResponse { default_node_info, application_version: Some(application_version) })
}

fn default_node_info(info: &Value) -> Result<DefaultNodeInfo, Status> {
    let of = |pointer: &str| text(info, pointer).to_string();
    let channels = of("/channels");
    Ok(DefaultNodeInfo {
        protocol_version: Some(ProtocolVersion {
            p2p: number(info, "/protocol_version/p2p")?,
            block: number(info, "/protocol_version/block")?,
            app: number(info, "/protocol_version/app")?,
        }),
        default_node_id: of("/id"),
        listen_addr: of("/listen_addr"),
        network: of("/network"),
        version: of("/version"),
        channels: hex::decode(&channels)
            .map_err(|_| Status::internal(format!("CometBFT's channels are {channels:?}, which is no hexadecimal")))?,
        moniker: of("/moniker"),
        other: Some(DefaultNodeInfoOther { tx_index: of("/other/tx_index"), rpc_address: of("/other/rpc_address") }),
    })
}

fn syncing(backend: &Backend, _: GetSyncingRequest) -> Result<GetSyncingResponse, Status> {
    let status = backend.comet.call("status", json!({}))?;
    let syncing = status.pointer("/sync_info/catching_up").and_then(Value::as_bool);
    let syncing =
        syncing.ok_or_else(|| Status::internal("CometBFT's status does not say whether it is catching up"))?;
    Ok(GetSyncingResponse { syncing })
}

fn latest_block(backend: &Backend, _: GetLatestBlockRequest) -> Result<GetLatestBlockResponse, Status> {
    let found = block::fetch(&backend.comet, None)?;
    let sdk_block = Some(block::to_sdk(&found.block)?);
    Ok(GetLatestBlockResponse { block_id: Some(found.id), block: Some(found.block), sdk_block })
}

fn block_by_height(backend: &Backend, request: GetBlockByHeightRequest) -> Result<GetBlockByHeightResponse, Status> {
    refuse_future(backend, request.height)?;
    let found = block::fetch(&backend.comet, Some(request.height))?;
    let sdk_block = Some(block::to_sdk(&found.block)?);
    Ok(GetBlockByHeightResponse { block_id: Some(found.id), block: Some(found.block), sdk_block })
}

fn refuse_future(backend: &Backend, height: i64) -> Result<(), Status> {
    let status = backend.comet.call("status", json!({}))?;
    if height > number(&status, "/sync_info/latest_block_height")? {
        return Err(Status::invalid_argument("requested block height is bigger then the chain length"));
    }
    Ok(())
}

fn latest_validators(
    backend: &Backend,
    request: GetLatestValidatorSetRequest,
) -> Result<GetLatestValidatorSetResponse, Status> {
    validators(backend, None, request.pagination.as_ref())
}

fn validators_by_height(
    backend: &Backend,
    request: GetValidatorSetByHeightRequest,
) -> Result<GetValidatorSetByHeightResponse, Status> {
    refuse_future(backend, request.height)?;
    let found = validators(backend, Some(request.height), request.pagination.as_ref())?;
    let GetLatestValidatorSetResponse { block_height, validators, pagination } = found;
    Ok(GetValidatorSetByHeightResponse { block_height, validators, pagination })
}

fn validators(
    backend: &Backend,
    height: Option<i64>,
    pagination: Option<&PageRequest>,
) -> Result<GetLatestValidatorSetResponse, Status> {
    let (page, limit) = page_of(pagination)?;
    // CometBFT takes `null` for the latest.
    let height = height.map(|height| height.to_string());
    let params = json!({"height": height, "page": page.to_string(), "per_page": limit.to_string()});
    let answer = backend.comet.call("validators", params)?;
    let validators = list(&answer, "/validators").iter().map(validator).collect::<Result<_, _>>()?;
    Ok(GetLatestValidatorSetResponse {
        block_height: number(&answer, "/block_height")?,
        validators,
        pagination: Some(PageResponse { next_key: Vec::new(), total: number(&answer, "/total")? }),
    })
}

fn validator(validator: &Value) -> Result<Validator, Status> {
    let wrong = |what: &str| Status::internal(format!("CometBFT lists a validator with {what}"));
    let address = hex::decode(text(validator, "/address")).map_err(|_| wrong("an address that is no hexadecimal"))?;
    let key = base64(validator, "/pub_key/value")?;
    let pub_key = match text(validator, "/pub_key/type") {
        "tendermint/PubKeyEd25519" => any(&ed25519::PubKey { key }),
        "tendermint/PubKeySecp256k1" => any(&secp256k1::PubKey { key }),
        other => return Err(wrong(&format!("a key of the type {other:?}"))),
    };
    Ok(Validator {
        address: Address::new(address)?.to_bech32(VALCONS_PREFIX),
        pub_key: Some(pub_key),
        voting_power: number(validator, "/voting_power")?,
        proposer_priority: number(validator, "/proposer_priority")?,
    })
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// ABCI's Query without CometBFT in between.
fn abci_query(backend: &Backend, request: AbciQueryRequest) -> Result<AbciQueryResponse, Status> {
    let path = request.path;
    if path.is_empty() {
        return Err(Status::invalid_argument("empty query path"));
    }
    let first = path.strip_prefix('/').unwrap_or(&path).split('/').next().unwrap_or_default();
    if !ABCI_PATHS.contains(&first) {
        return Err(Status::invalid_argument(format!("unsupported ABCI query path: {path}")));
    }
    let request = RequestQuery { data: request.data.into(), path, height: request.height, prove: request.prove };
    let answer = backend.chain()?.query(&request);
    let op =
        |op: openledger_proto::tendermint::crypto::ProofOp| ProofOp { r#type: op.r#type, key: op.key, data: op.data };
    let ops =
        |ops: openledger_proto::tendermint::crypto::ProofOps| ProofOps { ops: ops.ops.into_iter().map(op).collect() };
    Ok(AbciQueryResponse {
        code: answer.code,
        log: answer.log,
        info: answer.info,
        index: answer.index,
        key: answer.key.to_vec(),
        value: answer.value.to_vec(),
        proof_ops: answer.proof_ops.map(ops),
        height: answer.height,
        codespace: answer.codespace,
    })
}
