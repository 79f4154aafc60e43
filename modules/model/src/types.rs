//! Models, versions and deployments as they are stored, and their protobuf forms.

use cosmwasm_std::{Binary, Uint256};
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// A name under which versions are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its number, from 1.
    pub id: u64,
    /// Who publishes versions and earns the model's share.
    pub owner: Address,
    /// 1 to 64 characters.
    pub name: String,
    /// At most 1,024 bytes.
    pub description: String,
    /// Height at which it was registered.
    pub registered_height: u64,
}

/// A frozen version of a datanet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DatanetVersion {
    /// The datanet.
    pub datanet: u64,
    /// The version's number.
    pub version: u32,
}

/// A model version that another comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The parent.
    pub version: u64,
    /// How, as `openledger.model.v1.LineageKind`.
    pub kind: i32,
}

/// What an ancestor earns of a descendant's model share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// The ancestor.
    pub version: u64,
    /// Basis points of the descendant's model share.
    pub royalty_bps: u32,
}

/// An immutable version of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelVersion {
    /// Its number, from 1, over all models.
    pub id: u64,
    /// Its model.
    pub model: u64,
    /// 32 bytes.
    pub weights_hash: Binary,
    /// How it was made.
    pub recipe: String,
    /// What it was trained on: ascending, each datanet once.
    pub datanets: Vec<DatanetVersion>,
    /// What it comes from: ascending.
    pub parents: Vec<Parent>,
    /// What each descendant pays of its model share.
    pub royalty_bps: u32,
    /// Every ancestor that earns, each once, ascending; together at most 10,000 basis points.
    pub ancestors: Vec<Ancestor>,
    /// 0 without parents, else one more than the deepest parent's.
    pub depth: u32,
    /// Height at which it was registered.
    pub registered_height: u64,
}

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

impl Model {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Model {
        proto::Model {
            id: self.id,
            owner: self.owner.to_string(),
            name: self.name.clone(),
            description: self.description.clone(),
            registered_height: self.registered_height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(model: &proto::Model) -> Result<Self> {
        Ok(Self {
            id: model.id,
            owner: wire::address("owner", &model.owner)?,
            name: model.name.clone(),
            description: model.description.clone(),
            registered_height: model.registered_height,
        })
    }
}

impl DatanetVersion {
    /// The protobuf form.
    pub fn to_proto(self) -> proto::DatanetVersion {
        proto::DatanetVersion { datanet: self.datanet, version: self.version }
    }

    /// Reads the protobuf form.
    pub fn from_proto(version: &proto::DatanetVersion) -> Self {
        Self { datanet: version.datanet, version: version.version }
    }
}

impl ModelVersion {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::ModelVersion {
        let parent = |parent: &Parent| proto::Parent { version: parent.version, kind: parent.kind };
        let ancestor = |a: &Ancestor| proto::Ancestor { version: a.version, royalty_bps: a.royalty_bps };
        proto::ModelVersion {
            id: self.id,
            model: self.model,
            weights_hash: self.weights_hash.to_vec(),
            recipe: self.recipe.clone(),
            datanets: self.datanets.iter().map(|datanet| datanet.to_proto()).collect(),
            parents: self.parents.iter().map(parent).collect(),
            royalty_bps: self.royalty_bps,
            ancestors: self.ancestors.iter().map(ancestor).collect(),
            depth: self.depth,
            registered_height: self.registered_height,
        }
    }

    /// Reads the protobuf form of a genesis.
    pub fn from_proto(version: &proto::ModelVersion) -> Result<Self> {
        let ancestor = |a: &proto::Ancestor| Ancestor { version: a.version, royalty_bps: a.royalty_bps };
        Ok(Self {
            id: version.id,
            model: version.model,
            weights_hash: wire::hash("weights_hash", &version.weights_hash)?.to_vec().into(),
            recipe: version.recipe.clone(),
            datanets: version.datanets.iter().map(DatanetVersion::from_proto).collect(),
            parents: version.parents.iter().map(|p| Parent { version: p.version, kind: p.kind }).collect(),
            royalty_bps: version.royalty_bps,
            ancestors: version.ancestors.iter().map(ancestor).collect(),
            depth: version.depth,
            registered_height: version.registered_height,
        })
    }
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
