//! `MsgDemandTranscript`: S-open. The payer of a public session, or an author whose work is in the model's corpus, makes the maker of claims publish a
//! receipt's transcript.
//!
//! Each receipt once, which bounds it; and a deposit of 1.5 times what the publication costs, which is the maker's when it comes.

use openledger_core::{wire, Context, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgDemandTranscript, MsgDemandTranscriptResponse};
use openledger_provenance::dispute::{Question, SettledOpening};

use super::demand_opening::{check_size, refuse};
use crate::audit::types::DemandKind;
use crate::corpus::Corpus;
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::state::{STORE, TRANSCRIPT_DEMANDS};
use crate::types::Settlement;

/// Gas for checking what is asked: a path, and who asks.
const ASK_GAS: u64 = 10_000;

impl Handle<MsgDemandTranscript> for Attribution {
    type Response = MsgDemandTranscriptResponse;

    fn validate(&self, msg: &MsgDemandTranscript) -> Result<()> {
        wire::address("challenger", &msg.challenger)?;
        check_size("receipt", &msg.receipt)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgDemandTranscript) -> Result<Self::Response> {
        let settlement = self.known_settlement(ctx, msg.settlement)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        let mut openings = self.check_askable(ctx, &settlement, &params)?;
        self.check_concerned(ctx, &settlement, msg)?;
        ctx.gas().consume(ASK_GAS, "question");
        let opening = SettledOpening::from_bytes(&msg.receipt).map_err(|error| refuse(&error))?;
        let settled = opening.open(&settlement.root_of(settlement.round())?).map_err(|error| refuse(&error))?;
        let index = settled.receipt.index;
        if openings.is_published(index.saturating_sub(settlement.first_receipt)) {
            let text = format!("the transcript of receipt {index} of settlement {} is published", settlement.id);
            return Err(AttributionError::Demand(text).into());
        }
        if let Some(demand) = TRANSCRIPT_DEMANDS.may_load(&*ctx.kv(STORE), (settlement.id, index))? {
            let text = format!(
                "the transcript of receipt {index} of settlement {} is asked for by demand {demand}",
                settlement.id
            );
            return Err(AttributionError::Demand(text).into());
        }
        let deposit = params.audit.transcript_deposit(settled.receipt.transcript_len)?;
        let question = Question { receipt: index, segment: 0, byte: 0 };
        let asked = (DemandKind::Transcript, wire::address("challenger", &msg.challenger)?, question, deposit);
        let demand = self.add_demand(ctx, &settlement, &mut openings, &params, asked)?;
        self.save_openings(ctx, settlement.id, &openings)?;
        let (demand, deadline) = (demand.id, demand.deadline);
        Ok(MsgDemandTranscriptResponse { demand, deadline, deposit: deposit.to_string() })
    }
}

impl Attribution {
    /// Refuses whoever is neither the payer nor the author of the contribution that it names in the model version's corpus, and everybody
    /// in a sealed session.
    fn check_concerned(&self, ctx: &Context, settlement: &Settlement, msg: &MsgDemandTranscript) -> Result<()> {
        if !self.is_public(ctx, settlement.session)? {
            let text =
                format!("session {} is sealed: its payer has the transcripts, and nobody else may", settlement.session);
            return Err(AttributionError::Demand(text).into());
        }
        if msg.contribution == 0 {
            return self.known_session(ctx, settlement.session)?.check_payer(&msg.challenger);
        }
        let (what, id) = ("contribution", msg.contribution);
        let contribution = self.datanets.contribution(ctx, id)?.ok_or(AttributionError::NotFound { what, id })?;
        let owner = contribution.author.to_string();
        if owner != msg.challenger {
            return Err(AttributionError::NotOwner { what, id, owner, got: msg.challenger.clone() }.into());
        }
        let version = self.known_version(ctx, settlement.model_version)?;
        let mut corpus = Corpus::of(self, ctx, &version)?;
        // The last height that a receipt of the settlement can name.
        if corpus.find(ctx, id, settlement.height.saturating_sub(1))?.is_none() {
            let text = format!("contribution {id} is not in the corpus of model version {}", version.id);
            return Err(AttributionError::Demand(text).into());
        }
        Ok(())
    }
}
