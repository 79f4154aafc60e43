//! An agent: deployments composed under one price, served by its operator.
//!
//! A payer opens a session with the agent and asks it over the same API as a deployment's server. The operator asks the agent's parts, each in
//! a sub-session of the payer's, and pays them by vouchers of its own; the answer is what they said, one after another. With it goes all that
//! shows the parts' receipts to be of these words, so the payer recomputes the receipt before signing. Once the parts have settled, the
//! agent settles the payer's voucher, which pays the operator back what the parts cost. The operator's risk is the answers that are not vouchered
//! yet, and what a part said in an answer that another part failed.
//!
//! | file | what |
//! | --- | --- |
//! | [`tally`], [`wire`] | what agent and payer both compute; what they say to each other |
//! | [`client`] | the payer's side |
//! | [`held`] | a session in memory and on disk |
//! | [`parts`] | sub-sessions: opened, topped up, taken up again |
//! | [`answer`] | from a question to the parts' answers and the agent's |
//! | [`settling`] | from vouchers to the chain |
//! | [`closing`] | the end of sub-sessions |
//! | [`gateway`] | the HTTP door |
//! | [`settings`] | `[agent]` of the settings |

pub mod answer;
pub mod client;
pub mod closing;
pub mod gateway;
pub mod held;
pub mod parts;
pub mod settings;
pub mod settling;
pub mod tally;
pub mod wire;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{bail, ensure, Result};
use openledger_client::{Rpc, Wallet};
use openledger_provenance::hash::sha256;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::chain;
use crate::credit::{CreditBook, Note};
use crate::metrics::Metrics;
use crate::serve::card::Card;
use crate::serve::journal::Journal;
use crate::serve::queue::Queue;
use crate::serve::refusal::Refusal;
use crate::serve::sessions::Sessions;
use crate::serve::settings::ServeSettings;
use crate::wire::{bearer, Hello, Signed, Standing};
pub use client::AgentPayer;
use held::{AgentEntry, HeldAgent};
pub use settings::AgentSettings;
use tally::{AgentTally, AgentTerms};

/// The server of one agent.
pub struct Agency {
    /// What is told of the agent.
    pub card: Card,
    agent: u64,
    rpc: Rpc,
    folder: PathBuf,
    wallet: Mutex<Wallet>,
    sessions: Sessions<HeldAgent>,
    serve: ServeSettings,
    settings: AgentSettings,
    queue: Arc<Queue>,
    greeting: Mutex<()>,
    metrics: Arc<Metrics>,
}

impl Agency {
    /// Takes up serving; sessions of former runs are read back.
    pub async fn start(
        wallet: Wallet,
        folder: PathBuf,
        (serve, settings): (ServeSettings, AgentSettings),
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>> {
        let agent = settings.agent;
        let card = card(&wallet.rpc, agent, &wallet.address()).await?;
        let agency = Arc::new(Self {
            card,
            agent,
            rpc: wallet.rpc.clone(),
            folder,
            wallet: Mutex::new(wallet),
            sessions: Sessions::default(),
            // Parts work, not we: as many questions wait as are answered.
            queue: Queue::new(serve.queue.max(1)),
            serve,
            settings,
            greeting: Mutex::default(),
            metrics,
        });
        for session in Journal::sessions(&agency.folder)? {
            let (journal, entries) = Journal::open::<AgentEntry>(&agency.folder, session)?;
            let mut entries = entries.into_iter();
            let Some(AgentEntry::Opened(hello)) = entries.next() else {
                bail!("the journal of session {session} has no start")
            };
            let mut held =
                HeldAgent::new(AgentTally::new(agency.terms(&hello).await?, hello.secret), &hello.secret, journal);
            held.replay(entries)?;
            agency.sessions.keep(session, held.token, held).await;
        }
        Ok(agency)
    }

    async fn terms(&self, hello: &Hello) -> Result<AgentTerms> {
        let (chain_id, _) = self.rpc.chain().await?;
        let terms = AgentTerms::of(&chain_id, &chain::session(&self.rpc, hello.session).await?)?;
        let (session, of) = (terms.session, terms.agent);
        ensure!(of == self.agent, "session {session} is with agent {of}, this is {}", self.agent);
        let commitment: [u8; 32] = Sha256::digest(hello.secret).into();
        ensure!(terms.secret_commitment == commitment, "the secret is not what session {session} committed to");
        Ok(terms)
    }

    /// Greets a payer whose session is open on chain.
    pub async fn hello(&self, hello: Hello) -> Result<Standing, Refusal> {
        let _one = self.greeting.lock().await;
        if let Some(held) = self.sessions.get(hello.session).await {
            let held = held.lock().await;
            let token = sha256(&[bearer(&hello.secret).as_bytes()]);
            return if held.token == token { Ok(held.standing()) } else { Err(Refusal::unknown_token()) };
        }
        let greeted = self.greet(&hello).await.map_err(|error| Refusal::not_held(format!("{error:#}")))?;
        let held = self.sessions.keep(hello.session, greeted.token, greeted).await;
        let held = held.lock().await;
        Ok(held.standing())
    }

    async fn greet(&self, hello: &Hello) -> Result<HeldAgent> {
        let terms = self.terms(hello).await?;
        let (mut journal, entries) = Journal::open::<AgentEntry>(&self.folder, hello.session)?;
        ensure!(entries.is_empty(), "session {} is being served already", hello.session);
        journal.append(&AgentEntry::Opened(hello.clone()))?;
        Ok(HeldAgent::new(AgentTally::new(terms, hello.secret), &hello.secret, journal))
    }

    /// Takes a voucher over answers so far.
    pub async fn voucher(&self, session: u64, token: &str, signed: Signed) -> Result<Standing, Refusal> {
        let held = self.sessions.of(session, token).await?;
        let mut held = held.lock().await;
        held.vouch(signed)?;
        Ok(held.standing())
    }

    /// Where a session stands.
    pub async fn standing(&self, session: u64, token: &str) -> Result<Standing, Refusal> {
        let held = self.sessions.of(session, token).await?;
        let held = held.lock().await;
        Ok(held.standing())
    }

    /// What the operator gives back of a session's answers, for its payer to present.
    pub async fn credits(&self, session: u64, token: &str) -> Result<Vec<Note>, Refusal> {
        self.sessions.of(session, token).await?;
        let notes = CreditBook::new(&self.folder).of(session).map_err(|error| Refusal::fault(&error))?;
        Ok(notes.into_values().collect())
    }

    /// Settles what is vouchered, and closes what is over, until the process ends.
    pub async fn tend(self: Arc<Self>) {
        loop {
            tokio::time::sleep(settling::TICK).await;
            self.settle_due().await;
            self.close_due().await;
        }
    }

    /// Stops taking questions and waits until the answers that are being made are on disk.
    pub async fn stop(&self) {
        self.queue.stop().await;
    }
}

/// What `/v1/models` tells of an agent; an error where somebody else runs it.
async fn card(rpc: &Rpc, id: u64, operator: &str) -> Result<Card> {
    let (agent, terms) = chain::agent(rpc, id).await?;
    ensure!(agent.operator == operator, "agent {id} is run by {}, not us", agent.operator);
    let mut parts = Vec::new();
    for deployment in &terms.deployments {
        let offer = chain::deployment(rpc, *deployment).await?;
        parts.push(json!({
            "deployment": deployment,
            "model_version": offer.model_version,
            "server": offer.server,
            "price": {"base": offer.base_price, "byte": offer.byte_price, "denom": "aopen"},
        }));
    }
    let splits: Vec<_> = terms.splits.iter().map(|split| json!({"account": split.account, "bps": split.bps})).collect();
    let name = format!("{}/agent-{id}", agent.name.to_lowercase().replace(' ', "-"));
    let entry = json!({
        "id": name,
        "object": "model",
        "created": Card::created(rpc, agent.registered_height).await?,
        "owned_by": agent.operator,
        "openledger": {
            "agent": agent.id,
            "terms": terms.number,
            "description": agent.description,
            "price": {"base": terms.base_price, "byte": terms.byte_price, "denom": "aopen"},
            "parts": parts,
            "splits": splits,
            "tokens": "bytes",
            "chat_template": crate::serve::card::CHAT_TEMPLATE,
        },
    });
    Ok(Card { id: name, entry })
}
