//! `MsgTopUpSession`: a payer adds to an open session's deposit.

use openledger_core::{wire, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgTopUpSession, MsgTopUpSessionResponse};

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::till::Pot;
use crate::types::{Session, SessionStatus};

impl Handle<MsgTopUpSession> for Attribution {
    type Response = MsgTopUpSessionResponse;

    fn validate(&self, msg: &MsgTopUpSession) -> Result<()> {
        wire::address("payer", &msg.payer)?;
        wire::base_coin("amount", msg.amount.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgTopUpSession) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_payer(&msg.payer)?;
        session.check_open()?;
        session.check_not_expired(ctx)?;
        let amount = wire::base_coin("amount", msg.amount.as_ref())?;
        self.receive(ctx, &session.payer, Pot::Sessions, amount)?;
        session.deposit = wire::add(session.deposit, amount)?;
        self.touch(ctx, &mut session)?;
        self.save_session(ctx, &session)?;
        ctx.emit(
            Event::new(events::SESSION_TOPPED_UP)
                .attr("session", session.id)
                .attr("payer", &msg.payer)
                .attr("amount", amount)
                .attr("deposit", session.deposit),
        );
        Ok(MsgTopUpSessionResponse {})
    }
}

impl Session {
    /// Refuses whoever is not its payer.
    pub(crate) fn check_payer(&self, got: &str) -> Result<()> {
        let owner = self.payer.to_string();
        if owner == got {
            return Ok(());
        }
        Err(AttributionError::NotOwner { what: "session", id: self.id, owner, got: got.into() }.into())
    }

    /// Refuses a session under notice or closed.
    pub(crate) fn check_open(&self) -> Result<()> {
        if self.status == SessionStatus::Open {
            return Ok(());
        }
        Err(AttributionError::SessionState(format!("session {} is {:?}, not open", self.id, self.status)).into())
    }

    /// Refuses an agent's session where a deployment's is needed.
    pub(crate) fn check_of_deployment(&self) -> Result<()> {
        if self.agent == 0 {
            return Ok(());
        }
        Err(AttributionError::SessionState(format!(
            "session {} is agent {}'s, not a deployment's",
            self.id, self.agent
        ))
        .into())
    }

    /// Refuses a closed session.
    pub(crate) fn check_not_closed(&self) -> Result<()> {
        if self.status != SessionStatus::Closed {
            return Ok(());
        }
        Err(AttributionError::SessionState(format!("session {} is closed", self.id)).into())
    }
}
