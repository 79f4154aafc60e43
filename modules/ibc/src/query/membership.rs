//! `VerifyMembership`: whether a client of this chain would accept a proof.
//!
//! Source: ibc-go v8 `02-client/keeper/grpc_query.go`, `07-tendermint/client_state.go`.

use ibc::clients::tendermint::types::ClientState;
use ibc::core::commitment_types::merkle::{MerklePath, MerkleProof};
use ibc_proto::ibc::core::client::v1::Height;
use ibc_proto::ibc::core::commitment::v1::{MerklePath as RawPath, MerkleProof as RawProof};
use ibc_proto::ibc::lightclients::tendermint::v1::ConsensusState;
use openledger_core::{gas, Context, Status};
use openledger_proto::Message;

use super::{client, kv, read, Answer};
use crate::keeper::{ClientStatus, Ibc};
use crate::state;

/// The request of `VerifyMembership`, which `ibc-proto` leaves out.
#[derive(Clone, PartialEq, Message)]
pub struct QueryVerifyMembershipRequest {
    /// The client that is asked.
    #[prost(string, tag = "1")]
    pub client_id: String,
    /// An encoded `ibc.core.commitment.v1.MerkleProof`.
    #[prost(bytes = "vec", tag = "2")]
    pub proof: Vec<u8>,
    /// The height of the consensus state whose root is proven from.
    #[prost(message, optional, tag = "3")]
    pub proof_height: Option<Height>,
    /// The whole path: the store's name and the key.
    #[prost(message, optional, tag = "4")]
    pub merkle_path: Option<RawPath>,
    /// What stands there.
    #[prost(bytes = "vec", tag = "5")]
    pub value: Vec<u8>,
    /// How many nanoseconds the consensus state must have been known for.
    #[prost(uint64, tag = "6")]
    pub time_delay: u64,
    /// How many blocks it must have been known for.
    #[prost(uint64, tag = "7")]
    pub block_delay: u64,
}

/// The answer of `VerifyMembership`.
#[derive(Clone, PartialEq, Message)]
pub struct QueryVerifyMembershipResponse {
    /// Whether the proof holds.
    #[prost(bool, tag = "1")]
    pub success: bool,
}

/// Verifies a proof as the client would for a packet.
pub(super) fn verify(
    ibc: Ibc,
    ctx: &Context,
    request: QueryVerifyMembershipRequest,
) -> Answer<QueryVerifyMembershipResponse> {
    read::check_client_id(&request.client_id)?;
    let kind = request.client_id.rsplit_once('-').map(|(kind, _)| kind);
    if request.client_id == "09-localhost" || kind == Some("06-solomachine") {
        let text = "verify membership is disabled for client types [09-localhost 06-solomachine]: invalid client type";
        return Err(Status::invalid_argument(text));
    }
    let height = request.proof_height.unwrap_or_default();
    let path = request.merkle_path.clone().unwrap_or_default();
    let missing = [
        (request.proof.is_empty(), "empty proof"),
        (height == Height::default(), "proof height must be non-zero"),
        (path.key_path.is_empty(), "empty merkle path"),
        (request.value.is_empty(), "empty value"),
    ];
    if let Some((_, text)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
        return Err(Status::invalid_argument(text));
    }
    let found = client::client_of(ctx, &request.client_id)?;
    let status = client::status(ibc, ctx, &request.client_id, &found)?;
    if status != ClientStatus::Active {
        let (client, status) = (&request.client_id, status.as_str());
        let text = format!("cannot verify membership using client ({client}) with status {status}");
        return Err(Status::new(
            openledger_core::query::Code::FailedPrecondition,
            format!("{text}: client state is not active"),
        ));
    }
    let bytes = u64::try_from(request.proof.len()).unwrap_or(u64::MAX);
    ctx.gas().consume(bytes.saturating_mul(gas::READ_COST_PER_BYTE).saturating_mul(3), "verify membership query");
    let Some(raw) = client::tendermint(&found)? else {
        return Err(Status::internal("an active client of an unknown type"));
    };
    let success = height_is_known(&raw.latest_height.unwrap_or_default(), &height)
        && delay_is_over(ctx, &request, &height)?
        && proves(ctx, &request, &height, path, raw)?;
    Ok(QueryVerifyMembershipResponse { success })
}

fn height_is_known(latest: &Height, height: &Height) -> bool {
    (latest.revision_number, latest.revision_height) >= (height.revision_number, height.revision_height)
}

/// Whether the consensus state has been known for as long as was asked, to the end.
fn delay_is_over(ctx: &Context, request: &QueryVerifyMembershipRequest, height: &Height) -> Answer<bool> {
    let block = ctx.block();
    if request.time_delay != 0 {
        let since = state::number(&*kv(ctx), &state::processed_time_key(&request.client_id, height))?;
        let Some(since) = since else { return Ok(false) };
        let seconds = u64::try_from(block.time_seconds).unwrap_or_default();
        let now = seconds.saturating_mul(1_000_000_000).saturating_add(block.time_nanos.into());
        if now < since.saturating_add(request.time_delay) {
            return Ok(false);
        }
    }
    if request.block_delay != 0 {
        let since = kv(ctx).get(&state::processed_height_key(&request.client_id, height));
        let since = since.and_then(|text| state::read_height(std::str::from_utf8(&text).ok()?));
        let Some(mut since) = since else { return Ok(false) };
        since.revision_height = since.revision_height.saturating_add(request.block_delay);
        return Ok(height_is_known(&read::self_height(ctx), &since));
    }
    Ok(true)
}

/// Whether the value stands under the path in the state of the client's chain at that height.
fn proves(
    ctx: &Context,
    request: &QueryVerifyMembershipRequest,
    height: &Height,
    path: RawPath,
    client: ibc_proto::ibc::lightclients::tendermint::v1::ClientState,
) -> Answer<bool> {
    let Some(known) = state::consensus_state(&*kv(ctx), &request.client_id, height)? else { return Ok(false) };
    let Some(root) = read::decode::<ConsensusState>(&known.value)?.root else { return Ok(false) };
    let client = ClientState::try_from(client).map_err(|error| Status::internal(format!("state: {error}")))?;
    let Ok(proof) = RawProof::decode(request.proof.as_slice()) else { return Ok(false) };
    let proof = MerkleProof { proofs: proof.proofs };
    let verified = proof.verify_membership::<ics23::HostFunctionsManager>(
        &client.proof_specs,
        root,
        MerklePath::from(path),
        request.value.clone(),
        0,
    );
    Ok(verified.is_ok())
}
