//! The server's side of sessions: answers, keeps, takes vouchers, settles them on chain.
//!
//! One [`Server`] serves one deployment. Everything it owes to a payer, or a payer to it, is in the session's [`Journal`] before it is
//! said aloud, so a restart loses nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{bail, ensure, Context, Result};
use openledger_client::{Rpc, Wallet};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::chain;
use crate::corpus::Corpus;
use crate::journal::{Entry, Journal};
use crate::lm::{self, Sampling};
use crate::settle;
use crate::tally::{Answer, Tally, Terms};
use crate::wire::{bearer, Ask, Hello, Said, Signed, Standing};

/// The most bytes of output a request may ask for.
const MAX_OUTPUT: usize = 16 * 1024;
/// The most bytes of a prompt.
const MAX_PROMPT: usize = 16 * 1024;

/// A session as its server holds it.
struct Held {
    tally: Tally,
    token: String,
    journal: Journal,
    voucher: Option<Signed>,
    settlement: Option<u64>,
    settle_error: Option<String>,
}

/// The server of one deployment.
pub struct Server {
    rpc: Rpc,
    deployment: u64,
    corpus: Arc<Corpus>,
    folder: PathBuf,
    wallet: Mutex<Wallet>,
    sessions: Mutex<BTreeMap<u64, Arc<Mutex<Held>>>>,
}

impl Server {
    /// Takes up serving: the corpus is loaded, sessions of former runs are read back.
    pub async fn start(wallet: Wallet, deployment: u64, corpus: Corpus, folder: PathBuf) -> Result<Arc<Self>> {
        let offer = chain::deployment(&wallet.rpc, deployment).await?;
        ensure!(offer.server == wallet.address(), "deployment {deployment} is served by {}, not us", offer.server);
        ensure!(offer.model_version == corpus.model_version, "deployment {deployment} serves another model version");
        let server = Self {
            rpc: wallet.rpc.clone(),
            deployment,
            corpus: Arc::new(corpus),
            folder,
            wallet: Mutex::new(wallet),
            sessions: Mutex::default(),
        };
        for session in Journal::sessions(&server.folder)? {
            let (journal, entries) = Journal::open(&server.folder, session)?;
            let held = server.replay(session, journal, entries).await?;
            server.sessions.lock().await.insert(session, Arc::new(Mutex::new(held)));
        }
        Ok(Arc::new(server))
    }

    async fn replay(&self, session: u64, journal: Journal, entries: Vec<Entry>) -> Result<Held> {
        let mut entries = entries.into_iter();
        let Some(Entry::Opened(hello)) = entries.next() else { bail!("the journal of session {session} has no start") };
        let terms = self.terms(session).await?;
        let mut held = Held::new(Tally::new(terms, hello.secret), &hello.secret, journal);
        for entry in entries {
            match entry {
                Entry::Answered { prompt, said } => held.tally.accept(said.answer(&prompt)?)?,
                Entry::Vouchered(voucher) => held.voucher = Some(voucher),
                Entry::Opened(_) => bail!("the journal of session {session} starts twice"),
            }
        }
        Ok(held)
    }

    async fn terms(&self, session: u64) -> Result<Terms> {
        let (chain_id, _) = self.rpc.chain().await?;
        let terms = Terms::of(&chain_id, &chain::session(&self.rpc, session).await?)?;
        ensure!(terms.deployment == self.deployment, "session {session} is with deployment {}", terms.deployment);
        Ok(terms)
    }

    /// Greets a payer whose session is open on chain.
    pub async fn hello(&self, hello: Hello) -> Result<Standing> {
        let session = hello.session;
        let terms = self.terms(session).await?;
        let commitment: [u8; 32] = Sha256::digest(hello.secret).into();
        ensure!(terms.secret_commitment == commitment, "the secret is not what session {session} committed to");
        let mut sessions = self.sessions.lock().await;
        let held = match sessions.get(&session) {
            Some(held) => held.clone(),
            None => {
                let (mut journal, entries) = Journal::open(&self.folder, session)?;
                ensure!(entries.is_empty(), "session {session} is being served already");
                journal.append(&Entry::Opened(hello.clone()))?;
                let held = Held::new(Tally::new(terms, hello.secret), &hello.secret, journal);
                let held = Arc::new(Mutex::new(held));
                sessions.insert(session, held.clone());
                held
            }
        };
        let held = held.lock().await;
        Ok(held.standing())
    }

    async fn held(&self, session: u64, token: &str) -> Result<Arc<Mutex<Held>>> {
        let held = self.sessions.lock().await.get(&session).cloned();
        let held = held.with_context(|| format!("session {session} has not said hello"))?;
        ensure!(held.lock().await.token == token, "the token is not that of session {session}");
        Ok(held)
    }

    /// Answers a prompt; its fee must be covered by the deposit.
    pub async fn complete(&self, session: u64, token: &str, ask: Ask) -> Result<Said> {
        ensure!(ask.max_bytes <= MAX_OUTPUT, "at most {MAX_OUTPUT} bytes of output, not {}", ask.max_bytes);
        ensure!(ask.prompt.len() <= MAX_PROMPT, "at most {MAX_PROMPT} bytes of prompt, not {}", ask.prompt.len());
        let held = self.held(session, token).await?;
        let mut held = held.lock().await;
        let corpus = self.corpus.clone();
        let (prompt, sampling) = (ask.prompt.clone(), Sampling { seed: ask.seed, ..Sampling::default() });
        let output =
            tokio::task::spawn_blocking(move || lm::generate(&corpus.index, &prompt, ask.max_bytes, sampling)).await?;
        // The corpus was loaded once; what it holds is what the answer is attributed to, as long as the session is younger.
        let height = self.corpus.height.max(held.tally.terms.opened_height);
        let receipt = held.tally.receipt(&ask.prompt, &output, height)?;
        let answer = Answer { prompt: ask.prompt, output, receipt };
        let said = Said::of(&answer);
        let mut after = held.tally.clone();
        after.accept(answer.clone())?;
        held.journal.append(&Entry::Answered { prompt: answer.prompt, said: said.clone() })?;
        held.tally = after;
        Ok(said)
    }

    /// Takes a voucher over everything so far.
    pub async fn voucher(&self, session: u64, token: &str, signed: Signed) -> Result<Standing> {
        let held = self.held(session, token).await?;
        let mut held = held.lock().await;
        let voucher = held.tally.voucher();
        ensure!(signed.count == voucher.count, "a voucher over {} receipts; there are {}", signed.count, voucher.count);
        voucher.verify(&held.tally.terms.voucher_key, &signed.signature)?;
        held.journal.append(&Entry::Vouchered(signed.clone()))?;
        held.voucher = Some(signed);
        Ok(held.standing())
    }

    /// Where a session stands.
    pub async fn standing(&self, session: u64, token: &str) -> Result<Standing> {
        let held = self.held(session, token).await?;
        let held = held.lock().await;
        Ok(held.standing())
    }

    /// Settles, existence-checked, whatever the session's voucher covers and the chain has not seen.
    pub async fn settle(&self, session: u64) -> Result<()> {
        let held = self.sessions.lock().await.get(&session).cloned().context("no such session")?;
        let mut held = held.lock().await;
        let Some(signed) = held.voucher.clone().filter(|signed| signed.count > held.tally.terms.settled) else {
            return Ok(());
        };
        let claims = settle::canonical_claims(&held.tally, signed.count, &self.corpus.index);
        let outcome = settle::settle(&mut *self.wallet.lock().await, &held.tally, &signed, &claims, &self.corpus).await;
        match outcome {
            Ok(settlement) => {
                held.tally.terms.settled = signed.count;
                held.settlement = Some(settlement);
                held.settle_error = None;
                tracing::info!(session, settlement, receipts = signed.count, "settled");
            }
            Err(error) => {
                held.settle_error = Some(format!("{error:#}"));
                tracing::warn!(session, "settling failed: {error:#}");
            }
        }
        Ok(())
    }
}

impl Held {
    fn new(tally: Tally, secret: &[u8; 32], journal: Journal) -> Self {
        Self { tally, token: bearer(secret), journal, voucher: None, settlement: None, settle_error: None }
    }

    fn standing(&self) -> Standing {
        Standing {
            answers: self.tally.answers().len() as u64,
            cumulative_fee: self.tally.cumulative_fee(),
            vouchered: self.voucher.as_ref().map_or(0, |signed| signed.count),
            settled: self.tally.terms.settled,
            settlement: self.settlement,
            settle_error: self.settle_error.clone(),
        }
    }
}
