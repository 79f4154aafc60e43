//! The queries of `cosmos.evidence.v1beta1.Query`.
//!
//! Source of semantics and texts: `cosmossdk.io/x/evidence` v0.1.1 `keeper/grpc_query.go`. The deprecated `evidence_hash` is not read, as there.

use cosmwasm_std::from_json;
use openledger_core::query::{paginate, Code};
use openledger_core::{Context, Router, Status};
use openledger_proto::cosmos::evidence::v1beta1::*;

use crate::equivocation::Equivocation;
use crate::keeper::Evidence;
use crate::state::{EVIDENCE, STORE};

type Answer<T> = Result<T, Status>;

/// Registers the queries.
pub(crate) fn register(keeper: Evidence, router: &mut Router) {
    let path = |method: &str| format!("/cosmos.evidence.v1beta1.Query/{method}");
    router.query(&path("Evidence"), move |ctx, request| evidence(&keeper, ctx, &request));
    router.query(&path("AllEvidence"), all_evidence);
}

fn evidence(keeper: &Evidence, ctx: &Context, request: &QueryEvidenceRequest) -> Answer<QueryEvidenceResponse> {
    let text = &request.hash;
    if text.is_empty() {
        return Err(Status::invalid_argument("invalid request; hash is empty"));
    }
    let hash = from_hex(text).ok_or_else(|| {
        Status::new(Code::Unknown, format!("invalid evidence hash: {text:?} is not pairs of hex digits"))
    })?;
    let found = keeper.get(ctx, &hash)?.ok_or_else(|| Status::not_found(format!("evidence {text} not found")))?;
    Ok(QueryEvidenceResponse { evidence: Some(found.to_any()) })
}

fn all_evidence(ctx: &Context, request: QueryAllEvidenceRequest) -> Answer<QueryAllEvidenceResponse> {
    let prefix = EVIDENCE.key(&[]).to_vec();
    let (evidence, pagination) = paginate(&*ctx.kv(STORE), &prefix, request.pagination.as_ref(), |_, value| {
        let evidence: Equivocation = from_json(value)?;
        Ok(Some(evidence.to_any()))
    })?;
    Ok(QueryAllEvidenceResponse { evidence, pagination: Some(pagination) })
}

/// Bytes of hexadecimal text of either case.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let pairs = digits.chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(high << 4 | low) } else { None }).collect()
}
