//! The protobuf forms of what is stored, for queries and genesis.

use cosmwasm_std::Binary;
use openledger_core::wire::{address, amount, hash};
use openledger_core::Result;
use openledger_proto::openledger::attribution::v1 as proto;

use crate::error::AttributionError;
use crate::types::*;

fn unknown(what: &str, value: i32) -> openledger_core::Error {
    AttributionError::InvalidGenesis(format!("{value} is no {what}")).into()
}

fn stored(field: &str, bytes: &[u8]) -> Result<Binary> {
    Ok(hash(field, bytes)?.to_vec().into())
}

impl Session {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Session {
        proto::Session {
            id: self.id,
            payer: self.payer.to_string(),
            deployment: self.deployment,
            model_version: self.model_version,
            deposit: self.deposit.to_string(),
            spent: self.spent.to_string(),
            voucher_key: self.voucher_key.to_vec(),
            base_price: self.base_price.to_string(),
            byte_price: self.byte_price.to_string(),
            secret_commitment: self.secret_commitment.to_vec(),
            mode: self.mode,
            params_version: self.params_version,
            opened_height: self.opened_height,
            status: self.status as i32,
            closes_at: self.closes_at,
            settled_count: self.settled_count,
            frontier: self.frontier.iter().map(|peak| peak.to_vec()).collect(),
            corpus_height: self.corpus_height,
            credited: self.credited.to_string(),
            credits: self.credits.iter().map(Credit::to_proto).collect(),
            adr036: self.adr036,
            expires_at: self.expires_at,
            agent: self.agent,
            agent_terms: self.agent_terms,
            parent: self.parent,
            parts: self.parts.iter().map(PartPrice::to_proto).collect(),
            billed_count: self.billed_count,
            billed: self.billed.to_string(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(session: &proto::Session) -> Result<Self> {
        Ok(Self {
            id: session.id,
            payer: address("payer", &session.payer)?,
            deployment: session.deployment,
            model_version: session.model_version,
            deposit: amount("deposit", &session.deposit)?,
            spent: amount("spent", &session.spent)?,
            voucher_key: session.voucher_key.clone().into(),
            base_price: amount("base_price", &session.base_price)?,
            byte_price: amount("byte_price", &session.byte_price)?,
            secret_commitment: session.secret_commitment.clone().into(),
            mode: session.mode,
            params_version: session.params_version,
            opened_height: session.opened_height,
            status: match session.status {
                1 => SessionStatus::Open,
                2 => SessionStatus::Closing,
                3 => SessionStatus::Closed,
                other => return Err(unknown("status of a session", other)),
            },
            closes_at: session.closes_at,
            settled_count: session.settled_count,
            frontier: session.frontier.iter().map(|peak| stored("frontier", peak)).collect::<Result<_>>()?,
            corpus_height: session.corpus_height,
            credited: amount("credited", &session.credited)?,
            credits: session.credits.iter().map(Credit::from_proto).collect::<Result<_>>()?,
            adr036: session.adr036,
            expires_at: session.expires_at,
            agent: session.agent,
            agent_terms: session.agent_terms,
            parent: session.parent,
            parts: session.parts.iter().map(PartPrice::from_proto).collect::<Result<_>>()?,
            billed_count: session.billed_count,
            billed: amount("billed", &session.billed)?,
        })
    }
}

impl PartPrice {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::PartPrice {
        let (base_price, byte_price) = (self.base_price.to_string(), self.byte_price.to_string());
        proto::PartPrice { deployment: self.deployment, base_price, byte_price }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(part: &proto::PartPrice) -> Result<Self> {
        Ok(Self {
            deployment: part.deployment,
            base_price: amount("base_price", &part.base_price)?,
            byte_price: amount("byte_price", &part.byte_price)?,
        })
    }
}

impl Round {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Round {
        proto::Round {
            maker: self.maker.to_string(),
            check: self.check as i32,
            height: self.height,
            root: self.root.to_vec(),
            rows_root: self.rows_root.to_vec(),
            rows: self.rows,
            contributions: self.contributions.to_string(),
            baseline: self.baseline.to_string(),
            treasury: self.treasury.to_string(),
            bond: self.bond.to_string(),
            uses: self
                .uses
                .iter()
                .map(|(datanet, amount)| proto::DatanetUse { datanet: *datanet, amount: amount.to_string() })
                .collect(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(round: &proto::Round) -> Result<Self> {
        let used = |used: &proto::DatanetUse| Ok((used.datanet, amount("uses.amount", &used.amount)?));
        let uses = round.uses.iter().map(used).collect::<Result<Vec<_>>>()?;
        let ascending = uses.iter().zip(uses.iter().skip(1)).all(|((a, _), (b, _))| a < b);
        if !ascending || uses.iter().any(|(_, used)| used.is_zero()) {
            return Err(
                AttributionError::InvalidGenesis("uses are positive, in ascending order of datanets".into()).into()
            );
        }
        Ok(Self {
            maker: address("maker", &round.maker)?,
            check: Check::from_proto(round.check)?,
            height: round.height,
            root: stored("root", &round.root)?,
            rows_root: stored("rows_root", &round.rows_root)?,
            rows: round.rows,
            contributions: amount("contributions", &round.contributions)?,
            baseline: amount("baseline", &round.baseline)?,
            treasury: amount("treasury", &round.treasury)?,
            bond: amount("bond", &round.bond)?,
            uses,
        })
    }
}

impl Settlement {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Settlement {
        proto::Settlement {
            id: self.id,
            session: self.session,
            deployment: self.deployment,
            model_version: self.model_version,
            first_receipt: self.first_receipt,
            receipts: self.receipts,
            height: self.height,
            params_version: self.params_version,
            receipts_root: self.receipts_root.to_vec(),
            fees: self.fees.to_string(),
            burnt: self.burnt.to_string(),
            pool: self.pool.to_string(),
            status: self.status as i32,
            due: self.due,
            winning_dispute: self.winning_dispute,
            maker_bounty: self.maker_bounty.to_string(),
            rounds: self.rounds.iter().map(Round::to_proto).collect(),
            mode: self.mode,
            credited: self.credited.to_string(),
            credits_root: self.credits_root.to_vec(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(settlement: &proto::Settlement) -> Result<Self> {
        Ok(Self {
            id: settlement.id,
            session: settlement.session,
            deployment: settlement.deployment,
            model_version: settlement.model_version,
            first_receipt: settlement.first_receipt,
            receipts: settlement.receipts,
            height: settlement.height,
            params_version: settlement.params_version,
            receipts_root: stored("receipts_root", &settlement.receipts_root)?,
            fees: amount("fees", &settlement.fees)?,
            burnt: amount("burnt", &settlement.burnt)?,
            pool: amount("pool", &settlement.pool)?,
            status: match settlement.status {
                1 => SettlementStatus::Pending,
                2 => SettlementStatus::False,
                3 => SettlementStatus::AwaitingReplacement,
                4 => SettlementStatus::Paying,
                5 => SettlementStatus::Paid,
                6 => SettlementStatus::Baselined,
                other => return Err(unknown("status of a settlement", other)),
            },
            due: settlement.due,
            winning_dispute: settlement.winning_dispute,
            maker_bounty: amount("maker_bounty", &settlement.maker_bounty)?,
            rounds: settlement.rounds.iter().map(Round::from_proto).collect::<Result<_>>()?,
            mode: settlement.mode,
            credited: amount("credited", &settlement.credited)?,
            credits_root: stored("credits_root", &settlement.credits_root)?,
        })
    }
}

impl Dispute {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Dispute {
        proto::Dispute {
            id: self.id,
            settlement: self.settlement,
            round: self.round,
            disputant: self.disputant.to_string(),
            commit: self.commit.to_vec(),
            bond: self.bond.to_string(),
            height: self.height,
            deadline: self.deadline,
            status: self.status as i32,
            finding: self.finding.clone(),
            bounty: self.bounty.to_string(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(dispute: &proto::Dispute) -> Result<Self> {
        Ok(Self {
            id: dispute.id,
            settlement: dispute.settlement,
            round: dispute.round,
            disputant: address("disputant", &dispute.disputant)?,
            commit: stored("commit", &dispute.commit)?,
            bond: amount("bond", &dispute.bond)?,
            height: dispute.height,
            deadline: dispute.deadline,
            status: match dispute.status {
                1 => DisputeStatus::Committed,
                2 => DisputeStatus::Valid,
                3 => DisputeStatus::Won,
                4 => DisputeStatus::Rejected,
                5 => DisputeStatus::Expired,
                other => return Err(unknown("status of a dispute", other)),
            },
            finding: dispute.finding.clone(),
            bounty: amount("bounty", &dispute.bounty)?,
        })
    }
}

impl Earnings {
    /// The protobuf form.
    pub fn to_proto(&self, contribution: u64) -> proto::Earnings {
        proto::Earnings {
            contribution,
            total: self.total.to_string(),
            held: self.held.to_string(),
            settlements: self.settlements,
            last_height: self.last_height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(earnings: &proto::Earnings) -> Result<Self> {
        Ok(Self {
            total: amount("total", &earnings.total)?,
            held: amount("held", &earnings.held)?,
            settlements: earnings.settlements,
            last_height: earnings.last_height,
        })
    }
}

impl Usage {
    /// The protobuf form.
    pub fn to_proto(&self, model_version: u64) -> proto::Usage {
        proto::Usage {
            model_version,
            receipts: self.receipts,
            output_bytes: self.output_bytes,
            fees: self.fees.to_string(),
            burnt: self.burnt.to_string(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(usage: &proto::Usage) -> Result<Self> {
        Ok(Self {
            receipts: usage.receipts,
            output_bytes: usage.output_bytes,
            fees: amount("fees", &usage.fees)?,
            burnt: amount("burnt", &usage.burnt)?,
        })
    }
}
