//! `MsgCreateDatanet`: a datanet that the sender owns, live at once or as a draft.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgCreateDatanet, MsgCreateDatanetResponse};

use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{DATANETS, STORE};
use crate::types::Datanet;
use crate::{check, events};

impl Handle<MsgCreateDatanet> for Datanets {
    type Response = MsgCreateDatanetResponse;

    fn validate(&self, msg: &MsgCreateDatanet) -> Result<()> {
        msg.owner.parse::<Address>()?;
        check::title(&msg.title)?;
        check::modality(msg.modality)?;
        check::licence(&msg.licence)?;
        check::policy(msg.policy.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCreateDatanet) -> Result<MsgCreateDatanetResponse> {
        let params = self.params(ctx)?;
        let texts = [("title", &*msg.title), ("description", &*msg.description), ("schema", &*msg.schema)];
        check::texts(&params, &texts)?;
        let policy = check::policy(msg.policy.as_ref())?;
        check::check_policy(&params, &policy)?;
        let mut datanet = Datanet {
            id: self.take_datanet_id(ctx)?,
            owner: msg.owner.parse()?,
            title: msg.title.clone(),
            description: msg.description.clone(),
            modality: msg.modality,
            licence: msg.licence.clone(),
            schema: msg.schema.clone(),
            policy: policy.clone(),
            created_height: ctx.height(),
            state: if msg.draft { State::Draft } else { State::Live },
            policy_number: 0,
        };
        self.set_policy(ctx, &mut datanet, policy)?;
        DATANETS.save(&mut ctx.kv_mut(STORE), datanet.id, &datanet)?;
        self.contributors.record_in(
            ctx,
            datanet.id,
            &datanet.owner,
            Role::Owner,
            (ObjectKind::Datanet, datanet.id),
            Outcome::Created,
        )?;
        ctx.emit(events::datanet_created(&datanet));
        Ok(MsgCreateDatanetResponse { datanet_id: datanet.id })
    }
}
