//! `MsgRevealSeed`: an auditor reveals in an epoch what it committed to in the one before.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgRevealSeed, MsgRevealSeedResponse};
use openledger_provenance::sampling::SeedCommit;

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;

impl Handle<MsgRevealSeed> for Attribution {
    type Response = MsgRevealSeedResponse;

    fn validate(&self, msg: &MsgRevealSeed) -> Result<()> {
        wire::address("auditor", &msg.auditor)?;
        wire::hash("value", &msg.value).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRevealSeed) -> Result<Self::Response> {
        let (address, mut auditor) = self.known_auditor(ctx, &msg.auditor)?;
        let epoch = self.epoch(ctx)?.number;
        let refuse = |text: String| openledger_core::Error::from(AttributionError::Auditor(text));
        if auditor.commit.is_empty() {
            return Err(refuse(format!("{address} committed to nothing for epoch {epoch}")));
        }
        if !auditor.reveal.is_empty() {
            return Err(refuse(format!("{address} has revealed in epoch {epoch} already")));
        }
        let value = wire::hash("value", &msg.value)?;
        let commit = SeedCommit { chain_id: &ctx.block().chain_id, epoch, auditor: address.as_bytes(), value };
        let hash = commit.hash().map_err(|error| refuse(error.to_string()))?;
        if auditor.commit.as_slice() != hash {
            return Err(refuse(format!("this is not what {address} committed to for epoch {epoch}")));
        }
        auditor.reveal = value.to_vec().into();
        self.save_auditor(ctx, &address, &auditor)?;
        ctx.emit(
            Event::new(events::SEED_REVEALED)
                .attr("auditor", &msg.auditor)
                .attr("epoch", epoch)
                .attr("value", cosmwasm_std::HexBinary::from(value.as_slice())),
        );
        self.contributors.record(ctx, &address, Role::Auditor, (ObjectKind::Epoch, epoch), Outcome::Revealed)?;
        Ok(MsgRevealSeedResponse { epoch })
    }
}
