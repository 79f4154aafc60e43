//! `MsgReplaceClaim`: whoever committed to it, with a bond as large as the server's was, claims anew for a settlement whose claims were false.
//!
//! No commit is revealed while an earlier one may be, so that a copy comes too late. The receipts are the same, to the byte; the claims are judged like the server's, and have a window of their own. If they stand, the
//! maker has the bond back and the bounty; if not, the bond goes as the server's went.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgReplaceClaim, MsgReplaceClaimResponse};
use openledger_proto::Message;

use crate::audit::replacements::check_committed;
use crate::batch;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::types::{Check, SettlementStatus};

impl Handle<MsgReplaceClaim> for Attribution {
    type Response = MsgReplaceClaimResponse;

    fn validate(&self, msg: &MsgReplaceClaim) -> Result<()> {
        wire::address("maker", &msg.maker)?;
        wire::hash("salt", &msg.salt)?;
        batch::read(&msg.receipts, Check::from_proto(msg.check)?, msg.encoded_len()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReplaceClaim) -> Result<Self::Response> {
        let mut settlement = self.known_settlement(ctx, msg.settlement)?;
        settlement.check_status(SettlementStatus::AwaitingReplacement)?;
        let commit = self.check_turn(ctx, settlement.id, msg.number, &msg.maker)?;
        let check = Check::from_proto(msg.check)?;
        let batch = batch::read(&msg.receipts, check, msg.encoded_len())?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        params.check_taken(check, settlement.mode)?;
        let version = self.known_version(ctx, settlement.model_version)?;
        let judged = self.judge(ctx, &version, &params, &batch)?;
        let same = judged.receipts_root == wire::stored_hash(&settlement.receipts_root)?
            && judged.credits_root() == wire::stored_hash(&settlement.credits_root)?;
        if !same {
            let text = format!(
                "these are not the {} receipts of settlement {} with their credits",
                settlement.receipts, settlement.id
            );
            return Err(AttributionError::Invalid(text).into());
        }
        let salt = wire::hash("salt", &msg.salt)?;
        check_committed(ctx, &settlement, &commit, (check, judged.root, salt))?;
        self.end_replacement_commits(ctx, settlement.id, Some(msg.number))?;
        let (maker, bond) = (commit.maker, commit.bond);
        self.add_round(ctx, &mut settlement, &params, (&maker, check), &judged)?;
        self.save_settlement(ctx, &settlement)?;
        let round = settlement.round();
        ctx.emit(
            Event::new(events::CLAIMS_REPLACED)
                .attr("settlement", settlement.id)
                .attr("round", round)
                .attr("maker", &msg.maker)
                .attr("bond", bond)
                .attr("check", format!("{check:?}")),
        );
        self.contributors.record(
            ctx,
            &maker,
            Role::Replacer,
            (ObjectKind::Settlement, settlement.id),
            Outcome::Settled,
        )?;
        Ok(MsgReplaceClaimResponse { round })
    }
}
