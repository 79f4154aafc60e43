//! `MsgUpdateAgent`: new terms for new sessions. Open ones keep the terms of their opening.

use openledger_core::{wire, Context, Event, Handle, Result, SdkError};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgUpdateAgent, MsgUpdateAgentResponse};

use super::register_agent::about;
use super::register_model::MAX_DESCRIPTION_BYTES;
use crate::agent::AgentTerms;
use crate::events;
use crate::keeper::Models;

impl Handle<MsgUpdateAgent> for Models {
    type Response = MsgUpdateAgentResponse;

    fn validate(&self, msg: &MsgUpdateAgent) -> Result<()> {
        wire::address("operator", &msg.operator)?;
        wire::text("description", &msg.description, MAX_DESCRIPTION_BYTES)?;
        terms(msg, 0).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgUpdateAgent) -> Result<Self::Response> {
        let mut agent = self.agent_or_error(ctx, msg.agent)?;
        agent.check_changeable(&msg.operator)?;
        let terms = terms(msg, ctx.height())?;
        self.check_parts(ctx, &terms)?;
        let number = agent.terms.checked_add(1);
        agent.terms = number.ok_or_else(|| SdkError::Logic(format!("agent {} has had 2^32 terms", agent.id)))?;
        agent.description = msg.description.clone();
        self.save_agent(ctx, &agent, &terms)?;
        ctx.emit(about(Event::new(events::AGENT_UPDATED), &agent, &terms));
        let object = (ObjectKind::Agent, agent.id);
        self.contributors.record(ctx, &agent.operator, Role::Developer, object, Outcome::Updated)?;
        Ok(MsgUpdateAgentResponse { terms: agent.terms })
    }
}

fn terms(msg: &MsgUpdateAgent, height: u64) -> Result<AgentTerms> {
    AgentTerms::read(&msg.deployments, (&msg.base_price, &msg.byte_price), &msg.splits, height)
}
