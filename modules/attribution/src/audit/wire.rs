//! The protobuf forms of what the audit keeps, for queries and genesis.

use cosmwasm_std::Binary;
use openledger_core::wire::{address, amount, hash};
use openledger_core::{Address, Result};
use openledger_proto::openledger::attribution::v1 as proto;

use super::types::*;
use crate::error::AttributionError;

fn invalid(text: String) -> openledger_core::Error {
    AttributionError::InvalidGenesis(text).into()
}

/// 32 bytes.
fn stored(field: &str, bytes: &[u8]) -> Result<Binary> {
    Ok(hash(field, bytes)?.to_vec().into())
}

/// 32 bytes or none.
fn optional(field: &str, bytes: &[u8]) -> Result<Binary> {
    match bytes.is_empty() {
        true => Ok(Binary::default()),
        false => stored(field, bytes),
    }
}

impl Demand {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Demand {
        proto::Demand {
            id: self.id,
            settlement: self.settlement,
            round: self.round,
            kind: self.kind as i32,
            challenger: self.challenger.to_string(),
            receipt: self.receipt,
            segment: self.segment,
            byte: self.byte,
            deposit: self.deposit.to_string(),
            height: self.height,
            deadline: self.deadline,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(demand: &proto::Demand) -> Result<Self> {
        Ok(Self {
            id: demand.id,
            settlement: demand.settlement,
            round: demand.round,
            kind: match demand.kind {
                1 => DemandKind::Opening,
                2 => DemandKind::Transcript,
                3 => DemandKind::Sample,
                other => return Err(invalid(format!("{other} is no kind of demand"))),
            },
            challenger: address("challenger", &demand.challenger)?,
            receipt: demand.receipt,
            segment: demand.segment,
            byte: demand.byte,
            deposit: amount("deposit", &demand.deposit)?,
            height: demand.height,
            deadline: demand.deadline,
        })
    }
}

impl Openings {
    /// The protobuf form.
    pub fn to_proto(&self, settlement: u64) -> proto::Openings {
        proto::Openings {
            settlement,
            open_demands: self.open_demands,
            open_samples: self.open_samples,
            published: self.published.to_vec(),
            disputable_until: self.disputable_until,
            last_deadline: self.last_deadline,
            sampling: self.sampling as i32,
            epoch: self.epoch,
            tries: self.tries,
            weights: self.weights.to_vec(),
            replaceable_until: self.replaceable_until,
            replacement_commits: self.replacement_commits,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(openings: &proto::Openings) -> Result<Self> {
        if openings.weights.len() & 7 != 0 {
            return Err(invalid(format!("weights of {} bytes are not of 8 each", openings.weights.len())));
        }
        Ok(Self {
            open_demands: openings.open_demands,
            open_samples: openings.open_samples,
            published: openings.published.clone().into(),
            disputable_until: openings.disputable_until,
            last_deadline: openings.last_deadline,
            sampling: match openings.sampling {
                0 => SamplingStatus::None,
                1 => SamplingStatus::Waiting,
                2 => SamplingStatus::Drawn,
                3 => SamplingStatus::Unsampled,
                other => return Err(invalid(format!("{other} is no status of sampling"))),
            },
            epoch: openings.epoch,
            tries: openings.tries,
            weights: openings.weights.clone().into(),
            replaceable_until: openings.replaceable_until,
            replacement_commits: openings.replacement_commits,
        })
    }
}

impl Auditor {
    /// The protobuf form.
    pub fn to_proto(&self, address: &Address) -> proto::Auditor {
        proto::Auditor {
            address: address.to_string(),
            bond: self.bond.to_string(),
            active_epoch: self.active_epoch,
            commit: self.commit.to_vec(),
            reveal: self.reveal.to_vec(),
            next_commit: self.next_commit.to_vec(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(auditor: &proto::Auditor) -> Result<(Address, Self)> {
        let read = Self {
            bond: amount("bond", &auditor.bond)?,
            active_epoch: auditor.active_epoch,
            commit: optional("commit", &auditor.commit)?,
            reveal: optional("reveal", &auditor.reveal)?,
            next_commit: optional("next_commit", &auditor.next_commit)?,
        };
        Ok((address("address", &auditor.address)?, read))
    }
}

impl Epoch {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Epoch {
        let last_seed = self.last_seed.as_ref().map(|(epoch, seed)| proto::Seed { epoch: *epoch, seed: seed.to_vec() });
        proto::Epoch { number: self.number, start: self.start, blocks: self.blocks, last_seed }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(epoch: &proto::Epoch) -> Result<Self> {
        let last_seed = epoch
            .last_seed
            .as_ref()
            .map(|last| Ok::<_, openledger_core::Error>((last.epoch, stored("seed", &last.seed)?)));
        Ok(Self { number: epoch.number, start: epoch.start, blocks: epoch.blocks, last_seed: last_seed.transpose()? })
    }
}

impl ReplacementCommit {
    /// The protobuf form.
    pub fn to_proto(&self, settlement: u64, number: u32) -> proto::ReplacementCommit {
        proto::ReplacementCommit {
            number,
            settlement,
            maker: self.maker.to_string(),
            commit: self.commit.to_vec(),
            bond: self.bond.to_string(),
            height: self.height,
            deadline: self.deadline,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(commit: &proto::ReplacementCommit) -> Result<Self> {
        Ok(Self {
            maker: address("maker", &commit.maker)?,
            commit: stored("commit", &commit.commit)?,
            bond: amount("bond", &commit.bond)?,
            height: commit.height,
            deadline: commit.deadline,
        })
    }
}

impl Undeclared {
    /// The protobuf form.
    pub fn to_proto(&self, (settlement, round): (u64, u32), (receipt, start): (u64, u32)) -> proto::Undeclared {
        proto::Undeclared {
            settlement,
            round,
            receipt,
            start,
            count: self.count,
            contribution: self.contribution,
            amount: self.amount.to_string(),
            claimant: self.claimant.to_string(),
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(undeclared: &proto::Undeclared) -> Result<Self> {
        Ok(Self {
            count: undeclared.count,
            contribution: undeclared.contribution,
            amount: amount("amount", &undeclared.amount)?,
            claimant: address("claimant", &undeclared.claimant)?,
        })
    }
}
