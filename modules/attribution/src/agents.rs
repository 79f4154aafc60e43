//! Agents' sessions: what an agent asks, and for which sessions with its parts its payer may be billed.
//!
//! A payer's money moves by the payer's voucher alone. The payer opens a session with the agent, which pins the agent's terms and its
//! parts' prices. The operator opens sub-sessions with the parts, with money of its own, each naming the agent's session; the parts settle
//! them as any session. The agent's receipts list the parts' receipts that each answer used, and settling them pays the operator back what
//! they cost, but never more than was taken in that sub-session and each receipt once. So the operator's risk is the answer that a payer
//! does not sign for, as every server's; nothing can be billed twice, to two payers, or above what was settled.

use std::collections::btree_map::{BTreeMap, Entry};

use cosmwasm_std::Uint256;
use openledger_core::wire::{add, amount, hash};
use openledger_core::{Address, Context, Result};
use openledger_model::{Agent, AgentTerms};
use openledger_proto::openledger::attribution::v1 as proto;
use openledger_provenance::agent::{parts_root, AgentReceipt, Part};
use openledger_provenance::amount::Amount;
use openledger_provenance::Hash;

use crate::error::AttributionError;
use crate::judge::{base_units, Shares};
use crate::keeper::Attribution;
use crate::params::Params;
use crate::types::{PartPrice, Session, SessionStatus};

/// Most receipts of parts that one of an agent's lists.
pub const MAX_PARTS: usize = 64;
/// Gas for a part's leaf and its checks.
const PART_GAS: u64 = 1_000;

/// What settling an agent's receipts comes to.
#[derive(Default)]
pub(crate) struct Bill {
    /// The receipts' leaves with their fees, the parts' included.
    pub leaves: Vec<(Hash, Uint256)>,
    /// The agent's own parts, divided as fees are.
    pub own: Shares,
    /// What the parts cost.
    pub parts: Uint256,
    /// What is given back of the agent's own parts.
    pub credited: Uint256,
    /// The sub-sessions, with what is billed of them.
    pub billed: BTreeMap<u64, Session>,
}

impl Attribution {
    pub(crate) fn known_agent(&self, ctx: &Context, id: u64) -> Result<Agent> {
        Ok(self.models.agent(ctx, id)?.ok_or(AttributionError::NotFound { what: "agent", id })?)
    }

    pub(crate) fn known_terms(&self, ctx: &Context, agent: u64, number: u32) -> Result<AgentTerms> {
        let missing = AttributionError::NotFound { what: "terms of agent", id: agent };
        Ok(self.models.agent_terms(ctx, agent, number)?.ok_or(missing)?)
    }

    /// The terms of an agent that takes sessions in a mode, and its parts' prices.
    pub(crate) fn agent_offer(
        &self,
        ctx: &Context,
        (agent, mode): (u64, i32),
        params: &Params,
    ) -> Result<(u32, AgentTerms, Vec<PartPrice>)> {
        let agent = self.known_agent(ctx, agent)?;
        if !agent.active {
            return Err(AttributionError::NotServed(format!("agent {} takes no new sessions", agent.id)).into());
        }
        let terms = self.known_terms(ctx, agent.id, agent.terms)?;
        let mut parts = Vec::new();
        for id in &terms.deployments {
            let deployment = self.known_deployment(ctx, *id)?;
            self.check_serves(ctx, &deployment, mode)?;
            parts.push(PartPrice {
                deployment: *id,
                base_price: params.price_in(mode, deployment.base_price)?,
                byte_price: params.price_in(mode, deployment.byte_price)?,
            });
        }
        Ok((agent.terms, terms, parts))
    }

    /// Refuses a sub-session that is not its agent's, not with one of its parts, not kept alike, or dearer than the payer was told.
    pub(crate) fn check_sub_session(
        &self,
        ctx: &Context,
        parent: u64,
        payer: &Address,
        (deployment, mode): (u64, i32),
        (base_price, byte_price): (Uint256, Uint256),
    ) -> Result<()> {
        let parent = self.known_session(ctx, parent)?;
        let (id, refuse) = (parent.id, |text: String| Err(AttributionError::SessionState(text).into()));
        if parent.agent == 0 || parent.status == SessionStatus::Closed {
            return refuse(format!(
                "session {id} is {:?} and not an agent's that buys answers of parts",
                parent.status
            ));
        }
        parent.check_not_expired(ctx)?;
        let owner = self.seller(ctx, &parent)?;
        if owner != *payer {
            let (owner, got) = (owner.to_string(), payer.to_string());
            return Err(AttributionError::NotOwner { what: "agent", id: parent.agent, owner, got }.into());
        }
        if parent.mode != mode {
            return refuse(format!(
                "session {id} is kept in mode {}, its parts' sessions are too, not {mode}",
                parent.mode
            ));
        }
        let Some(part) = parent.parts.iter().find(|part| part.deployment == deployment) else {
            return refuse(format!("deployment {deployment} is no part of agent {} in session {id}", parent.agent));
        };
        for (unit, asked, most) in
            [("an answer", base_price, part.base_price), ("an output byte", byte_price, part.byte_price)]
        {
            if asked > most {
                return Err(AttributionError::Price { unit, asked, most }.into());
            }
        }
        Ok(())
    }

    /// Checks an agent's receipts, one after another, and sums up what they cost.
    pub(crate) fn bill(
        &self,
        ctx: &Context,
        session: &Session,
        params: &Params,
        receipts: &[proto::AgentReceipt],
    ) -> Result<Bill> {
        let mut bill = Bill::default();
        for (index, receipt) in (session.settled_count.saturating_add(1)..).zip(receipts) {
            if receipt.index != index {
                let reason = format!("the next one's index is {index}");
                return Err(AttributionError::Receipt { index: receipt.index, reason }.into());
            }
            self.bill_one(ctx, session, params, &mut bill, receipt)?;
        }
        Ok(bill)
    }

    fn bill_one(
        &self,
        ctx: &Context,
        session: &Session,
        params: &Params,
        bill: &mut Bill,
        receipt: &proto::AgentReceipt,
    ) -> Result<()> {
        let (index, own) = (receipt.index, amount("own_fee", &receipt.own_fee)?);
        let refuse = |reason: String| AttributionError::Receipt { index, reason };
        let output = receipt.transcript_len.saturating_sub(receipt.prompt_len);
        let most =
            session.byte_price.checked_mul(output.into()).and_then(|bytes| bytes.checked_add(session.base_price));
        if most.is_err() || most.is_ok_and(|most| own > most) {
            return Err(refuse(format!("its own fee of {own} passes the pinned price for {output} bytes")).into());
        }
        let (parts, cost) = self.bill_parts(ctx, session, bill, receipt)?;
        let leaf = AgentReceipt {
            index,
            agent: session.agent,
            prompt_len: receipt.prompt_len,
            transcript_len: receipt.transcript_len,
            transcript_root: hash("transcript_root", &receipt.transcript_root)?,
            own_fee: own.to_be_bytes(),
            parts_fee: cost.to_be_bytes(),
            parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
            parts_root: parts_root(&parts),
        };
        leaf.check().map_err(|error| refuse(error.to_string()))?;
        let credit = session.credit_of(index).min(own);
        let taken = Amount::from_be_bytes(openledger_core::wire::sub(own, credit)?.to_be_bytes());
        let shares = params.split.rule().divide(taken).map_err(|error| refuse(error.to_string()))?;
        bill.own.add(base_units(taken), &shares)?;
        bill.credited = add(bill.credited, credit)?;
        bill.parts = add(bill.parts, cost)?;
        let fee = own.checked_add(cost).map_err(|_| refuse("its fees exceed 256 bits".into()))?;
        bill.leaves.push((leaf.leaf(), fee));
        Ok(())
    }

    /// The parts that a receipt lists, and what they cost; each was settled in a sub-session of this one and is billed for the first time.
    fn bill_parts(
        &self,
        ctx: &Context,
        session: &Session,
        bill: &mut Bill,
        receipt: &proto::AgentReceipt,
    ) -> Result<(Vec<Part>, Uint256)> {
        let index = receipt.index;
        let refuse = |reason: String| Err(AttributionError::Receipt { index, reason }.into());
        if receipt.parts.len() > MAX_PARTS {
            return refuse(format!("{} parts are listed, at most {MAX_PARTS} may be", receipt.parts.len()));
        }
        let (mut parts, mut cost) = (Vec::new(), Uint256::zero());
        let mut last = (0, 0);
        for part in &receipt.parts {
            ctx.gas().consume(PART_GAS, "agent's part");
            let (id, place, fee) = (part.session, part.receipt, amount("fee", &part.fee)?);
            if (id, place) <= last {
                return refuse(format!("its parts are not in ascending order at receipt {place} of session {id}"));
            }
            last = (id, place);
            let sub = match bill.billed.entry(id) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(self.known_session(ctx, id)?),
            };
            if sub.parent != session.id {
                return refuse(format!("session {id} buys for session {}, not for {}", sub.parent, session.id));
            }
            if place <= sub.billed_count || place > sub.settled_count {
                let (billed, settled) = (sub.billed_count, sub.settled_count);
                return refuse(format!("receipt {place} of session {id}: {settled} are settled, {billed} billed"));
            }
            let billed =
                sub.billed.checked_add(fee).ok().filter(|billed| sub.taken().is_ok_and(|taken| *billed <= taken));
            let Some(billed) = billed else {
                return refuse(format!("{fee} for receipt {place} of session {id} is more than was taken there"));
            };
            (sub.billed, sub.billed_count) = (billed, place);
            cost = add(cost, fee)?;
            parts.push(Part { deployment: sub.deployment, session: id, receipt: place, fee: fee.to_be_bytes() });
        }
        Ok((parts, cost))
    }
}
