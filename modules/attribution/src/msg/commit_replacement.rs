//! `MsgCommitReplacement`: a hash of other claims for a settlement whose claims were false, with the bond that will stand behind them.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgCommitReplacement, MsgCommitReplacementResponse};

use crate::audit::types::ReplacementCommit;
use crate::events;
use crate::keeper::Attribution;
use crate::rounds::liability;
use crate::till::Pot;
use crate::types::SettlementStatus;

/// Gas for what end block may have to do with a commit.
const LATER_GAS: u64 = 50_000;

impl Handle<MsgCommitReplacement> for Attribution {
    type Response = MsgCommitReplacementResponse;

    fn validate(&self, msg: &MsgCommitReplacement) -> Result<()> {
        wire::address("maker", &msg.maker)?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitReplacement) -> Result<Self::Response> {
        let mut settlement = self.known_settlement(ctx, msg.settlement)?;
        settlement.check_status(SettlementStatus::AwaitingReplacement)?;
        let params = self.kept_params(ctx, settlement.params_version)?;
        let (maker, bond) = (wire::address("maker", &msg.maker)?, liability(settlement.pool)?);
        ctx.gas().consume(LATER_GAS, "end blocks");
        let commit = ReplacementCommit {
            maker: maker.clone(),
            commit: msg.commit.clone().into(),
            bond,
            height: ctx.height(),
            deadline: 0,
        };
        let (number, commit) = self.add_replacement_commit(ctx, &mut settlement, commit, params.reveal_window)?;
        self.receive(ctx, &maker, Pot::Replacements, bond)?;
        self.save_settlement(ctx, &settlement)?;
        ctx.emit(
            Event::new(events::REPLACEMENT_COMMITTED)
                .attr("settlement", settlement.id)
                .attr("number", number)
                .attr("maker", &msg.maker)
                .attr("bond", bond)
                .attr("deadline", commit.deadline),
        );
        let object = (ObjectKind::Settlement, settlement.id);
        self.contributors.record(ctx, &maker, Role::Replacer, object, Outcome::Created)?;
        Ok(MsgCommitReplacementResponse { number, deadline: commit.deadline })
    }
}
