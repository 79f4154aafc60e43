//! `MsgReviewContribution`: the owner's word where the quorum is 0, else one curator's vote.
//!
//! With a quorum q of n curators, q acceptances accept, and as soon as q can no longer be reached the contribution is rejected. Its
//! score is the median of the accepting votes' (the lower one of two in the middle), so one curator alone moves it little; it is
//! commons if the author gave it so, or if more than half of the accepting votes say so.

use cosmwasm_std::Order;
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Handle, Result};
use openledger_proto::openledger::datanet::v1::{MsgReviewContribution, MsgReviewContributionResponse};

use crate::accept::Verdict;
use crate::error::DatanetError;
use crate::events;
use crate::keeper::{check_status, Datanets};
use crate::state::{REVIEWS, STORE};
use crate::types::{Contribution, Datanet, Review, Status};

/// The best score.
pub(crate) const MAX_SCORE: u32 = 10_000;

impl Handle<MsgReviewContribution> for Datanets {
    type Response = MsgReviewContributionResponse;

    fn validate(&self, msg: &MsgReviewContribution) -> Result<()> {
        msg.reviewer.parse::<Address>()?;
        if msg.score > MAX_SCORE {
            return Err(DatanetError::InvalidReview(format!("score is {}; at most {MAX_SCORE}", msg.score)).into());
        }
        if !msg.accept && (msg.score != 0 || msg.commons) {
            return Err(DatanetError::InvalidReview("a rejection has no score and makes no commons".into()).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgReviewContribution) -> Result<MsgReviewContributionResponse> {
        let reviewer: Address = msg.reviewer.parse()?;
        let mut contribution = self.known_contribution(ctx, msg.seq)?;
        check_status(&contribution, Status::Pending)?;
        if let Some(height) = contribution.tombstoned_height().filter(|_| msg.accept) {
            return Err(DatanetError::Tombstoned { seq: msg.seq, height }.into());
        }
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        let role = check_reviewer(&datanet, &contribution, &reviewer)?;
        if REVIEWS.has(&*ctx.kv(STORE), (msg.seq, reviewer.as_bytes())) {
            return Err(DatanetError::AlreadyReviewed { seq: msg.seq, reviewer: msg.reviewer.clone() }.into());
        }
        let review = Review { accept: msg.accept, score: msg.score, commons: msg.commons, height: ctx.height() };
        REVIEWS.save(&mut ctx.kv_mut(STORE), (msg.seq, reviewer.as_bytes()), &review)?;
        let outcome = if msg.accept { Outcome::Accepted } else { Outcome::Rejected };
        self.contributors.record_in(ctx, datanet.id, &reviewer, role, (ObjectKind::Contribution, msg.seq), outcome)?;
        ctx.emit(events::contribution_reviewed(&contribution, &reviewer, &review));
        let verdict = match role {
            Role::Owner if review.accept => Some(median(vec![review])),
            Role::Owner => Some(Verdict::Reject),
            _ => self.verdict(ctx, &datanet, msg.seq)?,
        };
        match verdict {
            Some(Verdict::Accept { score, commons }) => {
                self.accept(ctx, &datanet, &mut contribution, score, commons)?;
            }
            Some(Verdict::Reject) => self.reject(ctx, &mut contribution)?,
            None => {}
        }
        let accept_index = contribution.accept_index().unwrap_or_default();
        Ok(MsgReviewContributionResponse { status: contribution.status.to_proto().into(), accept_index })
    }
}

/// Refuses whoever may not review; the role of whoever may.
fn check_reviewer(datanet: &Datanet, contribution: &Contribution, reviewer: &Address) -> Result<Role> {
    let policy = &datanet.policy;
    let refused = |who: &str| {
        let (who, got) = (who.to_string(), reviewer.to_string());
        Err(DatanetError::NotReviewer { datanet: datanet.id, who, got }.into())
    };
    if policy.quorum == 0 {
        return if *reviewer == datanet.owner { Ok(Role::Owner) } else { refused("its owner") };
    }
    if policy.curators.binary_search(reviewer).is_err() {
        return refused("its curators");
    }
    if *reviewer == contribution.author {
        return refused("its other curators, not the author");
    }
    Ok(Role::Curator)
}

impl Datanets {
    /// What the reviews come to by the policy of now: those of the curators of now count, of whom there are at most 100.
    fn verdict(&self, ctx: &Context, datanet: &Datanet, seq: u64) -> Result<Option<Verdict>> {
        let curators = &datanet.policy.curators;
        let kv = ctx.kv(STORE);
        let reviews = REVIEWS.prefix(seq).range(&*kv, None, None, Order::Ascending);
        let (mut accepting, mut rejecting) = (Vec::new(), 0usize);
        for pair in reviews {
            let (reviewer, review) = pair?;
            if !curators.iter().any(|curator| curator.as_bytes() == reviewer) {
                continue;
            }
            if review.accept {
                accepting.push(review);
            } else {
                rejecting = rejecting.saturating_add(1);
            }
        }
        let quorum = usize::try_from(datanet.policy.quorum).unwrap_or(usize::MAX);
        if accepting.len() >= quorum {
            return Ok(Some(median(accepting)));
        }
        let reachable = curators.len().saturating_sub(rejecting) >= quorum;
        Ok((!reachable).then_some(Verdict::Reject))
    }
}

fn median(accepting: Vec<Review>) -> Verdict {
    let commons = accepting.iter().filter(|review| review.commons).count();
    let commons = commons.saturating_mul(2) > accepting.len();
    let mut scores: Vec<u32> = accepting.iter().map(|review| review.score).collect();
    scores.sort_unstable();
    let middle = scores.len().saturating_sub(1).checked_div(2).unwrap_or_default();
    Verdict::Accept { score: scores.get(middle).copied().unwrap_or_default(), commons }
}
