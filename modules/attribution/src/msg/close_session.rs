//! `MsgCloseSession`: what is not spent goes back to the payer.
//!
//! The server may close at any time: nobody but it can lose by that. The payer may once the notice is over, so that no voucher that it
//! signed is left unpaid while its server is awake.

use openledger_contributor::Outcome;
use openledger_core::{wire, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgCloseSession, MsgCloseSessionResponse};

use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::types::{Session, SessionStatus};

impl Handle<MsgCloseSession> for Attribution {
    type Response = MsgCloseSessionResponse;

    fn validate(&self, msg: &MsgCloseSession) -> Result<()> {
        wire::address("sender", &msg.sender).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCloseSession) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_not_closed()?;
        self.check_may_close(ctx, &session, &msg.sender)?;
        let refund = self.end_session(ctx, &mut session, Outcome::Closed)?;
        ctx.emit(
            Event::new(events::SESSION_CLOSED)
                .attr("session", session.id)
                .attr("payer", &session.payer)
                .attr("sender", &msg.sender)
                .attr("refund", refund),
        );
        Ok(MsgCloseSessionResponse { refund: Some(Coin::base(refund).to_proto()) })
    }
}

impl Attribution {
    fn check_may_close(&self, ctx: &Context, session: &Session, sender: &str) -> Result<()> {
        if self.seller(ctx, session)?.to_string() == sender {
            return Ok(());
        }
        session.check_payer(sender)?;
        let now = ctx.block().time_seconds;
        match session.status {
            SessionStatus::Closing if now >= session.closes_at => Ok(()),
            SessionStatus::Closing => {
                let text = format!("the notice lasts until {}; it is {now}", session.closes_at);
                Err(AttributionError::SessionState(text).into())
            }
            _ => {
                let text = format!("session {} closes after its payer's notice", session.id);
                Err(AttributionError::SessionState(text).into())
            }
        }
    }
}
