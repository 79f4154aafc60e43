//! Profiles and handles.

use cosmwasm_std::from_json;
use cw_storage_plus::Prefixer;
use openledger_core::query::paginate;
use openledger_core::{Address, Context, Status};
use openledger_proto::openledger::contributor::v1::*;

use super::{no_page, Answer};
use crate::keeper::Contributors;
use crate::msg::claim_heights;
use crate::proof::{text, Place};
use crate::state::{StoredProof, HANDLE_COMMITS, HANDLE_PROOFS, STORE};

/// An account without a profile that has a handle or a history is answered with an empty profile.
pub(super) fn profile(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryProfileRequest,
) -> Answer<QueryProfileResponse> {
    let account: Address = request.address.parse()?;
    let profile = keeper.profile(ctx, &account)?;
    let held = keeper.held_by(ctx, &account)?;
    let history_length = keeper.history_length(ctx, &account)?;
    if profile.is_none() && held.is_none() && history_length == 0 {
        return Err(Status::not_found(format!("{account} has neither a profile nor a handle nor a history")));
    }
    let handle = held.as_ref().map(|(handle, _)| handle);
    let profile = Some(profile.unwrap_or_default().to_proto(&account, handle));
    let handle = held.as_ref().map(|(handle, record)| record.to_proto(handle.as_str(), true));
    Ok(QueryProfileResponse { profile, history_length, handle })
}

pub(super) fn profile_by_handle(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryProfileByHandleRequest,
) -> Answer<QueryProfileByHandleResponse> {
    let handle = &request.handle;
    let record =
        keeper.handle(ctx, handle)?.ok_or_else(|| Status::not_found(format!("nobody ever held handle {handle:?}")))?;
    let (now, free_seconds) = (ctx.block().time_seconds, record.free_seconds(&keeper.params(ctx)?));
    let kept = keeper.is_kept(ctx, handle, &record)?;
    let status = match now {
        now if kept && now < record.until_seconds => HandleStatus::Held,
        now if now < free_seconds => HandleStatus::Resting,
        _ => HandleStatus::Free,
    };
    let held = keeper.held_by(ctx, &record.holder)?;
    let profile = keeper.profile(ctx, &record.holder)?.unwrap_or_default();
    Ok(QueryProfileByHandleResponse {
        profile: Some(profile.to_proto(&record.holder, held.as_ref().map(|(handle, _)| handle))),
        record: Some(record.to_proto(handle, kept)),
        status: status.into(),
        free_seconds,
    })
}

pub(super) fn commit(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHandleCommitRequest,
) -> Answer<QueryHandleCommitResponse> {
    let account: Address = request.address.parse()?;
    let stored = HANDLE_COMMITS.may_load(&*ctx.kv(STORE), account.as_bytes())?;
    let stored = stored.ok_or_else(|| Status::not_found(format!("{account} has committed to no handle")))?;
    let (first_height, last_height) = claim_heights(&keeper.params(ctx)?, stored.height);
    let (account, height) = (account.to_string(), stored.height);
    let commit = HandleCommit { account, commit: stored.commit.into(), height };
    Ok(QueryHandleCommitResponse { commit: Some(commit), first_height, last_height })
}

pub(super) fn proofs(
    keeper: &Contributors,
    ctx: &Context,
    request: &QueryHandleProofsRequest,
) -> Answer<QueryHandleProofsResponse> {
    let account: Address = request.address.parse()?;
    let held = keeper.held_by(ctx, &account)?.map(|(handle, _)| handle);
    let prefix = (HANDLE_PROOFS.namespace_bytes(), account.as_bytes()).joined_prefix();
    let (proofs, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |key, value| {
        // A kind of 1 byte after its length, then the location.
        let (kind, location) = key.get(2..).and_then(<[u8]>::split_first).ok_or_else(no_page)?;
        let location = std::str::from_utf8(location).map_err(|_| no_page())?;
        let (proof, place): (StoredProof, _) = (from_json(value)?, Place::new((*kind).into(), location));
        let place = place.map_err(|error| Status::internal(error.to_string()))?.place();
        let text = text(&ctx.block().chain_id, &account, &proof.handle);
        let current = held.as_ref() == Some(&proof.handle);
        Ok(Some(HandleProofInfo { proof: Some(proof.to_proto(&account, *kind, location)), text, place, current }))
    })?;
    Ok(QueryHandleProofsResponse { proofs, pagination: Some(pagination) })
}
