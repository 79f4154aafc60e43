//! `MsgAnswerOpening`: the maker of claims opens the byte that was asked for, on both sides, equal.
//!
//! An answer that does not hold fails and changes nothing: it can be given again up to the deadline.

use openledger_core::{wire, Context, Error, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgAnswerOpening, MsgAnswerOpeningResponse};
use openledger_provenance::dispute::{ByteOpening, Question};

use super::demand_opening::{check_size, refuse};
use crate::audit::types::DemandKind;
use crate::corpus::Corpus;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;

/// Gas for judging an answer: two chunks and their paths.
const ANSWER_GAS: u64 = 15_000;

impl Handle<MsgAnswerOpening> for Attribution {
    type Response = MsgAnswerOpeningResponse;

    fn validate(&self, msg: &MsgAnswerOpening) -> Result<()> {
        wire::address("claimant", &msg.claimant)?;
        check_size("answer", &msg.answer)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgAnswerOpening) -> Result<Self::Response> {
        let (demand, settlement) = self.answerable(ctx, msg.demand, &msg.claimant)?;
        if demand.kind != DemandKind::Opening {
            let text = format!("demand {} asks for a transcript: publish it", demand.id);
            return Err(AttributionError::Demand(text).into());
        }
        ctx.gas().consume(ANSWER_GAS, "answer");
        let answer = ByteOpening::from_bytes(&msg.answer).map_err(|error| refuse(&error))?;
        let question = Question { receipt: demand.receipt, segment: demand.segment, byte: demand.byte };
        let version = self.known_version(ctx, settlement.model_version)?;
        let mut corpus = Corpus::of(self, ctx, &version)?;
        let mut fault: Option<Error> = None;
        let root = settlement.root_of(demand.round)?;
        let found =
            answer.verify_answer(&question, &root, |receipt, seq| match corpus.find(ctx, seq, receipt.corpus_height) {
                Ok(found) => found.map(|found| found.info),
                Err(error) => {
                    fault = Some(error);
                    None
                }
            });
        if let Some(fault) = fault {
            return Err(fault);
        }
        found.map_err(|error| refuse(&error))?;
        let paid = self.end_answered(ctx, &demand, &settlement, ctx.height())?;
        ctx.emit(
            Event::new(events::DEMAND_ANSWERED)
                .attr("demand", demand.id)
                .attr("settlement", demand.settlement)
                .attr("receipt", demand.receipt)
                .attr("maker", &msg.claimant)
                .attr("deposit", paid),
        );
        Ok(MsgAnswerOpeningResponse {})
    }
}
