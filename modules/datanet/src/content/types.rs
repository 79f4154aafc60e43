//! Pointers, rulings, challenges and custody as they are stored, and their protobuf forms.

use cosmwasm_std::Uint256;
use openledger_contributor::Role;
use openledger_core::{Address, Result};
use openledger_proto::openledger::datanet::v1 as proto;
use serde::{Deserialize, Serialize};

use super::error::ContentError;

/// What a contribution is to another one; numbers as in `openledger.datanet.v1.PointerKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointerKind {
    /// Says what is wrong with it and what is right.
    Correction = 1,
    /// Says what it is.
    Label = 2,
    /// Says how good it is.
    Evaluation = 3,
    /// Makes it better.
    Improvement = 4,
}

impl PointerKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Correction, Self::Label, Self::Evaluation, Self::Improvement];

    /// Reads the protobuf form.
    pub fn from_proto(kind: i32) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|known| i32::from(known.number()) == kind);
        let text = || format!("a pointer's kind is 1 (correction) to 4 (improvement), not {kind}");
        Ok(found.ok_or_else(|| ContentError::InvalidPointer(text()))?)
    }

    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Self::Correction => 1,
            Self::Label => 2,
            Self::Evaluation => 3,
            Self::Improvement => 4,
        }
    }

    /// In what capacity its author acts.
    pub fn role(self) -> Role {
        match self {
            Self::Correction | Self::Improvement => Role::Corrector,
            Self::Label => Role::Labeler,
            Self::Evaluation => Role::Evaluator,
        }
    }
}

/// At which contribution another one points, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    /// As what.
    pub kind: PointerKind,
    /// At which one.
    pub seq: u64,
}

impl Pointer {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Pointer {
        proto::Pointer { kind: self.kind.number().into(), seq: self.seq }
    }
}

/// What of a contribution's pay those have that point at it, in basis points by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointerPolicy {
    /// All corrections.
    pub corrections_bps: u32,
    /// All labels.
    pub labels_bps: u32,
    /// All evaluations.
    pub evaluations_bps: u32,
    /// All improvements.
    pub improvements_bps: u32,
}

impl PointerPolicy {
    /// What all of a kind have.
    pub fn of(&self, kind: PointerKind) -> u32 {
        match kind {
            PointerKind::Correction => self.corrections_bps,
            PointerKind::Label => self.labels_bps,
            PointerKind::Evaluation => self.evaluations_bps,
            PointerKind::Improvement => self.improvements_bps,
        }
    }

    /// The protobuf form; absent where nothing is shared.
    pub fn to_proto(self) -> Option<proto::PointerPolicy> {
        let Self { corrections_bps, labels_bps, evaluations_bps, improvements_bps } = self;
        let policy = proto::PointerPolicy { corrections_bps, labels_bps, evaluations_bps, improvements_bps };
        (self != Self::default()).then_some(policy)
    }
}

/// A range of versions that leave a content out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// First version.
    pub from: u32,
    /// First version that holds it again; none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
}

impl Gap {
    /// Whether this version leaves it out.
    pub fn holds(&self, version: u32) -> bool {
        self.from <= version && self.to.is_none_or(|to| version < to)
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Gap {
        proto::Gap { from_version: self.from, to_version: self.to.unwrap_or_default() }
    }
}

/// Which earlier work a contribution copies; the contribution is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The one; none: several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<u64>,
    /// The dispute that showed it.
    pub dispute: u64,
    /// Height of the ruling.
    pub height: u64,
}

impl Ruling {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64) -> proto::Ruling {
        let source = self.source.unwrap_or_default();
        proto::Ruling { seq, source, dispute_id: self.dispute, height: self.height }
    }
}

/// Where a duplicate dispute stands; numbers as in `openledger.datanet.v1.DuplicateStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateStatus {
    /// May be shown.
    Open = 1,
    /// Was shown.
    Upheld = 2,
    /// Was not shown in time.
    Expired = 3,
}

/// That a contribution copies earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateDispute {
    /// Its number, from 1.
    pub id: u64,
    /// The later work.
    pub seq: u64,
    /// Who says so.
    pub disputant: Address,
    /// What is locked now, in base units.
    pub bond: Uint256,
    /// Height of the commit.
    pub height: u64,
    /// Last height at which it may be shown.
    pub deadline: u64,
    /// Where it stands.
    pub status: DuplicateStatus,
}

impl DuplicateDispute {
    /// The height whose header time draws its regions.
    pub fn seed_height(&self) -> u64 {
        self.height.saturating_add(1)
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::DuplicateDispute {
        proto::DuplicateDispute {
            id: self.id,
            seq: self.seq,
            disputant: self.disputant.to_string(),
            bond: self.bond.to_string(),
            height: self.height,
            deadline: self.deadline,
            status: match self.status {
                DuplicateStatus::Open => 1,
                DuplicateStatus::Upheld => 2,
                DuplicateStatus::Expired => 3,
            },
        }
    }
}

/// What draws the regions of disputes committed one block before; the height is the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// Open disputes that need it.
    pub disputes: u64,
    /// Header time, in seconds and nanoseconds; none before that block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<(i64, u32)>,
}

/// A chunk that is asked for, or missing; contribution and chunk are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Who asks.
    pub challenger: Address,
    /// What is locked now, in base units.
    pub deposit: Uint256,
    /// Last height at which an answer has it.
    pub deadline: u64,
    /// Whether nobody answered in time.
    pub missed: bool,
}

impl Challenge {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64, chunk: u32) -> proto::Challenge {
        let (challenger, deposit) = (self.challenger.to_string(), self.deposit.to_string());
        proto::Challenge { seq, chunk, challenger, deposit, deadline: self.deadline, missed: self.missed }
    }
}

/// A content of which chunks are missing; the contribution is the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unavailable {
    /// Chunks that are missing.
    pub missed: u32,
    /// Header time until which its pay is held, in seconds.
    pub held_until: i64,
}

impl Unavailable {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64) -> proto::Unavailable {
        proto::Unavailable { seq, missed: self.missed, held_until_seconds: self.held_until }
    }
}

/// Whose a custodial contribution is; the contribution is the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// Whose.
    pub account: Address,
    /// What proves it; nothing where the reveal names the account.
    pub statement: String,
    /// Header time from which it counts, in seconds.
    pub from: i64,
}

impl Custody {
    /// The protobuf form.
    pub fn to_proto(&self, seq: u64) -> proto::Custody {
        let (account, statement) = (self.account.to_string(), self.statement.clone());
        proto::Custody { seq, account, statement, from_seconds: self.from }
    }
}
