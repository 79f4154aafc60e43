//! An agent over both models: the user pays one price, the agent's operator pays its parts, and their authors are paid as ever.
//!
//! The operator's process serves the agent. The user opens a session with it and asks it; under that session the process opens one with each
//! part, asks, and pays by vouchers. The user is shown each part's receipt, recomputes the agent's own from them and signs; once the parts
//! have settled, the process settles what the user signed.

use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, free_port, wallet, Wallet};
use openledger_engine::agency::AgentPayer;
use openledger_engine::chain;
use openledger_proto::openledger::model::v1 as md;

use crate::community::Cast;
use crate::localnet::{Localnet, OPEN};
use crate::market::{self, Engine, Service};
use crate::Stage;

const GAS: u64 = 5_000_000;
/// The agent's own price of an answer: 0.2 OPEN.
const OWN_PRICE: u128 = OPEN / 5;
/// What the tuner has of the agent's own part, in basis points.
const TUNER_BPS: u32 = 2_000;
const MAX_BYTES: usize = 600;
const SEED: u64 = 11;

/// What the agent did.
pub struct Assisted {
    /// The settlements of its parts.
    pub settlements: Vec<u64>,
    /// The process that serves it.
    pub engine: Engine,
}

/// Registers the agent, serves it, buys one answer of it, and waits until it is settled.
pub async fn assist(
    net: &Localnet,
    cast: &Cast,
    parts: [&Service; 2],
    prompt: &str,
    stage: &mut Stage,
) -> Result<Assisted> {
    let mut operator = net.wallet(&cast.concierge).await?;
    let agent = register(&mut operator, cast, parts).await?;
    let endpoint = format!("127.0.0.1:{}", free_port()?);
    let (number, sessions) = (agent.to_string(), net.home.join("sessions-concierge").display().to_string());
    let arguments = ["serve-agent", "--agent", &number, "--listen", &endpoint, "--sessions", &sessions];
    let engine = Engine::start(net, "concierge", &arguments)?;
    let composed = (parts[0].deployment, parts[1].deployment);
    stage.done(&format!(
        "agent {agent} composes deployments {} and {}, its engine at {endpoint}",
        composed.0, composed.1
    ));

    let mut user = net.wallet(&cast.user).await?;
    let deposit = Uint256::from(50 * OPEN);
    let mut payer = AgentPayer::open(&mut user, agent, &format!("http://{endpoint}"), deposit).await?;
    let session = payer.tally.terms.session;
    let answer = payer.ask(&user.rpc, prompt.as_bytes(), MAX_BYTES, SEED).await?.clone();
    ensure!(answer.parts.len() == parts.len(), "a part did not answer");
    payer.pay().await?;
    let bought: Vec<String> = answer
        .parts
        .iter()
        .map(|part| {
            format!("receipt {} of session {} with deployment {}", part.said.index, part.session, part.deployment)
        })
        .collect();
    stage.done(&format!(
        "the user's session {session} is with the agent, whose answer is made of {}",
        bought.join(" and ")
    ));

    let mut settlements = Vec::new();
    for part in &answer.parts {
        settlements.push(market::settled(net, part.session, stage).await?);
    }
    wait_settled(net, session).await?;
    let (own, cost) = (answer.receipt.own_fee, answer.receipt.parts_fee);
    let (own, cost) = (Uint256::from_be_bytes(own), Uint256::from_be_bytes(cost));
    stage.done(&format!(
        "the user pays the agent {} aopen for it: {cost} to its parts, whose authors are paid, {own} to the agent's own",
        answer.fee()?
    ));
    Ok(Assisted { settlements, engine })
}

async fn register(operator: &mut Wallet, cast: &Cast, parts: [&Service; 2]) -> Result<u64> {
    let mut splits = [(&cast.concierge, 10_000 - TUNER_BPS), (&cast.tuner, TUNER_BPS)];
    splits.sort_by_key(|(key, _)| key.address().as_bytes().to_vec());
    let message = md::MsgRegisterAgent {
        operator: operator.address(),
        name: "concierge".into(),
        description: "Asks both models".into(),
        deployments: parts.iter().map(|part| part.deployment).collect(),
        base_price: OWN_PRICE.to_string(),
        byte_price: "0".into(),
        splits: splits.map(|(key, bps)| md::AgentSplit { account: key.address().to_string(), bps }).to_vec(),
    };
    let found = operator.send(vec![any(&message)], GAS).await?;
    let registered = wallet::responses::<md::MsgRegisterAgentResponse>(&found)?;
    Ok(registered.first().context("no agent was registered")?.agent)
}

/// Waits until the agent has settled its session's answer.
async fn wait_settled(net: &Localnet, session: u64) -> Result<()> {
    for _ in 0..300 {
        if chain::session(&net.rpc(), session).await?.settled_count > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!(
        "the agent did not settle session {session} within a minute; see engine-concierge.log in {}",
        net.home.display()
    )
}
