//! Duplicate disputes: a later contribution copies earlier ones. Rules: `docs/attribution-spec.md`, section 10.
//!
//! A dispute is committed with a bond; the block after it draws the regions that must be shown, by its header time, which is the median
//! of the validators' clocks in nanoseconds: a proposer chooses among few values of it, and one who controls a third of the power among
//! many. What a lucky draw wins is the future pay of a work of which most is taken from elsewhere. Whoever cannot show the regions by the
//! deadline loses the bond, so draws cannot be collected.
//!
//! A ruling redirects future pay and nothing else: to the payees of the one source, or to the baseline where there are several. A
//! later dispute changes it only towards an earlier source. Nobody is slashed, so there is no bounty: who gains is the earlier author.

use cosmwasm_std::{Empty, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{Address, Context, Result};
use openledger_provenance::content::Commitment;
use openledger_provenance::duplicate::{Draw, DuplicateError, Proof, REGION_BYTES};

use super::error::ContentError;
use super::events;
use super::state::{DUPLICATES, DUPLICATES_OF, DUPLICATE_DEADLINES, NEXT_DUPLICATE, RULINGS, SEEDS};
use super::types::{DuplicateDispute, DuplicateStatus, Ruling, Seed};
use crate::error::DatanetError;
use crate::keeper::{broken, Datanets};
use crate::state::{GROWTH, STORE};
use crate::types::{Contribution, Status};

impl Datanets {
    /// A duplicate dispute.
    pub fn duplicate(&self, ctx: &Context, id: u64) -> Result<Option<DuplicateDispute>> {
        Ok(DUPLICATES.may_load(&*ctx.kv(STORE), id)?)
    }

    /// Which earlier work a contribution copies, if somebody has shown it.
    pub fn ruling(&self, ctx: &Context, seq: u64) -> Result<Option<Ruling>> {
        Ok(RULINGS.may_load(&*ctx.kv(STORE), seq)?)
    }

    pub(crate) fn known_duplicate(&self, ctx: &Context, id: u64) -> Result<DuplicateDispute> {
        Ok(self.duplicate(ctx, id)?.ok_or(ContentError::UnknownDuplicate(id))?)
    }

    /// What draws a dispute's regions; none before the block after its commit, and none once it has ended.
    pub(crate) fn draw(&self, ctx: &Context, dispute: &DuplicateDispute) -> Result<Option<[u8; 32]>> {
        let seed = SEEDS.may_load(&*ctx.kv(STORE), dispute.seed_height())?;
        let time = seed.and_then(|seed| seed.time).filter(|_| dispute.status == DuplicateStatus::Open);
        let Some((seconds, nanos)) = time else { return Ok(None) };
        let draw = Draw {
            chain_id: &ctx.block().chain_id,
            dispute: dispute.id,
            seq: dispute.seq,
            disputant: dispute.disputant.as_bytes(),
            seconds,
            nanos,
        };
        Ok(Some(draw.seed().map_err(|error| broken(error.to_string()))?))
    }

    /// Takes a dispute in: its bond, its place, the need of a draw.
    pub(crate) fn commit_duplicate(
        &self,
        ctx: &mut Context,
        disputant: &Address,
        seq: u64,
    ) -> Result<DuplicateDispute> {
        let contribution = self.known_contribution(ctx, seq)?;
        let length = contribution.reveal.as_ref().map_or(0, |reveal| reveal.length);
        let why = match (contribution.is_paid(), length >= REGION_BYTES) {
            (false, _) => Some("it is not paid".to_string()),
            (true, false) => Some(format!("it has {length} bytes, fewer than a region of {REGION_BYTES}")),
            _ => None,
        };
        if let Some(why) = why {
            return Err(ContentError::NotDisputable { seq, why }.into());
        }
        let params = self.params(ctx)?.content;
        let id = NEXT_DUPLICATE.may_load(&*ctx.kv(STORE))?.unwrap_or(1);
        let next = id.checked_add(1).ok_or(DatanetError::Overflow("the next duplicate dispute's id"))?;
        let deadline = ctx.height().checked_add(params.duplicate_reveal_blocks);
        let dispute = DuplicateDispute {
            id,
            seq,
            disputant: disputant.clone(),
            bond: params.duplicate_bond,
            height: ctx.height(),
            deadline: deadline.ok_or(DatanetError::Overflow("a dispute's deadline"))?,
            status: DuplicateStatus::Open,
        };
        self.lock_challenge(ctx, disputant, dispute.bond)?;
        let mut seed = SEEDS.may_load(&*ctx.kv(STORE), dispute.seed_height())?.unwrap_or_default();
        seed.disputes = seed.disputes.saturating_add(1);
        let mut kv = ctx.kv_mut(STORE);
        NEXT_DUPLICATE.save(&mut kv, &next)?;
        SEEDS.save(&mut kv, dispute.seed_height(), &seed)?;
        DUPLICATES.save(&mut kv, id, &dispute)?;
        DUPLICATES_OF.save(&mut kv, (seq, id), &Empty {})?;
        DUPLICATE_DEADLINES.save(&mut kv, (dispute.deadline, id), &Empty {})?;
        ctx.emit(events::duplicate_committed(&dispute));
        Ok(dispute)
    }

    /// Judges a proof against what was drawn: the source, or several. Sources are accepted works by others with a lower seq.
    pub(crate) fn judge_duplicate(
        &self,
        ctx: &Context,
        later: &Contribution,
        seed: &[u8; 32],
        proof: &Proof,
    ) -> Result<Option<u64>> {
        let commitment = later.commitment()?.ok_or_else(|| broken("a disputed contribution has no content"))?;
        let named = |seq: u64| -> std::result::Result<Option<Commitment>, Judged> {
            let source = self.contribution(ctx, seq)?.filter(|source| {
                let accepted = source.status == Status::Accepted && source.tombstone.is_none();
                accepted && source.seq < later.seq && source.author != later.author
            });
            Ok(source.map(|source| source.commitment()).transpose()?.flatten())
        };
        match proof.judge(&commitment, seed, named) {
            Ok(source) => Ok(source),
            Err(Judged::Refused(why)) => Err(ContentError::NoDuplicate(why.to_string()).into()),
            Err(Judged::Failed(error)) => Err(error),
        }
    }

    /// Takes a ruling over where it names an earlier source than the one that stands; whether it did.
    pub(crate) fn rule(&self, ctx: &mut Context, later: &Contribution, ruling: &Ruling) -> Result<bool> {
        let standing = self.ruling(ctx, later.seq)?;
        let better = match (standing.as_ref().map(|standing| standing.source), ruling.source) {
            (None, _) | (Some(None), Some(_)) => true,
            (Some(Some(before)), Some(now)) => now < before,
            (Some(_), None) => false,
        };
        if !better {
            return Ok(false);
        }
        RULINGS.save(&mut ctx.kv_mut(STORE), later.seq, ruling)?;
        if standing.is_none() {
            let mut growth = self.growth(ctx, later.datanet)?;
            self.end_share(ctx, later, &mut growth)?;
            GROWTH.save(&mut ctx.kv_mut(STORE), later.datanet, &growth)?;
            let (actor, object) = (&later.author, (ObjectKind::Contribution, later.seq));
            self.contributors.record_in(ctx, later.datanet, actor, Role::Author, object, Outcome::Refuted)?;
        }
        Ok(true)
    }

    /// Ends a dispute: it leaves the queue, and its block's draw goes with the last one that needs it. The bond is the caller's to move.
    pub(crate) fn end_duplicate(
        &self,
        ctx: &mut Context,
        dispute: &mut DuplicateDispute,
        status: DuplicateStatus,
    ) -> Result<Uint256> {
        let mut kv = ctx.kv_mut(STORE);
        DUPLICATE_DEADLINES.remove(&mut kv, (dispute.deadline, dispute.id));
        let height = dispute.seed_height();
        let seed = SEEDS.may_load(&kv, height)?.ok_or_else(|| broken("an open dispute has no draw"))?;
        match seed.disputes.saturating_sub(1) {
            0 => SEEDS.remove(&mut kv, height),
            disputes => SEEDS.save(&mut kv, height, &Seed { disputes, ..seed })?,
        }
        dispute.status = status;
        let bond = std::mem::take(&mut dispute.bond);
        DUPLICATES.save(&mut kv, dispute.id, dispute)?;
        Ok(bond)
    }
}

/// What ends a judgement early: the proof, or the state.
enum Judged {
    Refused(DuplicateError),
    Failed(openledger_core::Error),
}

impl From<DuplicateError> for Judged {
    fn from(error: DuplicateError) -> Self {
        Self::Refused(error)
    }
}

impl From<openledger_core::Error> for Judged {
    fn from(error: openledger_core::Error) -> Self {
        Self::Failed(error)
    }
}
