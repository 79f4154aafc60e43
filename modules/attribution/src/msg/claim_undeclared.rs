//! `MsgClaimUndeclared`: windows that the claims leave to nobody are shown in a contribution that the model version did not declare.
//!
//! The contribution is in a live datanet and was committed before the model version was registered, its author is paid for what it owns, and it is not in the receipt's
//! corpus: what is in the corpus and passed over is a false claim (D2). Nobody is slashed.

use std::collections::BTreeMap;

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_datanet::{Contribution, State};
use openledger_model::ModelVersion;
use openledger_proto::openledger::attribution::v1::{MsgClaimUndeclared, MsgClaimUndeclaredResponse};
use openledger_proto::Message;
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{Commitment, ContentOpening};
use openledger_provenance::credit::credits_root;
use openledger_provenance::dispute::SettledOpening;
use openledger_provenance::receipt::{Receipt, SettledReceipt};
use openledger_provenance::transcript::TranscriptOpening;
use openledger_provenance::undeclared::UndeclaredSource;
use openledger_provenance::ECHO;

use super::demand_opening::check_size;
use crate::audit::types::Undeclared;
use crate::audit::undeclared::share_of_baseline;
use crate::batch::MAX_BATCH_BYTES;
use crate::block::{later_gas, LATER_GAS};
use crate::corpus::Corpus;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::types::Settlement;

/// Gas for what is opened: at most 17 chunks on each side; for a segment of the claim.
const OPEN_GAS: u64 = 40_000;
const SEGMENT_GAS: u64 = 300;

impl Handle<MsgClaimUndeclared> for Attribution {
    type Response = MsgClaimUndeclaredResponse;

    fn validate(&self, msg: &MsgClaimUndeclared) -> Result<()> {
        wire::address("claimant", &msg.claimant)?;
        check_size("receipt", &msg.receipt)?;
        if msg.encoded_len() > MAX_BATCH_BYTES {
            let text = format!("{} bytes are over the limit of {MAX_BATCH_BYTES}", msg.encoded_len());
            return Err(AttributionError::TooLarge(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgClaimUndeclared) -> Result<Self::Response> {
        let settlement = self.known_settlement(ctx, msg.settlement)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        if !self.is_disputable(ctx, &settlement, &params)? {
            let text = format!("settlement {} is {:?}, and its window over", settlement.id, settlement.status);
            return Err(AttributionError::Window(text).into());
        }
        let segments = u64::try_from(msg.segments.len()).unwrap_or(u64::MAX);
        ctx.gas().consume(OPEN_GAS.saturating_add(segments.saturating_mul(SEGMENT_GAS)), "undeclared source");
        let (receipt, claim) = open_claim(&settlement, msg)?;
        let credit = credit_of(&settlement, &receipt, msg)?;
        let version = self.known_version(ctx, settlement.model_version)?;
        let (contribution, commitment) = self.undeclared_source(ctx, &version, &receipt, msg.contribution)?;
        let payees = self.datanets.payments(ctx, contribution.seq)?.len();
        ctx.gas().consume(LATER_GAS.saturating_add(later_gas(payees)), "end blocks");
        shown(msg)?.verify(&receipt, &claim, &commitment).map_err(|error| refuse(&error))?;
        let amount = self.worth(ctx, &version, &params, (&receipt, credit, &claim), msg.count)?;
        let showing = Undeclared {
            count: msg.count,
            contribution: contribution.seq,
            amount,
            claimant: wire::address("claimant", &msg.claimant)?,
        };
        let amount = self.add_undeclared(ctx, &settlement, (receipt.index, msg.start), showing)?;
        ctx.emit(
            Event::new(events::UNDECLARED_SHOWN)
                .attr("settlement", settlement.id)
                .attr("receipt", receipt.index)
                .attr("start", msg.start)
                .attr("count", msg.count)
                .attr("contribution", contribution.seq)
                .attr("amount", amount)
                .attr("claimant", &msg.claimant),
        );
        let claimant = wire::address("claimant", &msg.claimant)?;
        let object = (ObjectKind::Settlement, settlement.id);
        self.contributors.record_in(ctx, contribution.datanet, &claimant, Role::Watcher, object, Outcome::Published)?;
        Ok(MsgClaimUndeclaredResponse { amount: amount.to_string() })
    }
}

fn refuse(error: &impl std::fmt::Display) -> openledger_core::Error {
    AttributionError::Undeclared(error.to_string()).into()
}

/// What was given back of a receipt, by the settlement's credits.
fn credit_of(settlement: &Settlement, receipt: &Receipt, msg: &MsgClaimUndeclared) -> Result<Amount> {
    let credit = |credit: &openledger_proto::openledger::attribution::v1::Credit| {
        let amount = wire::amount("credits.amount", &credit.amount)?;
        Ok((credit.receipt, Amount::from_be_bytes(amount.to_be_bytes())))
    };
    let credits = msg.credits.iter().map(credit).collect::<Result<BTreeMap<_, _>>>()?;
    if credits_root(&credits) != wire::stored_hash(&settlement.credits_root)? {
        let text = format!("these are not the credits of settlement {}, {} in all", settlement.id, settlement.credited);
        return Err(AttributionError::Undeclared(text).into());
    }
    Ok(credits.get(&receipt.index).copied().unwrap_or_default())
}

/// The receipt, proven to be settled, and its claim, proven to be the one it was settled with.
fn open_claim(settlement: &Settlement, msg: &MsgClaimUndeclared) -> Result<(Receipt, Claim)> {
    let opening = SettledOpening::from_bytes(&msg.receipt).map_err(|error| refuse(&error))?;
    let settled = opening.open(&settlement.root_of(settlement.round())?).map_err(|error| refuse(&error))?;
    let SettledReceipt { receipt, segment_count, segments_root } = *settled;
    let segment = |s: &openledger_proto::openledger::attribution::v1::Segment| Segment {
        start: s.start,
        count: s.count,
        source: s.source,
        offset: s.offset,
    };
    let claim = Claim { segments: msg.segments.iter().map(segment).collect() };
    let count = u32::try_from(claim.segments.len()).unwrap_or(u32::MAX);
    if count != segment_count || claim.segments_root() != segments_root {
        let text =
            format!("these {count} segments are not the {segment_count} of the claim of receipt {}", receipt.index);
        return Err(AttributionError::Undeclared(text).into());
    }
    Ok((receipt, claim))
}

fn shown(msg: &MsgClaimUndeclared) -> Result<UndeclaredSource> {
    Ok(UndeclaredSource {
        start: msg.start,
        count: msg.count,
        offset: msg.offset,
        transcript: TranscriptOpening::decode(&msg.transcript).map_err(|error| refuse(&error))?,
        source: ContentOpening::decode(&msg.source).map_err(|error| refuse(&error))?,
    })
}

impl Attribution {
    /// The contribution, if it may be an undeclared source of the receipt.
    fn undeclared_source(
        &self,
        ctx: &Context,
        version: &ModelVersion,
        receipt: &Receipt,
        seq: u64,
    ) -> Result<(Contribution, Commitment)> {
        let unknown = AttributionError::NotFound { what: "contribution", id: seq };
        let contribution = self.datanets.contribution(ctx, seq)?.ok_or(unknown)?;
        let refused = |text: String| Err(AttributionError::Undeclared(text).into());
        let Some(commitment) = contribution.commitment()?.filter(|_| contribution.is_paid()) else {
            return refused(format!("contribution {seq} is not one whose author is paid"));
        };
        if contribution.is_tombstoned_at(receipt.corpus_height) {
            return refused(format!("contribution {seq} was taken out at the receipt's corpus height"));
        }
        let state = self.datanets.datanet(ctx, contribution.datanet)?.map(|datanet| datanet.state);
        if state != Some(State::Live) {
            let (id, state) = (contribution.datanet, state.map_or("gone", State::name));
            return refused(format!("datanet {id} of contribution {seq} is {state}, not live"));
        }
        let (committed, registered) = (contribution.commit_height, version.registered_height);
        if committed >= registered {
            let id = version.id;
            return refused(format!(
                "contribution {seq} was committed at height {committed}, model version {id} registered at {registered}"
            ));
        }
        if Corpus::of(self, ctx, version)?.find(ctx, seq, receipt.corpus_height)?.is_some() {
            return refused(format!("contribution {seq} is in the receipt's corpus: dispute the claim"));
        }
        Ok((contribution, commitment))
    }

    /// What the windows' share of the receipt's baseline is.
    fn worth(
        &self,
        ctx: &Context,
        version: &ModelVersion,
        params: &Params,
        (receipt, credit, claim): (&Receipt, Amount, &Claim),
        count: u32,
    ) -> Result<cosmwasm_std::Uint256> {
        let mut corpus = Corpus::of(self, ctx, version)?;
        let mut sources = std::collections::BTreeMap::new();
        for segment in claim.segments.iter().filter(|segment| segment.source != ECHO) {
            if let Some(found) = corpus.find(ctx, segment.source, receipt.corpus_height)? {
                sources.insert(segment.source, found);
            }
        }
        share_of_baseline(params, (receipt, credit), claim, &sources, count)
    }
}
