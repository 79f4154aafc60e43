//! `MsgRetireAgent`: it takes no new sessions, ever again; open ones go on.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgRetireAgent, MsgRetireAgentResponse};

use crate::events;
use crate::keeper::Models;
use crate::state::{AGENTS, STORE};

impl Handle<MsgRetireAgent> for Models {
    type Response = MsgRetireAgentResponse;

    fn validate(&self, msg: &MsgRetireAgent) -> Result<()> {
        wire::address("operator", &msg.operator).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRetireAgent) -> Result<Self::Response> {
        let mut agent = self.agent_or_error(ctx, msg.agent)?;
        agent.check_changeable(&msg.operator)?;
        agent.active = false;
        AGENTS.save(&mut ctx.kv_mut(STORE), agent.id, &agent)?;
        ctx.emit(Event::new(events::AGENT_RETIRED).attr("agent", agent.id).attr("operator", &agent.operator));
        let object = (ObjectKind::Agent, agent.id);
        self.contributors.record(ctx, &agent.operator, Role::Developer, object, Outcome::Retired)?;
        Ok(MsgRetireAgentResponse {})
    }
}
