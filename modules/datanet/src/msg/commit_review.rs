//! `MsgCommitReview`: a curator hides a judgement under its hash, where the policy of the contribution's commit wants reviews hidden.
//!
//! What a review that is never revealed costs is locked at once, so it cannot be unbonded meanwhile.

use cosmwasm_std::Binary;
use openledger_core::{wire, Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgCommitReview, MsgCommitReviewResponse};

use crate::error::DatanetError;
use crate::governance::admission::part_of;
use crate::governance::review::refused;
use crate::governance::{events, BondKind, ReviewCommit};
use crate::keeper::{check_status, Datanets};
use crate::lifecycle::{self, Act};
use crate::state::{REVIEWS, REVIEW_COMMITS, STORE};
use crate::types::Status;

impl Handle<MsgCommitReview> for Datanets {
    type Response = MsgCommitReviewResponse;

    fn validate(&self, msg: &MsgCommitReview) -> Result<()> {
        msg.reviewer.parse::<Address>()?;
        wire::hash("commit", &msg.commit).map(|_| ())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgCommitReview) -> Result<MsgCommitReviewResponse> {
        let (reviewer, seq): (Address, _) = (msg.reviewer.parse()?, msg.seq);
        let contribution = self.known_contribution(ctx, seq)?;
        check_status(&contribution, Status::Pending)?;
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        lifecycle::check(&datanet, Act::Judge)?;
        let policy = self.policy_of(ctx, &contribution)?;
        if !policy.hidden_reviews {
            return Err(refused(seq, "reviews are open here; send MsgReviewContribution"));
        }
        let (until, last) = (contribution.terms.review_commit_deadline, contribution.terms.review_deadline);
        if ctx.height() > until {
            return Err(refused(seq, format!("reviews were committed up to height {until}")));
        }
        self.check_reviewer(ctx, &datanet, &policy, &contribution, &reviewer)?;
        let key = (seq, reviewer.as_bytes());
        if REVIEW_COMMITS.has(&*ctx.kv(STORE), key) || REVIEWS.has(&*ctx.kv(STORE), key) {
            return Err(DatanetError::AlreadyReviewed { seq, reviewer: msg.reviewer.clone() }.into());
        }
        let weight = self.review_weight(ctx, &policy, datanet.id, &reviewer)?;
        let at_risk = part_of(weight, self.params(ctx)?.unrevealed_slash_bps)?;
        self.check_free(ctx, datanet.id, &reviewer, at_risk)?;
        self.lock_bond(ctx, datanet.id, BondKind::Curator, &reviewer, at_risk)?;
        let commit = Binary::from(wire::hash("commit", &msg.commit)?);
        let council_epoch = self.council_epoch(ctx, datanet.id)?;
        let hidden = ReviewCommit { commit, weight, at_risk, council_epoch };
        REVIEW_COMMITS.save(&mut ctx.kv_mut(STORE), key, &hidden)?;
        ctx.emit(events::review_committed(&contribution, &reviewer));
        Ok(MsgCommitReviewResponse { reveal_from: until.saturating_add(1), reveal_until: last })
    }
}
