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
//! | [`settings`] | `[agent]` of the settings |

pub mod answer;
pub mod client;
pub mod closing;
pub mod held;
pub mod parts;
pub mod settings;
pub mod settling;
pub mod tally;
pub mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{bail, ensure, Result};
use openledger_client::{Rpc, Wallet};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::Mutex;

use crate::chain;
use crate::metrics::Metrics;
use crate::serve::answer::{Listener, Question, Told};
use crate::serve::card::Card;
use crate::serve::front::{Front, HeldBy};
use crate::serve::journal::Journal;
use crate::serve::queue::Queue;
use crate::serve::refusal::Refusal;
use crate::serve::sessions::Sessions;
use crate::serve::settings::ServeSettings;
use crate::wire::Hello;
pub use client::AgentPayer;
use held::{AgentEntry, HeldAgent};
pub use settings::AgentSettings;
use tally::{AgentTally, AgentTerms};
use wire::SaidByAgent;

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
            agency.sessions.keep(session, held).await;
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

    /// Settles what is vouchered, and closes what is over, until the process ends.
    pub async fn tend(self: Arc<Self>) {
        loop {
            tokio::time::sleep(settling::TICK).await;
            self.settle_due().await;
            self.close_due().await;
        }
    }
}

impl Front for Agency {
    type Held = HeldAgent;

    fn card(&self) -> &Card {
        &self.card
    }

    fn settings(&self) -> &ServeSettings {
        &self.serve
    }

    fn sessions(&self) -> &Sessions<HeldAgent> {
        &self.sessions
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn queue(&self) -> &Queue {
        &self.queue
    }

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    async fn greet(&self, hello: &Hello) -> Result<HeldAgent> {
        let terms = self.terms(hello).await?;
        let (mut journal, entries) = Journal::open::<AgentEntry>(&self.folder, hello.session)?;
        ensure!(entries.is_empty(), "session {} is being served already", hello.session);
        journal.append(&AgentEntry::Opened(hello.clone()))?;
        Ok(HeldAgent::new(AgentTally::new(terms, hello.secret), &hello.secret, journal))
    }

    async fn tell(
        self: Arc<Self>,
        held: HeldBy<Self>,
        question: Question,
        listener: Listener,
    ) -> Result<Told, Refusal> {
        let asked = question.sampling.max_bytes;
        let answered = self.answer(held.clone(), question, listener).await?;
        let session = held.lock().await.told();
        Ok(self.told(&session, answered, asked))
    }

    async fn say(self: Arc<Self>, held: HeldBy<Self>, question: Question) -> Result<SaidByAgent, Refusal> {
        let (listener, _heard) = unbounded_channel();
        Ok(SaidByAgent::of(&self.answer(held, question, listener).await?))
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
