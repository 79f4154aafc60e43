//! `MsgDecideFeedback`: the model's owner accepts or refuses feedback, until its deadline by header time.
//!
//! The deposit goes back; of refused feedback it is burnt where the version's terms, which the author could read, say so. The owner
//! never gets it, so to refuse earns nothing.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Coin, Context, Event, Handle, Result};
use openledger_proto::openledger::contributor::v1::{ObjectKind, Outcome, Role};
use openledger_proto::openledger::model::v1::{MsgDecideFeedback, MsgDecideFeedbackResponse};

use crate::error::ModelError;
use crate::feedback::{Feedback, FeedbackStatus};
use crate::keeper::Models;
use crate::state::{FEEDBACK, STORE};
use crate::{events, NAME};

/// Most bytes of a reason.
const MAX_REASON_BYTES: usize = 512;

impl Handle<MsgDecideFeedback> for Models {
    type Response = MsgDecideFeedbackResponse;

    fn validate(&self, msg: &MsgDecideFeedback) -> Result<()> {
        wire::address("owner", &msg.owner)?;
        if !msg.accept && msg.reason.is_empty() {
            return Err(ModelError::Invalid("a refusal says why: reason is missing".into()).into());
        }
        wire::text("reason", &msg.reason, MAX_REASON_BYTES)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgDecideFeedback) -> Result<Self::Response> {
        let mut feedback = self.feedback_or_error(ctx, msg.feedback)?;
        let version = self.version_or_error(ctx, feedback.model_version)?;
        let model = self.owned_model(ctx, version.model, &msg.owner)?;
        feedback.check_open()?;
        let now = ctx.block().time_seconds;
        if now > feedback.deadline {
            let text = format!("feedback {} was to be decided by {}; it is {now}", feedback.id, feedback.deadline);
            return Err(ModelError::Feedback(text).into());
        }
        let burn = !msg.accept && version.terms.burn_refused;
        let (status, outcome) = match msg.accept {
            true => (FeedbackStatus::Accepted, Outcome::Accepted),
            false => (FeedbackStatus::Refused, Outcome::Rejected),
        };
        feedback.reason = msg.reason.clone();
        let deposit = self.end_feedback(ctx, &mut feedback, status)?;
        let (returned, burnt) = if burn { (Uint256::zero(), deposit) } else { (deposit, Uint256::zero()) };
        match burn {
            true => self.bank.burn(ctx, NAME, &Coin::base(deposit).into())?,
            false => self.return_deposit(ctx, &feedback, deposit)?,
        }
        ctx.emit(
            Event::new(events::FEEDBACK_DECIDED)
                .attr("feedback", feedback.id)
                .attr("model_version", version.id)
                .attr("author", &feedback.author)
                .attr("owner", &model.owner)
                .attr("accepted", msg.accept)
                .attr("returned", returned)
                .attr("burnt", burnt),
        );
        let object = (ObjectKind::Feedback, feedback.id);
        self.contributors.record(ctx, &feedback.author, feedback.kind.role(), object, outcome)?;
        self.contributors.record(ctx, &model.owner, Role::Owner, object, Outcome::Answered)?;
        Ok(MsgDecideFeedbackResponse {})
    }
}

impl Feedback {
    /// Refuses what is decided.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.status == FeedbackStatus::Open {
            return Ok(());
        }
        let (id, status, height) = (self.id, self.status, self.decided_height);
        Err(ModelError::Feedback(format!("feedback {id} is {status:?} since height {height}")).into())
    }
}

impl Models {
    /// Gives an open feedback its final status; the deposit, which the caller disposes of.
    pub(super) fn end_feedback(
        &self,
        ctx: &mut Context,
        feedback: &mut Feedback,
        status: FeedbackStatus,
    ) -> Result<Uint256> {
        feedback.status = status;
        feedback.decided_height = ctx.height();
        let deposit = std::mem::take(&mut feedback.deposit);
        FEEDBACK.save(&mut ctx.kv_mut(STORE), feedback.id, feedback)?;
        Ok(deposit)
    }

    /// Pays a deposit back to its author.
    pub(super) fn return_deposit(&self, ctx: &mut Context, feedback: &Feedback, deposit: Uint256) -> Result<()> {
        self.bank.send_from_module(ctx, NAME, &feedback.author, &Coin::base(deposit).into())
    }
}
