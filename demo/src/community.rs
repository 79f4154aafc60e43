//! The community: who takes part, and how their documents come into a published datanet version.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use openledger_client::{any, wallet, Key, Wallet};
use openledger_core::Coin;
use openledger_engine::sync::Contents;
use openledger_proto::cosmos::bank::v1beta1::{Input, MsgMultiSend, Output};
use openledger_proto::openledger::datanet::v1 as pb;
use openledger_provenance::commit::ContributionCommit;
use openledger_provenance::content::Commitment;
use rand::RngCore;

use crate::library::{Document, Library};
use crate::localnet::{Localnet, CHAIN_ID, OPEN};
use crate::Stage;

/// What each author is given to begin with, in OPEN: a deposit and something over.
const START: u128 = 2;
/// Gas of one message, generously.
const GAS: u64 = 2_000_000;
/// Messages in one transaction of the steward's.
const BATCH: usize = 50;

/// Those who take part beside the authors.
pub struct Cast {
    /// Owns the datanet and reviews.
    pub steward: Key,
    /// Owns the model and serves it.
    pub server: Key,
    /// Asks and pays.
    pub user: Key,
    /// Serves, too, and lies.
    pub mallory: Key,
    /// Looks at what is settled.
    pub watcher: Key,
}

impl Cast {
    /// Fresh keys.
    pub fn new() -> Result<Self> {
        let key = || Ok::<_, anyhow::Error>(Key::generate()?.0);
        Ok(Self { steward: key()?, server: key()?, user: key()?, mallory: key()?, watcher: key()? })
    }

    /// Each with the name under which the keyring has it.
    pub fn named(&self) -> [(&'static str, &Key); 5] {
        [
            ("steward", &self.steward),
            ("server", &self.server),
            ("user", &self.user),
            ("mallory", &self.mallory),
            ("watcher", &self.watcher),
        ]
    }
}

/// A contribution as the demo follows it.
pub struct Contributed {
    /// What it is.
    pub document: Document,
    /// Its author's key.
    pub key: Key,
    commitment: Commitment,
    salt: [u8; 32],
}

/// A published datanet version.
pub struct Published {
    /// The datanet.
    pub datanet: u64,
    /// The version.
    pub version: u32,
    /// Its contributions by seq.
    pub contributions: BTreeMap<u64, Contributed>,
    /// The folder of contents.
    pub contents: PathBuf,
}

impl Published {
    /// Whose contribution it is.
    pub fn author(&self, seq: u64) -> &str {
        self.contributions.get(&seq).map_or("?", |contributed| contributed.document.author.as_str())
    }
}

/// Creates the datanet, lets everybody contribute, accepts and publishes.
pub async fn publish(net: &Localnet, cast: &Cast, library: &Library, stage: &mut Stage) -> Result<Published> {
    let mut steward = net.wallet(&cast.steward).await?;
    let datanet = create(&mut steward).await?;
    stage.done(&format!("datanet {datanet}, \"Rust crate documentation\", owned by {}", steward.address()));

    let contents = net.home.join("contents");
    let folder = Contents::new(&contents);
    let mut works = Vec::new();
    for document in &library.boilerplate {
        let author = format!("licence text, from {}", document.author);
        let document = Document { author, ..document.clone() };
        works.push(prepare(&document, cast.steward.clone(), &folder)?);
    }
    for document in &library.documents {
        works.push(prepare(document, Key::generate()?.0, &folder)?);
    }
    fund(&mut steward, &works[library.boilerplate.len()..]).await?;
    stage.done(&format!("{} authors have an account and {START} OPEN each", library.documents.len()));

    let mut wallets = BTreeMap::new();
    for work in &works {
        let address = work.key.address().to_string();
        if let std::collections::btree_map::Entry::Vacant(vacant) = wallets.entry(address) {
            vacant.insert(net.wallet(&work.key).await?);
        }
    }
    let seqs = commit(&mut wallets, datanet, &works).await?;
    stage.done(&format!(
        "{} contents committed, one transaction each: seq {} to {}",
        seqs.len(),
        first(&seqs),
        last(&seqs)
    ));
    reveal(&mut wallets, &works, &seqs, library.boilerplate.len()).await?;
    stage.done("all revealed: root, length, rights `licensed` with the crate's SPDX expression");
    let mut steward = net.wallet(&cast.steward).await?;
    accept(&mut steward, &seqs, library.boilerplate.len()).await?;
    let frozen = freeze(&mut steward, datanet).await?;
    stage.done(&format!("all accepted; version {} frozen over {} contributions", frozen.version, frozen.count));
    let contributions = seqs.into_iter().zip(works).collect();
    Ok(Published { datanet, version: frozen.version, contributions, contents })
}

async fn create(steward: &mut Wallet) -> Result<u64> {
    let message = pb::MsgCreateDatanet {
        owner: steward.address(),
        title: "Rust crate documentation".into(),
        description: "README files of published crates, under their own licences".into(),
        modality: pb::Modality::Text as i32,
        licence: "CC0-1.0".into(),
        schema: "UTF-8 text, Markdown".into(),
        policy: Some(pb::Policy {
            admission: pb::Admission::Open as i32,
            curators: Vec::new(),
            quorum: 0,
            deposit: Some(Coin::base(OPEN).to_proto()),
            burn_rejected: false,
            max_length: 100_000,
            length_cap: 20_000,
            ..Default::default()
        }),
        draft: false,
    };
    let found = steward.send(vec![any(&message)], GAS).await?;
    let created = wallet::responses::<pb::MsgCreateDatanetResponse>(&found)?;
    Ok(created.first().context("no datanet was created")?.datanet_id)
}

fn prepare(document: &Document, key: Key, folder: &Contents) -> Result<Contributed> {
    let mut salt = [0; 32];
    rand::thread_rng().fill_bytes(&mut salt);
    let commitment = folder.put(&document.bytes)?;
    Ok(Contributed { document: document.clone(), key, commitment, salt })
}

async fn fund(steward: &mut Wallet, works: &[Contributed]) -> Result<()> {
    let each = Coin::base(START * OPEN);
    for batch in works.chunks(BATCH * 4) {
        let outputs = batch
            .iter()
            .map(|work| Output { address: work.key.address().to_string(), coins: vec![each.to_proto()] })
            .collect();
        let total = Coin::base(START * OPEN * batch.len() as u128);
        let input = Input { address: steward.address(), coins: vec![total.to_proto()] };
        let message = MsgMultiSend { inputs: vec![input], outputs };
        steward.send(vec![any(&message)], GAS * batch.len() as u64).await?;
    }
    Ok(())
}

async fn commit(wallets: &mut BTreeMap<String, Wallet>, datanet: u64, works: &[Contributed]) -> Result<Vec<u64>> {
    let mut hashes = Vec::new();
    for work in works {
        let author = work.key.address();
        let hash = ContributionCommit {
            chain_id: CHAIN_ID,
            datanet,
            author: author.as_bytes(),
            commitment: work.commitment,
            salt: work.salt,
        };
        let author = author.to_string();
        let commit = hash.hash()?.to_vec();
        let message = pb::MsgCommitContribution { author: author.clone(), datanet_id: datanet, commit };
        let wallet = wallets.get_mut(&author).context("an author without a wallet")?;
        hashes.push((author, wallet.submit(vec![any(&message)], GAS).await?));
    }
    let mut seqs = Vec::new();
    for (author, hash) in hashes {
        let wallet = wallets.get(&author).context("an author without a wallet")?;
        let found = wallet.outcome(&hash).await?;
        let committed = wallet::responses::<pb::MsgCommitContributionResponse>(&found)?;
        seqs.push(committed.first().context("nothing was committed")?.seq);
    }
    ensure!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "the order of commits is not the order of sending");
    Ok(seqs)
}

async fn reveal(
    wallets: &mut BTreeMap<String, Wallet>,
    works: &[Contributed],
    seqs: &[u64],
    boilerplate: usize,
) -> Result<()> {
    let mut hashes = Vec::new();
    for (place, (work, seq)) in works.iter().zip(seqs).enumerate() {
        let author = work.key.address().to_string();
        let rights = pb::Rights {
            kind: pb::RightsKind::Licensed as i32,
            licence: work.document.licence.clone(),
            on_behalf_of: String::new(),
        };
        let message = pb::MsgRevealContribution {
            author: author.clone(),
            seq: *seq,
            root: work.commitment.root.to_vec(),
            length: work.commitment.length,
            salt: work.salt.to_vec(),
            rights: Some(rights),
            location: format!(
                "crate:{}",
                work.document.author.rsplit(", from ").next().unwrap_or_default().replace(' ', "/")
            ),
            metadata: serde_json::json!({"crate": work.document.author}).to_string(),
            media_type: "text/markdown".into(),
            commons: place < boilerplate,
            ..Default::default()
        };
        let wallet = wallets.get_mut(&author).context("an author without a wallet")?;
        hashes.push((author, wallet.submit(vec![any(&message)], GAS).await?));
    }
    for (author, hash) in hashes {
        wallets.get(&author).context("an author without a wallet")?.outcome(&hash).await?;
    }
    Ok(())
}

async fn accept(steward: &mut Wallet, seqs: &[u64], boilerplate: usize) -> Result<()> {
    let reviews: Vec<_> = seqs
        .iter()
        .enumerate()
        .map(|(place, seq)| {
            any(&pb::MsgReviewContribution {
                reviewer: steward.address(),
                seq: *seq,
                accept: true,
                score: 10_000,
                commons: place < boilerplate,
            })
        })
        .collect();
    for batch in reviews.chunks(BATCH) {
        steward.send(batch.to_vec(), GAS * batch.len() as u64).await?;
    }
    Ok(())
}

async fn freeze(steward: &mut Wallet, datanet: u64) -> Result<pb::MsgFreezeVersionResponse> {
    let message = pb::MsgFreezeVersion { owner: steward.address(), datanet_id: datanet };
    let found = steward.send(vec![any(&message)], GAS).await?;
    wallet::responses::<pb::MsgFreezeVersionResponse>(&found)?.into_iter().next().context("nothing was frozen")
}

fn first(seqs: &[u64]) -> u64 {
    seqs.first().copied().unwrap_or_default()
}

fn last(seqs: &[u64]) -> u64 {
    seqs.last().copied().unwrap_or_default()
}
