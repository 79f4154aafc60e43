//! Begin and end of a block: the horizon, then whatever is due, each pass bounded.
//!
//! What does not fit into a block waits for the next one; nothing is refused or decided by how far these passes have got.

use cosmwasm_std::{Order, Uint256};
use cw_storage_plus::Bound;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::add;
use openledger_core::{Context, Event, Result};
use openledger_datanet::{divide_pay, Payee, Payment};

use crate::audit::undeclared::read_place;
use crate::events;
use crate::keeper::Attribution;
use crate::state::{DISPUTE_DEADLINES, DUE, EARNINGS, OWED, ROWS, ROWS_LEFT, STORE, UNDECLARED};
use crate::till::Pot;
use crate::types::{DisputeStatus, Settlement, SettlementStatus};

/// Gas for what end blocks will do with one thing that a transaction leaves them (a set of claims, a demand, a payment): they have no
/// meter of their own, and whoever fills their queues must pay for it.
pub(crate) const LATER_GAS: u64 = 100_000;
/// Gas for each payee of a row, and each datanet, that they will credit for it.
const PAYEE_LATER_GAS: u64 = 40_000;
/// Most expired disputes, and most settlements looked at, a block.
const MOST_PER_BLOCK: usize = 100;

/// Most demands that are ended with settlements that turned out false, a block.
const MOST_DEMANDS_PER_BLOCK: usize = 1_000;

/// Gas for crediting so many payees and datanets later.
pub(crate) fn later_gas(payees: usize) -> u64 {
    PAYEE_LATER_GAS.saturating_mul(u64::try_from(payees).unwrap_or(u64::MAX))
}

/// What a block may still do about rows.
struct Work {
    left: usize,
    begun: bool,
}

impl Work {
    /// Takes what something counts, if as much is left; the first thing of a block is done whatever it counts, so that nothing waits for
    /// ever where the parameter is less.
    fn take(&mut self, count: usize) -> bool {
        let may = count <= self.left || !self.begun;
        if may {
            self.begun = true;
            self.left = self.left.saturating_sub(count);
        }
        may
    }
}

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
        let mut work = Work { left: MOST_DEMANDS_PER_BLOCK, begun: false };
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
                SettlementStatus::False => {
                    let open = self.openings(ctx, id)?.open();
                    if !work.take(usize::try_from(open).unwrap_or(usize::MAX)) {
                        return Ok(());
                    }
                    self.forfeit(ctx, &mut settlement)?;
                }
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
        let most = usize::try_from(self.params(ctx)?.1.rows_per_block).unwrap_or(usize::MAX);
        let mut work = Work { left: most, begun: false };
        loop {
            let first = ROWS_LEFT.range(&*ctx.kv(STORE), None, None, Order::Ascending).next().transpose()?;
            let Some(((id, round), pay)) = first else { return Ok(()) };
            let mut settlement = self.known_settlement(ctx, id)?;
            let done = self.work_round_off(ctx, &mut settlement, (round, pay), &mut work)?;
            if done {
                ROWS_LEFT.remove(&mut ctx.kv_mut(STORE), (id, round));
            }
            if pay {
                self.save_settlement(ctx, &settlement)?;
            }
            if !done {
                return Ok(());
            }
        }
    }

    /// Works a round off as far as it goes: its rows, what undeclared sources were shown, the end of the payment; whether it is done.
    fn work_round_off(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        (round, pay): (u32, bool),
        work: &mut Work,
    ) -> Result<bool> {
        let id = settlement.id;
        let rows = ROWS
            .prefix((id, round))
            .range(&*ctx.kv(STORE), None, None, Order::Ascending)
            .take(work.left.max(1))
            .collect::<Result<Vec<_>, _>>()?;
        for (contribution, amount) in rows {
            let Some(payments) = self.begin_row(ctx, contribution, pay, work)? else { return Ok(false) };
            ROWS.remove(&mut ctx.kv_mut(STORE), (id, round, contribution));
            if pay {
                self.credit_row(ctx, settlement, (contribution, amount), &payments)?;
            }
        }
        if ROWS.prefix((id, round)).keys(&*ctx.kv(STORE), None, None, Order::Ascending).next().is_some() {
            return Ok(false);
        }
        let shown = UNDECLARED
            .prefix((id, round))
            .range(&*ctx.kv(STORE), None, None, Order::Ascending)
            .collect::<Result<Vec<_>, _>>()?;
        for (place, showing) in shown {
            let Some(payments) = self.begin_row(ctx, showing.contribution, pay, work)? else { return Ok(false) };
            UNDECLARED.remove(&mut ctx.kv_mut(STORE), (id, round, place));
            if pay {
                self.pay_undeclared(ctx, settlement, (read_place(place).0, &showing), &payments)?;
            }
        }
        let end = if pay { settlement.present()?.uses.len().saturating_add(1) } else { 1 };
        if !work.take(end) {
            return Ok(false);
        }
        if pay {
            self.end_payment(ctx, settlement)?;
        }
        Ok(true)
    }

    /// Counts a row; who shares in its pay, or nothing where the block has done enough.
    fn begin_row(&self, ctx: &Context, seq: u64, pay: bool, work: &mut Work) -> Result<Option<Vec<Payment>>> {
        let payments = if pay { self.datanets.payments(ctx, seq)? } else { Vec::new() };
        Ok(work.take(payments.len().max(1)).then_some(payments))
    }

    /// Credits one row to the contribution's payees ([`openledger_datanet::Datanets::payments`]); what is the baseline's of it goes to
    /// the treasuries, as the baseline's own part was divided on arrival. What is held is noted with the contribution that it waits for.
    pub(crate) fn credit_row(
        &self,
        ctx: &mut Context,
        settlement: &mut Settlement,
        (seq, amount): (u64, Uint256),
        payments: &[Payment],
    ) -> Result<()> {
        let payees: Vec<_> = payments.iter().map(|payment| (payment.payee.clone(), payment.bps)).collect();
        let mut earned = Uint256::zero();
        for (payment, (_, part)) in payments.iter().zip(divide_pay(amount, &payees)?) {
            if part.is_zero() {
                continue;
            }
            if payment.payee == Payee::Baseline {
                self.forgo_row(settlement, part)?;
                continue;
            }
            self.take(ctx, Pot::Pools, part)?;
            earned = add(earned, part)?;
            let event = Event::new(events::CONTRIBUTION_CREDITED)
                .attr("settlement", settlement.id)
                .attr("contribution", seq)
                .attr("amount", part)
                .attr("held", payment.payee == Payee::Held);
            match &payment.payee {
                Payee::Account(account) => {
                    self.earn(ctx, account, IncomeKind::Attribution, part)?;
                    self.credit_author(ctx, settlement, (account, payment), part)?;
                    ctx.emit(event.attr("author", account));
                }
                Payee::Held | Payee::Baseline => {
                    self.hold(ctx, payment.seq, part)?;
                    ctx.emit(event.attr("held_for", payment.seq));
                }
            }
        }
        if earned.is_zero() {
            return Ok(());
        }
        let mut earnings = EARNINGS.may_load(&*ctx.kv(STORE), seq)?.unwrap_or_default();
        earnings.total = add(earnings.total, earned)?;
        earnings.settlements = earnings.settlements.saturating_add(1);
        earnings.last_height = ctx.height();
        Ok(EARNINGS.save(&mut ctx.kv_mut(STORE), seq, &earnings)?)
    }

    /// Notes a payment in the payee's history and reputation, in the role in which the work was made that it is for.
    fn credit_author(
        &self,
        ctx: &mut Context,
        settlement: &Settlement,
        (account, payment): (&openledger_core::Address, &Payment),
        part: Uint256,
    ) -> Result<()> {
        let Payment { seq, datanet, role, .. } = *payment;
        let burnt = settlement.burnt.checked_multiply_ratio(part, settlement.pool).unwrap_or_default();
        self.contributors.credit_usage(ctx, account, datanet, role, burnt)?;
        let object = (ObjectKind::Contribution, seq);
        self.contributors.record_in(ctx, datanet, account, role, object, Outcome::Paid)?;
        Ok(())
    }

    /// Pays out all that an account is owed.
    pub(crate) fn pay_out(&self, ctx: &mut Context, claimant: &openledger_core::Address) -> Result<Uint256> {
        let amount = self.owed(ctx, claimant)?;
        OWED.remove(&mut ctx.kv_mut(STORE), claimant.as_bytes());
        self.take(ctx, Pot::Owed, amount)?;
        Ok(amount)
    }
}
