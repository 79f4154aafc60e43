//! Sessions, settlements and disputes as they are stored. Their protobuf forms are in `wire.rs`.

use cosmwasm_std::{Binary, Uint256};
use openledger_core::wire::{add, sub};
use openledger_core::{Address, Result};
use openledger_proto::openledger::attribution::v1::Assurance;
use openledger_proto::openledger::model::v1::Mode;
use serde::{Deserialize, Serialize};

use crate::error::AttributionError;

/// Where a session stands; numbers as in `openledger.attribution.v1.SessionStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Vouchers settle.
    Open = 1,
    /// Notice was given; vouchers still settle.
    Closing = 2,
    /// The rest of the deposit went back.
    Closed = 3,
}

/// One payer, one deployment, one deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its number, from 1.
    pub id: u64,
    /// Who pays.
    pub payer: Address,
    /// Who answers.
    pub deployment: u64,
    /// With what.
    pub model_version: u64,
    /// Everything paid in.
    pub deposit: Uint256,
    /// The cumulative fee of the last voucher settled.
    pub spent: Uint256,
    /// Signs vouchers: 33 bytes.
    pub voucher_key: Binary,
    /// Highest price of an answer.
    pub base_price: Uint256,
    /// Highest price of an output byte.
    pub byte_price: Uint256,
    /// 32 bytes or none.
    pub secret_commitment: Binary,
    /// `openledger.model.v1.Mode`.
    pub mode: i32,
    /// Version of the parameters.
    pub params_version: u64,
    /// Height of its opening.
    pub opened_height: u64,
    /// Where it stands.
    pub status: SessionStatus,
    /// Header time from which its payer may close it; 0 without notice.
    pub closes_at: i64,
    /// Receipts settled.
    pub settled_count: u64,
    /// Peaks of the tree over their leaves.
    pub frontier: Vec<Binary>,
    /// The corpus height of the last one.
    pub corpus_height: u64,
    /// What was given back of settled receipts.
    pub credited: Uint256,
    /// Credits of receipts that are not settled yet, ascending.
    pub credits: Vec<Credit>,
    /// Whether vouchers are ADR-036 documents signed by the payer's account.
    pub adr036: bool,
    /// Header time at which it expires if nobody touches it; its key in the queue `session_expiry`.
    pub expires_at: i64,
    /// The agent that answers; 0 where the deployment does.
    pub agent: u64,
    /// The number of the agent's terms.
    pub agent_terms: u32,
    /// The agent's session that this one buys a part's answers for; 0 for none.
    pub parent: u64,
    /// An agent's session: its parts' prices, ascending by deployment.
    pub parts: Vec<PartPrice>,
    /// A sub-session: the last receipt billed to the parent.
    pub billed_count: u64,
    /// A sub-session: what was billed to the parent.
    pub billed: Uint256,
}

impl Session {
    /// What was taken for its settled receipts.
    pub fn taken(&self) -> Result<Uint256> {
        sub(self.spent, self.credited)
    }

    /// What of the deposit is still the payer's.
    pub fn left(&self) -> Result<Uint256> {
        sub(add(self.deposit, self.credited)?, self.spent)
    }

    /// What stands behind its receipts.
    pub fn assurance(&self) -> Assurance {
        assurance(self.mode)
    }
}

/// What stands behind receipts of a mode.
pub fn assurance(mode: i32) -> Assurance {
    match Mode::try_from(mode) {
        Ok(Mode::Public) => Assurance::Public,
        Ok(Mode::Sealed) => Assurance::Sealed,
        Ok(Mode::Unspecified) | Err(_) => Assurance::Unspecified,
    }
}

/// What a server gives back of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The receipt's index.
    pub receipt: u64,
    /// In all.
    pub amount: Uint256,
}

/// A part's prices at the opening of an agent's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPrice {
    /// The deployment.
    pub deployment: u64,
    /// Highest price of an answer.
    pub base_price: Uint256,
    /// Highest price of an output byte.
    pub byte_price: Uint256,
}

/// How claims were looked at on arrival; numbers as in `openledger.attribution.v1.Check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Every segment's bytes were compared.
    Existence = 1,
    /// The claims stand on the bond alone.
    ClaimsOnly = 2,
}

impl Check {
    /// Reads the protobuf form.
    pub fn from_proto(check: i32) -> Result<Self> {
        match check {
            1 => Ok(Self::Existence),
            2 => Ok(Self::ClaimsOnly),
            _ => {
                Err(AttributionError::Invalid(format!("check is existence (1) or claims only (2), not {check}")).into())
            }
        }
    }
}

/// Where a settlement stands; numbers as in `openledger.attribution.v1.SettlementStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementStatus {
    /// Can be disputed, or waits for reveals.
    Pending = 1,
    /// A dispute was won; earlier commits may take the bounty.
    False = 2,
    /// The bond is forfeit; others may claim.
    AwaitingReplacement = 3,
    /// Rows are being credited.
    Paying = 4,
    /// Paid.
    Paid = 5,
    /// No claim stood.
    Baselined = 6,
}

/// One set of claims for a settlement's receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Who made them.
    pub maker: Address,
    /// How they were looked at.
    pub check: Check,
    /// Height of arrival.
    pub height: u64,
    /// Root over the settled receipts' leaves.
    pub root: Binary,
    /// Root over the rows.
    pub rows_root: Binary,
    /// Rows.
    pub rows: u32,
    /// What contributions get.
    pub contributions: Uint256,
    /// What no contribution owns, up to the cap.
    pub baseline: Uint256,
    /// What no contribution owns above the cap.
    pub treasury: Uint256,
    /// What stands behind the claims (L).
    pub bond: Uint256,
    /// What the outputs draw from each datanet: ascending, without those that they draw nothing from.
    pub uses: Vec<(u64, Uint256)>,
}

/// Receipts that were settled together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Its number, from 1.
    pub id: u64,
    /// The session.
    pub session: u64,
    /// Its deployment.
    pub deployment: u64,
    /// Its model version.
    pub model_version: u64,
    /// First receipt.
    pub first_receipt: u64,
    /// Receipts.
    pub receipts: u32,
    /// Height of arrival.
    pub height: u64,
    /// Version of the parameters.
    pub params_version: u64,
    /// Root over the receipts' leaves.
    pub receipts_root: Binary,
    /// What was taken of the receipts' fees.
    pub fees: Uint256,
    /// Of them burnt.
    pub burnt: Uint256,
    /// Of them the contributor pool.
    pub pool: Uint256,
    /// Where it stands.
    pub status: SettlementStatus,
    /// Its key in the queue `due`; 0 where it is not in it.
    pub due: u64,
    /// The won dispute with the earliest commit so far; 0 for none.
    pub winning_dispute: u64,
    /// What the maker of a replacement that stands will get.
    pub maker_bounty: Uint256,
    /// The server's claims, then replacements.
    pub rounds: Vec<Round>,
    /// The session's `openledger.model.v1.Mode`.
    pub mode: i32,
    /// What was given back of the receipts' fees.
    pub credited: Uint256,
    /// Root over the credits.
    pub credits_root: Binary,
}

/// Where a dispute stands; numbers as in `openledger.attribution.v1.DisputeStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Not revealed.
    Committed = 1,
    /// Valid.
    Valid = 2,
    /// Valid and first.
    Won = 3,
    /// Refutes nothing.
    Rejected = 4,
    /// Never revealed.
    Expired = 5,
}

/// A dispute of a round of claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Its number, from 1: the order of commits.
    pub id: u64,
    /// The settlement.
    pub settlement: u64,
    /// The round, from 0.
    pub round: u32,
    /// Who disputes.
    pub disputant: Address,
    /// 32 bytes.
    pub commit: Binary,
    /// Its bond.
    pub bond: Uint256,
    /// Height of the commit.
    pub height: u64,
    /// Last height of the reveal.
    pub deadline: u64,
    /// Where it stands.
    pub status: DisputeStatus,
    /// What was found.
    pub finding: String,
    /// What it earned.
    pub bounty: Uint256,
}

/// What a contribution has earned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earnings {
    /// In all.
    pub total: Uint256,
    /// Of it held, because the contribution is custodial.
    pub held: Uint256,
    /// Settlements that credited it.
    pub settlements: u64,
    /// Height of the last credit.
    pub last_height: u64,
}

/// What a model version has sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Receipts settled.
    pub receipts: u64,
    /// Their output bytes.
    pub output_bytes: u64,
    /// Their fees.
    pub fees: Uint256,
    /// Of them burnt.
    pub burnt: Uint256,
}

/// What a deployment did, for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Settlements.
    pub settlements: u64,
    /// Receipts settled.
    pub receipts: u64,
    /// What was taken for them.
    pub fees: Uint256,
    /// Receipts of which something was given back.
    pub credited_receipts: u64,
    /// What was given back.
    pub credited: Uint256,
    /// Receipts settled late.
    pub late_receipts: u64,
    /// Settlements whose claims were refuted.
    pub false_settlements: u64,
    /// Openings asked for and not made in time.
    pub missed_openings: u64,
    /// Sessions that ended without a receipt settled.
    pub unsettled_sessions: u64,
    /// Sessions that expired.
    pub expired_sessions: u64,
}

/// What was sold in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledPrice {
    /// Header time at which it began.
    pub start: i64,
    /// Its length in seconds.
    pub seconds: u64,
    /// Receipts settled.
    pub receipts: u64,
    /// Their output bytes.
    pub output_bytes: u64,
    /// What was taken for them.
    pub fees: Uint256,
}
