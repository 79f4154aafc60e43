//! `MsgCommitDispute`: a hash of the dispute, so that nobody can copy it from the mempool; the order of commits decides who was first.

use cosmwasm_std::{Empty, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_model::sequence;
use openledger_proto::openledger::attribution::v1::{MsgCommitDispute, MsgCommitDisputeResponse};

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{DISPUTES_BY_SETTLEMENT, DISPUTE_DEADLINES, DISPUTE_SEQ, STORE};
use crate::till::Pot;
use crate::types::{Dispute, DisputeStatus, SettlementStatus};

impl Handle<MsgCommitDispute> for Attribution {
    type Response = MsgCommitDisputeResponse;

    fn validate(&self, msg: &MsgCommitDispute) -> Result<()> {
        wire::address("disputant", &msg.disputant)?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitDispute) -> Result<Self::Response> {
        let settlement = self.known_settlement(ctx, msg.settlement)?;
        settlement.check_status(SettlementStatus::Pending)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        if !self.is_disputable(ctx, &settlement, &params)? {
            let (arrived, window) = (settlement.present()?.height, params.dispute_window);
            let text = format!("the claims arrived at height {arrived}; their window of {window} blocks is over");
            return Err(AttributionError::Window(text).into());
        }
        let disputant = wire::address("disputant", &msg.disputant)?;
        self.receive(ctx, &disputant, Pot::DisputeBonds, params.dispute_bond)?;
        let dispute = Dispute {
            id: sequence::next(ctx, STORE, &DISPUTE_SEQ)?,
            settlement: settlement.id,
            round: settlement.round(),
            disputant,
            commit: msg.commit.clone().into(),
            bond: params.dispute_bond,
            height: ctx.height(),
            deadline: ctx.height().saturating_add(params.reveal_window),
            status: DisputeStatus::Committed,
            finding: String::new(),
            bounty: Uint256::zero(),
        };
        self.save_dispute(ctx, &dispute)?;
        let kv = &mut ctx.kv_mut(STORE);
        DISPUTES_BY_SETTLEMENT.save(kv, (settlement.id, dispute.id), &Empty {})?;
        DISPUTE_DEADLINES.save(kv, (dispute.deadline, dispute.id), &Empty {})?;
        ctx.emit(
            Event::new(events::DISPUTE_COMMITTED)
                .attr("dispute", dispute.id)
                .attr("settlement", settlement.id)
                .attr("disputant", &msg.disputant)
                .attr("deadline", dispute.deadline),
        );
        self.contributors.record(
            ctx,
            &dispute.disputant,
            Role::Watcher,
            (ObjectKind::Dispute, dispute.id),
            Outcome::Created,
        )?;
        Ok(MsgCommitDisputeResponse { dispute: dispute.id, deadline: dispute.deadline })
    }
}
