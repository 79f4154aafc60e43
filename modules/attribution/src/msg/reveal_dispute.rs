//! `MsgRevealDispute`: the chain judges a committed dispute at once, from the settlement's root and one opening of at most 4 KiB.
//!
//! A dispute that refutes nothing is not a failed transaction: it succeeds, and its bond is burnt. Only a reveal that is not the
//! committed one fails, and can be repeated in time.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Error, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgRevealDispute, MsgRevealDisputeResponse};
use openledger_provenance::commit::DisputeCommit;
use openledger_provenance::dispute::{Dispute as Evidence, DisputeError, Refutation, Settlement as Root};
use openledger_provenance::MAX_DISPUTE_BYTES;

use crate::corpus::Corpus;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{DISPUTE_DEADLINES, STORE};
use crate::till::Pot;
use crate::types::{Dispute, DisputeStatus, Settlement, SettlementStatus};

/// Gas for judging a dispute: at most four chunks and their paths.
const JUDGE_GAS: u64 = 20_000;

impl Handle<MsgRevealDispute> for Attribution {
    type Response = MsgRevealDisputeResponse;

    fn validate(&self, msg: &MsgRevealDispute) -> Result<()> {
        wire::address("disputant", &msg.disputant)?;
        wire::hash("salt", &msg.salt)?;
        if msg.evidence.len() > MAX_DISPUTE_BYTES {
            let text = format!("evidence of {} bytes is over the limit of {MAX_DISPUTE_BYTES}", msg.evidence.len());
            return Err(AttributionError::TooLarge(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRevealDispute) -> Result<Self::Response> {
        let mut dispute = self.known_dispute(ctx, msg.dispute)?;
        check_reveal(ctx, &dispute, msg)?;
        let mut settlement = self.known_settlement(ctx, dispute.settlement)?;
        ctx.gas().consume(JUDGE_GAS, "dispute");
        let found = self.examine(ctx, &settlement, &dispute, &msg.evidence)?;
        let valid = found.is_ok();
        dispute.finding = match &found {
            Ok(refutation) => describe(refutation),
            Err(error) => error.to_string(),
        };
        DISPUTE_DEADLINES.remove(&mut ctx.kv_mut(STORE), (dispute.deadline, dispute.id));
        self.take(ctx, Pot::DisputeBonds, dispute.bond)?;
        if valid {
            dispute.status = DisputeStatus::Valid;
            self.owe(ctx, &dispute.disputant, dispute.bond)?;
        } else {
            dispute.status = DisputeStatus::Rejected;
            self.burn(ctx, dispute.bond)?;
        }
        self.save_dispute(ctx, &dispute)?;
        // A round that was refuted and divided before has no more to give.
        let stands = matches!(settlement.status, SettlementStatus::Pending | SettlementStatus::False);
        if valid && stands && dispute.round == settlement.round() {
            self.refute(ctx, &mut settlement, dispute.id)?;
            self.save_settlement(ctx, &settlement)?;
        }
        ctx.emit(
            Event::new(events::DISPUTE_REVEALED)
                .attr("dispute", dispute.id)
                .attr("settlement", dispute.settlement)
                .attr("disputant", &msg.disputant)
                .attr("valid", valid)
                .attr("finding", &dispute.finding),
        );
        let outcome = if valid { Outcome::Revealed } else { Outcome::Failed };
        self.contributors.record(ctx, &dispute.disputant, Role::Watcher, (ObjectKind::Dispute, dispute.id), outcome)?;
        Ok(MsgRevealDisputeResponse { valid, finding: dispute.finding })
    }
}

/// Refuses a reveal by somebody else, of something else, or out of time.
fn check_reveal(ctx: &Context, dispute: &Dispute, msg: &MsgRevealDispute) -> Result<()> {
    let (id, owner) = (dispute.id, dispute.disputant.to_string());
    if owner != msg.disputant {
        return Err(AttributionError::NotOwner { what: "dispute", id, owner, got: msg.disputant.clone() }.into());
    }
    if dispute.status != DisputeStatus::Committed {
        return Err(AttributionError::Dispute(format!("dispute {id} is {:?} already", dispute.status)).into());
    }
    // Not in the block of the commit: there the proposer could still put its own commit before it.
    let (now, committed, deadline) = (ctx.height(), dispute.height, dispute.deadline);
    if now <= committed || now > deadline {
        let text = format!("dispute {id} is revealed after height {committed} and up to {deadline}, not at {now}");
        return Err(AttributionError::Window(text).into());
    }
    let commit = DisputeCommit {
        chain_id: &ctx.block().chain_id,
        settlement: dispute.settlement,
        disputant: dispute.disputant.as_bytes(),
        dispute: &msg.evidence,
        salt: wire::hash("salt", &msg.salt)?,
    };
    let hash = commit.hash().map_err(|error| AttributionError::Dispute(error.to_string()))?;
    if dispute.commit.as_slice() != hash {
        return Err(AttributionError::Dispute(format!("this is not what dispute {id} committed to")).into());
    }
    Ok(())
}

impl Attribution {
    /// What the evidence shows about the disputed round: a refutation, or why it is none. Errors outside are faults of ours.
    fn examine(
        &self,
        ctx: &Context,
        settlement: &Settlement,
        dispute: &Dispute,
        evidence: &[u8],
    ) -> Result<Result<Refutation, DisputeError>> {
        let round = usize::try_from(dispute.round).ok().and_then(|round| settlement.rounds.get(round));
        let round = round.ok_or(AttributionError::NotFound { what: "round", id: dispute.round.into() })?;
        let root = Root {
            root: wire::stored_hash(&round.root)?,
            first_index: settlement.first_receipt,
            count: settlement.receipts,
        };
        let evidence = match Evidence::from_bytes(evidence) {
            Ok(evidence) => evidence,
            Err(error) => return Ok(Err(error.into())),
        };
        let version = self.known_version(ctx, settlement.model_version)?;
        let mut corpus = Corpus::of(self, ctx, &version)?;
        let mut fault: Option<Error> = None;
        let found = evidence.verify(&root, |receipt, seq| match corpus.find(ctx, seq, receipt.corpus_height) {
            Ok(found) => found.map(|found| found.info),
            Err(error) => {
                fault = Some(error);
                None
            }
        });
        fault.map_or(Ok(found), Err)
    }
}

fn describe(refutation: &Refutation) -> String {
    match refutation {
        Refutation::False { receipt, segment, byte } => {
            format!("receipt {receipt}: byte {byte} of segment {segment} is another one in its source")
        }
        Refutation::Better { receipt, window, claimed, owner } => {
            let claimed = claimed.map_or_else(|| "nobody".to_string(), |segment| format!("source {}", segment.source));
            format!("receipt {receipt}: window {window} belongs to {owner:?}, not to {claimed}")
        }
    }
}
