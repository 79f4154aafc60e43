//! What the audit keeps, as it is stored; protobuf forms in `wire.rs`.

use cosmwasm_std::{Binary, Uint256};
use openledger_core::Address;
use serde::{Deserialize, Serialize};

/// What a demand asks for; numbers as in `openledger.attribution.v1.DemandKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandKind {
    /// A byte of a segment, on both sides, equal (D3).
    Opening = 1,
    /// A transcript with its key (S-open).
    Transcript = 2,
    /// The same, drawn by the auditors' seed.
    Sample = 3,
}

/// A demand that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// Its number, in one sequence with disputes.
    pub id: u64,
    /// The settlement.
    pub settlement: u64,
    /// The round, from 0.
    pub round: u32,
    /// What it asks for.
    pub kind: DemandKind,
    /// Who asks; the module's own account for a sample.
    pub challenger: Address,
    /// The receipt's index.
    pub receipt: u64,
    /// The segment's place in the claim.
    pub segment: u32,
    /// The byte under its windows.
    pub byte: u32,
    /// What was deposited; an opening earns its cost of it at most.
    pub deposit: Uint256,
    /// Height at which it was made.
    pub height: u64,
    /// Last height of the answer.
    pub deadline: u64,
}

/// How far a round's sampling is; numbers as in `openledger.attribution.v1.SamplingStatus`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplingStatus {
    /// Not sampled.
    #[default]
    None = 0,
    /// Waits for a seed.
    Waiting = 1,
    /// Drawn.
    Drawn = 2,
    /// Three epochs had no reveals.
    Unsampled = 3,
}

/// What is open about a settlement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Openings {
    /// Demands by challengers that are open.
    pub open_demands: u32,
    /// Samples that are open.
    pub open_samples: u32,
    /// One bit a receipt: published on demand.
    pub published: Binary,
    /// Disputes are taken up to this height at least.
    pub disputable_until: u64,
    /// The last deadline of a demand of the present round.
    pub last_deadline: u64,
    /// Sampling of the present round.
    pub sampling: SamplingStatus,
    /// Whose seed draws.
    pub epoch: u64,
    /// Epochs without reveals so far.
    pub tries: u32,
    /// Running sums of the receipts' weights, u64 big-endian each.
    pub weights: Binary,
    /// Last height of a commit to a replacement.
    pub replaceable_until: u64,
    /// Commits to a replacement so far.
    pub replacement_commits: u32,
}

impl Openings {
    /// How many demands and samples are open.
    pub fn open(&self) -> u32 {
        self.open_demands.saturating_add(self.open_samples)
    }

    /// Whether something is still to be drawn, published or answered.
    pub fn is_open(&self) -> bool {
        self.open_demands > 0 || self.open_samples > 0 || self.sampling == SamplingStatus::Waiting
    }

    /// Whether the receipt at a place, from 0, was published.
    pub fn is_published(&self, place: u64) -> bool {
        let Ok(byte) = usize::try_from(place >> 3) else { return false };
        self.published.as_slice().get(byte).is_some_and(|bits| bits >> (place & 7) & 1 == 1)
    }

    /// Notes that it was.
    pub(crate) fn set_published(&mut self, place: u64) {
        let mut bits = self.published.to_vec();
        let Ok(byte) = usize::try_from(place >> 3) else { return };
        if bits.len() <= byte {
            bits.resize(byte.saturating_add(1), 0);
        }
        if let Some(bits) = bits.get_mut(byte) {
            *bits |= 1 << (place & 7);
        }
        self.published = bits.into();
    }

    /// Keeps disputes possible up to a height.
    pub(crate) fn keep_disputable(&mut self, height: u64) {
        self.disputable_until = self.disputable_until.max(height);
    }
}

/// An auditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auditor {
    /// Its bond.
    pub bond: Uint256,
    /// The last epoch of a commit, or of the bond.
    pub active_epoch: u64,
    /// Committed for the present epoch; empty for nothing.
    pub commit: Binary,
    /// Revealed in it; empty for nothing.
    pub reveal: Binary,
    /// Committed for the next epoch; empty for nothing.
    pub next_commit: Binary,
}

/// An epoch of sampling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 0.
    pub number: u64,
    /// First height.
    pub start: u64,
    /// Blocks.
    pub blocks: u64,
    /// The last epoch before it that had reveals, with its seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seed: Option<(u64, Binary)>,
}

/// A commit to a replacement claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacementCommit {
    /// Who.
    pub maker: Address,
    /// 32 bytes.
    pub commit: Binary,
    /// Its bond.
    pub bond: Uint256,
    /// Height of the commit.
    pub height: u64,
    /// Last height of the reveal.
    pub deadline: u64,
}

/// Windows of nobody's, found outside the corpus; settlement, round, receipt and first window are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undeclared {
    /// Windows.
    pub count: u32,
    /// The contribution.
    pub contribution: u64,
    /// Their share of the baseline.
    pub amount: Uint256,
    /// Who showed it.
    pub claimant: Address,
}
