//! `MsgSettleAgent`: an agent's operator turns its payer's voucher into money: its own part, and what it paid its parts.
//!
//! The own part is divided at once: burn, platform and stakers have of it what they have of every fee, the accounts of the agent's terms
//! the rest. What the parts cost goes to the operator; their settlements have paid servers, models and contributors.

use openledger_auth::authority;
use openledger_auth::permissions::FEE_COLLECTOR;
use openledger_contributor::{IncomeKind, ObjectKind, Outcome, Role};
use openledger_core::wire::{self, add, sub};
use openledger_core::{Address, Context, Event, Handle, Result};
use openledger_proto::openledger::attribution::v1::{MsgSettleAgent, MsgSettleAgentResponse};
use openledger_provenance::amount::Amount;
use openledger_provenance::split::BASIS_POINTS;

use crate::agents::Bill;
use crate::error::AttributionError;
use crate::events;
use crate::judge::base_units;
use crate::keeper::Attribution;
use crate::till::Pot;
use crate::types::Session;
use crate::voucher;

/// Most receipts of one message.
const MAX_RECEIPTS: usize = 256;
/// Most receipts of parts of one message.
const MAX_PARTS: usize = 1_024;

impl Handle<MsgSettleAgent> for Attribution {
    type Response = MsgSettleAgentResponse;

    fn validate(&self, msg: &MsgSettleAgent) -> Result<()> {
        wire::address("operator", &msg.operator)?;
        voucher::check_shape(voucher::of(msg.voucher.as_ref())?)?;
        let receipts = msg.receipts.len();
        let parts = msg.receipts.iter().fold(0usize, |sum, receipt| sum.saturating_add(receipt.parts.len()));
        if receipts == 0 || receipts > MAX_RECEIPTS || parts > MAX_PARTS {
            let text = format!(
                "an agent settles 1 to {MAX_RECEIPTS} receipts with at most {MAX_PARTS} of parts, not {receipts} with {parts}"
            );
            return Err(AttributionError::TooLarge(text).into());
        }
        Ok(())
    }

    fn handle(&self, ctx: &mut Context, msg: &MsgSettleAgent) -> Result<Self::Response> {
        let mut session = self.known_session(ctx, msg.session)?;
        session.check_not_closed()?;
        session.check_not_expired(ctx)?;
        if session.agent == 0 {
            let text = format!("session {} is a deployment's, not an agent's", session.id);
            return Err(AttributionError::SessionState(text).into());
        }
        let operator = self.seller(ctx, &session)?;
        if operator.to_string() != msg.operator {
            let (owner, got) = (operator.to_string(), msg.operator.clone());
            return Err(AttributionError::NotOwner { what: "agent", id: session.agent, owner, got }.into());
        }
        let voucher = voucher::of(msg.voucher.as_ref())?;
        session.check_voucher(ctx, voucher, msg.receipts.len())?;
        let params = self.kept_params(ctx, session.params_version)?;
        let bill = self.bill(ctx, &session, &params, &msg.receipts)?;
        session.advance(voucher, &bill.leaves, bill.credited)?;
        self.touch(ctx, &mut session)?;
        self.save_session(ctx, &session)?;
        for sub_session in bill.billed.values() {
            self.save_session(ctx, sub_session)?;
        }
        self.take(ctx, Pot::Sessions, add(bill.own.fees, bill.parts)?)?;
        self.owe(ctx, &operator, bill.parts)?;
        self.contributors.record_income(ctx, &operator, IncomeKind::Refund, bill.parts)?;
        self.distribute_own(ctx, &session, &bill)?;
        self.contributors.credit_usage(ctx, &operator, 0, Role::Server, bill.own.burnt)?;
        announce(ctx, &session, &operator, &bill);
        let object = (ObjectKind::Session, session.id);
        self.contributors.record(ctx, &operator, Role::Server, object, Outcome::Settled)?;
        Ok(MsgSettleAgentResponse { own: bill.own.fees.to_string(), parts: bill.parts.to_string() })
    }
}

fn announce(ctx: &mut Context, session: &Session, operator: &Address, bill: &Bill) {
    ctx.emit(
        Event::new(events::AGENT_SETTLED)
            .attr("session", session.id)
            .attr("agent", session.agent)
            .attr("operator", operator)
            .attr("payer", &session.payer)
            .attr("receipts", bill.leaves.len())
            .attr("own", bill.own.fees)
            .attr("parts", bill.parts)
            .attr("credited", bill.credited)
            .attr("burnt", bill.own.burnt),
    );
}

impl Attribution {
    /// Divides the agent's own part: each account's share is rounded down, the last one has the rest.
    fn distribute_own(&self, ctx: &mut Context, session: &Session, bill: &Bill) -> Result<()> {
        let own = &bill.own;
        self.owe(ctx, &authority(), own.platform)?;
        self.burn(ctx, own.burnt)?;
        self.pay_module(ctx, FEE_COLLECTOR, own.stakers)?;
        let shared = [own.server, own.model, own.contributors, own.curators];
        let whole = shared.into_iter().try_fold(cosmwasm_std::Uint256::zero(), add)?;
        let amount = Amount::from_be_bytes(whole.to_be_bytes());
        let terms = self.known_terms(ctx, session.agent, session.agent_terms)?;
        let mut rest = whole;
        let Some(((last, _), others)) = terms.splits().split_last() else { return Ok(()) };
        for (account, bps) in others {
            let (part, _) = amount.share(u64::from(*bps), BASIS_POINTS).unwrap_or_default();
            rest = sub(rest, base_units(part))?;
            self.earn(ctx, account, IncomeKind::Agent, base_units(part))?;
        }
        self.earn(ctx, last, IncomeKind::Agent, rest)
    }
}
