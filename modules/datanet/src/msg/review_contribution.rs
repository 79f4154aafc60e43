//! `MsgReviewContribution`: the owner's word where the quorum is 0, else one curator's open vote.
//!
//! With a quorum q of n curators, q acceptances accept, and as soon as q can no longer be reached the contribution is rejected; what
//! happens at the deadline is in `governance/review.rs`, the score in `governance/tally.rs`. It is commons if the author gave it so, or
//! if more than half of the accepting votes say so. Policy and curators are those of the contribution's commit.

use cosmwasm_std::Uint256;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgReviewContribution, MsgReviewContributionResponse};

use crate::accept::Verdict;
use crate::error::DatanetError;
use crate::events;
use crate::governance::admission::part_of;
use crate::governance::review::{accepted, refused};
use crate::governance::Review;
use crate::keeper::{check_status, Datanets};
use crate::lifecycle::{self, Act};
use crate::state::{REVIEWS, STORE};
use crate::types::Status;

/// The best score.
pub(crate) const MAX_SCORE: u32 = 10_000;

impl Handle<MsgReviewContribution> for Datanets {
    type Response = MsgReviewContributionResponse;

    fn validate(&self, msg: &MsgReviewContribution) -> Result<()> {
        msg.reviewer.parse::<Address>()?;
        check_judgement(msg.accept, msg.score, msg.commons)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReviewContribution) -> Result<MsgReviewContributionResponse> {
        let reviewer: Address = msg.reviewer.parse()?;
        let mut contribution = self.known_contribution(ctx, msg.seq)?;
        check_status(&contribution, Status::Pending)?;
        if let Some(height) = contribution.tombstoned_height().filter(|_| msg.accept) {
            return Err(DatanetError::Tombstoned { seq: msg.seq, height }.into());
        }
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        lifecycle::check(&datanet, Act::Judge)?;
        let policy = self.policy_of(ctx, &contribution)?;
        let role = self.check_reviewer(ctx, &datanet, &policy, &contribution, &reviewer)?;
        if policy.hidden_reviews {
            return Err(refused(msg.seq, "reviews are hidden here; send MsgCommitReview, then MsgRevealReview"));
        }
        let deadline = contribution.terms.review_deadline;
        if ctx.height() > deadline {
            return Err(refused(msg.seq, format!("it could be reviewed up to height {deadline}")));
        }
        if REVIEWS.has(&*ctx.kv(STORE), (msg.seq, reviewer.as_bytes())) {
            return Err(DatanetError::AlreadyReviewed { seq: msg.seq, reviewer: msg.reviewer.clone() }.into());
        }
        let weight = match role {
            Role::Owner => Uint256::zero(),
            _ => self.review_weight(ctx, &policy, datanet.id, &reviewer)?,
        };
        let mut review = Review::new(msg.accept, msg.score, msg.commons, ctx.height(), weight);
        review.council_epoch = self.council_epoch(ctx, datanet.id)?;
        if role == Role::Curator && review.accept && !policy.curator_bond.is_zero() {
            let needed = part_of(weight, self.params(ctx)?.curator_slash_bps)?;
            self.check_free(ctx, datanet.id, &reviewer, needed)?;
            self.lock_review(ctx, &policy, datanet.id, &reviewer, &mut review)?;
        }
        REVIEWS.save(&mut ctx.kv_mut(STORE), (msg.seq, reviewer.as_bytes()), &review)?;
        let outcome = if msg.accept { Outcome::Accepted } else { Outcome::Rejected };
        let object = (ObjectKind::Contribution, msg.seq);
        self.contributors.record_in(ctx, datanet.id, &reviewer, role, object, outcome)?;
        ctx.emit(events::contribution_reviewed(&contribution, &reviewer, &review));
        let verdict = match role {
            Role::Owner if review.accept => Some(accepted(&policy, &[review])),
            Role::Owner => Some(Verdict::Reject),
            _ => self.verdict(ctx, &policy, &contribution, false)?,
        };
        if let Some(verdict) = verdict {
            self.end_review(ctx, &contribution, false)?;
            self.decide(ctx, &datanet, &mut contribution, verdict)?;
        }
        let accept_index = contribution.accept_index().unwrap_or_default();
        Ok(MsgReviewContributionResponse { status: contribution.status.to_proto().into(), accept_index })
    }
}

/// Refuses a judgement that cannot be.
pub(crate) fn check_judgement(accept: bool, score: u32, commons: bool) -> Result<()> {
    if score > MAX_SCORE {
        return Err(DatanetError::InvalidReview(format!("score is {score}; at most {MAX_SCORE}")).into());
    }
    if !accept && (score != 0 || commons) {
        return Err(DatanetError::InvalidReview("a rejection has no score and makes no commons".into()).into());
    }
    Ok(())
}
