//! An agent over both models: the user pays one price, the agent's operator pays its parts, and their authors are paid as ever.
//!
//! The user's session is with the agent. Under it the operator opens a session with each part, asks, and pays by voucher; once the parts
//! have settled, the operator shows the user which receipts the answer is made of, and settles what the user signed.

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key, Wallet};
use openledger_core::Coin;
use openledger_engine::payer::Payer;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::model::v1 as md;
use openledger_provenance::agent::{parts_root, AgentReceipt, Part};
use openledger_provenance::merkle::Tree;
use openledger_provenance::transcript::{ReceiptKey, TranscriptCommitment};
use openledger_provenance::voucher::Voucher;

use crate::community::Cast;
use crate::localnet::{Localnet, CHAIN_ID, OPEN};
use crate::market::{self, Service};
use crate::Stage;

const GAS: u64 = 5_000_000;
/// The agent's own price of an answer: 0.2 OPEN.
const OWN_PRICE: u128 = OPEN / 5;
/// What the tuner has of the agent's own part, in basis points.
const TUNER_BPS: u32 = 2_000;
const MAX_BYTES: usize = 300;

/// What the agent did.
pub struct Assisted {
    /// The settlements of its parts.
    pub settlements: Vec<u64>,
}

/// Registers the agent, sells one answer of it, and settles.
pub async fn assist(
    net: &Localnet,
    cast: &Cast,
    parts: [&Service; 2],
    prompt: &str,
    stage: &mut Stage,
) -> Result<Assisted> {
    let mut operator = net.wallet(&cast.concierge).await?;
    let agent = register(&mut operator, cast, parts).await?;
    stage.done(&format!("agent {agent} composes deployments {} and {}", parts[0].deployment, parts[1].deployment));

    let mut user = net.wallet(&cast.user).await?;
    let (key, _) = Key::generate()?;
    let session = open(&mut user, agent, &key).await?;
    stage.done(&format!("the user's session {session} is with the agent"));

    let (mut output, mut used, mut settlements) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let deposit = Uint256::from(20 * OPEN);
        let mut payer = Payer::open_under(&mut operator, part.deployment, deposit, session).await?;
        let answer = payer.ask(&operator, prompt.as_bytes(), MAX_BYTES, 11).await?;
        output.extend_from_slice(&answer.output);
        let (receipt, fee, under) = (answer.receipt.index, answer.receipt.fee, payer.tally.terms.session);
        payer.pay().await?;
        settlements.push(market::settled(net, under, stage).await?);
        used.push(Part { deployment: part.deployment, session: under, receipt, fee });
    }

    let receipt = receipt(agent, prompt, &output, &used)?;
    let (own, cost) = (Uint256::from_be_bytes(receipt.own_fee), Uint256::from_be_bytes(receipt.parts_fee));
    let total = own.checked_add(cost)?;
    let voucher = Voucher {
        chain_id: CHAIN_ID,
        session,
        // Of an agent's session: none.
        deployment: 0,
        count: 1,
        cumulative_fee: total.to_be_bytes(),
        receipts_root: Tree::new(vec![receipt.leaf()]).root(),
    };
    let settle = pb::MsgSettleAgent {
        operator: operator.address(),
        session,
        voucher: Some(pb::Voucher {
            count: 1,
            cumulative_fee: total.to_string(),
            receipts_root: voucher.receipts_root.to_vec(),
            signature: key.sign(&voucher.sign_bytes()?)?,
        }),
        receipts: vec![message(&receipt, &used)],
    };
    operator.send(vec![any(&settle)], GAS).await?;
    stage.done(&format!(
        "the user pays the agent {total} aopen for it: {cost} to its parts, whose authors are paid, {own} to the agent's own"
    ));
    Ok(Assisted { settlements })
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

async fn open(user: &mut Wallet, agent: u64, key: &Key) -> Result<u64> {
    let most = Uint256::MAX.to_string();
    let message = pb::MsgOpenSession {
        payer: user.address(),
        agent,
        deposit: Some(Coin::base(50 * OPEN).to_proto()),
        voucher_key: key.public_key(),
        max_base_price: most.clone(),
        max_byte_price: most,
        mode: md::Mode::Public as i32,
        ..pb::MsgOpenSession::default()
    };
    let found = user.send(vec![any(&message)], GAS).await?;
    let opened = wallet::responses::<pb::MsgOpenSessionResponse>(&found)?;
    Ok(opened.first().context("no session was opened")?.session)
}

/// The agent's receipt over what its parts said.
fn receipt(agent: u64, prompt: &str, output: &[u8], used: &[Part]) -> Result<AgentReceipt> {
    let transcript = [prompt.as_bytes(), output].concat();
    let cost = used.iter().try_fold(Uint256::zero(), |sum, part| sum.checked_add(Uint256::from_be_bytes(part.fee)))?;
    ensure!(!output.is_empty(), "the parts said nothing");
    Ok(AgentReceipt {
        index: 1,
        agent,
        prompt_len: u32::try_from(prompt.len())?,
        transcript_len: u32::try_from(transcript.len())?,
        transcript_root: TranscriptCommitment::of(&transcript, &ReceiptKey([3; 32]))?.root,
        own_fee: Uint256::from(OWN_PRICE).to_be_bytes(),
        parts_fee: cost.to_be_bytes(),
        parts: u32::try_from(used.len())?,
        parts_root: parts_root(used),
    })
}

fn message(receipt: &AgentReceipt, used: &[Part]) -> pb::AgentReceipt {
    let part = |part: &Part| pb::PartReceipt {
        session: part.session,
        receipt: part.receipt,
        fee: Uint256::from_be_bytes(part.fee).to_string(),
    };
    pb::AgentReceipt {
        index: receipt.index,
        prompt_len: receipt.prompt_len,
        transcript_len: receipt.transcript_len,
        transcript_root: receipt.transcript_root.to_vec(),
        own_fee: Uint256::from_be_bytes(receipt.own_fee).to_string(),
        parts: used.iter().map(part).collect(),
    }
}
