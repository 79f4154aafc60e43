//! Availability: a content that nobody shows is left out of the next version, and its pay waits.
//!
//! Whoever wants to see a chunk deposits more than it costs to show it. Who shows it in time has the deposit; if nobody does, it goes
//! back, and the content is unavailable until every chunk that was missed has been shown. Challenges are by chunk, one at a time each: who
//! asks for a chunk that they hold cannot stand before those who ask for another.
//!
//! A version that is frozen keeps what it holds. The next ones leave an unavailable content out: its record says from which version on
//! ([`super::types::Gap`]), so membership stays two look-ups, the contribution's and the version's.

use cosmwasm_std::{Empty, Uint256};
use openledger_contributor::IncomeKind;
use openledger_core::{Address, Context, Result};
use openledger_provenance::content::{Commitment, ContentOpening};
use openledger_provenance::CHUNK_BYTES;

use super::error::ContentError;
use super::events;
use super::state::{CHALLENGES, CHALLENGE_DEADLINES, UNAVAILABLE};
use super::types::{Challenge, Gap, Unavailable};
use crate::error::DatanetError;
use crate::keeper::{broken, Datanets};
use crate::lifecycle::{self, Act};
use crate::state::STORE;
use crate::types::Contribution;

/// Most ranges of versions that leave a content out; one that is marked more often stays out for good.
pub(crate) const MAX_GAPS: usize = 16;

impl Datanets {
    /// A challenge of a chunk.
    pub fn challenge(&self, ctx: &Context, seq: u64, chunk: u32) -> Result<Option<Challenge>> {
        Ok(CHALLENGES.may_load(&*ctx.kv(STORE), (seq, chunk))?)
    }

    /// That a content is unavailable; none: it is not.
    pub fn unavailable(&self, ctx: &Context, seq: u64) -> Result<Option<Unavailable>> {
        Ok(UNAVAILABLE.may_load(&*ctx.kv(STORE), seq)?)
    }

    /// Takes a challenge in; the last height at which an answer has the deposit.
    pub(crate) fn ask_for_chunk(&self, ctx: &mut Context, challenger: &Address, seq: u64, chunk: u32) -> Result<u64> {
        let contribution = self.known_contribution(ctx, seq)?;
        lifecycle::check(&self.known_datanet(ctx, contribution.datanet)?, Act::Challenge)?;
        if let Some(why) = not_challengeable(&contribution, chunk)? {
            return Err(ContentError::NotChallengeable { seq, why }.into());
        }
        if self.challenge(ctx, seq, chunk)?.is_some() {
            return Err(ContentError::AlreadyChallenged { seq, chunk }.into());
        }
        let params = self.params(ctx)?.content;
        let deadline = ctx.height().checked_add(params.availability_answer_blocks);
        let deadline = deadline.ok_or(DatanetError::Overflow("a challenge's deadline"))?;
        self.lock_challenge(ctx, challenger, params.availability_deposit)?;
        let (deposit, challenger) = (params.availability_deposit, challenger.clone());
        ctx.emit(events::availability_challenged(seq, chunk, &challenger, deadline));
        let challenge = Challenge { challenger, deposit, deadline, missed: false };
        CHALLENGES.save(&mut ctx.kv_mut(STORE), (seq, chunk), &challenge)?;
        CHALLENGE_DEADLINES.save(&mut ctx.kv_mut(STORE), (deadline, seq, chunk), &Empty {})?;
        Ok(deadline)
    }

    /// Takes an answer: the deposit where it is in time, and whether the content is available now.
    pub(crate) fn show_chunk(
        &self,
        ctx: &mut Context,
        answerer: &Address,
        (seq, chunk): (u64, u32),
        opening: &ContentOpening,
    ) -> Result<(Uint256, bool)> {
        let challenge = self.challenge(ctx, seq, chunk)?.ok_or(ContentError::NotChallenged { seq, chunk })?;
        let contribution = self.known_contribution(ctx, seq)?;
        let commitment = contribution.commitment()?.ok_or_else(|| broken("a challenged content has no root"))?;
        check_chunk(&commitment, chunk, opening).map_err(|why| ContentError::WrongChunk { seq, chunk, why })?;
        CHALLENGES.remove(&mut ctx.kv_mut(STORE), (seq, chunk));
        if challenge.missed {
            let available = self.found_again(ctx, contribution)?;
            ctx.emit(events::availability_answered(seq, chunk, answerer, Uint256::zero()));
            return Ok((Uint256::zero(), available));
        }
        CHALLENGE_DEADLINES.remove(&mut ctx.kv_mut(STORE), (challenge.deadline, seq, chunk));
        // By height: how far the end of a block has got does not decide who has the deposit.
        let (to, paid) = match ctx.height() > challenge.deadline {
            true => (&challenge.challenger, Uint256::zero()),
            false => (answerer, challenge.deposit),
        };
        self.unlock_challenge(ctx, to, challenge.deposit)?;
        self.contributors.record_income(ctx, answerer, IncomeKind::Availability, paid)?;
        ctx.emit(events::availability_answered(seq, chunk, answerer, paid));
        Ok((paid, self.unavailable(ctx, seq)?.is_none()))
    }

    /// Nobody showed a chunk: the content is unavailable from now on. One that was tombstoned meanwhile is not asked for any more.
    pub(crate) fn miss_chunk(&self, ctx: &mut Context, seq: u64, chunk: u32) -> Result<()> {
        let mut challenge = self.challenge(ctx, seq, chunk)?.ok_or_else(|| broken("a queued challenge is missing"))?;
        let deposit = std::mem::take(&mut challenge.deposit);
        self.unlock_challenge(ctx, &challenge.challenger, deposit)?;
        CHALLENGE_DEADLINES.remove(&mut ctx.kv_mut(STORE), (challenge.deadline, seq, chunk));
        let mut contribution = self.known_contribution(ctx, seq)?;
        if contribution.tombstone.is_some() {
            CHALLENGES.remove(&mut ctx.kv_mut(STORE), (seq, chunk));
            return Ok(());
        }
        challenge.missed = true;
        CHALLENGES.save(&mut ctx.kv_mut(STORE), (seq, chunk), &challenge)?;
        ctx.emit(events::availability_missed(seq, chunk));
        if let Some(mut unavailable) = self.unavailable(ctx, seq)? {
            unavailable.missed = unavailable.missed.saturating_add(1);
            return Ok(UNAVAILABLE.save(&mut ctx.kv_mut(STORE), seq, &unavailable)?);
        }
        let hold = i64::try_from(self.params(ctx)?.content.hold_seconds).unwrap_or(i64::MAX);
        let held_until = ctx.block().time_seconds.saturating_add(hold);
        UNAVAILABLE.save(&mut ctx.kv_mut(STORE), seq, &Unavailable { missed: 1, held_until })?;
        // The last range may still be open where it has been left out for good.
        if contribution.left_out.last().is_none_or(|gap| gap.to.is_some()) {
            let from = self.next_version(ctx, contribution.datanet)?;
            contribution.left_out.push(Gap { from, to: None });
            self.save_contribution(ctx, &contribution)?;
        }
        Ok(())
    }

    /// A missing chunk was shown; whether it was the last one, and the content is available again.
    fn found_again(&self, ctx: &mut Context, mut contribution: Contribution) -> Result<bool> {
        let seq = contribution.seq;
        let mut unavailable =
            self.unavailable(ctx, seq)?.ok_or_else(|| broken("a missed chunk of an available content"))?;
        unavailable.missed = unavailable.missed.saturating_sub(1);
        if unavailable.missed > 0 {
            UNAVAILABLE.save(&mut ctx.kv_mut(STORE), seq, &unavailable)?;
            return Ok(false);
        }
        UNAVAILABLE.remove(&mut ctx.kv_mut(STORE), seq);
        let next = self.next_version(ctx, contribution.datanet)?;
        if contribution.left_out.len() <= MAX_GAPS {
            contribution.left_out.retain(|gap| gap.to.is_some() || gap.from != next);
            if let Some(gap) = contribution.left_out.last_mut().filter(|gap| gap.to.is_none()) {
                gap.to = Some(next);
            }
            self.save_contribution(ctx, &contribution)?;
        }
        ctx.emit(events::content_available(seq));
        Ok(true)
    }

    fn next_version(&self, ctx: &Context, datanet: u64) -> Result<u32> {
        let last = self.last_version(ctx, datanet)?;
        Ok(last.checked_add(1).ok_or(DatanetError::Overflow("the next version"))?)
    }
}

fn not_challengeable(contribution: &Contribution, chunk: u32) -> Result<Option<String>> {
    let Some(reveal) = contribution.reveal.as_ref().filter(|_| contribution.acceptance.is_some()) else {
        return Ok(Some(format!("it is {}; it must have been accepted", contribution.status.name())));
    };
    if let Some(height) = contribution.tombstoned_height() {
        return Ok(Some(format!("it is tombstoned from height {height} on")));
    }
    if reveal.on_chain {
        return Ok(Some("its content lies on chain: ask a node for it".into()));
    }
    let chunks = reveal.length.div_ceil(CHUNK_BYTES as u64);
    Ok((u64::from(chunk) >= chunks).then(|| format!("it has chunks 0 to {}", chunks.saturating_sub(1))))
}

/// Refuses what is not this chunk, alone.
fn check_chunk(commitment: &Commitment, chunk: u32, opening: &ContentOpening) -> Result<(), String> {
    let size = CHUNK_BYTES as u64;
    let offset = u64::from(chunk).saturating_mul(size);
    let len = commitment.length.saturating_sub(offset).min(size);
    opening.open(commitment, offset, len).map(|_| ()).map_err(|error| error.to_string())
}
