//! Begin and end of a block: the horizon, then whatever is due, each pass bounded.
//!
//! What does not fit into a block waits for the next one; nothing is refused or decided by how far these passes have got.

use cosmwasm_std::{Order, Uint256};
use cw_storage_plus::Bound;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::add;
use openledger_core::{Context, Event, Result};
use openledger_datanet::{divide_pay, Payee};

use crate::events;
use crate::keeper::Attribution;
use crate::state::{DISPUTE_DEADLINES, DUE, EARNINGS, OWED, ROWS, ROWS_LEFT, STORE};
use crate::till::Pot;
use crate::types::{DisputeStatus, Settlement, SettlementStatus};

/// Gas for what end blocks will do with one thing that a transaction leaves them (a set of claims, a demand, a payment): they have no
/// meter of their own, and whoever fills their queues must pay for it.
pub(crate) const LATER_GAS: u64 = 100_000;
/// Most expired disputes, and most settlements looked at, a block.
const MOST_PER_BLOCK: usize = 100;

impl Attribution {
    /// Expires disputes and demands, draws samples, moves settlements on, works rows off.
    pub(crate) fn finish_block(&self, ctx: &mut Context) -> Result<()> {
        self.expire_disputes(ctx)?;
        self.lapse_demands(ctx)?;
        self.draw_samples(ctx)?;
        self.expire_sessions(ctx)?;
        self.visit_due(ctx)?;
        self.work_rows_off(ctx)?;
        self.visit_held(ctx)
    }

    /// Disputes that were not revealed by this height lose their bonds.
    fn expire_disputes(&self, ctx: &mut Context) -> Result<()> {
        let until = Some(Bound::exclusive((ctx.height().saturating_add(1), 0)));
        let expired = DISPUTE_DEADLINES
            .keys(&*ctx.kv(STORE), None, until, Order::Ascending)
            .take(MOST_PER_BLOCK)
            .collect::<Result<Vec<_>, _>>()?;
        for (deadline, id) in expired {
            DISPUTE_DEADLINES.remove(&mut ctx.kv_mut(STORE), (deadline, id));
            let mut dispute = self.known_dispute(ctx, id)?;
            dispute.status = DisputeStatus::Expired;
            self.save_dispute(ctx, &dispute)?;
            self.take(ctx, Pot::DisputeBonds, dispute.bond)?;
            self.burn(ctx, dispute.bond)?;
            ctx.emit(
                Event::new(events::DISPUTE_EXPIRED)
                    .attr("dispute", id)
                    .attr("settlement", dispute.settlement)
                    .attr("disputant", &dispute.disputant),
            );
            self.contributors.record(
                ctx,
                &dispute.disputant,
                Role::Watcher,
                (ObjectKind::Dispute, id),
                Outcome::Expired,
            )?;
        }
        Ok(())
    }

    /// Looks at settlements whose time has come.
    fn visit_due(&self, ctx: &mut Context) -> Result<()> {
        let until = Some(Bound::exclusive((ctx.height().saturating_add(1), 0)));
        let due = DUE
            .keys(&*ctx.kv(STORE), None, until, Order::Ascending)
            .take(MOST_PER_BLOCK)
            .collect::<Result<Vec<_>, _>>()?;
        for (_, id) in due {
            let mut settlement = self.known_settlement(ctx, id)?;
            match settlement.status {
                SettlementStatus::Pending => {
                    let params = self.kept_params(ctx, settlement.params_version)?;
                    let (now, clear) = (ctx.height(), self.clear_from(ctx, id, &params)?);
                    let payable = self.is_payable(ctx, settlement.present()?.height, &params)?;
                    if payable && clear.is_some_and(|from| from <= now) {
                        self.begin_payment(ctx, &mut settlement)?;
                    } else {
                        // To the end of the line: those behind it are not to wait for its window.
                        let next = now.saturating_add(1).max(clear.unwrap_or_default());
                        self.schedule(ctx, &mut settlement, next)?;
                    }
                }
                SettlementStatus::False => self.forfeit(ctx, &mut settlement)?,
                SettlementStatus::AwaitingReplacement => self.end_without_claims(ctx, &mut settlement)?,
                SettlementStatus::Paying | SettlementStatus::Paid | SettlementStatus::Baselined => {
                    self.schedule(ctx, &mut settlement, 0)?;
                }
            }
            self.save_settlement(ctx, &settlement)?;
        }
        Ok(())
    }

    /// Credits or deletes rows, as many as a block may.
    fn work_rows_off(&self, ctx: &mut Context) -> Result<()> {
        let mut left = usize::try_from(self.params(ctx)?.1.rows_per_block).unwrap_or(usize::MAX);
        while left > 0 {
            let first = ROWS_LEFT.range(&*ctx.kv(STORE), None, None, Order::Ascending).next().transpose()?;
            let Some(((id, round), pay)) = first else { return Ok(()) };
            let rows = ROWS
                .prefix((id, round))
                .range(&*ctx.kv(STORE), None, None, Order::Ascending)
                .take(left)
                .collect::<Result<Vec<_>, _>>()?;
            // Fewer than asked for: these are the last ones.
            let done = rows.len() < left;
            left = left.saturating_sub(rows.len().max(1));
            let mut settlement = self.known_settlement(ctx, id)?;
            for (contribution, amount) in rows {
                ROWS.remove(&mut ctx.kv_mut(STORE), (id, round, contribution));
                if pay {
                    self.credit_row(ctx, &mut settlement, contribution, amount)?;
                }
            }
            if done {
                ROWS_LEFT.remove(&mut ctx.kv_mut(STORE), (id, round));
                if pay {
                    self.end_payment(ctx, &mut settlement)?;
                }
            }
            if pay {
                self.save_settlement(ctx, &settlement)?;
            }
        }
        Ok(())
    }

    /// Credits one row to the contribution's payees ([`openledger_datanet::Datanets::payees`]); what is the baseline's of it goes to
    /// the treasuries, as the baseline's own part was divided on arrival.
    pub(crate) fn credit_row(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        seq: u64,
        amount: Uint256,
    ) -> Result<()> {
        let parts = divide_pay(amount, &self.datanets.payees(ctx, seq)?)?;
        let mut earnings = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default();
        let before = earnings.total;
        let datanet = self.datanets.contribution(ctx, seq)?.map_or(0, |contribution| contribution.datanet);
        for (payee, part) in parts.into_iter().filter(|(_, part)| !part.is_zero()) {
            if payee == Payee::Baseline {
                self.forgo_row(settlement, part)?;
                continue;
            }
            self.take(ctx, Pot::Pools, part)?;
            earnings.total = add(earnings.total, part)?;
            let event = Event::new(events::CONTRIBUTION_CREDITED)
                .attr("settlement", settlement.id)
                .attr("contribution", seq)
                .attr("amount", part)
                .attr("held", payee == Payee::Held);
            let Payee::Account(account) = payee else {
                if earnings.held.is_zero() {
                    self.queue_held(ctx, seq)?;
                }
                earnings.held = add(earnings.held, part)?;
                self.put(ctx, Pot::Held, part)?;
                ctx.emit(event);
                continue;
            };
            self.earn(ctx, &account, IncomeKind::Attribution, part)?;
            let burnt = settlement.burnt.checked_multiply_ratio(part, settlement.pool).unwrap_or_default();
            self.contributors.credit_usage(ctx, &account, datanet, Role::Author, burnt)?;
            ctx.emit(event.attr("author", &account));
            let object = (ObjectKind::Contribution, seq);
            self.contributors.record(ctx, &account, Role::Author, object, Outcome::Paid)?;
        }
        if earnings.total == before {
            return Ok(());
        }
        earnings.settlements = earnings.settlements.saturating_add(1);
        earnings.last_height = ctx.height();
        Ok(EARNINGS.save(&mut ctx.kv_mut(STORE), seq, &earnings)?)
    }

    /// Pays out all that an account is owed.
    pub(crate) fn pay_out(&self, ctx: &mut Context, claimant: &openledger_core::Address) -> Result<Uint256> {
        let amount = self.owed(ctx, claimant)?;
        OWED.remove(&mut ctx.kv_mut(STORE), claimant.as_bytes());
        self.take(ctx, Pot::Owed, amount)?;
        Ok(amount)
    }
}
