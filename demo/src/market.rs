//! The market: models over published versions, servers' processes that answer, payers' processes that ask.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{any, free_port, wallet, Key, Wallet};
use openledger_core::Coin;
use openledger_engine::sync::{Contents, Corpus};
use openledger_proto::openledger::attribution::v1 as attribution;
use openledger_proto::openledger::model::v1 as pb;
use sha2::{Digest, Sha256};

use crate::community::Published;
use crate::localnet::{Localnet, OPEN};
use crate::Stage;

const GAS: u64 = 2_000_000;
/// What stands behind a deployment, in OPEN.
const BOND: u128 = 1_000;
/// Base units an answer, and an output byte: 0.1 OPEN and 0.01 OPEN.
const BASE_PRICE: u128 = OPEN / 10;
const BYTE_PRICE: u128 = OPEN / 100;
/// What a user pays in, in OPEN.
const DEPOSIT: u128 = 100;
/// Most bytes of an answer.
pub const MAX_BYTES: usize = 700;
/// Seed of a session's first answer; each further one adds one.
pub const SEED: u64 = 7;
/// Basis points of a descendant's model share that each model's owner asks for.
pub const ROYALTY_BPS: u32 = 500;

/// An `openledger-engine` that runs until it is dropped, unless it is kept.
pub struct Engine {
    what: String,
    process: Option<Child>,
}

impl Engine {
    /// Starts a command of somebody's and waits for the first line that it says.
    pub fn start(net: &Localnet, who: &str, arguments: &[&str]) -> Result<Self> {
        let log = net.home.join(format!("engine-{who}.log"));
        let mut process = Command::new(net.bin.join("openledger-engine"))
            .args(["--node", &net.rpc_url, "--from", who, "--home"])
            .arg(&net.home)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .spawn()
            .context("starting openledger-engine")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("stdout")?).read_line(&mut line)?;
        let engine = Self { what: format!("{who}'s engine ({})", arguments.join(" ")), process: Some(process) };
        ensure!(!line.is_empty(), "{} did not start: {}", engine.what, std::fs::read_to_string(log)?);
        Ok(engine)
    }

    /// Leaves it running.
    pub fn keep(&mut self) {
        if let Some(process) = self.process.take() {
            println!("{} goes on: kill {}", self.what, process.id());
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// What somebody sells.
pub struct Offer<'a> {
    /// The keyring's name of who sells, and the key.
    pub who: (&'static str, &'a Key),
    /// The model's name.
    pub name: &'a str,
    /// How it was made.
    pub recipe: &'a str,
    /// Over which datanet versions, ascending.
    pub corpus: &'a [&'a Published],
    /// The model version that it comes from.
    pub parent: Option<u64>,
}

/// A model version with a deployment and the process that answers.
pub struct Service {
    /// The model version.
    pub model_version: u64,
    /// The deployment.
    pub deployment: u64,
    /// The corpus of the version, as anyone can load it.
    pub corpus: Corpus,
    /// The process.
    pub engine: Engine,
}

impl Service {
    /// Registers, deploys, attests, and starts the server's process.
    pub async fn open(net: &Localnet, offer: &Offer<'_>, stage: &mut Stage) -> Result<Self> {
        let (name, key) = offer.who;
        let mut wallet = net.wallet(key).await?;
        let model_version = register(&mut wallet, offer).await?;
        let datanets: Vec<_> = offer.corpus.iter().map(|published| published.datanet.to_string()).collect();
        let from = offer.parent.map_or(String::new(), |parent| {
            format!(", from model version {parent}, whose owner has {ROYALTY_BPS} basis points of what it earns")
        });
        stage.done(&format!(
            "model version {model_version}, \"{}\": {}, over datanets {}{from}",
            offer.name,
            offer.recipe,
            datanets.join(", ")
        ));
        let endpoint = format!("127.0.0.1:{}", free_port()?);
        let deployment = deploy(&mut wallet, model_version, offer.corpus, &format!("http://{endpoint}")).await?;
        let contents = &offer.corpus.first().context("a model needs a datanet")?.contents;
        let corpus = Corpus::load(&net.rpc(), model_version, &Contents::new(contents)).await?;
        let folders = [contents.clone(), net.home.join(format!("sessions-{name}")), net.home.join("index")];
        let [contents, sessions, index] = folders.map(|folder| folder.display().to_string());
        let number = deployment.to_string();
        let arguments = ["serve", "--deployment", &number, "--listen", &endpoint];
        let folders = ["--contents", &contents, "--sessions", &sessions, "--index", &index];
        let engine = Engine::start(net, name, &[&arguments[..], &folders].concat())?;
        stage
            .done(&format!("deployment {deployment} behind a bond of {BOND} OPEN, attested, its engine at {endpoint}"));
        Ok(Self { model_version, deployment, corpus, engine })
    }

    /// Lets the user's process open a session, ask and sign one voucher; the session.
    pub fn ask(&self, net: &Localnet, prompts: &[&str], stage: &mut Stage) -> Result<u64> {
        let output = Command::new(net.bin.join("openledger-engine"))
            .args(["--node", &net.rpc_url, "--from", "user", "--home"])
            .arg(&net.home)
            .args(["ask", "--deployment", &self.deployment.to_string(), "--deposit", &(DEPOSIT * OPEN).to_string()])
            .args(["--max-bytes", &MAX_BYTES.to_string(), "--seed", &SEED.to_string()])
            .args(prompts)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "the payer failed: {}{said}", String::from_utf8_lossy(&output.stderr));
        let session = said.lines().find_map(|line| line.strip_prefix("session ")?.trim().parse().ok());
        let session = session.with_context(|| format!("the payer opened no session: {said}"))?;
        let (asked, voucher) = (prompts.len(), said.lines().last().unwrap_or_default());
        stage.done(&format!("session {session}: {asked} prompts, each answer checked by the payer; {voucher}"));
        Ok(session)
    }
}

/// Waits for the first settlement of a session; its number.
pub async fn settled(net: &Localnet, session: u64, stage: &mut Stage) -> Result<u64> {
    let request = attribution::QuerySettlementsRequest { session, ..Default::default() };
    for _ in 0..300 {
        let path = "/openledger.attribution.v1.Query/Settlements";
        let answer: attribution::QuerySettlementsResponse = net.rpc().query(path, &request).await?;
        if let Some(settlement) = answer.settlements.first() {
            stage.done(&format!(
                "settlement {}: {} receipts, every segment checked on chain; {} aopen in fees, {} burnt, {} for contributors",
                settlement.id, settlement.receipts, settlement.fees, settlement.burnt, settlement.pool
            ));
            return Ok(settlement.id);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("no server settled session {session} within a minute; see engine-*.log in {}", net.home.display())
}

async fn register(wallet: &mut Wallet, offer: &Offer<'_>) -> Result<u64> {
    let model = pb::MsgRegisterModel {
        owner: wallet.address(),
        name: offer.name.into(),
        description: "Byte-level infini-gram language model, longest-suffix back-off, seeded sampling".into(),
    };
    let found = wallet.send(vec![any(&model)], GAS).await?;
    let model = wallet::responses::<pb::MsgRegisterModelResponse>(&found)?.first().context("no model")?.model;
    let parent = offer.parent.map(|version| pb::Parent { version, kind: pb::LineageKind::Base as i32 });
    let version = pb::MsgRegisterModelVersion {
        owner: wallet.address(),
        model,
        weights_hash: Sha256::digest(offer.recipe).to_vec(),
        recipe: offer.recipe.into(),
        datanets: offer.corpus.iter().map(|published| declared(published)).collect(),
        parents: parent.into_iter().collect(),
        royalty_bps: ROYALTY_BPS,
        terms: Some(pb::Terms {
            licence: "Apache-2.0".into(),
            derivatives_allowed: true,
            commercial: true,
            serving: pb::Serving::Open.into(),
            feedback_bps: 100,
            feedback_deposit: "0".into(),
            ..pb::Terms::default()
        }),
        ..pb::MsgRegisterModelVersion::default()
    };
    let found = wallet.send(vec![any(&version)], GAS).await?;
    let registered = wallet::responses::<pb::MsgRegisterModelVersionResponse>(&found)?;
    Ok(registered.first().context("no model version")?.model_version)
}

fn declared(published: &Published) -> pb::DatanetVersion {
    pb::DatanetVersion { datanet: published.datanet, version: published.version }
}

/// Deploys a model version for a wallet and attests its corpus; the deployment.
pub async fn deploy(wallet: &mut Wallet, model_version: u64, corpus: &[&Published], endpoint: &str) -> Result<u64> {
    let deploy = pb::MsgDeploy {
        server: wallet.address(),
        model_version,
        endpoint: endpoint.into(),
        base_price: BASE_PRICE.to_string(),
        byte_price: BYTE_PRICE.to_string(),
        bond: Some(Coin::base(BOND * OPEN).to_proto()),
        modes: vec![pb::Mode::Public as i32],
    };
    let found = wallet.send(vec![any(&deploy)], GAS).await?;
    let deployed = wallet::responses::<pb::MsgDeployResponse>(&found)?;
    let deployment = deployed.first().context("no deployment")?.deployment;
    for published in corpus {
        let corpus = Some(declared(published));
        let attest = pb::MsgAttestCorpus { server: wallet.address(), deployment, corpus };
        wallet.send(vec![any(&attest)], GAS).await?;
    }
    Ok(deployment)
}
