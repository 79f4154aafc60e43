//! Datanets, contributions and versions as they are stored; their protobuf forms are in `wire.rs`. Policies, terms and reviews are in
//! `governance/types.rs`.
//!
//! What a contribution has only from some step on (reveal, acceptance, tombstone) stands in an `Option` of its own, so that a state
//! that cannot be cannot be written.

use cosmwasm_std::{Binary, Uint256};
use openledger_contributor::Role;
use openledger_core::{wire, Address, Result, SdkError};
use openledger_provenance::content::Commitment;
use openledger_provenance::frontier::Frontier;
use openledger_provenance::mmr::Accepted;
use serde::{Deserialize, Serialize};

use crate::content::{Gap, Pointer, PointerPolicy};
use crate::governance::{Policy, Terms};
use crate::lifecycle::State;

/// A dataset that a community owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datanet {
    /// Its number, from 1.
    pub id: u64,
    /// Its owner.
    pub owner: Address,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The number of `openledger.datanet.v1.Modality`.
    pub modality: i32,
    /// SPDX expression.
    pub licence: String,
    /// What a contribution looks like.
    pub schema: String,
    /// What the owner decides.
    pub policy: Policy,
    /// Height at which it was made.
    pub created_height: u64,
    /// Where it is in its life.
    pub state: State,
    /// The number of `policy`, from 1.
    pub policy_number: u32,
}

/// How far a datanet has grown; apart from [`Datanet`], as each acceptance writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// Contributions accepted so far: the next accept_index.
    pub count: u64,
    /// Peaks of their mountain range, largest first.
    pub peaks: Vec<Binary>,
    /// Sum of their share indices.
    pub total_index: u64,
    /// The last version; 0: none.
    pub last_version: u32,
    /// Of `total_index`, what was accepted since the last version and has been withdrawn or tombstoned.
    pub ended_index: u64,
}

impl Growth {
    /// The mountain range.
    pub fn frontier(&self) -> Result<Frontier> {
        let peaks = self.peaks.iter().map(wire::stored_hash).collect::<Result<_>>()?;
        Ok(Frontier::new(self.count, peaks).map_err(|error| SdkError::Logic(format!("datanet growth: {error}")))?)
    }

    /// Takes over a mountain range that has grown.
    pub(crate) fn set_frontier(&mut self, frontier: &Frontier) {
        self.count = frontier.count();
        self.peaks = frontier.peaks().iter().map(Binary::from).collect();
    }
}

/// By what right a content is brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// The author's own work.
    Own,
    /// Under a licence: an SPDX expression.
    Licensed(String),
    /// Nobody's.
    PublicDomain,
    /// Somebody else's, named here, brought in on their behalf; its pay is held for them.
    Custodial(String),
}

/// Where a contribution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Committed, not revealed.
    Committed,
    /// Revealed, awaiting review.
    Pending,
    /// A part of its datanet.
    Accepted,
    /// Refused by the reviewers.
    Rejected,
    /// Taken back by its author.
    Withdrawn,
    /// Never revealed.
    Expired,
}

impl Status {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What a contribution shows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Root over its chunks, 32 bytes.
    pub root: Binary,
    /// Its bytes.
    pub length: u64,
    /// By what right it is brought in.
    pub rights: Rights,
    /// Where it lies.
    pub location: String,
    /// What the schema asks for.
    pub metadata: String,
    /// RFC 6838.
    pub media_type: String,
    /// Height of the reveal.
    pub height: u64,
    /// Whether the content lies on chain.
    pub on_chain: bool,
    /// The contribution that it corrects, labels, evaluates or improves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_at: Option<Pointer>,
}

/// What made a contribution a part of its datanet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Place among the datanet's accepted contributions, from 0.
    pub accept_index: u64,
    /// Height of the acceptance.
    pub height: u64,
    /// Reviewers' score, 0 to 10,000.
    pub score: u32,
    /// Its share of the baseline; 0 for commons and for what points at another.
    pub share_index: u64,
    /// Where it points at another: its part of the other's pay, in basis points.
    #[serde(default)]
    pub pointer_bps: u32,
    /// What of its own pay those have that point at it.
    #[serde(default)]
    pub pointers: PointerPolicy,
}

/// A notice or ruling that takes a content out of the corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// First height from which it is out.
    pub height: u64,
    /// Why.
    pub reason: String,
}

/// One content by one author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Its place among all commits of the chain, from 1.
    pub seq: u64,
    /// Its datanet.
    pub datanet: u64,
    /// Who committed it.
    pub author: Address,
    /// The commit, 32 bytes.
    pub commit: Binary,
    /// Height of the commit.
    pub commit_height: u64,
    /// Last height at which it may be revealed.
    pub reveal_deadline: u64,
    /// What is locked now, in base units.
    pub deposit: Uint256,
    /// Whether a rejection burns the deposit; the policy at the commit.
    pub burn_if_rejected: bool,
    /// Where it stands.
    pub status: Status,
    /// From its reveal on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Reveal>,
    /// From its acceptance on, whatever becomes of it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// Whether it is its datanet's commons.
    pub commons: bool,
    /// From a notice on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstone: Option<Tombstone>,
    /// Versions that leave it out, as it was unavailable when they were frozen; in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Gap>,
    /// What was promised to it.
    pub terms: Terms,
}

impl Contribution {
    /// What it commits to; nothing before its reveal.
    pub fn commitment(&self) -> Result<Option<Commitment>> {
        let reveal = self.reveal.as_ref();
        reveal
            .map(|reveal| Ok(Commitment { root: wire::stored_hash(&reveal.root)?, length: reveal.length }))
            .transpose()
    }

    /// Its leaf in the mountain range of its datanet; nothing before its reveal.
    pub(crate) fn leaf(&self) -> Result<Option<[u8; 32]>> {
        let commitment = self.commitment()?;
        Ok(commitment.map(|commitment| Accepted { seq: self.seq, commitment }.leaf()))
    }

    /// Its place in its datanet.
    pub fn accept_index(&self) -> Option<u64> {
        self.acceptance.as_ref().map(|acceptance| acceptance.accept_index)
    }

    /// Its share of the baseline; 0 before its acceptance.
    pub fn share_index(&self) -> u64 {
        self.acceptance.as_ref().map_or(0, |acceptance| acceptance.share_index)
    }

    /// First height from which it is out of the corpus.
    pub fn tombstoned_height(&self) -> Option<u64> {
        self.tombstone.as_ref().map(|tombstone| tombstone.height)
    }

    /// Whether it is out of the corpus of a receipt with this `corpus_height`.
    pub fn is_tombstoned_at(&self, corpus_height: u64) -> bool {
        self.tombstoned_height().is_some_and(|height| height <= corpus_height)
    }

    /// Whether its pay is held for somebody else.
    pub fn is_custodial(&self) -> bool {
        self.reveal.as_ref().is_some_and(|reveal| matches!(reveal.rights, Rights::Custodial(_)))
    }

    /// The contribution that it points at.
    pub fn points_at(&self) -> Option<&Pointer> {
        self.reveal.as_ref().and_then(|reveal| reveal.points_at.as_ref())
    }

    /// In what capacity its author made it.
    pub fn role(&self) -> Role {
        self.points_at().map_or(Role::Author, |pointer| pointer.kind.role())
    }

    /// Whether a version with this number and count holds it. With the tombstone, that is all that decides membership in a corpus.
    pub fn is_in(&self, number: u32, count: u64) -> bool {
        let placed = self.accept_index().is_some_and(|index| index < count);
        placed && !self.left_out.iter().any(|gap| gap.holds(number))
    }

    /// Whether its author is paid for what it owns: accepted and not taken back. What is not paid goes to the baseline.
    pub fn is_paid(&self) -> bool {
        self.status == Status::Accepted && !self.commons
    }
}

/// A frozen prefix of a datanet's accepted contributions; datanet and version are the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Contributions in it: those with accept_index below it.
    pub count: u64,
    /// Root over their leaves, 32 bytes.
    pub root: Binary,
    /// Sum of their share indices.
    pub total_index: u64,
    /// Height at which it was frozen.
    pub frozen_height: u64,
    /// Header time at which it was frozen.
    pub frozen_seconds: i64,
    /// The baseline's `per_index` then: where the shares of the contributions that are new in it start.
    pub per_index: Uint256,
}

impl Version {
    /// The root.
    pub fn root(&self) -> Result<[u8; 32]> {
        wire::stored_hash(&self.root)
    }
}

/// From which height on a contribution is on, or off, the chain's commons list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommonsChange {
    /// First height for which it holds.
    pub height: u64,
    /// On the list, or off it.
    pub listed: bool,
}
