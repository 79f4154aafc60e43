//! The server's side of sessions: answers, keeps, takes vouchers, settles them on chain.
//!
//! One [`Server`] serves one deployment. Everything it owes to a payer, or a payer to it, is in the session's [`journal`] before it is
//! said aloud, so a restart loses nothing.
//!
//! | file | what |
//! | --- | --- |
//! | [`gateway`], [`openai`] | the HTTP door: the calls of [`crate::wire`], and OpenAI's |
//! | [`front`] | what the door asks of whoever answers: a [`Server`], or an agent |
//! | [`door`] | its bounds: connections, times, lengths |
//! | [`answer`], [`citations`], [`handles`] | from a question to an answer; what it says of itself |
//! | [`sessions`], [`held`], [`journal`] | sessions in memory, one of them, and its file |
//! | [`queue`] | how many questions may wait |
//! | [`settling`], [`obligations`] | from vouchers to settlements; opening what is demanded or drawn, showing chunks |
//! | [`card`] | what `/v1/models` tells |
//! | [`refusal`], [`settings`] | errors; limits |

pub mod answer;
pub mod card;
pub mod citations;
pub mod door;
pub mod front;
pub mod gateway;
pub mod handles;
pub mod held;
pub mod journal;
pub mod obligations;
pub mod openai;
pub mod queue;
pub mod refusal;
pub mod sessions;
pub mod settings;
pub mod settling;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{Rpc, Wallet};
use openledger_proto::openledger::attribution::v1::Params;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Mutex, Semaphore};

use crate::chain;
use crate::metrics::Metrics;
use crate::model::{InfiniGram, Model};
use crate::sync::{Corpora, Corpus, Holder};
use crate::tally::{Tally, Terms};
use crate::wire::{Hello, Said};
use answer::{Listener, Question, Told};
use card::Card;
use front::{Front, HeldBy};
use handles::Handles;
use held::Held;
use journal::{Entry, Journal};
use queue::Queue;
use refusal::Refusal;
use sessions::Sessions;
use settings::ServeSettings;

/// How often the chain's height is looked at.
const TICK: Duration = Duration::from_secs(2);

/// What answers are made with: a corpus and a model over it.
pub struct Serving {
    /// What is attributed to.
    pub corpus: Corpus,
    /// What answers.
    pub model: Box<dyn Model>,
}

/// The server of one deployment.
pub struct Server {
    /// What is told of the model.
    pub card: Card,
    rpc: Rpc,
    deployment: u64,
    corpora: Corpora,
    serving: RwLock<Arc<Serving>>,
    folder: PathBuf,
    /// The wallet's address: the wallet itself is locked while a transaction is on its way.
    ours: String,
    wallet: Mutex<Wallet>,
    sessions: Sessions<Held>,
    settings: ServeSettings,
    workers: Semaphore,
    queue: Arc<Queue>,
    demands: Mutex<obligations::Known>,
    /// Chunks that somebody asks for.
    holder: Mutex<Holder>,
    handles: Handles,
    metrics: Arc<Metrics>,
}

impl Server {
    /// Takes up serving: the corpus is loaded, sessions of former runs are read back.
    pub async fn start(
        wallet: Wallet,
        deployment: u64,
        corpora: Corpora,
        folder: PathBuf,
        settings: ServeSettings,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>> {
        let offer = chain::deployment(&wallet.rpc, deployment).await?;
        ensure!(offer.server == wallet.address(), "deployment {deployment} is served by {}, not us", offer.server);
        let (_, height) = wallet.rpc.chain().await?;
        let corpus = corpora.load(offer.model_version, height).await?;
        let card = Card::of(&wallet.rpc, &offer).await?;
        let worker_count = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        metrics.index(corpus.index.len(), corpus.index.segments().len());
        let holder = Mutex::new(Holder::new(corpora.contents().clone()));
        let server = Arc::new(Self {
            card,
            rpc: wallet.rpc.clone(),
            deployment,
            corpora,
            serving: RwLock::new(Arc::new(serving(corpus))),
            folder,
            ours: wallet.address(),
            wallet: Mutex::new(wallet),
            sessions: Sessions::default(),
            queue: Queue::new(settings.queue + worker_count),
            settings,
            workers: Semaphore::new(worker_count),
            demands: Mutex::default(),
            holder,
            handles: Handles::default(),
            metrics,
        });
        for session in Journal::sessions(&server.folder)? {
            let (journal, entries) = Journal::open::<Entry>(&server.folder, session)?;
            let mut entries = entries.into_iter();
            let Some(Entry::Opened(hello)) = entries.next() else {
                bail!("the journal of session {session} has no start")
            };
            let (terms, params) = server.terms(&hello).await?;
            let mut held = Held::new(Tally::new(terms, hello.secret), params, &hello.secret, journal);
            held.replay(entries)?;
            server.sessions.keep(session, held).await;
        }
        Ok(server)
    }

    async fn terms(&self, hello: &Hello) -> Result<(Terms, Params)> {
        let (chain_id, _) = self.rpc.chain().await?;
        let session = chain::session(&self.rpc, hello.session).await?;
        let terms = Terms::of(&chain_id, &session)?;
        ensure!(
            terms.deployment == self.deployment,
            "session {} is with deployment {}, this is {}",
            session.id,
            terms.deployment,
            self.deployment
        );
        let commitment: [u8; 32] = Sha256::digest(hello.secret).into();
        ensure!(terms.secret_commitment == commitment, "the secret is not what session {} committed to", session.id);
        let params = chain::params(&self.rpc, session.params_version).await?;
        Ok((terms, params))
    }

    /// The corpus and the model of the moment.
    pub fn serving(&self) -> Arc<Serving> {
        // A poisoned lock holds a whole value all the same: it is replaced at once or not at all.
        self.serving.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Follows the chain until the process ends: demands are answered; the corpus is looked at again, chunks are shown, vouchers are settled.
    /// These go on beside one another, each waiting at most for a transaction of every other: an answer that comes late costs the bond.
    pub async fn tend(self: Arc<Self>) {
        let answering = async {
            loop {
                tokio::time::sleep(TICK).await;
                if let Err(error) = self.answer_demands().await {
                    tracing::warn!("asking for open demands: {error:#}");
                }
            }
        };
        let showing = async {
            loop {
                tokio::time::sleep(TICK).await;
                if let Err(error) = self.show_chunks().await {
                    tracing::warn!("asking for challenged contents: {error:#}");
                }
            }
        };
        let refreshing = async {
            loop {
                tokio::time::sleep(TICK).await;
                if let Err(error) = self.refresh().await {
                    tracing::warn!("looking at the corpus again: {error:#}");
                }
            }
        };
        let settling = async {
            loop {
                tokio::time::sleep(TICK).await;
                self.settle_due().await;
            }
        };
        tokio::join!(answering, showing, refreshing, settling);
    }

    async fn refresh(&self) -> Result<()> {
        let (_, height) = self.rpc.chain().await?;
        let before = self.serving();
        if height < before.corpus.height + self.settings.refresh_blocks.max(1) {
            return Ok(());
        }
        let corpus = self.corpora.refresh(&before.corpus, height).await.context("the corpus")?;
        self.metrics.index(corpus.index.len(), corpus.index.segments().len());
        let next = Arc::new(serving(corpus));
        *self.serving.write().unwrap_or_else(std::sync::PoisonError::into_inner) = next;
        Ok(())
    }
}

impl Front for Server {
    type Held = Held;

    fn card(&self) -> &Card {
        &self.card
    }

    fn settings(&self) -> &ServeSettings {
        &self.settings
    }

    fn sessions(&self) -> &Sessions<Held> {
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

    async fn greet(&self, hello: &Hello) -> Result<Held> {
        let (terms, params) = self.terms(hello).await?;
        let (mut journal, entries) = Journal::open::<Entry>(&self.folder, hello.session)?;
        ensure!(entries.is_empty(), "session {} is being served already", hello.session);
        journal.append(&Entry::Opened(hello.clone()))?;
        Ok(Held::new(Tally::new(terms, hello.secret), params, &hello.secret, journal))
    }

    async fn tell(
        self: Arc<Self>,
        held: HeldBy<Self>,
        question: Question,
        listener: Listener,
    ) -> Result<Told, Refusal> {
        self.answer(held, question, listener).await.map(Told::from)
    }

    async fn say(self: Arc<Self>, held: HeldBy<Self>, question: Question) -> Result<Said, Refusal> {
        let (listener, _heard) = unbounded_channel();
        Ok(Said::of(&self.answer(held, question, listener).await?.answer))
    }
}

fn serving(corpus: Corpus) -> Serving {
    let model = Box::new(InfiniGram(corpus.index.clone()));
    Serving { corpus, model }
}
