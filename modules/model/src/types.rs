//! Models and their versions as they are stored, and their protobuf forms.

use cosmwasm_std::Binary;
use openledger_core::{wire, Address, Result};
use openledger_proto::openledger::model::v1 as proto;
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use crate::terms::Terms;

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

/// What a feedback earns of a version's model share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackShare {
    /// The feedback.
    pub feedback: u64,
    /// Its author.
    pub author: Address,
    /// Basis points of the model share.
    pub bps: u32,
}

/// What an adapter adds to its parent's weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// 32 bytes.
    pub hash: Binary,
    /// Rank of its matrices.
    pub rank: u32,
    /// Which parts of the parent it changes.
    pub target: String,
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
    /// On what terms it may be used.
    pub terms: Terms,
    /// For an adapter alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<Adapter>,
    /// Feedback that went into it: ascending.
    pub incorporates: Vec<u64>,
    /// Every feedback that earns, each once, ascending; with the ancestors at most 10,000 basis points.
    pub feedback: Vec<FeedbackShare>,
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

impl Parent {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Parent {
        proto::Parent { version: self.version, kind: self.kind }
    }

    /// Reads the protobuf form.
    pub fn from_proto(parent: &proto::Parent) -> Self {
        Self { version: parent.version, kind: parent.kind }
    }
}

impl Ancestor {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Ancestor {
        proto::Ancestor { version: self.version, royalty_bps: self.royalty_bps }
    }
}

impl FeedbackShare {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::FeedbackShare {
        proto::FeedbackShare { feedback: self.feedback, author: self.author.to_string(), bps: self.bps }
    }

    fn from_proto(share: &proto::FeedbackShare) -> Result<Self> {
        Ok(Self { feedback: share.feedback, author: wire::address("feedback.author", &share.author)?, bps: share.bps })
    }
}

impl Adapter {
    /// Highest rank of an adapter's matrices.
    const MAX_RANK: u32 = 65_536;
    /// Most bytes of a target.
    const MAX_TARGET_BYTES: usize = 256;

    /// Reads and checks the protobuf form.
    pub fn from_proto(adapter: &proto::Adapter) -> Result<Self> {
        let proto::Adapter { hash, rank, target } = adapter;
        let hash = wire::hash("adapter.hash", hash)?.to_vec().into();
        if *rank == 0 || *rank > Self::MAX_RANK {
            return Err(ModelError::Invalid(format!("an adapter's rank is 1 to {}, not {rank}", Self::MAX_RANK)).into());
        }
        if target.is_empty() {
            return Err(ModelError::Invalid("an adapter's target is missing: which parts of its parent?".into()).into());
        }
        wire::text("adapter.target", target, Self::MAX_TARGET_BYTES)?;
        Ok(Self { hash, rank: *rank, target: target.clone() })
    }

    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Adapter {
        proto::Adapter { hash: self.hash.to_vec(), rank: self.rank, target: self.target.clone() }
    }
}

impl ModelVersion {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::ModelVersion {
        proto::ModelVersion {
            id: self.id,
            model: self.model,
            weights_hash: self.weights_hash.to_vec(),
            recipe: self.recipe.clone(),
            datanets: self.datanets.iter().map(|datanet| datanet.to_proto()).collect(),
            parents: self.parents.iter().map(Parent::to_proto).collect(),
            royalty_bps: self.royalty_bps,
            ancestors: self.ancestors.iter().map(Ancestor::to_proto).collect(),
            depth: self.depth,
            registered_height: self.registered_height,
            terms: Some(self.terms.to_proto()),
            adapter: self.adapter.as_ref().map(Adapter::to_proto),
            incorporates: self.incorporates.clone(),
            feedback: self.feedback.iter().map(FeedbackShare::to_proto).collect(),
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
            parents: version.parents.iter().map(Parent::from_proto).collect(),
            royalty_bps: version.royalty_bps,
            ancestors: version.ancestors.iter().map(ancestor).collect(),
            depth: version.depth,
            registered_height: version.registered_height,
            terms: Terms::from_proto(version.terms.as_ref())?,
            adapter: version.adapter.as_ref().map(Adapter::from_proto).transpose()?,
            incorporates: version.incorporates.clone(),
            feedback: version.feedback.iter().map(FeedbackShare::from_proto).collect::<Result<_>>()?,
        })
    }
}
