//! Who may replace refuted claims: commits with a bond, revealed in their order.
//!
//! A reveal shows the claims to everybody, so a copy could overtake it. Therefore a replacement is committed to first, for its whole bond, and
//! a later commit is not revealed while an earlier one may still be. Each commit has a reveal window that starts when those of all
//! earlier ones are over; at most eight commits a round, so the whole takes an answer window and eight reveal windows at most. A
//! commit that its maker could have revealed and did not is burnt: to keep others waiting costs twice the pool each time.

use cosmwasm_std::{Order, Uint256};
use openledger_contributor::{ObjectKind, Outcome, Role};
use openledger_core::{wire, Context, Event, Result};
use openledger_provenance::commit::ReplacementCommit as Preimage;
use openledger_provenance::Hash;

use super::types::ReplacementCommit;
use crate::error::AttributionError;
use crate::events;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{REPLACEMENT_COMMITS, STORE};
use crate::till::Pot;
use crate::types::{Check, Settlement};

/// Most commits to a replacement of a round.
pub const MAX_REPLACEMENT_COMMITS: u32 = 8;

impl Attribution {
    /// The commits to a settlement's replacement, in their order.
    pub(crate) fn replacement_commits(&self, ctx: &Context, settlement: u64) -> Result<Vec<(u32, ReplacementCommit)>> {
        let kv = ctx.kv(STORE);
        let entries = REPLACEMENT_COMMITS.prefix(settlement).range(&*kv, None, None, Order::Ascending);
        Ok(entries.collect::<Result<Vec<_>, _>>()?)
    }

    /// A round was refuted: replacements may be committed to up to a height.
    pub(crate) fn await_replacement(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        params: &Params,
    ) -> Result<()> {
        let deadline = ctx.height().saturating_add(params.answer_window);
        let mut openings = self.openings(ctx, settlement.id)?;
        openings.replaceable_until = deadline;
        openings.replacement_commits = 0;
        self.save_openings(ctx, settlement.id, &openings)?;
        self.schedule(ctx, settlement, deadline)
    }

    /// Stores a commit whose bond is paid; its number.
    pub(crate) fn add_replacement_commit(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        mut commit: ReplacementCommit,
        reveal_window: u64,
    ) -> Result<(u32, ReplacementCommit)> {
        let mut openings = self.openings(ctx, settlement.id)?;
        let (id, until, now) = (settlement.id, openings.replaceable_until, ctx.height());
        if now > until {
            let text =
                format!("a replacement for settlement {id} was to be committed to by height {until}; it is {now}");
            return Err(AttributionError::Window(text).into());
        }
        if openings.replacement_commits >= MAX_REPLACEMENT_COMMITS {
            let text =
                format!("settlement {id} has {MAX_REPLACEMENT_COMMITS} commits to a replacement, as many as it may");
            return Err(AttributionError::Replacement(text).into());
        }
        let earlier = self.replacement_commits(ctx, id)?.last().map_or(0, |(_, earlier)| earlier.deadline);
        commit.deadline = earlier.max(now).saturating_add(reveal_window);
        openings.replacement_commits = openings.replacement_commits.saturating_add(1);
        let number = openings.replacement_commits;
        self.save_openings(ctx, id, &openings)?;
        REPLACEMENT_COMMITS.save(&mut ctx.kv_mut(STORE), (id, number), &commit)?;
        let due = settlement.due.max(commit.deadline);
        self.schedule(ctx, settlement, due)?;
        Ok((number, commit))
    }

    /// The commit that a reveal is of, if it is its maker's, in time, and no earlier one may still be revealed.
    pub(crate) fn check_turn(
        &self,
        ctx: &Context,
        settlement: u64,
        number: u32,
        maker: &str,
    ) -> Result<ReplacementCommit> {
        let commits = self.replacement_commits(ctx, settlement)?;
        let unknown = AttributionError::NotFound { what: "commit to a replacement", id: number.into() };
        let (_, commit) = commits.iter().find(|(of, _)| *of == number).ok_or(unknown)?;
        let owner = commit.maker.to_string();
        if owner != maker {
            let what = "commit to a replacement";
            return Err(AttributionError::NotOwner { what, id: number.into(), owner, got: maker.into() }.into());
        }
        let (now, committed, deadline) = (ctx.height(), commit.height, commit.deadline);
        if now <= committed || now > deadline {
            let text =
                format!("commit {number} is revealed after height {committed} and up to {deadline}, not at {now}");
            return Err(AttributionError::Window(text).into());
        }
        if let Some((first, earlier)) = commits.iter().find(|(of, earlier)| *of < number && now <= earlier.deadline) {
            let text = format!("commit {first} came before, and may be revealed up to height {}", earlier.deadline);
            return Err(AttributionError::Window(text).into());
        }
        Ok(commit.clone())
    }

    /// The bonds of the commits to a replacement that came to its end: `revealed`'s stays behind its claims, those that were too late
    /// go back, those that had their time are burnt.
    pub(crate) fn end_replacement_commits(
        &self,
        ctx: &mut Context,
        settlement: u64,
        revealed: Option<u32>,
    ) -> Result<()> {
        for (number, commit) in self.replacement_commits(ctx, settlement)? {
            REPLACEMENT_COMMITS.remove(&mut ctx.kv_mut(STORE), (settlement, number));
            if revealed == Some(number) {
                continue;
            }
            self.take(ctx, Pot::Replacements, commit.bond)?;
            let lapsed = revealed.is_none() || ctx.height() > commit.deadline;
            if !lapsed {
                self.owe(ctx, &commit.maker, commit.bond)?;
                continue;
            }
            self.burn(ctx, commit.bond)?;
            ctx.emit(
                Event::new(events::REPLACEMENT_EXPIRED)
                    .attr("settlement", settlement)
                    .attr("number", number)
                    .attr("maker", &commit.maker)
                    .attr("burnt", commit.bond),
            );
            let object = (ObjectKind::Settlement, settlement);
            self.contributors.record(ctx, &commit.maker, Role::Replacer, object, Outcome::Expired)?;
        }
        Ok(())
    }
}

/// Refuses a reveal of something else than was committed.
pub(crate) fn check_committed(
    ctx: &Context,
    settlement: &Settlement,
    commit: &ReplacementCommit,
    (check, root, salt): (Check, Hash, Hash),
) -> Result<()> {
    let preimage = Preimage {
        chain_id: &ctx.block().chain_id,
        settlement: settlement.id,
        round: settlement.round().saturating_add(1),
        maker: commit.maker.as_bytes(),
        check: check as u32,
        root,
        salt,
    };
    let hash = preimage.hash().map_err(|error| AttributionError::Replacement(error.to_string()))?;
    if wire::stored_hash(&commit.commit)? != hash {
        let text = "these claims, check and salt are not what was committed to".to_string();
        return Err(AttributionError::Replacement(text).into());
    }
    Ok(())
}

/// The sum of the bonds of a list of commits.
pub(crate) fn bonds<'a>(commits: impl Iterator<Item = &'a ReplacementCommit>) -> Result<Uint256> {
    commits.into_iter().try_fold(Uint256::zero(), |sum, commit| wire::add(sum, commit.bond))
}
