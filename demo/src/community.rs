//! The community: who takes part, and how their documents come into a published datanet version.

use std::collections::{BTreeMap, BTreeSet};
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
    /// Owns the datanets and reviews.
    pub steward: Key,
    /// Owns the base model and serves it.
    pub server: Key,
    /// Owns the model that comes from it, and serves that.
    pub tuner: Key,
    /// Runs an agent over both.
    pub concierge: Key,
    /// Asks and pays.
    pub user: Key,
    /// Serves, too, and lies.
    pub mallory: Key,
    /// Looks at what is settled.
    pub watcher: Key,
    /// Claims anew what was claimed falsely.
    pub mender: Key,
}

impl Cast {
    /// Fresh keys.
    pub fn new() -> Result<Self> {
        let key = || Ok::<_, anyhow::Error>(Key::generate()?.0);
        Ok(Self {
            steward: key()?,
            server: key()?,
            tuner: key()?,
            concierge: key()?,
            user: key()?,
            mallory: key()?,
            watcher: key()?,
            mender: key()?,
        })
    }

    /// Each with the name under which the keyring has it.
    pub fn named(&self) -> [(&'static str, &Key); 8] {
        [
            ("steward", &self.steward),
            ("server", &self.server),
            ("tuner", &self.tuner),
            ("concierge", &self.concierge),
            ("user", &self.user),
            ("mallory", &self.mallory),
            ("watcher", &self.watcher),
            ("mender", &self.mender),
        ]
    }
}

/// A content that somebody is going to contribute.
pub struct Work {
    /// What it is.
    pub document: Document,
    /// Its author's key.
    pub key: Key,
    /// Whether it is boilerplate.
    pub commons: bool,
    /// What it corrects, labels, evaluates or improves.
    pub points_at: Option<pb::Pointer>,
}

/// A contribution as the demo follows it.
pub struct Contributed {
    /// What was contributed.
    pub work: Work,
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
    /// Whose contribution it is, where it is one of these.
    pub fn author(&self, seq: u64) -> Option<&str> {
        self.contributions.get(&seq).map(|contributed| contributed.work.document.author.as_str())
    }
}

/// Creates the datanet of README files, lets everybody contribute, accepts and publishes.
pub async fn publish(net: &Localnet, cast: &Cast, library: &Library, stage: &mut Stage) -> Result<Published> {
    let texts = ("Rust crate documentation", "README files of published crates, under their own licences");
    let mut datanet = Datanet::create(net, &cast.steward, texts, None, stage).await?;
    let boilerplate = library.boilerplate.iter().map(|document| Work {
        document: Document { author: format!("licence text, from {}", document.author), ..document.clone() },
        key: cast.steward.clone(),
        commons: true,
        points_at: None,
    });
    let mut works: Vec<_> = boilerplate.collect();
    for document in &library.documents {
        works.push(Work { document: document.clone(), key: Key::generate()?.0, commons: false, points_at: None });
    }
    datanet.contribute(works, stage).await?;
    datanet.freeze(stage).await
}

/// A datanet that is being filled.
pub struct Datanet<'a> {
    net: &'a Localnet,
    steward: Wallet,
    id: u64,
    contents: PathBuf,
    contributions: BTreeMap<u64, Contributed>,
}

impl<'a> Datanet<'a> {
    /// A datanet of the steward's with this title and description, open to all.
    pub async fn create(
        net: &'a Localnet,
        steward: &Key,
        (title, description): (&str, &str),
        pointers: Option<pb::PointerPolicy>,
        stage: &mut Stage,
    ) -> Result<Self> {
        let mut steward = net.wallet(steward).await?;
        let message = pb::MsgCreateDatanet {
            owner: steward.address(),
            title: title.into(),
            description: description.into(),
            modality: pb::Modality::Text as i32,
            licence: "CC0-1.0".into(),
            schema: "UTF-8 text, Markdown".into(),
            policy: Some(pb::Policy {
                admission: pb::Admission::Open as i32,
                deposit: Some(Coin::base(OPEN).to_proto()),
                max_length: 100_000,
                length_cap: 20_000,
                pointers,
                ..pb::Policy::default()
            }),
            ..pb::MsgCreateDatanet::default()
        };
        let found = steward.send(vec![any(&message)], GAS).await?;
        let created = wallet::responses::<pb::MsgCreateDatanetResponse>(&found)?;
        let id = created.first().context("no datanet was created")?.datanet_id;
        stage.done(&format!("datanet {id}, \"{title}\", owned by {}", steward.address()));
        Ok(Self { net, steward, id, contents: net.home.join("contents"), contributions: BTreeMap::new() })
    }

    /// Everybody commits, then reveals; the steward accepts. The seqs, in order.
    pub async fn contribute(&mut self, works: Vec<Work>, stage: &mut Stage) -> Result<Vec<u64>> {
        let folder = Contents::new(&self.contents);
        let prepared: Vec<_> = works.into_iter().map(|work| prepare(work, &folder)).collect::<Result<_>>()?;
        self.fund(&prepared).await?;
        let mut wallets = BTreeMap::new();
        for contributed in &prepared {
            let address = contributed.work.key.address().to_string();
            if let std::collections::btree_map::Entry::Vacant(vacant) = wallets.entry(address) {
                vacant.insert(self.net.wallet(&contributed.work.key).await?);
            }
        }
        stage.done(&format!("{} authors have an account", wallets.len()));
        let seqs = commit(&mut wallets, self.id, &prepared).await?;
        let (first, last) = (seqs.first().copied().unwrap_or_default(), seqs.last().copied().unwrap_or_default());
        stage.done(&format!("{} contents committed, one transaction each: seq {first} to {last}", seqs.len()));
        reveal(&mut wallets, &prepared, &seqs).await?;
        stage.done("all revealed: root, length, rights `licensed` with an SPDX expression");
        // The steward's own contributions moved its sequence.
        self.steward = self.net.wallet(&self.steward.key).await?;
        self.accept(&prepared, &seqs).await?;
        stage.done("all accepted");
        self.contributions.extend(seqs.iter().copied().zip(prepared));
        Ok(seqs)
    }

    /// Freezes what is accepted as a version.
    pub async fn freeze(mut self, stage: &mut Stage) -> Result<Published> {
        let message = pb::MsgFreezeVersion { owner: self.steward.address(), datanet_id: self.id };
        let found = self.steward.send(vec![any(&message)], GAS).await?;
        let frozen = wallet::responses::<pb::MsgFreezeVersionResponse>(&found)?;
        let frozen = frozen.first().context("nothing was frozen")?;
        stage.done(&format!("version {} frozen over {} contributions", frozen.version, frozen.count));
        let Self { id, contents, contributions, .. } = self;
        Ok(Published { datanet: id, version: frozen.version, contributions, contents })
    }

    async fn fund(&mut self, works: &[Contributed]) -> Result<()> {
        let each = Coin::base(START * OPEN);
        let mut strangers: BTreeSet<_> = works.iter().map(|work| work.work.key.address().to_string()).collect();
        strangers.remove(&self.steward.address());
        for batch in strangers.into_iter().collect::<Vec<_>>().chunks(BATCH * 4) {
            let outputs = batch.iter().map(|address| Output { address: address.clone(), coins: vec![each.to_proto()] });
            let total = Coin::base(START * OPEN * batch.len() as u128);
            let input = Input { address: self.steward.address(), coins: vec![total.to_proto()] };
            let message = MsgMultiSend { inputs: vec![input], outputs: outputs.collect() };
            self.steward.send(vec![any(&message)], GAS * batch.len() as u64).await?;
        }
        Ok(())
    }

    async fn accept(&mut self, works: &[Contributed], seqs: &[u64]) -> Result<()> {
        let review = |(contributed, seq): (&Contributed, &u64)| {
            any(&pb::MsgReviewContribution {
                reviewer: self.steward.address(),
                seq: *seq,
                accept: true,
                score: 10_000,
                commons: contributed.work.commons,
            })
        };
        let reviews: Vec<_> = works.iter().zip(seqs).map(review).collect();
        for batch in reviews.chunks(BATCH) {
            self.steward.send(batch.to_vec(), GAS * batch.len() as u64).await?;
        }
        Ok(())
    }
}

fn prepare(work: Work, folder: &Contents) -> Result<Contributed> {
    let mut salt = [0; 32];
    rand::thread_rng().fill_bytes(&mut salt);
    let commitment = folder.put(&work.document.bytes)?;
    Ok(Contributed { work, commitment, salt })
}

async fn commit(wallets: &mut BTreeMap<String, Wallet>, datanet: u64, works: &[Contributed]) -> Result<Vec<u64>> {
    let mut hashes = Vec::new();
    for Contributed { work, commitment, salt } in works {
        let author = work.key.address();
        let hash = ContributionCommit {
            chain_id: CHAIN_ID,
            datanet,
            author: author.as_bytes(),
            commitment: *commitment,
            salt: *salt,
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

async fn reveal(wallets: &mut BTreeMap<String, Wallet>, works: &[Contributed], seqs: &[u64]) -> Result<()> {
    let mut hashes = Vec::new();
    for (Contributed { work, commitment, salt }, seq) in works.iter().zip(seqs) {
        let author = work.key.address().to_string();
        let Document { author: name, licence, .. } = &work.document;
        let message = pb::MsgRevealContribution {
            author: author.clone(),
            seq: *seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: salt.to_vec(),
            rights: Some(pb::Rights {
                kind: pb::RightsKind::Licensed as i32,
                licence: licence.clone(),
                on_behalf_of: String::new(),
            }),
            location: format!("crate:{}", name.rsplit(", from ").next().unwrap_or_default().replace(' ', "/")),
            metadata: serde_json::json!({"crate": name}).to_string(),
            media_type: "text/markdown".into(),
            commons: work.commons,
            points_at: work.points_at,
            ..pb::MsgRevealContribution::default()
        };
        let wallet = wallets.get_mut(&author).context("an author without a wallet")?;
        hashes.push((author, wallet.submit(vec![any(&message)], GAS).await?));
    }
    for (author, hash) in hashes {
        wallets.get(&author).context("an author without a wallet")?.outcome(&hash).await?;
    }
    Ok(())
}
