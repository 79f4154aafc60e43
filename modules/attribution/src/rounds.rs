//! Rounds of claims: how one arrives, and what becomes of it.
//!
//! ```text
//!             dispute won            bounty settled          replaced in time, at most twice
//!  PENDING ───────────────▶ FALSE ───────────────▶ AWAITING_REPLACEMENT ───────────────▶ PENDING
//!     │ window and reveals over                            │ nobody, or the third round was false
//!     ▼                                                    ▼
//!  PAYING ─ all rows credited ▶ PAID                    BASELINED
//! ```
//!
//! A round that is false stays so. Its bond (L) is divided: a quarter to the disputant with the earliest valid commit, an eighth for the
//! maker of the claims that replace it, the rest is burnt; where the chain itself asked for what was not opened, the quarter too. A
//! round that was committed to is revealed in the order of commits (`audit/replacements.rs`), and is paid once nothing that was
//! demanded or drawn is open (`audit/demands.rs`).

use cosmwasm_std::Uint256;
use openledger_auth::authority;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Context, Event, Result, SdkError};
use openledger_model::ModelVersion;

use crate::audit::is_chain;
use crate::error::AttributionError;
use crate::judge::Judged;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::{ROWS, ROWS_LEFT, STORE};
use crate::till::{Forfeit, Pot};
use crate::types::{Check, DisputeStatus, Round, Settlement, SettlementStatus};
use crate::{events, NAME};

/// Most rounds of claims: the server's and two replacements.
pub const MAX_ROUNDS: usize = 3;

impl Settlement {
    /// The number of the present round.
    pub fn round(&self) -> u32 {
        u32::try_from(self.rounds.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The present round.
    pub fn present(&self) -> Result<&Round> {
        Ok(self.rounds.last().ok_or_else(|| SdkError::Logic(format!("settlement {} has no claims", self.id)))?)
    }

    /// Refuses a settlement in another state.
    pub fn check_status(&self, needed: SettlementStatus) -> Result<()> {
        if self.status == needed {
            return Ok(());
        }
        let text = format!("settlement {} is {:?}, not {needed:?}", self.id, self.status);
        Err(AttributionError::SettlementState(text).into())
    }
}

impl Attribution {
    /// Adds a round of claims whose bond is in place, stores its rows and opens its window.
    pub(crate) fn add_round(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        params: &Params,
        (maker, check): (&Address, Check),
        judged: &Judged,
    ) -> Result<()> {
        let height = ctx.height();
        settlement.rounds.push(Round {
            maker: maker.clone(),
            check,
            height,
            root: judged.root.to_vec().into(),
            rows_root: judged.rows_root().to_vec().into(),
            rows: u32::try_from(judged.rows.len()).map_err(|_| SdkError::Logic("more rows than windows".into()))?,
            contributions: judged.contributions,
            baseline: judged.baseline,
            treasury: judged.treasury,
            bond: liability(settlement.pool)?,
            uses: judged.uses.iter().filter(|(_, used)| !used.is_zero()).map(|(id, used)| (*id, *used)).collect(),
        });
        let round = settlement.round();
        for (contribution, amount) in &judged.rows {
            ROWS.save(&mut ctx.kv_mut(STORE), (settlement.id, round, *contribution), amount)?;
        }
        settlement.status = SettlementStatus::Pending;
        self.begin_openings(ctx, settlement, params, &judged.pools)?;
        let due = height.saturating_add(params.dispute_window).saturating_add(params.reveal_window);
        self.schedule(ctx, settlement, due)
    }

    /// A dispute of the present round is valid: the round is false from now on. While earlier commits may still be revealed, the bounty
    /// waits; of the valid ones the earliest commit has it.
    pub(crate) fn refute(&self, ctx: &mut Context, settlement: &mut Settlement, dispute: u64) -> Result<()> {
        let earlier = settlement.winning_dispute == 0 || dispute < settlement.winning_dispute;
        if settlement.status == SettlementStatus::False && !earlier {
            return Ok(());
        }
        settlement.status = SettlementStatus::False;
        settlement.winning_dispute = dispute;
        // Every earlier commit is due by this deadline at the latest.
        let deadline = self.known_dispute(ctx, dispute)?.deadline;
        self.schedule(ctx, settlement, deadline)
    }

    /// End block, once no earlier commit can come: divides the bond and asks for a replacement, or ends without one.
    pub(crate) fn forfeit(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        self.end_demands(ctx, settlement)?;
        self.stop_sampling(ctx, settlement.id)?;
        let (round, present) = (settlement.round(), settlement.present()?.clone());
        if round == 0 {
            self.models.slash(ctx, settlement.deployment, present.bond, NAME)?;
        } else {
            self.take(ctx, Pot::Replacements, present.bond)?;
        }
        let mut dispute = self.known_dispute(ctx, settlement.winning_dispute)?;
        let parts = Forfeit::of(present.bond)?.without_bounty_if(is_chain(&dispute.disputant))?;
        self.earn(ctx, &dispute.disputant, IncomeKind::Bounty, parts.bounty)?;
        self.put(ctx, Pot::Replacements, parts.maker)?;
        settlement.maker_bounty = add(settlement.maker_bounty, parts.maker)?;
        self.burn(ctx, parts.burnt)?;
        dispute.status = DisputeStatus::Won;
        dispute.bounty = parts.bounty;
        self.save_dispute(ctx, &dispute)?;
        settlement.winning_dispute = 0;
        ROWS_LEFT.save(&mut ctx.kv_mut(STORE), (settlement.id, round), &false)?;
        ctx.emit(
            Event::new(events::CLAIMS_REFUTED)
                .attr("settlement", settlement.id)
                .attr("round", round)
                .attr("maker", &present.maker)
                .attr("forfeited", present.bond)
                .attr("dispute", dispute.id)
                .attr("disputant", &dispute.disputant)
                .attr("bounty", parts.bounty)
                .attr("burnt", parts.burnt),
        );
        if round == 0 {
            self.count_record(ctx, settlement.deployment, |record| {
                record.false_settlements = record.false_settlements.saturating_add(1);
                Ok(())
            })?;
        }
        let role = if round == 0 { Role::Server } else { Role::Replacer };
        self.contributors.record(
            ctx,
            &present.maker,
            role,
            (ObjectKind::Settlement, settlement.id),
            Outcome::Refuted,
        )?;
        if !is_chain(&dispute.disputant) {
            let object = (ObjectKind::Dispute, dispute.id);
            self.contributors.record(ctx, &dispute.disputant, Role::Watcher, object, Outcome::Refuted)?;
        }
        if settlement.rounds.len() >= MAX_ROUNDS {
            return self.end_without_claims(ctx, settlement);
        }
        settlement.status = SettlementStatus::AwaitingReplacement;
        let params = self.kept_params(ctx, settlement.params_version)?;
        self.await_replacement(ctx, settlement, &params)
    }

    /// No claim stood, so no datanet's use is shown: the pool is the platform's (`uses.rs`); the bounty for a maker is burnt.
    pub(crate) fn end_without_claims(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        self.end_replacement_commits(ctx, settlement.id, None)?;
        self.end_openings(ctx, settlement.id);
        self.take(ctx, Pot::Pools, settlement.pool)?;
        self.owe(ctx, &authority(), settlement.pool)?;
        let unclaimed = std::mem::take(&mut settlement.maker_bounty);
        self.take(ctx, Pot::Replacements, unclaimed)?;
        self.burn(ctx, unclaimed)?;
        settlement.status = SettlementStatus::Baselined;
        ctx.emit(
            Event::new(events::SETTLEMENT_BASELINED)
                .attr("settlement", settlement.id)
                .attr("session", settlement.session)
                .attr("unmatched", settlement.pool),
        );
        self.schedule(ctx, settlement, 0)
    }

    /// The window and all reveals are over: the maker's liability ends and the rows begin to be credited.
    pub(crate) fn begin_payment(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        let (round, present) = (settlement.round(), settlement.present()?.clone());
        self.end_openings(ctx, settlement.id);
        if round == 0 {
            self.models.unlock(ctx, settlement.deployment, present.bond)?;
        } else {
            let bounty = std::mem::take(&mut settlement.maker_bounty);
            self.take(ctx, Pot::Replacements, add(present.bond, bounty)?)?;
            self.owe(ctx, &present.maker, present.bond)?;
            self.earn(ctx, &present.maker, IncomeKind::Replacement, bounty)?;
        }
        ROWS_LEFT.save(&mut ctx.kv_mut(STORE), (settlement.id, round), &true)?;
        settlement.status = SettlementStatus::Paying;
        self.schedule(ctx, settlement, 0)
    }

    /// All rows and undeclared sources are credited: the baseline's and the treasuries' parts follow.
    pub(crate) fn end_payment(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        let present = settlement.present()?.clone();
        let version = self.known_version(ctx, settlement.model_version)?;
        self.take(ctx, Pot::Pools, add(present.baseline, present.treasury)?)?;
        let credited = self.credit_unowned(ctx, &version, &present)?;
        settlement.status = SettlementStatus::Paid;
        self.credit_use(ctx, settlement, &version)?;
        ctx.emit(
            Event::new(events::SETTLEMENT_PAID)
                .attr("settlement", settlement.id)
                .attr("session", settlement.session)
                .attr("contributions", present.contributions)
                .attr("baseline", credited.baseline)
                .attr("treasury", credited.treasury)
                .attr("unmatched", credited.unmatched),
        );
        let role = if settlement.round() == 0 { Role::Server } else { Role::Replacer };
        self.contributors.record(ctx, &present.maker, role, (ObjectKind::Settlement, settlement.id), Outcome::Paid)?;
        Ok(())
    }

    /// Usage reputation, by what was burnt: the whole of it for who served and stood by true claims, and for the model's owner; a claim
    /// that was refuted earns its server none. Authors have theirs by their rows (`block.rs`).
    fn credit_use(&self, ctx: &mut Context, settlement: &Settlement, version: &ModelVersion) -> Result<()> {
        if settlement.round() == 0 {
            let server = self.known_deployment(ctx, settlement.deployment)?.server;
            self.contributors.credit_usage(ctx, &server, 0, Role::Server, settlement.burnt)?;
        }
        let owner = self.models.model(ctx, version.model)?.map(|model| model.owner);
        let Some(owner) = owner else { return Ok(()) };
        self.contributors.credit_usage(ctx, &owner, 0, Role::Developer, settlement.burnt)
    }

    /// Moves what a row was to pay to the treasuries' part: its contribution was taken back while the window was open.
    pub(crate) fn forgo_row(&self, settlement: &mut Settlement, amount: Uint256) -> Result<()> {
        let Some(present) = settlement.rounds.last_mut() else { return Ok(()) };
        present.contributions = sub(present.contributions, amount)?;
        present.treasury = add(present.treasury, amount)?;
        Ok(())
    }
}

/// What stands behind claims for a pool: twice the pool (L).
pub(crate) fn liability(pool: Uint256) -> Result<Uint256> {
    add(pool, pool)
}
