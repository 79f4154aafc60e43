//! Demands: whoever made claims opens what it claimed, or its claims are false.
//!
//! A demand is made while the round's window is open, answered by the round's maker up to its deadline, and gone then. How many are open is
//! bounded without a place that could be taken: S-open by the receipts, each once, D3 by a deposit that doubles. Without an answer a demand
//! becomes a dispute that is valid and has its number, so that the earliest of all, disputes and demands, has the bounty. All is
//! decided by heights: an answer is refused after the deadline, and which demands a forfeit counts does not depend on how far the pass
//! over deadlines has got.

use cosmwasm_std::{Empty, Order, Uint256};
use cw_storage_plus::Bound;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::{self, sub};
use openledger_core::{Address, Context, Event, Result, SdkError};
use openledger_model::sequence;
use openledger_proto::openledger::model::v1::Mode;
use openledger_provenance::dispute::{Question, Settlement as Root};

use super::types::{Demand, DemandKind, Openings};
use crate::block::LATER_GAS;
use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::params::Params;
use crate::state::*;
use crate::till::Pot;
use crate::types::{Check, Dispute, DisputeStatus, Settlement, SettlementStatus};
use crate::{events, NAME};

/// Most demands that a block lapses at its end.
const MOST_PER_BLOCK: usize = 100;

impl Settlement {
    /// What openings of a round are checked against.
    pub(crate) fn root_of(&self, round: u32) -> Result<Root> {
        let of = usize::try_from(round).ok().and_then(|round| self.rounds.get(round));
        let of = of.ok_or(AttributionError::NotFound { what: "round", id: round.into() })?;
        Ok(Root { root: wire::stored_hash(&of.root)?, first_index: self.first_receipt, count: self.receipts })
    }
}

/// Reading.
impl Attribution {
    /// An open demand.
    pub fn demand(&self, ctx: &Context, id: u64) -> Result<Option<Demand>> {
        Ok(DEMANDS.may_load(&*ctx.kv(STORE), id)?)
    }

    /// What is open about a settlement.
    pub fn openings(&self, ctx: &Context, settlement: u64) -> Result<Openings> {
        Ok(OPENINGS.may_load(&*ctx.kv(STORE), settlement)?.unwrap_or_default())
    }

    pub(crate) fn save_openings(&self, ctx: &mut Context, settlement: u64, openings: &Openings) -> Result<()> {
        Ok(OPENINGS.save(&mut ctx.kv_mut(STORE), settlement, openings)?)
    }

    /// Whether disputes of a settlement's present claims can be committed in this block: its window is open, or something that was
    /// demanded or drawn is not answered yet, or was published less than an answer window ago.
    pub fn is_disputable(&self, ctx: &Context, settlement: &Settlement, params: &Params) -> Result<bool> {
        if settlement.status != SettlementStatus::Pending {
            return Ok(false);
        }
        if !self.is_closed(ctx, settlement.present()?.height, params)? {
            return Ok(true);
        }
        let openings = self.openings(ctx, settlement.id)?;
        Ok(openings.is_open() || ctx.height() <= openings.disputable_until)
    }

    /// The first height at whose end nothing that was opened stands against payment; nothing while something is open.
    pub(crate) fn clear_from(&self, ctx: &Context, settlement: u64, params: &Params) -> Result<Option<u64>> {
        let openings = self.openings(ctx, settlement)?;
        Ok((!openings.is_open()).then(|| match openings.disputable_until {
            0 => 0,
            until => until.saturating_add(params.reveal_window),
        }))
    }

    /// Whether a session's receipts may be opened by others than its payer.
    pub(crate) fn is_public(&self, ctx: &Context, session: u64) -> Result<bool> {
        Ok(self.known_session(ctx, session)?.mode == Mode::Public as i32)
    }

    /// A demand that is open and addressed to `claimant`, who is in time, with its settlement.
    pub(crate) fn answerable(&self, ctx: &Context, id: u64, claimant: &str) -> Result<(Demand, Settlement)> {
        let demand = self.demand(ctx, id)?.ok_or(AttributionError::NotFound { what: "open demand", id })?;
        let settlement = self.known_settlement(ctx, demand.settlement)?;
        let owner = settlement.present()?.maker.to_string();
        if owner != claimant {
            return Err(AttributionError::NotOwner { what: "demand", id, owner, got: claimant.into() }.into());
        }
        if ctx.height() > demand.deadline {
            let text = format!("demand {id} was to be answered by height {}; it is {}", demand.deadline, ctx.height());
            return Err(AttributionError::Window(text).into());
        }
        Ok((demand, settlement))
    }
}

/// Making and answering.
impl Attribution {
    /// Refuses a settlement about whose claims nobody may ask now; its openings.
    pub(crate) fn check_askable(&self, ctx: &Context, settlement: &Settlement, params: &Params) -> Result<Openings> {
        settlement.check_status(SettlementStatus::Pending)?;
        let present = settlement.present()?;
        if present.check == Check::Existence {
            let text = format!("the claims of settlement {} were opened when they arrived", settlement.id);
            return Err(AttributionError::Demand(text).into());
        }
        if self.is_closed(ctx, present.height, params)? {
            let (height, window) = (present.height, params.dispute_window);
            let text =
                format!("the claims arrived at height {height}; demands are made in the {window} blocks after it");
            return Err(AttributionError::Window(text).into());
        }
        self.openings(ctx, settlement.id)
    }

    /// How many bytes of a settlement are asked for (D3): what is open and asks for no transcript.
    pub(crate) fn open_questions(&self, ctx: &Context, settlement: u64, openings: &Openings) -> Result<u32> {
        let kv = ctx.kv(STORE);
        let of_words = TRANSCRIPT_DEMANDS.prefix(settlement).keys(&*kv, None, None, Order::Ascending).count();
        Ok(openings.open().saturating_sub(u32::try_from(of_words).unwrap_or(u32::MAX)))
    }

    /// Stores a demand for the present round, with its deadline; a sample has no deposit.
    pub(crate) fn add_demand(
        &self,
        ctx: &mut Context,
        settlement: &Settlement,
        openings: &mut Openings,
        params: &Params,
        (kind, challenger, question, deposit): (DemandKind, Address, Question, Uint256),
    ) -> Result<Demand> {
        let demand = Demand {
            id: sequence::next(ctx, STORE, &DISPUTE_SEQ)?,
            settlement: settlement.id,
            round: settlement.round(),
            kind,
            challenger,
            receipt: question.receipt,
            segment: question.segment,
            byte: question.byte,
            deposit,
            height: ctx.height(),
            deadline: ctx.height().saturating_add(params.answer_window),
        };
        if kind == DemandKind::Sample {
            openings.open_samples = openings.open_samples.saturating_add(1);
        } else {
            ctx.gas().consume(LATER_GAS, "end blocks");
            self.receive(ctx, &demand.challenger, Pot::Demands, deposit)?;
            openings.open_demands = openings.open_demands.saturating_add(1);
        }
        openings.last_deadline = openings.last_deadline.max(demand.deadline);
        let kv = &mut ctx.kv_mut(STORE);
        DEMANDS.save(kv, demand.id, &demand)?;
        DEMANDS_BY_SETTLEMENT.save(kv, (settlement.id, demand.id), &Empty {})?;
        DEMAND_DEADLINES.save(kv, (demand.deadline, demand.id), &Empty {})?;
        if kind != DemandKind::Opening {
            TRANSCRIPT_DEMANDS.save(kv, (settlement.id, demand.receipt), &demand.id)?;
        }
        let asked = Event::new(events::DEMANDED)
            .attr("demand", demand.id)
            .attr("settlement", demand.settlement)
            .attr("kind", format!("{kind:?}"))
            .attr("receipt", demand.receipt)
            .attr("challenger", &demand.challenger)
            .attr("deadline", demand.deadline);
        ctx.emit(match kind {
            DemandKind::Opening => asked.attr("segment", demand.segment).attr("byte", demand.byte),
            _ => asked,
        });
        Ok(demand)
    }

    /// An answered demand: the deposit is the maker's, of an opening no more than it costs, and the rest is burnt: else an accomplice would
    /// have it back. The demand is gone. Saves the openings, disputable up to `until`; returns what the maker has.
    pub(crate) fn end_answered(
        &self,
        ctx: &mut Context,
        demand: &Demand,
        settlement: &Settlement,
        until: u64,
    ) -> Result<Uint256> {
        let mut openings = self.openings(ctx, settlement.id)?;
        openings.keep_disputable(until);
        if demand.kind != DemandKind::Opening {
            openings.set_published(demand.receipt.saturating_sub(settlement.first_receipt));
        }
        self.remove_demand(ctx, demand, &mut openings)?;
        self.save_openings(ctx, settlement.id, &openings)?;
        let maker = settlement.present()?.maker.clone();
        self.take(ctx, Pot::Demands, demand.deposit)?;
        let paid = match demand.kind {
            DemandKind::Opening => {
                let params = self.kept_params(ctx, settlement.params_version)?;
                demand.deposit.min(params.audit.answer_cost()?)
            }
            _ => demand.deposit,
        };
        self.burn(ctx, sub(demand.deposit, paid)?)?;
        self.earn(ctx, &maker, IncomeKind::Opening, paid)?;
        let role = if demand.round == 0 { Role::Server } else { Role::Replacer };
        self.contributors.record(ctx, &maker, role, (ObjectKind::Challenge, demand.id), Outcome::Answered)?;
        Ok(paid)
    }

    fn remove_demand(&self, ctx: &mut Context, demand: &Demand, openings: &mut Openings) -> Result<()> {
        let kv = &mut ctx.kv_mut(STORE);
        DEMANDS.remove(kv, demand.id);
        DEMANDS_BY_SETTLEMENT.remove(kv, (demand.settlement, demand.id));
        DEMAND_DEADLINES.remove(kv, (demand.deadline, demand.id));
        if demand.kind != DemandKind::Opening {
            TRANSCRIPT_DEMANDS.remove(kv, (demand.settlement, demand.receipt));
        }
        let open = match demand.kind {
            DemandKind::Sample => &mut openings.open_samples,
            _ => &mut openings.open_demands,
        };
        *open = open.checked_sub(1).ok_or_else(|| SdkError::Logic("more demands than are counted".into()))?;
        Ok(())
    }
}

/// What becomes of demands that nobody answers.
impl Attribution {
    /// End block: demands without an answer by this height make their round false.
    pub(crate) fn lapse_demands(&self, ctx: &mut Context) -> Result<()> {
        let until = Some(Bound::exclusive((ctx.height().saturating_add(1), 0)));
        let lapsed = DEMAND_DEADLINES
            .keys(&*ctx.kv(STORE), None, until, Order::Ascending)
            .take(MOST_PER_BLOCK)
            .collect::<Result<Vec<_>, _>>()?;
        for (_, id) in lapsed {
            let Some(demand) = self.demand(ctx, id)? else { continue };
            let mut settlement = self.known_settlement(ctx, demand.settlement)?;
            let mut openings = self.openings(ctx, settlement.id)?;
            self.lapse(ctx, &demand, &mut settlement, &mut openings)?;
            self.save_openings(ctx, settlement.id, &openings)?;
            self.save_settlement(ctx, &settlement)?;
        }
        Ok(())
    }

    /// Ends a demand whose deadline is over: the challenger has its deposit back, and the round is false unless it was divided before.
    fn lapse(
        &self,
        ctx: &mut Context,
        demand: &Demand,
        settlement: &mut Settlement,
        openings: &mut Openings,
    ) -> Result<()> {
        self.give_back(ctx, demand, openings)?;
        openings.keep_disputable(ctx.height());
        let counts = match settlement.status {
            SettlementStatus::Pending => true,
            SettlementStatus::False => demand.deadline <= settlement.due,
            _ => false,
        };
        if !counts || demand.round != settlement.round() {
            return Ok(());
        }
        if demand.round == 0 {
            self.count_record(ctx, settlement.deployment, |record| {
                record.missed_openings = record.missed_openings.saturating_add(1);
                Ok(())
            })?;
        }
        let reveal_window = self.kept_params(ctx, settlement.params_version)?.reveal_window;
        let dispute = Dispute {
            id: demand.id,
            settlement: settlement.id,
            round: demand.round,
            disputant: demand.challenger.clone(),
            commit: vec![0; 32].into(),
            bond: Uint256::zero(),
            height: demand.height,
            // Whatever was committed before the demand is revealed by then.
            deadline: demand.height.saturating_add(reveal_window).max(demand.deadline),
            status: DisputeStatus::Valid,
            finding: unanswered(demand),
            bounty: Uint256::zero(),
        };
        self.save_dispute(ctx, &dispute)?;
        DISPUTES_BY_SETTLEMENT.save(&mut ctx.kv_mut(STORE), (settlement.id, dispute.id), &Empty {})?;
        ctx.emit(
            Event::new(events::DEMAND_LAPSED)
                .attr("demand", demand.id)
                .attr("settlement", demand.settlement)
                .attr("receipt", demand.receipt)
                .attr("challenger", &demand.challenger)
                .attr("finding", &dispute.finding),
        );
        self.refute(ctx, settlement, dispute.id)
    }

    /// Before a bond is divided: demands of the round that lapsed by the height at which that was due count, whether or not the pass
    /// over deadlines has reached them; all others are void. As many as there are receipts and deposits for.
    pub(crate) fn end_demands(&self, ctx: &mut Context, settlement: &mut Settlement) -> Result<()> {
        let mut openings = self.openings(ctx, settlement.id)?;
        let due = settlement.due.min(ctx.height());
        for id in self.demands_of(ctx, settlement.id)? {
            let Some(demand) = self.demand(ctx, id)? else { continue };
            if demand.deadline <= due {
                self.lapse(ctx, &demand, settlement, &mut openings)?;
            } else {
                self.give_back(ctx, &demand, &mut openings)?;
                ctx.emit(
                    Event::new(events::DEMAND_VOID).attr("demand", demand.id).attr("settlement", demand.settlement),
                );
            }
        }
        self.save_openings(ctx, settlement.id, &openings)
    }

    fn give_back(&self, ctx: &mut Context, demand: &Demand, openings: &mut Openings) -> Result<()> {
        self.remove_demand(ctx, demand, openings)?;
        self.take(ctx, Pot::Demands, demand.deposit)?;
        self.owe(ctx, &demand.challenger, demand.deposit)
    }

    fn demands_of(&self, ctx: &Context, settlement: u64) -> Result<Vec<u64>> {
        let kv = ctx.kv(STORE);
        let keys = DEMANDS_BY_SETTLEMENT.prefix(settlement).keys(&*kv, None, None, Order::Ascending);
        Ok(keys.collect::<Result<Vec<_>, _>>()?)
    }

    /// A settlement came to its end: nothing of it is open any more.
    pub(crate) fn end_openings(&self, ctx: &mut Context, settlement: u64) {
        OPENINGS.remove(&mut ctx.kv_mut(STORE), settlement);
    }
}

/// Whether a disputant is the chain itself, which needs no bounty.
pub(crate) fn is_chain(disputant: &Address) -> bool {
    *disputant == Address::module(NAME)
}

fn unanswered(demand: &Demand) -> String {
    let Demand { receipt, segment, byte, deadline, .. } = demand;
    match demand.kind {
        DemandKind::Opening => {
            format!("receipt {receipt}: byte {byte} of segment {segment} was not opened by height {deadline}")
        }
        _ => format!("receipt {receipt}: its transcript was not published by height {deadline}"),
    }
}
