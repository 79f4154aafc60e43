//! The payer's side of an agent: opens a session on chain, asks, checks each answer down to its parts' receipts, signs vouchers.

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{Rpc, Wallet};
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1::MsgOpenSession;
use openledger_proto::openledger::model::v1::Mode;
use serde_json::json;

use crate::agency::tally::{AgentAnswer, AgentTally, AgentTerms};
use crate::agency::wire::SaidByAgent;
use crate::chain;
use crate::credit::Note;
use crate::line::{Keys, Line};
use crate::wire::{Ask, Standing};

/// Gas for opening a session.
const OPEN_GAS: u64 = 2_000_000;

/// An open session with an agent as its payer holds it.
pub struct AgentPayer {
    /// Receipts so far.
    pub tally: AgentTally,
    line: Line,
    /// Sub-sessions that the chain knows as this session's.
    known: BTreeSet<u64>,
}

impl AgentPayer {
    /// Opens a session with `deposit` base units at the prices that agent and parts ask now, and greets the agent at `endpoint`.
    pub async fn open(wallet: &mut Wallet, agent: u64, endpoint: &str, deposit: Uint256) -> Result<Self> {
        let (base, byte) = asked(&wallet.rpc, agent).await?;
        let keys = Keys::generate()?;
        let open = MsgOpenSession {
            agent,
            max_base_price: base.to_string(),
            max_byte_price: byte.to_string(),
            mode: Mode::Public as i32,
            ..MsgOpenSession::default()
        };
        let session = keys.open(wallet, deposit, open, OPEN_GAS).await?;
        let terms = AgentTerms::of(wallet.chain_id(), &chain::session(&wallet.rpc, session).await?)?;
        let (line, _) = Line::greet(endpoint, session, &keys).await?;
        Ok(Self { tally: AgentTally::new(terms, keys.secret), line, known: BTreeSet::new() })
    }

    /// Asks; the answer is checked, its parts' receipts with it, and taken into the tally, or refused.
    pub async fn ask(&mut self, rpc: &Rpc, prompt: &[u8], max_bytes: usize, seed: u64) -> Result<&AgentAnswer> {
        let said: SaidByAgent = self.line.ask(&Ask::new(prompt, max_bytes, seed)).await?;
        ensure!(said.output.len() <= max_bytes, "the output is longer than the {max_bytes} bytes asked for");
        let answer = said.answer(prompt)?;
        self.tally.check(&answer)?;
        for part in &answer.parts {
            self.check_sub_session(rpc, part.session, part.deployment).await?;
        }
        self.tally.accept(answer)?;
        self.tally.answers().last().context("an accepted answer")
    }

    /// Whether the chain knows a sub-session as one that buys this part's answers for us.
    async fn check_sub_session(&mut self, rpc: &Rpc, id: u64, deployment: u64) -> Result<()> {
        if self.known.contains(&id) {
            return Ok(());
        }
        let (found, ours) = (chain::session(rpc, id).await?, self.tally.terms.session);
        ensure!(
            found.parent == ours && found.deployment == deployment,
            "session {id} buys of deployment {} for session {}, not of {deployment} for {ours}",
            found.deployment,
            found.parent
        );
        self.known.insert(id);
        Ok(())
    }

    /// Signs the voucher over everything so far and hands it over.
    pub async fn pay(&self) -> Result<Standing> {
        self.line.pay(&self.tally.voucher()).await
    }

    /// Where the agent says that the session stands.
    pub async fn standing(&self) -> Result<Standing> {
        self.line.standing().await
    }

    /// What the operator gives back of answers, each note checked against the account's key.
    pub async fn credits(&self, rpc: &Rpc) -> Result<Vec<Note>> {
        self.line.credits(rpc).await
    }

    /// What a client in another language needs to go on: [`Line::handout`], and whose session it is.
    pub fn handout(&self) -> serde_json::Value {
        let (mut handout, terms) = (self.line.handout(), &self.tally.terms);
        handout["chain_id"] = json!(terms.chain_id);
        handout["agent"] = json!(terms.agent);
        handout["deposit"] = json!(terms.deposit);
        handout
    }
}

/// What an agent and its parts ask now, together: of an answer, and of an output byte.
async fn asked(rpc: &Rpc, agent: u64) -> Result<(Uint256, Uint256)> {
    let (_, terms) = chain::agent(rpc, agent).await?;
    let mut sum = (parse_amount(&terms.base_price)?, parse_amount(&terms.byte_price)?);
    for deployment in terms.deployments {
        let offer = chain::deployment(rpc, deployment).await?;
        let part = (parse_amount(&offer.base_price)?, parse_amount(&offer.byte_price)?);
        sum = (sum.0.checked_add(part.0).context("prices")?, sum.1.checked_add(part.1).context("prices")?);
    }
    Ok(sum)
}
