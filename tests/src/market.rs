//! A market on a chain of its own: a datanet with contents of several authors, a model over it, a deployment; engines as processes.

// Messages gain fields; what is not said here has its default.
#![allow(clippy::needless_update)]

use std::io::{BufRead, BufReader};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{any, free_port, wallet, Key, Keyring, Wallet};
use openledger_core::Coin;
use openledger_engine::sync::Contents;
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_proto::openledger::model::v1 as md;
use openledger_provenance::commit::ContributionCommit;
use serde_json::{json, Value};

use crate::node::{Home, Node};
use crate::process::Process;

/// One OPEN in base units.
pub const OPEN: u128 = 1_000_000_000_000_000_000;
const GAS: u64 = 5_000_000;
const BOND: u128 = 10_000 * OPEN;
/// Base units an answer, and an output byte.
const BASE_PRICE: u128 = OPEN / 100;
const BYTE_PRICE: u128 = OPEN / 1_000;
/// Accounts that exist from genesis, keys of the same name in the keyring `test` of the home.
pub const NAMES: [&str; 6] = ["steward", "alice", "bob", "server", "payer", "watcher"];

/// A chain with a market.
pub struct Market {
    /// The node's home, with everyone's keys.
    pub home: Home,
    /// The node.
    pub node: Node,
    /// The datanet.
    pub datanet: u64,
    /// The model version.
    pub model_version: u64,
    /// The server's deployment.
    pub deployment: u64,
    /// The contributions' contents, in order of seq.
    pub texts: Vec<Vec<u8>>,
    port: u16,
}

impl Market {
    /// Makes the chain, after a last word on its genesis, and the market.
    pub async fn open(chain_id: &str, edit: impl FnOnce(&mut Value)) -> Result<Self> {
        let home = Home::init(chain_id)?;
        for name in NAMES {
            Keyring::open(home.path(), "test")?.add(name, &Key::generate()?.0)?;
            let amount = format!("{}aopen", 1_000_000 * OPEN);
            home.succeed(&["genesis", "add-genesis-account", name, &amount, "--keyring-backend", "test"])?;
        }
        let path = home.path().join("config/genesis.json");
        let mut genesis: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let params = &mut genesis["app_state"]["attribution"]["params"][0]["params"];
        for (name, blocks) in [("dispute_window", "40"), ("answer_window", "5"), ("reveal_window", "10")] {
            params[name] = json!(blocks);
        }
        edit(&mut genesis);
        std::fs::write(&path, serde_json::to_vec(&genesis)?)?;
        let mut node = Node::start(&home, &["--minimum-gas-prices", "0aopen"])?;
        node.reach(2).await?;
        let mut market =
            Self { home, node, datanet: 0, model_version: 0, deployment: 0, texts: texts(), port: free_port()? };
        market.publish().await?;
        market.deploy_model().await?;
        Ok(market)
    }

    /// The folder of contents that the engines are told of.
    pub fn contents(&self) -> PathBuf {
        self.home.path().join("contents")
    }

    /// Somebody's wallet.
    pub async fn wallet(&self, name: &str) -> Result<Wallet> {
        let key = Keyring::open(self.home.path(), "test")?.get(name)?;
        Ok(Wallet::connect(self.node.rpc.clone(), key).await?)
    }

    async fn publish(&mut self) -> Result<()> {
        let mut steward = self.wallet("steward").await?;
        let create = dn::MsgCreateDatanet {
            owner: steward.address(),
            title: "Rivers".into(),
            description: "What was seen of rivers".into(),
            modality: dn::Modality::Text as i32,
            licence: "CC0-1.0".into(),
            schema: "UTF-8 text".into(),
            policy: Some(dn::Policy {
                admission: dn::Admission::Open as i32,
                deposit: Some(Coin::base(OPEN).to_proto()),
                max_length: 100_000,
                length_cap: 20_000,
                ..Default::default()
            }),
            ..Default::default()
        };
        let found = steward.deliver(vec![any(&create)], GAS).await?;
        let created = wallet::responses::<dn::MsgCreateDatanetResponse>(&found)?;
        self.datanet = created.first().context("no datanet")?.datanet_id;
        let mut seqs = Vec::new();
        let mut authors = [self.wallet("alice").await?, self.wallet("bob").await?];
        for (place, text) in self.texts.clone().iter().enumerate() {
            seqs.push(self.contribute(&mut authors[place % 2], text).await?);
        }
        let review = |seq: &u64| {
            any(&dn::MsgReviewContribution {
                reviewer: steward.address(),
                seq: *seq,
                accept: true,
                score: 10_000,
                ..Default::default()
            })
        };
        let reviews = seqs.iter().map(review).collect();
        let freeze = dn::MsgFreezeVersion { owner: steward.address(), datanet_id: self.datanet };
        steward.deliver(reviews, 10 * GAS).await?;
        steward.deliver(vec![any(&freeze)], GAS).await?;
        Ok(())
    }

    /// Commits and reveals a content as an author; its seq.
    pub async fn contribute(&self, author: &mut Wallet, text: &[u8]) -> Result<u64> {
        let (commitment, salt) = (Contents::new(&self.contents()).put(text)?, [9; 32]);
        let address = author.key.address();
        let commit = ContributionCommit {
            chain_id: author.chain_id(),
            datanet: self.datanet,
            author: address.as_bytes(),
            commitment,
            salt,
        };
        let message = dn::MsgCommitContribution {
            author: author.address(),
            datanet_id: self.datanet,
            commit: commit.hash()?.to_vec(),
            ..Default::default()
        };
        let found = author.deliver(vec![any(&message)], GAS).await?;
        let committed = wallet::responses::<dn::MsgCommitContributionResponse>(&found)?;
        let seq = committed.first().context("nothing was committed")?.seq;
        let reveal = dn::MsgRevealContribution {
            author: author.address(),
            seq,
            root: commitment.root.to_vec(),
            length: commitment.length,
            salt: salt.to_vec(),
            rights: Some(dn::Rights { kind: dn::RightsKind::Own as i32, ..Default::default() }),
            location: format!("https://example.org/{seq}"),
            media_type: "text/plain".into(),
            ..Default::default()
        };
        author.deliver(vec![any(&reveal)], GAS).await?;
        Ok(seq)
    }

    async fn deploy_model(&mut self) -> Result<()> {
        let mut server = self.wallet("server").await?;
        let owner = server.address();
        let model = md::MsgRegisterModel { owner: owner.clone(), name: "rivers".into(), ..Default::default() };
        let found = server.deliver(vec![any(&model)], GAS).await?;
        let model = wallet::responses::<md::MsgRegisterModelResponse>(&found)?.first().context("no model")?.model;
        let corpus = md::DatanetVersion { datanet: self.datanet, version: 1 };
        let version = md::MsgRegisterModelVersion {
            owner,
            model,
            weights_hash: vec![7; 32],
            recipe: "infini-gram".into(),
            datanets: vec![corpus],
            terms: Some(md::Terms {
                licence: "Apache-2.0".into(),
                derivatives_allowed: true,
                commercial: true,
                serving: md::Serving::Open as i32,
                feedback_deposit: "0".into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let found = server.deliver(vec![any(&version)], GAS).await?;
        let versions = wallet::responses::<md::MsgRegisterModelVersionResponse>(&found)?;
        self.model_version = versions.first().context("no model version")?.model_version;
        self.deployment = self.deploy(&mut server, self.port).await?;
        Ok(())
    }

    /// Deploys the model for a wallet, at a port of this machine; the deployment.
    pub async fn deploy(&self, server: &mut Wallet, port: u16) -> Result<u64> {
        let deploy = md::MsgDeploy {
            server: server.address(),
            model_version: self.model_version,
            endpoint: format!("http://127.0.0.1:{port}"),
            base_price: BASE_PRICE.to_string(),
            byte_price: BYTE_PRICE.to_string(),
            bond: Some(Coin::base(BOND).to_proto()),
            modes: vec![md::Mode::Public as i32, md::Mode::Sealed as i32],
            ..Default::default()
        };
        let found = server.deliver(vec![any(&deploy)], GAS).await?;
        let deployed = wallet::responses::<md::MsgDeployResponse>(&found)?;
        let deployment = deployed.first().context("no deployment")?.deployment;
        let corpus = Some(md::DatanetVersion { datanet: self.datanet, version: 1 });
        let attest = md::MsgAttestCorpus { server: server.address(), deployment, corpus };
        server.deliver(vec![any(&attest)], GAS).await?;
        Ok(deployment)
    }

    /// Lets the steward accept a contribution.
    pub async fn accept(&self, seq: u64) -> Result<()> {
        let mut steward = self.wallet("steward").await?;
        let reviewer = steward.address();
        let review = dn::MsgReviewContribution { reviewer, seq, accept: true, score: 10_000, ..Default::default() };
        steward.deliver(vec![any(&review)], GAS).await?;
        Ok(())
    }

    /// Starts the server's engine, with more flags; ready when this returns.
    pub fn serve(&self, flags: &[&str]) -> Result<Engine> {
        self.serve_as("server", self.deployment, self.port, flags)
    }

    /// Starts somebody's engine for a deployment, at the port of its endpoint.
    pub fn serve_as(&self, who: &str, deployment: u64, port: u16, flags: &[&str]) -> Result<Engine> {
        let (deployment, listen) = (deployment.to_string(), format!("127.0.0.1:{port}"));
        let contents = self.contents();
        let mut all = vec!["serve", "--deployment", &deployment, "--listen", &listen];
        let contents = contents.to_string_lossy();
        if !flags.contains(&"--contents") {
            all.extend(["--contents", &contents]);
        }
        all.extend(flags);
        self.start(who, &all)
    }

    /// Starts an engine that serves, and waits until it says so.
    pub fn start(&self, from: &str, args: &[&str]) -> Result<Engine> {
        let mut engine = self.spawn(from, args)?;
        engine.wait_line("serving")?;
        Ok(engine)
    }

    /// Starts an engine as a process.
    pub fn spawn(&self, from: &str, args: &[&str]) -> Result<Engine> {
        let log = self.home.path().join(format!("engine-{from}.log"));
        Ok(Engine { process: Process::spawn("engine", self.command(from, args), &log, true)? })
    }

    /// Runs an engine to its end, which has to be a good one; its standard output.
    pub fn engine(&self, from: &str, args: &[&str]) -> Result<String> {
        let output = self.command(from, args).stdin(Stdio::null()).output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "openledger-engine {args:?}: {}: {error}", output.status);
        Ok(String::from_utf8(output.stdout)?)
    }

    fn command(&self, from: &str, args: &[&str]) -> Command {
        let mut command = Command::new(openledger_engine());
        let node = self.node.rpc_address.replace("tcp:", "http:");
        command.args(["--node", &node, "--from", from, "--home"]).arg(self.home.path()).args(args);
        command
    }
}

/// The binary under test: `$OPENLEDGER_ENGINE`, or the one that cargo builds beside this test.
fn openledger_engine() -> &'static Path {
    static BIN: OnceLock<PathBuf> = OnceLock::new();
    BIN.get_or_init(|| match std::env::var_os("OPENLEDGER_ENGINE") {
        Some(path) => path.into(),
        None => crate::node::build("openledger-engine").expect("openledger-engine builds"),
    })
}

/// An engine as a process; killed with this value.
pub struct Engine {
    process: Process,
}

impl Engine {
    fn wait_line(&mut self, start: &str) -> Result<()> {
        let mut line = String::new();
        BufReader::new(self.process.stdout().context("stdout")?).read_line(&mut line)?;
        if !line.starts_with(start) {
            let _ = self.process.cut();
            bail!("the engine said {line:?}, not {start:?}:\n{}", self.log_tail());
        }
        Ok(())
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) -> Result<()> {
        self.process.cut()
    }
}

impl Deref for Engine {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Engine {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Texts in which sentences recur: the model mixes authors, and the last text repeats the first's.
fn texts() -> Vec<Vec<u8>> {
    let subjects = ["The river", "A boat", "The old mill", "The far bank", "Nobody we met", "The rain"];
    let verbs = ["went past", "stood above", "was seen from", "had left", "came slowly down to", "never reached"];
    let objects = ["the stone bridge", "the village in the valley", "the reeds", "a field of barley", "the sea"];
    let ends = ["in the early morning", "before the war", "as everyone knows", "without a sound", "and that was all"];
    let mut state = 7u64;
    let mut pick = |list: &[&str]| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list[(state >> 33) as usize % list.len()].to_string()
    };
    let mut sentence = || format!("{} {} {} {}. ", pick(&subjects), pick(&verbs), pick(&objects), pick(&ends));
    let mut texts: Vec<String> = (0..6).map(|_| (0..60).map(|_| sentence()).collect()).collect();
    let copied = texts[0][..1_500].to_string();
    texts[5].push_str(&copied);
    texts.into_iter().map(String::into_bytes).collect()
}
