//! `MsgReclaimFeedback`: nobody decided in time, so the author takes the deposit back and the feedback stays undecided.
//!
//! That the owner let it lapse stands in the owner's history; it costs nothing else, as owners can't be made to read.

use openledger_core::{wire, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgReclaimFeedback, MsgReclaimFeedbackResponse};

use crate::error::ModelError;
use crate::events;
use crate::feedback::FeedbackStatus;
use crate::keeper::Models;

impl Handle<MsgReclaimFeedback> for Models {
    type Response = MsgReclaimFeedbackResponse;

    fn validate(&self, msg: &MsgReclaimFeedback) -> Result<()> {
        wire::address("author", &msg.author).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReclaimFeedback) -> Result<Self::Response> {
        let mut feedback = self.feedback_or_error(ctx, msg.feedback)?;
        let author = feedback.author.to_string();
        if author != msg.author {
            let (id, got) = (feedback.id, msg.author.clone());
            return Err(ModelError::NotOwner { what: "feedback", id, owner: author, got }.into());
        }
        feedback.check_open()?;
        let now = ctx.block().time_seconds;
        if now <= feedback.deadline {
            let text = format!("feedback {} may be decided until {}; it is {now}", feedback.id, feedback.deadline);
            return Err(ModelError::Feedback(text).into());
        }
        let deposit = self.end_feedback(ctx, &mut feedback, FeedbackStatus::Undecided)?;
        self.return_deposit(ctx, &feedback, deposit)?;
        ctx.emit(
            Event::new(events::FEEDBACK_RECLAIMED)
                .attr("feedback", feedback.id)
                .attr("model_version", feedback.model_version)
                .attr("author", &feedback.author)
                .attr("returned", deposit),
        );
        let object = (ObjectKind::Feedback, feedback.id);
        self.contributors.record(ctx, &feedback.author, feedback.kind.role(), object, Outcome::Expired)?;
        let version = self.version_or_error(ctx, feedback.model_version)?;
        let owner = self.model_or_error(ctx, version.model)?.owner;
        self.contributors.record(ctx, &owner, Role::Owner, object, Outcome::Expired)?;
        Ok(MsgReclaimFeedbackResponse { deposit: Some(Coin::base(deposit).to_proto()) })
    }
}
