//! `MsgRegisterAgent`: deployments composed under one price.

use cosmwasm_std::Empty;
use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgRegisterAgent, MsgRegisterAgentResponse};

use super::register_model::{check_name, MAX_DESCRIPTION_BYTES};
use super::register_model_version::listed;
use crate::agent::{Agent, AgentTerms};
use crate::events;
use crate::keeper::Models;
use crate::sequence;
use crate::state::{AGENTS, AGENTS_BY_OPERATOR, AGENT_SEQ, AGENT_TERMS, STORE};

impl Handle<MsgRegisterAgent> for Models {
    type Response = MsgRegisterAgentResponse;

    fn validate(&self, msg: &MsgRegisterAgent) -> Result<()> {
        wire::address("operator", &msg.operator)?;
        check_name(&msg.name)?;
        wire::text("description", &msg.description, MAX_DESCRIPTION_BYTES)?;
        terms(msg, 0).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRegisterAgent) -> Result<Self::Response> {
        let terms = terms(msg, ctx.height())?;
        self.check_parts(ctx, &terms)?;
        let agent = Agent {
            id: sequence::next(ctx, STORE, &AGENT_SEQ)?,
            operator: wire::address("operator", &msg.operator)?,
            name: msg.name.clone(),
            description: msg.description.clone(),
            terms: 1,
            active: true,
            registered_height: ctx.height(),
        };
        AGENTS_BY_OPERATOR.save(&mut ctx.kv_mut(STORE), (agent.operator.as_bytes(), agent.id), &Empty {})?;
        self.save_agent(ctx, &agent, &terms)?;
        let event = Event::new(events::AGENT_REGISTERED).attr("name", &agent.name);
        ctx.emit(about(event, &agent, &terms));
        let object = (ObjectKind::Agent, agent.id);
        self.contributors.record(ctx, &agent.operator, Role::Developer, object, Outcome::Created)?;
        Ok(MsgRegisterAgentResponse { agent: agent.id })
    }
}

fn terms(msg: &MsgRegisterAgent, height: u64) -> Result<AgentTerms> {
    AgentTerms::read(&msg.deployments, (&msg.base_price, &msg.byte_price), &msg.splits, height)
}

/// What events of new terms say.
pub(super) fn about(event: Event, agent: &Agent, terms: &AgentTerms) -> Event {
    event
        .attr("agent", agent.id)
        .attr("operator", &agent.operator)
        .attr("terms", agent.terms)
        .attr("deployments", listed(terms.deployments.iter().copied()))
        .attr("base_price", terms.base_price)
        .attr("byte_price", terms.byte_price)
}

impl Models {
    /// Every part takes sessions now, and where one may not be served for money, neither may the agent.
    pub(super) fn check_parts(&self, ctx: &Context, terms: &AgentTerms) -> Result<()> {
        for id in &terms.deployments {
            let deployment = self.deployment_or_error(ctx, *id)?;
            self.check_takes_sessions(ctx, &deployment)?;
            let version = self.version_or_error(ctx, deployment.model_version)?;
            version.terms.check_prices(version.id, terms.base_price, terms.byte_price)?;
        }
        Ok(())
    }

    pub(super) fn save_agent(&self, ctx: &mut Context, agent: &Agent, terms: &AgentTerms) -> Result<()> {
        AGENTS.save(&mut ctx.kv_mut(STORE), agent.id, agent)?;
        Ok(AGENT_TERMS.save(&mut ctx.kv_mut(STORE), (agent.id, agent.terms), terms)?)
    }
}
