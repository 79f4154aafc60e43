//! The market: a model over the published version, a server process that answers, a payer process that asks.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{any, wallet, Wallet};
use openledger_core::Coin;
use openledger_engine::sync::{Contents, Corpus};
use openledger_engine::watch::{self, Published as Answer};
use openledger_proto::openledger::attribution::v1 as attribution;
use openledger_proto::openledger::model::v1 as pb;
use sha2::{Digest, Sha256};

use crate::community::{Cast, Published};
use crate::localnet::{free_port, Localnet, OPEN};
use crate::Stage;

const GAS: u64 = 2_000_000;
/// What stands behind a deployment, in OPEN.
const BOND: u128 = 1_000;
/// Base units an answer, and an output byte: 0.1 OPEN and 0.01 OPEN.
const BASE_PRICE: u128 = OPEN / 10;
const BYTE_PRICE: u128 = OPEN / 100;
/// What the user pays in, in OPEN.
const DEPOSIT: u128 = 100;
/// What the user asks.
pub const PROMPTS: [&str; 3] =
    ["This crate provides ", "## Usage\n\nAdd this to your `Cargo.toml`:\n", "The minimum supported Rust version "];
const MAX_BYTES: &str = "700";

/// The model, its honest deployment and the corpus.
pub struct Market {
    /// The model version.
    pub model_version: u64,
    /// The corpus of the version, as anyone can load it.
    pub corpus: Corpus,
    deployment: u64,
    server: Option<Child>,
    session: u64,
}

impl Market {
    /// Registers, deploys, attests, and starts the server's process.
    pub async fn open(net: &Localnet, cast: &Cast, published: &Published, stage: &mut Stage) -> Result<Self> {
        let mut wallet = net.wallet(&cast.server).await?;
        let model_version = register(&mut wallet, published).await?;
        stage.done(&format!(
            "model version {model_version}: a byte-level infini-gram language model over datanet version 1"
        ));
        let port = free_port()?;
        let deployment = deploy(&mut wallet, model_version, published, &format!("http://127.0.0.1:{port}")).await?;
        let corpus = Corpus::load(&net.rpc(), model_version, &Contents::new(&published.contents)).await?;
        let server = serve(net, published, deployment, port)?;
        stage.done(&format!(
            "deployment {deployment} behind a bond of {BOND} OPEN, attested, served by its own process"
        ));
        Ok(Self { model_version, corpus, deployment, server: Some(server), session: 0 })
    }

    /// Lets the payer's process open a session, ask three prompts and sign one voucher.
    pub async fn ask(&mut self, net: &Localnet, stage: &mut Stage) -> Result<()> {
        let output = Command::new(net.bin.join("openledger-engine"))
            .args(["--node", &net.rpc_url, "--from", "user", "--home"])
            .arg(&net.home)
            .args(["ask", "--deployment", &self.deployment.to_string(), "--deposit", &(DEPOSIT * OPEN).to_string()])
            .args(["--max-bytes", MAX_BYTES, "--seed", "7"])
            .args(PROMPTS)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "the payer failed: {}{said}", String::from_utf8_lossy(&output.stderr));
        let session = said.lines().find_map(|line| line.strip_prefix("session ")?.trim().parse().ok());
        self.session = session.with_context(|| format!("the payer opened no session: {said}"))?;
        let voucher = said.lines().last().unwrap_or_default();
        stage.done(&format!("session {}: three prompts, three answers checked by the payer; {voucher}", self.session));
        Ok(())
    }

    /// Waits for the server's settlement; its number.
    pub async fn settled(&self, net: &Localnet, stage: &mut Stage) -> Result<u64> {
        let request = attribution::QuerySettlementsRequest { session: self.session, ..Default::default() };
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
        let log = std::fs::read_to_string(net.home.join("engine.log")).unwrap_or_default();
        bail!("the server settled nothing within a minute:\n{log}")
    }

    /// Leaves the server running.
    pub fn keep(&mut self) {
        if let Some(server) = self.server.take() {
            println!("\nThe server of deployment {} goes on: kill {}", self.deployment, server.id());
        }
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// What a settlement published: the answers with their claims.
pub async fn answers(net: &Localnet, settlement: u64) -> Result<Vec<Answer>> {
    watch::published(&net.rpc(), settlement).await
}

async fn register(wallet: &mut Wallet, published: &Published) -> Result<u64> {
    let model = pb::MsgRegisterModel {
        owner: wallet.address(),
        name: "infini-gram".into(),
        description: "Byte-level infini-gram language model, longest-suffix back-off, seeded sampling".into(),
    };
    let found = wallet.send(vec![any(&model)], GAS).await?;
    let model = wallet::responses::<pb::MsgRegisterModelResponse>(&found)?.first().context("no model")?.model;
    let recipe = "infini-gram over the suffix array of the datanet versions, context 4 to 32 bytes";
    let version = pb::MsgRegisterModelVersion {
        owner: wallet.address(),
        model,
        weights_hash: Sha256::digest(recipe).to_vec(),
        recipe: recipe.into(),
        datanets: vec![pb::DatanetVersion { datanet: published.datanet, version: published.version }],
        royalty_bps: 500,
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

/// Deploys a model version for a wallet and attests its corpus; the deployment.
pub async fn deploy(wallet: &mut Wallet, model_version: u64, published: &Published, endpoint: &str) -> Result<u64> {
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
    let corpus = pb::DatanetVersion { datanet: published.datanet, version: published.version };
    let attest = pb::MsgAttestCorpus { server: wallet.address(), deployment, corpus: Some(corpus) };
    wallet.send(vec![any(&attest)], GAS).await?;
    Ok(deployment)
}

fn serve(net: &Localnet, published: &Published, deployment: u64, port: u16) -> Result<Child> {
    let log = std::fs::File::create(net.home.join("engine.log"))?;
    let mut server = Command::new(net.bin.join("openledger-engine"))
        .args(["--node", &net.rpc_url, "--from", "server", "--home"])
        .arg(&net.home)
        .args([
            "serve",
            "--deployment",
            &deployment.to_string(),
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--contents",
        ])
        .arg(&published.contents)
        .arg("--sessions")
        .arg(net.home.join("sessions"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .context("starting openledger-engine")?;
    let mut line = String::new();
    BufReader::new(server.stdout.take().context("stdout")?).read_line(&mut line)?;
    if !line.starts_with("serving") {
        let _ = server.kill();
        bail!("the server did not start: {}", std::fs::read_to_string(net.home.join("engine.log"))?);
    }
    Ok(server)
}
