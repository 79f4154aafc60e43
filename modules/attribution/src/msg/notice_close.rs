//! `MsgNoticeClose`: a payer says that the session will close, so that its server can settle the last voucher in time.

use openledger_core::{wire, Context, Event, Handle, Result, SdkError};
use openledger_proto::openledger::attribution::v1::{MsgNoticeClose, MsgNoticeCloseResponse};

use crate::events;
use crate::keeper::Attribution;
use crate::types::SessionStatus;

impl Handle<MsgNoticeClose> for Attribution {
    type Response = MsgNoticeCloseResponse;

    fn validate(&self, msg: &MsgNoticeClose) -> Result<()> {
        wire::address("payer", &msg.payer).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgNoticeClose) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_payer(&msg.payer)?;
        session.check_open()?;
        session.check_not_expired(ctx)?;
        let notice = self.kept_params(ctx, session.params_version)?.close_notice_seconds;
        let closes_at = i64::try_from(notice).ok().and_then(|notice| ctx.block().time_seconds.checked_add(notice));
        session.closes_at = closes_at.ok_or_else(|| SdkError::Logic("the notice ends beyond all time".into()))?;
        session.status = SessionStatus::Closing;
        self.touch(ctx, &mut session)?;
        self.save_session(ctx, &session)?;
        ctx.emit(
            Event::new(events::NOTICE_GIVEN)
                .attr("session", session.id)
                .attr("payer", &msg.payer)
                .attr("closes_at", session.closes_at),
        );
        Ok(MsgNoticeCloseResponse { closes_at: session.closes_at })
    }
}
