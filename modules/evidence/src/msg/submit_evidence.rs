//! `cosmos.evidence.v1beta1.MsgSubmitEvidence`: somebody tells the chain of a misbehaviour.
//!
//! Source: `cosmossdk.io/x/evidence` v0.1.1 `keeper/{msg_server,keeper}.go`. Evidence is judged by the handler that is registered for its
//! kind, and as in the SDK's own chain none is: equivocations come from CometBFT, which proves them. So sound evidence that is new is
//! refused with code 2 here.

use openledger_core::{Address, Context, Handle, Result, SdkError};
use openledger_proto::cosmos::evidence::v1beta1::{MsgSubmitEvidence, MsgSubmitEvidenceResponse};

use crate::equivocation::Equivocation;
use crate::error::EvidenceError;
use crate::genesis::hex;
use crate::keeper::Evidence;

/// The kind of evidence that an equivocation is.
const ROUTE: &str = "equivocation";

impl Handle<MsgSubmitEvidence> for Evidence {
    type Response = MsgSubmitEvidenceResponse;

    fn handle(&self, ctx: &mut Context, msg: &MsgSubmitEvidence) -> Result<MsgSubmitEvidenceResponse> {
        let hash = read(msg)?.hash();
        if self.get(ctx, &hash)?.is_some() {
            return Err(EvidenceError::Exists(hex(&hash)).into());
        }
        Err(EvidenceError::NoHandler(ROUTE).into())
    }
}

fn read(msg: &MsgSubmitEvidence) -> Result<Equivocation> {
    msg.submitter.parse::<Address>().map_err(|error| match error {
        SdkError::InvalidAddress(why) => SdkError::InvalidAddress(format!("invalid submitter address: {why}")),
        other => other,
    })?;
    let missing = || EvidenceError::InvalidEvidence("missing evidence".into());
    Equivocation::from_any(msg.evidence.as_ref().ok_or_else(missing)?)
}
