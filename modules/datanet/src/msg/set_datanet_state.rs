//! `MsgSetDatanetState`: the owner moves a datanet on in its life; the tables are in `lifecycle.rs`.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgSetDatanetState, MsgSetDatanetStateResponse};

use crate::error::DatanetError;
use crate::governance::events;
use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{DATANETS, STORE};

impl Handle<MsgSetDatanetState> for Datanets {
    type Response = MsgSetDatanetStateResponse;

    fn validate(&self, msg: &MsgSetDatanetState) -> Result<()> {
        msg.owner.parse::<Address>()?;
        State::from_proto(msg.state).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSetDatanetState) -> Result<MsgSetDatanetStateResponse> {
        let mut datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?;
        let (id, from, to) = (datanet.id, datanet.state, State::from_proto(msg.state)?);
        if !from.may_become(to) {
            return Err(DatanetError::WrongTransition { datanet: id, from: from.name(), to: to.name() }.into());
        }
        datanet.state = to;
        DATANETS.save(&mut ctx.kv_mut(STORE), id, &datanet)?;
        let outcome = match to {
            State::Draft | State::Live => Outcome::Opened,
            State::Frozen => Outcome::Closed,
            State::Retired => Outcome::Retired,
        };
        let object = (ObjectKind::Datanet, id);
        self.contributors.record_in(ctx, id, &datanet.owner, Role::Owner, object, outcome)?;
        ctx.emit(events::state_set(id, from, to));
        Ok(MsgSetDatanetStateResponse {})
    }
}
