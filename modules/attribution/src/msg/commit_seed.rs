//! `MsgCommitSeed`: an auditor commits to its part of the next epoch's seed; once an epoch.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgCommitSeed, MsgCommitSeedResponse};

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;

impl Handle<MsgCommitSeed> for Attribution {
    type Response = MsgCommitSeedResponse;

    fn validate(&self, msg: &MsgCommitSeed) -> Result<()> {
        wire::address("auditor", &msg.auditor)?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitSeed) -> Result<Self::Response> {
        let (address, mut auditor) = self.known_auditor(ctx, &msg.auditor)?;
        let epoch = self.epoch(ctx)?.number.saturating_add(1);
        if !auditor.next_commit.is_empty() {
            let text = format!("{address} has committed for epoch {epoch} already");
            return Err(AttributionError::Auditor(text).into());
        }
        auditor.next_commit = msg.commit.clone().into();
        auditor.active_epoch = epoch;
        self.save_auditor(ctx, &address, &auditor)?;
        ctx.emit(Event::new(events::SEED_COMMITTED).attr("auditor", &msg.auditor).attr("epoch", epoch));
        Ok(MsgCommitSeedResponse { epoch })
    }
}
