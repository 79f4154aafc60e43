//! `MsgChallengeAvailability`: anybody with a deposit asks for a chunk of a content that was accepted.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgChallengeAvailability, MsgChallengeAvailabilityResponse};

use crate::keeper::Datanets;

impl Handle<MsgChallengeAvailability> for Datanets {
    type Response = MsgChallengeAvailabilityResponse;

    fn validate(&self, msg: &MsgChallengeAvailability) -> Result<()> {
        msg.challenger.parse::<Address>()?;
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgChallengeAvailability) -> Result<MsgChallengeAvailabilityResponse> {
        let challenger: Address = msg.challenger.parse()?;
        let deadline = self.ask_for_chunk(ctx, &challenger, msg.seq, msg.chunk)?;
        let datanet = self.known_contribution(ctx, msg.seq)?.datanet;
        let object = (ObjectKind::Contribution, msg.seq);
        self.contributors.record_in(ctx, datanet, &challenger, Role::Watcher, object, Outcome::Opened)?;
        Ok(MsgChallengeAvailabilityResponse { deadline })
    }
}
