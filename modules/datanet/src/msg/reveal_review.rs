//! `MsgRevealReview`: shows a hidden review, after the last height for commits and up to the review's deadline, at whose end all that
//! were revealed decide. It weighs what its curator had bonded when it was committed.

use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgRevealReview, MsgRevealReviewResponse};
use openledger_provenance::commit::ReviewCommit;

use crate::events;
use crate::governance::review::refused;
use crate::governance::BondKind;
use crate::governance::Review;
use crate::keeper::{check_status, Datanets};
use crate::lifecycle::{self, Act};
use crate::msg::review_contribution::check_judgement;
use crate::state::{REVIEWS, REVIEW_COMMITS, STORE};
use crate::types::Status;

impl Handle<MsgRevealReview> for Datanets {
    type Response = MsgRevealReviewResponse;

    fn validate(&self, msg: &MsgRevealReview) -> Result<()> {
        msg.reviewer.parse::<Address>()?;
        wire::hash("salt", &msg.salt)?;
        check_judgement(msg.accept, msg.score, msg.commons)
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgRevealReview) -> Result<MsgRevealReviewResponse> {
        let (reviewer, seq): (Address, _) = (msg.reviewer.parse()?, msg.seq);
        let contribution = self.known_contribution(ctx, seq)?;
        check_status(&contribution, Status::Pending)?;
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        lifecycle::check(&datanet, Act::Judge)?;
        let key = (seq, reviewer.as_bytes());
        let Some(hidden) = REVIEW_COMMITS.may_load(&*ctx.kv(STORE), key)? else {
            return Err(refused(seq, format!("{reviewer} has no hidden review to reveal")));
        };
        let (after, until) = (contribution.terms.review_commit_deadline, contribution.terms.review_deadline);
        if ctx.height() <= after || ctx.height() > until {
            return Err(refused(seq, format!("reviews are revealed after height {after} and up to {until}")));
        }
        let commit = ReviewCommit {
            chain_id: &ctx.block().chain_id,
            seq,
            reviewer: reviewer.as_bytes(),
            accept: msg.accept,
            score: msg.score,
            commons: msg.commons,
            salt: wire::hash("salt", &msg.salt)?,
        };
        let commit = commit.hash().map_err(|error| refused(seq, error.to_string()))?;
        if hidden.commit.as_slice() != commit {
            return Err(refused(seq, "judgement and salt do not hash to the commit"));
        }
        REVIEW_COMMITS.remove(&mut ctx.kv_mut(STORE), key);
        self.unlock_bond(ctx, datanet.id, BondKind::Curator, &reviewer, hidden.at_risk)?;
        let mut review = Review::new(msg.accept, msg.score, msg.commons, ctx.height(), hidden.weight);
        review.council_epoch = hidden.council_epoch;
        let policy = self.policy_of(ctx, &contribution)?;
        self.lock_review(ctx, &policy, datanet.id, &reviewer, &mut review)?;
        REVIEWS.save(&mut ctx.kv_mut(STORE), key, &review)?;
        let (object, outcome) =
            ((ObjectKind::Contribution, seq), if msg.accept { Outcome::Accepted } else { Outcome::Rejected });
        self.contributors.record_in(ctx, datanet.id, &reviewer, Role::Curator, object, outcome)?;
        ctx.emit(events::contribution_reviewed(&contribution, &reviewer, &review));
        Ok(MsgRevealReviewResponse {})
    }
}
