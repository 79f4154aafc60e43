//! `MsgCommitDuplicate`: anybody with a bond says that a contribution copies earlier ones. It names none of them: the regions that must
//! be shown are drawn by the next block, and where they come from is shown with them.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgCommitDuplicate, MsgCommitDuplicateResponse};

use crate::keeper::Datanets;

impl Handle<MsgCommitDuplicate> for Datanets {
    type Response = MsgCommitDuplicateResponse;

    fn validate(&self, msg: &MsgCommitDuplicate) -> Result<()> {
        msg.disputant.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitDuplicate) -> Result<MsgCommitDuplicateResponse> {
        let disputant: Address = msg.disputant.parse()?;
        let dispute = self.commit_duplicate(ctx, &disputant, msg.seq)?;
        let datanet = self.known_contribution(ctx, msg.seq)?.datanet;
        let object = (ObjectKind::Duplicate, dispute.id);
        self.contributors.record_in(ctx, datanet, &disputant, Role::Watcher, object, Outcome::Opened)?;
        Ok(MsgCommitDuplicateResponse {
            dispute_id: dispute.id,
            reveal_from: dispute.seed_height().saturating_add(1),
            deadline: dispute.deadline,
        })
    }
}
