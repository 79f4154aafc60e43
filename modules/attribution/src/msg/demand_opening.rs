//! `MsgDemandOpening`: *open or lose* (D3). Anyone makes the maker of claims open one byte of a segment, in the transcript and in the source.
//!
//! What was opened on arrival is not asked for again. In a sealed session the payer alone may ask, since an answer shows a chunk of its
//! transcript. The deposit is what an answer costs, and is the maker's when it comes; while many are open it is more, and the rest is burnt
//! then. All of it comes back where nobody answers.

use openledger_core::{wire, Context, Error, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgDemandOpening, MsgDemandOpeningResponse};
use openledger_provenance::inquiry::Inquiry;
use openledger_provenance::MAX_DISPUTE_BYTES;

use crate::audit::types::DemandKind;
use crate::error::AttributionError;
use crate::keeper::Attribution;

/// Gas for checking what is asked: two paths.
const ASK_GAS: u64 = 10_000;

impl Handle<MsgDemandOpening> for Attribution {
    type Response = MsgDemandOpeningResponse;

    fn validate(&self, msg: &MsgDemandOpening) -> Result<()> {
        wire::address("challenger", &msg.challenger)?;
        check_size("question", &msg.question)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgDemandOpening) -> Result<Self::Response> {
        let settlement = self.known_settlement(ctx, msg.settlement)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        let mut openings = self.check_askable(ctx, &settlement, &params)?;
        if !self.is_public(ctx, settlement.session)? {
            self.known_session(ctx, settlement.session)?.check_payer(&msg.challenger)?;
        }
        ctx.gas().consume(ASK_GAS, "question");
        let inquiry = Inquiry::from_bytes(&msg.question).map_err(|error| refuse(&error))?;
        let root = settlement.root_of(settlement.round())?;
        let question = inquiry.question(&root).map_err(|error| refuse(&error))?;
        let open = self.open_questions(ctx, settlement.id, &openings)?;
        let deposit = params.audit.opening_deposit(open)?;
        let challenger = wire::address("challenger", &msg.challenger)?;
        let asked = (DemandKind::Opening, challenger, question, deposit);
        let demand = self.add_demand(ctx, &settlement, &mut openings, &params, asked)?;
        self.save_openings(ctx, settlement.id, &openings)?;
        let (demand, deadline) = (demand.id, demand.deadline);
        Ok(MsgDemandOpeningResponse { demand, deadline, deposit: deposit.to_string() })
    }
}

/// Refuses encodings that no opening needs.
pub(super) fn check_size(field: &str, bytes: &[u8]) -> Result<()> {
    if bytes.len() > MAX_DISPUTE_BYTES {
        let text = format!("{field} of {} bytes is over the limit of {MAX_DISPUTE_BYTES}", bytes.len());
        return Err(AttributionError::TooLarge(text).into());
    }
    Ok(())
}

/// What is wrong with an opening.
pub(super) fn refuse(error: &impl std::fmt::Display) -> Error {
    AttributionError::Demand(error.to_string()).into()
}
