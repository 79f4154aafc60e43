//! Deployments as they are stored, and their protobuf form.

use cosmwasm_std::Uint256;
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// An amount on its way out of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbonding {
    /// Base units.
    pub amount: Uint256,
    /// Header time, in seconds, from which it may be withdrawn.
    pub completion_time: i64,
}

/// A server that answers with a model version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its number, from 1.
    pub id: u64,
    /// Who serves, earns and is liable.
    pub server: Address,
    /// What it answers with.
    pub model_version: u64,
    /// Where.
    pub endpoint: String,
    /// Base units an answer, for new sessions.
    pub base_price: Uint256,
    /// Base units an output byte, for new sessions.
    pub byte_price: Uint256,
    /// What stands behind its settlements, without what is unbonding.
    pub bond: Uint256,
    /// The part of the bond that settlements lock.
    pub locked: Uint256,
    /// What is on its way out, in order of time.
    pub unbondings: Vec<Unbonding>,
    /// Modes served, as `openledger.model.v1.Mode`, ascending.
    pub modes: Vec<i32>,
    /// Whether it takes new sessions.
    pub active: bool,
    /// Height at which it was made.
    pub registered_height: u64,
}

impl Deployment {
    /// The part of the bond that nothing locks.
    pub fn free(&self) -> Uint256 {
        self.bond.saturating_sub(self.locked)
    }

    /// Refuses whoever is not its server.
    pub fn check_server(&self, got: &str) -> Result<()> {
        if self.server.to_string() == got {
            return Ok(());
        }
        let owner = self.server.to_string();
        Err(ModelError::NotOwner { what: "deployment", id: self.id, owner, got: got.into() }.into())
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Deployment {
        let unbonding =
            |u: &Unbonding| proto::Unbonding { amount: u.amount.to_string(), completion_time: u.completion_time };
        proto::Deployment {
            id: self.id,
            server: self.server.to_string(),
            model_version: self.model_version,
            endpoint: self.endpoint.clone(),
            base_price: self.base_price.to_string(),
            byte_price: self.byte_price.to_string(),
            bond: self.bond.to_string(),
            locked: self.locked.to_string(),
            unbondings: self.unbondings.iter().map(unbonding).collect(),
            modes: self.modes.clone(),
            active: self.active,
            registered_height: self.registered_height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(deployment: &proto::Deployment) -> Result<Self> {
        let unbonding = |u: &proto::Unbonding| -> Result<Unbonding> {
            Ok(Unbonding { amount: wire::amount("unbonding", &u.amount)?, completion_time: u.completion_time })
        };
        Ok(Self {
            id: deployment.id,
            server: wire::address("server", &deployment.server)?,
            model_version: deployment.model_version,
            endpoint: deployment.endpoint.clone(),
            base_price: wire::amount("base_price", &deployment.base_price)?,
            byte_price: wire::amount("byte_price", &deployment.byte_price)?,
            bond: wire::amount("bond", &deployment.bond)?,
            locked: wire::amount("locked", &deployment.locked)?,
            unbondings: deployment.unbondings.iter().map(unbonding).collect::<Result<_>>()?,
            modes: deployment.modes.clone(),
            active: deployment.active,
            registered_height: deployment.registered_height,
        })
    }
}
