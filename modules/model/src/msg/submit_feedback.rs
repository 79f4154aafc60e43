//! `MsgSubmitFeedback`: a flag, a correction, a result or an improvement, with a deposit that keeps floods away.

use cosmwasm_std::Empty;
use openledger_core::{wire, Context, Event, Handle, Result, SdkError};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome};
use openledger_proto::openledger::model::v1::{MsgSubmitFeedback, MsgSubmitFeedbackResponse};

use crate::error::ModelError;
use crate::events;
use crate::feedback::{Body, Feedback, FeedbackKind, FeedbackStatus, Subject};
use crate::keeper::Models;
use crate::sequence;
use crate::state::{FEEDBACK, FEEDBACK_BY_AUTHOR, FEEDBACK_BY_VERSION, FEEDBACK_SEQ, STORE};

impl Handle<MsgSubmitFeedback> for Models {
    type Response = MsgSubmitFeedbackResponse;

    fn validate(&self, msg: &MsgSubmitFeedback) -> Result<()> {
        wire::address("author", &msg.author)?;
        Subject::from_proto(msg.subject.as_ref())?;
        body(msg)?;
        wire::base_coin("deposit", msg.deposit.as_ref()).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSubmitFeedback) -> Result<Self::Response> {
        let version = self.version_or_error(ctx, msg.model_version)?;
        let (params, got) = (self.params(ctx)?, wire::base_coin("deposit", msg.deposit.as_ref())?);
        let least = version.terms.feedback_deposit.max(params.feedback_deposit);
        if got < least {
            return Err(ModelError::DepositTooSmall { got, least }.into());
        }
        let window = i64::try_from(params.feedback_window_seconds).ok();
        let deadline = window.and_then(|window| ctx.block().time_seconds.checked_add(window));
        let (kind, body) = body(msg)?;
        let feedback = Feedback {
            id: sequence::next(ctx, STORE, &FEEDBACK_SEQ)?,
            model_version: version.id,
            author: wire::address("author", &msg.author)?,
            kind,
            subject: Subject::from_proto(msg.subject.as_ref())?,
            body,
            deposit: got,
            status: FeedbackStatus::Open,
            deadline: deadline.ok_or_else(|| SdkError::Logic("the deadline is beyond all time".into()))?,
            reason: String::new(),
            submitted_height: ctx.height(),
            decided_height: 0,
        };
        self.take(ctx, &feedback.author, got)?;
        self.save_feedback(ctx, &feedback)?;
        ctx.emit(
            Event::new(events::FEEDBACK_SUBMITTED)
                .attr("feedback", feedback.id)
                .attr("model_version", version.id)
                .attr("author", &feedback.author)
                .attr("kind", format!("{kind:?}"))
                .attr("deposit", got)
                .attr("deadline", feedback.deadline),
        );
        let object = (ObjectKind::Feedback, feedback.id);
        self.contributors.record(ctx, &feedback.author, kind.role(), object, Outcome::Created)?;
        Ok(MsgSubmitFeedbackResponse { feedback: feedback.id })
    }
}

fn body(msg: &MsgSubmitFeedback) -> Result<(FeedbackKind, Body)> {
    let kind = FeedbackKind::from_proto(msg.kind)?;
    Ok((kind, Body::read(kind, msg.content.as_ref(), &msg.text, msg.evaluation.as_ref())?))
}

impl Models {
    /// Stores a feedback and its indices.
    pub(crate) fn save_feedback(&self, ctx: &mut Context, feedback: &Feedback) -> Result<()> {
        let (kv, id) = (&mut ctx.kv_mut(STORE), feedback.id);
        FEEDBACK.save(kv, id, feedback)?;
        FEEDBACK_BY_VERSION.save(kv, (feedback.model_version, feedback.kind.key(), id), &Empty {})?;
        Ok(FEEDBACK_BY_AUTHOR.save(kv, (feedback.author.as_bytes(), id), &Empty {})?)
    }
}
