//! The curators' pay, and what they answer for.
//!
//! Each datanet has a pot, as its baseline is one: a credit raises what one share has ever earned, in constant work. An accepted
//! contribution gives 10,000 shares to the curators who accepted it, by the clipped weights of their reviews (`tally.rs`); commons give
//! none, as they earn nothing. A rejection gives none: junk costs its sender little, so who is paid for refusing it would send it. A datanet
//! whose owner decides has no shares, and its part goes to its treasury.
//!
//! Behind each such review stands a part of the curator's bond: locked from the review to its decision, and for the bond period after
//! that within reach even while it unbonds. A ruling of the datanet's council or of governance
//! (`MsgOverruleReview`) burns it once and takes the review's shares from there on; what they earned before stays. A ruling that the
//! contribution is a duplicate does neither: duplicates redirect pay and never slash.

use cosmwasm_std::{Order, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Context, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use super::bond::BondKind;
use super::{events, tally};
use crate::error::DatanetError;
use crate::escrow::coins;
use crate::governance::Review;
use crate::keeper::Datanets;
use crate::money::{self, lower, raise, Baseline};
use crate::state::{CURATION, CURATORS, REVIEWS, STORE};
use crate::types::Contribution;
use crate::NAME;

/// A curator's part of a datanet's pot; datanet and curator are the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CuratorShare {
    /// Shares that it has now.
    pub shares: u64,
    /// The pot's `per_index` up to which it was counted.
    pub start: Uint256,
    /// Earned up to there and not claimed, in base units.
    pub owed: Uint256,
}

impl CuratorShare {
    /// Counts what it earned up to the pot's present.
    pub fn settle(&mut self, pot: &Baseline) -> Result<()> {
        self.owed = add(self.owed, money::earned(self.shares, self.start, pot.per_index)?)?;
        self.start = pot.per_index;
        Ok(())
    }

    /// The protobuf form.
    pub fn to_proto(&self, datanet: u64, curator: &Address) -> proto::CuratorShare {
        proto::CuratorShare {
            datanet_id: datanet,
            curator: curator.to_string(),
            shares: self.shares,
            start: self.start.to_string(),
            owed: self.owed.to_string(),
        }
    }
}

/// What other modules ask.
impl Datanets {
    /// Credits the curators' part of a fee, paid by `from`: it divides over the declared versions by their total index, and in each
    /// datanet over its curators by their shares. Where a datanet has none, its treasury has the part.
    pub fn credit_curation(
        &self,
        ctx: &mut Context,
        from: &Address,
        versions: &[(u64, u32)],
        amount: Uint256,
    ) -> Result<()> {
        for (datanet, part) in self.parts(ctx, from, versions, amount)? {
            let mut pot = self.curation(ctx, datanet)?;
            if pot.sharing_index == 0 {
                self.add_to_treasury(ctx, datanet, part)?;
                continue;
            }
            pot.credit(part)?;
            CURATION.save(&mut ctx.kv_mut(STORE), datanet, &pot)?;
            self.change_totals(ctx, |totals| raise(&mut totals.curation, part))?;
            ctx.emit(events::curation_credited(datanet, part));
        }
        Ok(())
    }

    /// Slashes the bonds that stand behind the acceptance of a contribution, which was proven wrong; what was burnt. Reviews whose
    /// period is over, and those that were overruled before, are left alone.
    pub fn penalize_curators(&self, ctx: &mut Context, seq: u64) -> Result<Uint256> {
        let contribution = self.known_contribution(ctx, seq)?;
        self.overrule(ctx, &contribution, &[])
    }

    /// A datanet's pot for its curators.
    pub fn curation(&self, ctx: &Context, datanet: u64) -> Result<Baseline> {
        Ok(CURATION.may_load(&*ctx.kv(STORE), datanet)?.unwrap_or_default())
    }

    /// A curator's part of it.
    pub fn curator_share(&self, ctx: &Context, datanet: u64, curator: &Address) -> Result<CuratorShare> {
        Ok(CURATORS.may_load(&*ctx.kv(STORE), (datanet, curator.as_bytes()))?.unwrap_or_default())
    }

    /// What a claim would pay a curator now.
    pub fn curation_owed(&self, ctx: &Context, datanet: u64, curator: &Address) -> Result<Uint256> {
        let mut share = self.curator_share(ctx, datanet, curator)?;
        share.settle(&self.curation(ctx, datanet)?)?;
        Ok(share.owed)
    }
}

impl Datanets {
    /// Gives shares to the curators who accepted, and notes what of their bonds stands behind it.
    pub(crate) fn reward_curators(&self, ctx: &mut Context, contribution: &Contribution) -> Result<()> {
        let policy = self.policy_of(ctx, contribution)?;
        if policy.quorum == 0 {
            return Ok(());
        }
        let params = self.params(ctx)?;
        let period = i64::try_from(params.curator_bond_period_seconds).unwrap_or(i64::MAX);
        let until = ctx.block().time_seconds.saturating_add(period);
        let reviews = self.accepting(ctx, contribution.seq)?;
        let weights: Vec<Uint256> = reviews.iter().map(|(_, review)| review.weight).collect();
        for ((reviewer, mut review), shares) in reviews.into_iter().zip(tally::shares(&weights, policy.max_weight())) {
            review.shares = if contribution.commons { 0 } else { shares };
            review.stands_until_seconds = until;
            self.change_shares(ctx, contribution.datanet, &reviewer, 0, review.shares)?;
            if !review.at_risk.is_zero() {
                self.stand_behind(ctx, contribution.datanet, BondKind::Curator, &reviewer, until)?;
            }
            REVIEWS.save(&mut ctx.kv_mut(STORE), (contribution.seq, reviewer.as_bytes()), &review)?;
        }
        Ok(())
    }

    /// Overrules the acceptances of a contribution by these reviewers, or by all where none are named; what was burnt.
    pub(crate) fn overrule(
        &self,
        ctx: &mut Context,
        contribution: &Contribution,
        reviewers: &[Address],
    ) -> Result<Uint256> {
        let (seq, datanet, now) = (contribution.seq, contribution.datanet, ctx.block().time_seconds);
        let mut burnt = Uint256::zero();
        for (reviewer, mut review) in self.accepting(ctx, seq)? {
            let named = reviewers.is_empty() || reviewers.contains(&reviewer);
            if !named || !stands(&review, now) {
                continue;
            }
            self.change_shares(ctx, datanet, &reviewer, review.shares, 0)?;
            (review.overruled, review.shares) = (true, 0);
            REVIEWS.save(&mut ctx.kv_mut(STORE), (seq, reviewer.as_bytes()), &review)?;
            let taken = self.slash_bond(ctx, datanet, BondKind::Curator, &reviewer, review.at_risk)?;
            burnt = add(burnt, taken)?;
            let object = (ObjectKind::Contribution, seq);
            self.contributors.record_in(ctx, datanet, &reviewer, Role::Curator, object, Outcome::Refuted)?;
            ctx.emit(events::review_overruled(contribution, &reviewer, taken));
        }
        Ok(burnt)
    }

    /// The reviews that accept a contribution: at most one a curator.
    pub(crate) fn accepting(&self, ctx: &Context, seq: u64) -> Result<Vec<(Address, Review)>> {
        let mut found = Vec::new();
        for pair in REVIEWS.prefix(seq).range(&*ctx.kv(STORE), None, None, Order::Ascending) {
            let (reviewer, review) = pair?;
            if review.accept {
                found.push((Address::new(reviewer)?, review));
            }
        }
        Ok(found)
    }

    fn change_shares(&self, ctx: &mut Context, datanet: u64, curator: &Address, less: u64, more: u64) -> Result<()> {
        if less == more {
            return Ok(());
        }
        let mut pot = self.curation(ctx, datanet)?;
        let mut share = self.curator_share(ctx, datanet, curator)?;
        share.settle(&pot)?;
        let change = |shares: u64| shares.checked_sub(less).and_then(|rest| rest.checked_add(more));
        let overflow = DatanetError::Overflow("a sum of curators' shares");
        share.shares = change(share.shares).ok_or(overflow.clone())?;
        pot.sharing_index = change(pot.sharing_index).ok_or(overflow)?;
        CURATORS.save(&mut ctx.kv_mut(STORE), (datanet, curator.as_bytes()), &share)?;
        CURATION.save(&mut ctx.kv_mut(STORE), datanet, &pot)?;
        Ok(())
    }

    /// Counts what a pot owes to a curator as claimed; the amount, which the caller pays with [`Datanets::pay_curation`].
    pub(crate) fn take_curation(&self, ctx: &mut Context, datanet: u64, curator: &Address) -> Result<Uint256> {
        let mut pot = self.curation(ctx, datanet)?;
        let mut share = self.curator_share(ctx, datanet, curator)?;
        share.settle(&pot)?;
        let owed = std::mem::take(&mut share.owed);
        if owed.is_zero() {
            return Ok(owed);
        }
        pot.claimed = add(pot.claimed, owed)?;
        // Never more than was credited: each share was rounded down.
        sub(pot.credited, pot.claimed)?;
        CURATION.save(&mut ctx.kv_mut(STORE), datanet, &pot)?;
        CURATORS.save(&mut ctx.kv_mut(STORE), (datanet, curator.as_bytes()), &share)?;
        ctx.emit(events::curation_claimed(datanet, curator, owed));
        Ok(owed)
    }

    /// Pays what was claimed.
    pub(crate) fn pay_curation(&self, ctx: &mut Context, curator: &Address, amount: Uint256) -> Result<()> {
        self.change_totals(ctx, |totals| lower(&mut totals.curation, amount))?;
        self.bank.send(ctx, &Address::module(NAME), curator, &coins(amount))
    }
}

/// Whether a review can still be overruled at this header time.
pub(crate) fn stands(review: &Review, now_seconds: i64) -> bool {
    !review.overruled && review.stands_until_seconds >= now_seconds && review.stands_until_seconds > 0
}
