//! `MsgRevealDuplicate`: the disputant shows the regions that were drawn, from two blocks after the commit up to its deadline.
//!
//! A proof that shows no duplicate is refused and changes nothing, so another may follow in time; the draw stays. One that shows a
//! duplicate has its bond back even where a ruling stands already that names no later source: whoever was second to be honest loses
//! nothing but the fee.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgRevealDuplicate, MsgRevealDuplicateResponse};
use openledger_provenance::codec::Encode;
use openledger_provenance::duplicate::{Proof, MAX_PROOF_BYTES};

use crate::content::types::{DuplicateDispute, DuplicateStatus, Ruling};
use crate::content::{events, ContentError};
use crate::keeper::Datanets;

impl Handle<MsgRevealDuplicate> for Datanets {
    type Response = MsgRevealDuplicateResponse;

    fn validate(&self, msg: &MsgRevealDuplicate) -> Result<()> {
        msg.disputant.parse::<Address>()?;
        read(&msg.proof).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRevealDuplicate) -> Result<MsgRevealDuplicateResponse> {
        let disputant: Address = msg.disputant.parse()?;
        let mut dispute = self.known_duplicate(ctx, msg.dispute_id)?;
        if dispute.disputant != disputant {
            let (owner, got) = (dispute.disputant.to_string(), msg.disputant.clone());
            return Err(ContentError::NotDisputant { id: dispute.id, disputant: owner, got }.into());
        }
        check_time(ctx, &dispute)?;
        let seed = self.draw(ctx, &dispute)?.ok_or_else(|| not_now(ctx, &dispute))?;
        let later = self.known_contribution(ctx, dispute.seq)?;
        let source = self.judge_duplicate(ctx, &later, &seed, &read(&msg.proof)?)?;
        let first = self.ruling(ctx, later.seq)?.is_none();
        let ruling = Ruling { source, dispute: dispute.id, height: ctx.height() };
        let ruled = self.rule(ctx, &later, &ruling)?;
        let bond = self.end_duplicate(ctx, &mut dispute, DuplicateStatus::Upheld)?;
        self.unlock_challenge(ctx, &disputant, bond)?;
        ctx.emit(events::duplicate_shown(&dispute, &ruling, ruled));
        // Only a work's first ruling counts: whoever shows once more what is ruled already has shown nothing new, and of a row of copies
        // each would else be an earlier source of all that follow.
        let outcome = if ruled && first { Outcome::Confirmed } else { Outcome::Closed };
        let object = (ObjectKind::Duplicate, dispute.id);
        self.contributors.record_in(ctx, later.datanet, &disputant, Role::Watcher, object, outcome)?;
        Ok(MsgRevealDuplicateResponse { ruled, source: source.unwrap_or_default() })
    }
}

fn read(proof: &[u8]) -> Result<Proof> {
    if proof.len() > MAX_PROOF_BYTES {
        return Err(ContentError::NoDuplicate(format!("{} bytes; at most {MAX_PROOF_BYTES}", proof.len())).into());
    }
    Ok(Proof::decode(proof).map_err(|error| ContentError::NoDuplicate(error.to_string()))?)
}

fn check_time(ctx: &Context, dispute: &DuplicateDispute) -> Result<()> {
    if dispute.status != DuplicateStatus::Open {
        return Err(ContentError::DuplicateEnded(dispute.id).into());
    }
    if ctx.height() <= dispute.seed_height() || ctx.height() > dispute.deadline {
        return Err(not_now(ctx, dispute));
    }
    Ok(())
}

fn not_now(ctx: &Context, dispute: &DuplicateDispute) -> openledger_core::Error {
    let from = dispute.seed_height().saturating_add(1);
    ContentError::NotNow { id: dispute.id, from, deadline: dispute.deadline, height: ctx.height() }.into()
}
