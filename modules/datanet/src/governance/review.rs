//! A review's time, and its end.
//!
//! From the reveal at height h a contribution is under review up to h + w (w: `review_window_blocks` of the policy of its commit, or the
//! parameter). Where reviews are hidden, they are committed up to h + w and revealed after that, up to h + w + r: all judge before any
//! judgement can be seen, and a copied commit cannot be revealed, as the reviewer is a part of the hash.
//!
//! | by the end | decision |
//! | --- | --- |
//! | the quorum accepted | accepted, with the score of `tally.rs` |
//! | so many rejected that the quorum is out of reach | rejected: the deposit returns or burns, the author's bond is slashed, as the policy of the commit says |
//! | neither | lapsed: rejected without blame; deposit and bond are the author's again |
//!
//! Open reviews decide as soon as either is certain; hidden ones, and what is left, at the deadline, in the pass of `block.rs`. A message
//! is refused by height, wherever that pass stands. Curators who are the author are no part of the count.

use cosmwasm_std::{Binary, Empty, Order, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Coin, Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use super::admission::part_of;
use super::bond::BondKind;
use super::{events, tally};
use crate::accept::Verdict;
use crate::error::DatanetError;
use crate::governance::{Policy, Review};
use crate::keeper::Datanets;
use crate::lifecycle::State;
use crate::state::{REVIEWS, REVIEW_COMMITS, REVIEW_DUE, STORE};
use crate::types::{Contribution, Datanet, Status};
use crate::NAME;

/// A hidden review that is not revealed yet; contribution and reviewer are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewCommit {
    /// 32 bytes.
    pub commit: Binary,
    /// The curator's bond at the commit, in base units.
    pub weight: Uint256,
    /// What is burnt of it if the review is not revealed, in base units.
    pub at_risk: Uint256,
    /// The epoch of the datanet's council at the commit; 0: there was none.
    #[serde(default)]
    pub council_epoch: u64,
}

impl ReviewCommit {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64, reviewer: &Address) -> proto::ReviewCommit {
        proto::ReviewCommit {
            seq,
            reviewer: reviewer.to_string(),
            commit: self.commit.to_vec(),
            weight: self.weight.to_string(),
            at_risk: self.at_risk.to_string(),
            council_epoch: self.council_epoch,
        }
    }
}

pub(crate) fn refused(seq: u64, text: impl Into<String>) -> openledger_core::Error {
    DatanetError::ReviewRefused { seq, text: text.into() }.into()
}

impl Datanets {
    /// Refuses whoever may not review by this policy; the role of whoever may. An owner whose word decides may accept an own content:
    /// there is nobody whose independence a curator's review would show, and the contribution counts as one that nobody reviewed. A
    /// curator judges neither an own contribution nor one that would share in the pay of an own one.
    pub(crate) fn check_reviewer(
        &self,
        ctx: &Context,
        datanet: &Datanet,
        policy: &Policy,
        contribution: &Contribution,
        reviewer: &Address,
    ) -> Result<Role> {
        let not = |who: &str| {
            let (who, got) = (who.to_string(), reviewer.to_string());
            Err(DatanetError::NotReviewer { datanet: datanet.id, who, got }.into())
        };
        if policy.quorum == 0 {
            return if *reviewer == datanet.owner { Ok(Role::Owner) } else { not("its owner") };
        }
        if !policy.has_curator(reviewer) {
            return not("its curators");
        }
        if *reviewer == contribution.author {
            return not("its other curators, not the author");
        }
        if let Some(pointer) = contribution.points_at() {
            if self.known_contribution(ctx, pointer.seq)?.author == *reviewer {
                return not("its other curators, not the author of what it points at");
            }
        }
        Ok(Role::Curator)
    }
}

/// Times.
impl Datanets {
    /// Begins the review of a contribution that was revealed in this block; the caller saves it.
    pub(crate) fn start_review(
        &self,
        ctx: &mut Context,
        policy: &Policy,
        contribution: &mut Contribution,
    ) -> Result<()> {
        let params = self.params(ctx)?;
        let or = |own: u64, general: u64| if own == 0 { general } else { own };
        let first = ctx.height().checked_add(or(policy.review_window_blocks, params.review_window_blocks));
        let first = first.ok_or(DatanetError::Overflow("the review's deadline"))?;
        let terms = &mut contribution.terms;
        (terms.review_commit_deadline, terms.review_deadline) = if policy.hidden_reviews {
            let last = first.checked_add(or(policy.review_reveal_blocks, params.review_reveal_blocks));
            (first, last.ok_or(DatanetError::Overflow("the review's deadline"))?)
        } else {
            (0, first)
        };
        REVIEW_DUE.save(&mut ctx.kv_mut(STORE), (terms.review_deadline, contribution.seq), &Empty {})?;
        Ok(())
    }

    /// Takes a contribution that is not pending any more off the queue of reviews, unlocks what its reviews had at risk, and ends the
    /// hidden ones: who did not reveal loses what was at risk if it was `due`, and nothing where the contribution went away before.
    pub(crate) fn end_review(&self, ctx: &mut Context, contribution: &Contribution, due: bool) -> Result<()> {
        let seq = contribution.seq;
        for height in contribution.terms.due() {
            REVIEW_DUE.remove(&mut ctx.kv_mut(STORE), (height, seq));
        }
        for (reviewer, review) in self.accepting(ctx, seq)? {
            if !review.at_risk.is_zero() {
                self.unlock_bond(ctx, contribution.datanet, BondKind::Curator, &reviewer, review.at_risk)?;
            }
        }
        if contribution.terms.review_commit_deadline == 0 {
            return Ok(());
        }
        let commits = REVIEW_COMMITS
            .prefix(seq)
            .range(&*ctx.kv(STORE), None, None, Order::Ascending)
            .collect::<Result<Vec<_>, _>>()?;
        for (reviewer, commit) in commits {
            let reviewer = Address::new(reviewer)?;
            REVIEW_COMMITS.remove(&mut ctx.kv_mut(STORE), (seq, reviewer.as_bytes()));
            let (datanet, kind) = (contribution.datanet, BondKind::Curator);
            self.unlock_bond(ctx, datanet, kind, &reviewer, commit.at_risk)?;
            if due {
                self.slash_bond(ctx, datanet, kind, &reviewer, commit.at_risk)?;
                let object = (ObjectKind::Contribution, seq);
                self.contributors.record_in(ctx, datanet, &reviewer, Role::Curator, object, Outcome::Expired)?;
                ctx.emit(events::review_unrevealed(contribution, &reviewer, commit.at_risk));
            }
        }
        Ok(())
    }

    /// Locks what an accepting review may cost its curator, until it is decided: what is unbonded after that can still be slashed for
    /// the whole period. At most what is free: a hidden review's own lock was freed for it.
    pub(crate) fn lock_review(
        &self,
        ctx: &mut Context,
        policy: &Policy,
        datanet: u64,
        reviewer: &Address,
        review: &mut Review,
    ) -> Result<()> {
        if !review.accept || policy.curator_bond.is_zero() {
            return Ok(());
        }
        let part = part_of(review.weight, self.params(ctx)?.curator_slash_bps)?;
        review.at_risk = part.min(self.bond(ctx, datanet, BondKind::Curator, reviewer)?.free());
        self.lock_bond(ctx, datanet, BondKind::Curator, reviewer, review.at_risk)
    }

    /// Refuses a review where less of the bond is free than it may cost.
    pub(crate) fn check_free(&self, ctx: &Context, datanet: u64, reviewer: &Address, needed: Uint256) -> Result<()> {
        let free = self.bond(ctx, datanet, BondKind::Curator, reviewer)?.free();
        if free >= needed {
            return Ok(());
        }
        let (free, needed) = (Coin::base(free), Coin::base(needed));
        let text = format!(
            "{reviewer} has {free} of its bond free, the rest is behind other reviews; this one needs {needed}"
        );
        Err(DatanetError::Bond(text).into())
    }

    /// What a curator's review weighs; refuses one whose bond is too low.
    pub(crate) fn review_weight(
        &self,
        ctx: &Context,
        policy: &Policy,
        datanet: u64,
        reviewer: &Address,
    ) -> Result<Uint256> {
        if policy.curator_bond.is_zero() {
            return Ok(Uint256::one());
        }
        let amount = self.bond(ctx, datanet, BondKind::Curator, reviewer)?.amount;
        if amount < policy.curator_bond {
            let (has, needed) = (Coin::base(amount), Coin::base(policy.curator_bond));
            let text =
                format!("{reviewer} has {has} bonded as a curator of datanet {datanet}; a review needs {needed}");
            return Err(DatanetError::Bond(text).into());
        }
        Ok(amount)
    }
}

/// Decisions.
impl Datanets {
    /// What the curators' reviews come to; `None` while it is open. At the deadline it is never open.
    pub(crate) fn verdict(
        &self,
        ctx: &Context,
        policy: &Policy,
        contribution: &Contribution,
        at_deadline: bool,
    ) -> Result<Option<Verdict>> {
        let (mut accepting, mut rejecting) = (Vec::new(), 0usize);
        for pair in REVIEWS.prefix(contribution.seq).range(&*ctx.kv(STORE), None, None, Order::Ascending) {
            let (_, review) = pair?;
            if review.accept {
                accepting.push(review);
            } else {
                rejecting = rejecting.saturating_add(1);
            }
        }
        let quorum = usize::try_from(policy.quorum).unwrap_or(usize::MAX);
        if quorum > 0 && accepting.len() >= quorum {
            return Ok(Some(accepted(policy, &accepting)));
        }
        let judges = policy.curators.len().saturating_sub(policy.has_curator(&contribution.author).into());
        if quorum > 0 && judges.saturating_sub(rejecting) < quorum {
            return Ok(Some(Verdict::Reject));
        }
        Ok(at_deadline.then_some(Verdict::Lapse))
    }

    /// Ends the review of a pending contribution.
    pub(crate) fn decide(
        &self,
        ctx: &mut Context,
        datanet: &Datanet,
        contribution: &mut Contribution,
        verdict: Verdict,
    ) -> Result<()> {
        match verdict {
            Verdict::Accept { score, commons } => {
                self.accept(ctx, datanet, contribution, score, commons)?;
                self.reward_curators(ctx, contribution)?;
                self.confirm_curators(ctx, contribution, true)
            }
            Verdict::Reject => {
                self.reject(ctx, contribution)?;
                self.confirm_curators(ctx, contribution, false)
            }
            Verdict::Lapse => self.lapse(ctx, contribution),
        }
    }

    /// Notes in their histories whose reviews were the decision; to differ is no fault.
    fn confirm_curators(&self, ctx: &mut Context, contribution: &Contribution, accepted: bool) -> Result<()> {
        let (seq, datanet) = (contribution.seq, contribution.datanet);
        let kv = ctx.kv(STORE);
        let reviews = REVIEWS.prefix(seq).range(&*kv, None, None, Order::Ascending).collect::<Result<Vec<_>, _>>()?;
        for (reviewer, _) in reviews.iter().filter(|(_, review)| review.accept == accepted && !review.weight.is_zero())
        {
            let (reviewer, object) = (Address::new(reviewer.as_slice())?, (ObjectKind::Contribution, seq));
            self.contributors.record_in(ctx, datanet, &reviewer, Role::Curator, object, Outcome::Confirmed)?;
        }
        Ok(())
    }

    /// Decides what is due. It cannot fail by what is in the state: what cannot be accepted lapses.
    pub(crate) fn decide_due(&self, ctx: &mut Context, seq: u64) -> Result<()> {
        let mut contribution = self.known_contribution(ctx, seq)?;
        let datanet = self.known_datanet(ctx, contribution.datanet)?;
        self.end_review(ctx, &contribution, datanet.state != State::Retired)?;
        let policy = self.policy_of(ctx, &contribution)?;
        let mut verdict = match datanet.state {
            State::Retired => Verdict::Lapse,
            _ => self.verdict(ctx, &policy, &contribution, true)?.unwrap_or(Verdict::Lapse),
        };
        if matches!(verdict, Verdict::Accept { .. }) && !self.can_accept(ctx, &contribution)? {
            verdict = Verdict::Reject;
        }
        let (point, before) = (ctx.checkpoint(), contribution.clone());
        match self.decide(ctx, &datanet, &mut contribution, verdict) {
            Err(error) if error.codespace == NAME => {
                ctx.revert(point);
                contribution = before;
                self.decide(ctx, &datanet, &mut contribution, Verdict::Lapse)
            }
            decided => decided,
        }
    }

    /// Whether acceptance is not ruled out by a tombstone or an earlier accepted copy.
    pub(crate) fn can_accept(&self, ctx: &Context, contribution: &Contribution) -> Result<bool> {
        let revealed = contribution.reveal.is_some() && contribution.tombstone.is_none();
        Ok(revealed && self.accepted_before(ctx, contribution)?.is_none())
    }

    /// Refuses a pending contribution that was not decided in time, without blame.
    fn lapse(&self, ctx: &mut Context, contribution: &mut Contribution) -> Result<()> {
        contribution.status = Status::Rejected;
        self.end_risk(ctx, contribution, false)?;
        self.return_deposit(ctx, contribution)?;
        self.save_contribution(ctx, contribution)?;
        let object = (ObjectKind::Contribution, contribution.seq);
        let (datanet, author) = (contribution.datanet, contribution.author.clone());
        self.contributors.record_in(ctx, datanet, &author, Role::Author, object, Outcome::Closed)?;
        ctx.emit(events::contribution_lapsed(contribution));
        Ok(())
    }
}

/// The owner's word, or what a quorum of curators comes to.
pub(crate) fn accepted(policy: &Policy, accepting: &[Review]) -> Verdict {
    let commons = accepting.iter().filter(|review| review.commons).count();
    let commons = commons.saturating_mul(2) > accepting.len();
    let scores: Vec<(u32, Uint256)> = accepting.iter().map(|review| (review.score, review.weight)).collect();
    Verdict::Accept { score: tally::score(&scores, policy.max_weight(), policy.band()), commons }
}
