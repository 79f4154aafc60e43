//! `MsgUpdateDatanet`: the owner replaces texts and policy. Contributions that are under way are judged by the policy under which they
//! were committed, its curators included.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgUpdateDatanet, MsgUpdateDatanetResponse};

use crate::keeper::Datanets;
use crate::lifecycle::{self, Act};
use crate::state::{DATANETS, STORE};
use crate::{check, events};

impl Handle<MsgUpdateDatanet> for Datanets {
    type Response = MsgUpdateDatanetResponse;

    fn validate(&self, msg: &MsgUpdateDatanet) -> Result<()> {
        msg.owner.parse::<Address>()?;
        check::title(&msg.title)?;
        check::policy(msg.policy.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateDatanet) -> Result<MsgUpdateDatanetResponse> {
        let mut datanet = self.owned_datanet(ctx, msg.datanet_id, &msg.owner)?;
        lifecycle::check(&datanet, Act::Change)?;
        let params = self.params(ctx)?;
        let texts = [("title", &*msg.title), ("description", &*msg.description), ("schema", &*msg.schema)];
        check::texts(&params, &texts)?;
        let policy = check::policy(msg.policy.as_ref())?;
        check::check_policy(&params, &policy)?;
        datanet.title = msg.title.clone();
        datanet.description = msg.description.clone();
        datanet.schema = msg.schema.clone();
        self.set_policy(ctx, &mut datanet, policy)?;
        DATANETS.save(&mut ctx.kv_mut(STORE), datanet.id, &datanet)?;
        self.contributors.record_in(
            ctx,
            datanet.id,
            &datanet.owner,
            Role::Owner,
            (ObjectKind::Datanet, datanet.id),
            Outcome::Updated,
        )?;
        ctx.emit(events::datanet_updated(&datanet));
        Ok(MsgUpdateDatanetResponse {})
    }
}
