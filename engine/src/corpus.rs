//! The corpus of a model version: which contributions are in it (the chain says so), their bytes (a folder has them), each checked
//! against its commitment before it is indexed.
//!
//! A folder of contents is content-addressed: a file's name is the content's root in hexadecimal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use openledger_client::Rpc;
use openledger_proto::openledger::datanet::v1::Contribution;
use openledger_provenance::content::Commitment;

use crate::chain;
use crate::index::{Document, Index};

/// A model version's corpus at one height.
pub struct Corpus {
    /// The height.
    pub height: u64,
    /// The model version.
    pub model_version: u64,
    /// Its contributions by seq.
    pub contributions: BTreeMap<u64, Contribution>,
    /// The index over them.
    pub index: Index,
}

/// A folder of contents by root.
#[derive(Debug, Clone)]
pub struct Contents {
    folder: PathBuf,
}

impl Contents {
    /// The contents in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Keeps a content; its commitment.
    pub fn put(&self, bytes: &[u8]) -> Result<Commitment> {
        let commitment = Commitment::of(bytes);
        std::fs::create_dir_all(&self.folder)?;
        std::fs::write(self.folder.join(hex::encode(commitment.root)), bytes)
            .with_context(|| format!("writing into {}", self.folder.display()))?;
        Ok(commitment)
    }

    /// The content with this commitment; an error where it is missing or another one.
    pub fn get(&self, root: &[u8], length: u64) -> Result<Vec<u8>> {
        let file = self.folder.join(hex::encode(root));
        let bytes = std::fs::read(&file).with_context(|| format!("content {}", file.display()))?;
        let found = Commitment::of(&bytes);
        ensure!(found.root == root && found.length == length, "{} is not what its name commits to", file.display());
        Ok(bytes)
    }
}

impl Corpus {
    /// Loads and indexes the corpus of a model version at the chain's present height.
    pub async fn load(rpc: &Rpc, model_version: u64, contents: &Contents) -> Result<Self> {
        let (_, height) = rpc.chain().await?;
        let version = chain::model_version(rpc, model_version).await?;
        let mut contributions = BTreeMap::new();
        for declared in &version.datanets {
            for contribution in chain::contributions(rpc, declared.datanet, declared.version).await? {
                contributions.insert(contribution.seq, contribution);
            }
        }
        let mut commons = Vec::new();
        for contribution in chain::commons(rpc, height).await? {
            commons.push(contribution.seq);
            contributions.insert(contribution.seq, contribution);
        }
        contributions
            .retain(|_, contribution| contribution.tombstoned_height == 0 || contribution.tombstoned_height > height);
        let mut documents = Vec::with_capacity(contributions.len());
        for (seq, contribution) in &contributions {
            let reveal = contribution.reveal.as_ref().with_context(|| format!("contribution {seq} is not revealed"))?;
            let bytes = contents.get(&reveal.root, reveal.length)?;
            documents.push(Document { seq: *seq, commons: commons.contains(seq), bytes });
        }
        Ok(Self { height, model_version, contributions, index: Index::build(documents)? })
    }
}
