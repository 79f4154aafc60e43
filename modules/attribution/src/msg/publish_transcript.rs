//! `MsgPublishTranscript`: the maker of claims publishes a transcript with its key, as it was asked to, or as the seed drew.
//!
//! The words stand in this transaction, for everybody to read and to dispute with; the state keeps that they were published, and their root
//! where it always was, in the settlement. Disputes are taken for an answer window more, so that there is time to read them.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgPublishTranscript, MsgPublishTranscriptResponse};
use openledger_provenance::dispute::SettledOpening;
use openledger_provenance::existence::check_transcript;
use openledger_provenance::hash::sha256;
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::MAX_TRANSCRIPT_BYTES;

use super::demand_opening::{check_size, refuse};
use crate::audit::types::DemandKind;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;

/// Gas for the receipt's path, and for a byte: SHA-256 twice, of chunk and whole.
const PUBLISH_GAS: u64 = 10_000;
const BYTE_GAS: u64 = 3;

impl Handle<MsgPublishTranscript> for Attribution {
    type Response = MsgPublishTranscriptResponse;

    fn validate(&self, msg: &MsgPublishTranscript) -> Result<()> {
        wire::address("claimant", &msg.claimant)?;
        wire::hash("receipt_key", &msg.receipt_key)?;
        check_size("receipt", &msg.receipt)?;
        let bytes = msg.transcript.len();
        match u32::try_from(bytes) {
            Ok(bytes) if bytes <= MAX_TRANSCRIPT_BYTES => Ok(()),
            _ => {
                let text = format!("a transcript of {bytes} bytes is over the limit of {MAX_TRANSCRIPT_BYTES}");
                Err(AttributionError::TooLarge(text).into())
            }
        }
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgPublishTranscript) -> Result<Self::Response> {
        let (demand, settlement) = self.answerable(ctx, msg.demand, &msg.claimant)?;
        if demand.kind == DemandKind::Opening {
            let text = format!("demand {} asks for a byte of a segment: open it", demand.id);
            return Err(AttributionError::Demand(text).into());
        }
        let bytes = u64::try_from(msg.transcript.len()).unwrap_or(u64::MAX);
        ctx.gas().consume(PUBLISH_GAS.saturating_add(bytes.saturating_mul(BYTE_GAS)), "transcript");
        let opening = SettledOpening::from_bytes(&msg.receipt).map_err(|error| refuse(&error))?;
        let settled = opening.open(&settlement.root_of(demand.round)?).map_err(|error| refuse(&error))?;
        if settled.receipt.index != demand.receipt {
            let (asked, got) = (demand.receipt, settled.receipt.index);
            let text = format!("demand {} asks for receipt {asked}, not for {got}", demand.id);
            return Err(AttributionError::Demand(text).into());
        }
        let key = ReceiptKey(wire::hash("receipt_key", &msg.receipt_key)?);
        check_transcript(&settled.receipt, &msg.transcript, &key).map_err(|error| refuse(&error))?;
        let answer = self.kept_params(ctx, settlement.params_version)?.answer_window;
        self.end_answered(ctx, &demand, &settlement, ctx.height().saturating_add(answer))?;
        ctx.emit(
            Event::new(events::TRANSCRIPT_PUBLISHED)
                .attr("demand", demand.id)
                .attr("settlement", demand.settlement)
                .attr("receipt", demand.receipt)
                .attr("maker", &msg.claimant)
                .attr("deposit", demand.deposit)
                .attr("transcript_len", bytes)
                .attr("sha256", cosmwasm_std::HexBinary::from(sha256(&[&msg.transcript]).as_slice())),
        );
        Ok(MsgPublishTranscriptResponse {})
    }
}
