//! `MsgSetCouncil`: an owner gives a datanet to a council, or a council, in a proposal of its own, becomes another one.
//!
//! Possible in every state of a datanet: a retired one still has a treasury. A change ends the proposals that are open.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgSetCouncil, MsgSetCouncilResponse};

use crate::error::DatanetError;
use crate::governance::{council, events, Council};
use crate::keeper::Datanets;
use crate::state::{COUNCILS, DATANETS, STORE};

impl Handle<MsgSetCouncil> for Datanets {
    type Response = MsgSetCouncilResponse;

    fn validate(&self, msg: &MsgSetCouncil) -> Result<()> {
        msg.owner.parse::<Address>()?;
        council::read_members(&msg.members, msg.threshold).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSetCouncil) -> Result<MsgSetCouncilResponse> {
        let mut datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?;
        council::check_params(&self.params(ctx)?, msg.members.len(), msg.voting_seconds)?;
        let before = self.council_epoch(ctx, datanet.id)?;
        let council = Council {
            members: council::read_members(&msg.members, msg.threshold)?,
            threshold: msg.threshold,
            voting_seconds: msg.voting_seconds,
            epoch: before.checked_add(1).ok_or(DatanetError::Overflow("a council's epoch"))?,
            open_proposals: 0,
        };
        let object = (ObjectKind::Datanet, datanet.id);
        self.contributors.record_in(ctx, datanet.id, &datanet.owner, Role::Owner, object, Outcome::Updated)?;
        datanet.owner = council::address(datanet.id);
        COUNCILS.save(&mut ctx.kv_mut(STORE), datanet.id, &council)?;
        DATANETS.save(&mut ctx.kv_mut(STORE), datanet.id, &datanet)?;
        ctx.emit(events::council_set(datanet.id, &council, &datanet.owner));
        Ok(MsgSetCouncilResponse { address: datanet.owner.to_string() })
    }
}
