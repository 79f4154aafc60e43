//! Sessions in memory, by number and by bearer token: a deployment's, or an agent's.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;

use openledger_provenance::hash::sha256;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::serve::refusal::Refusal;
use crate::wire::{bearer, Hello, Recalled, Signed, Standing};

/// A session as it is held.
pub trait Session: Send + 'static {
    /// An answer as it is sent.
    type Said: Serialize + Send;

    /// SHA-256 of its bearer token.
    fn token(&self) -> [u8; 32];

    /// Where it stands.
    fn standing(&self) -> Standing;

    /// Takes a voucher in.
    fn vouch(&mut self, signed: Signed) -> Result<(), Refusal>;

    /// An answer that was given before, by its receipt's number.
    fn recall(&self, index: u64) -> Result<Recalled<Self::Said>, Refusal>;
}

/// What a session's token is known by, from the session's secret.
pub fn token_of(secret: &[u8; 32]) -> [u8; 32] {
    sha256(&[bearer(secret).as_bytes()])
}

/// Whether a voucher is another one than the `last`, over more than the `vouchered` receipts and over `answers` at most; its signature is
/// for the caller to check.
pub fn is_further(
    signed: &Signed,
    last: Option<&Signed>,
    (session, vouchered, answers): (u64, u64, u64),
) -> Result<bool, Refusal> {
    let count = signed.count;
    if count == vouchered && last == Some(signed) {
        return Ok(false);
    }
    if count <= vouchered || count > answers {
        return Err(Refusal::not_held(format!(
            "a voucher over {count} receipts of session {session}: the last was over {vouchered}, there are {answers}"
        )));
    }
    Ok(true)
}

/// Sessions, each behind a lock of its own.
pub struct Sessions<S> {
    held: Mutex<BTreeMap<u64, Arc<Mutex<S>>>>,
    tokens: Mutex<HashMap<[u8; 32], u64>>,
    greeting: Mutex<()>,
}

impl<S> Default for Sessions<S> {
    fn default() -> Self {
        Self { held: Mutex::default(), tokens: Mutex::default(), greeting: Mutex::default() }
    }
}

impl<S: Session> Sessions<S> {
    /// Greets a payer: where the session is not held yet, `greet` takes it up.
    pub async fn hello(
        &self,
        hello: &Hello,
        greet: impl Future<Output = anyhow::Result<S>> + Send,
    ) -> Result<Standing, Refusal> {
        // One greeting at a time, so that a session begins once; its file is made once the chain knows it.
        let _one = self.greeting.lock().await;
        if let Some(held) = self.get(hello.session).await {
            let held = held.lock().await;
            return if held.token() == token_of(&hello.secret) {
                Ok(held.standing())
            } else {
                Err(Refusal::unknown_token())
            };
        }
        let greeted = greet.await.map_err(|error| Refusal::not_held(format!("{error:#}")))?;
        let standing = greeted.standing();
        self.keep(hello.session, greeted).await;
        Ok(standing)
    }

    /// Takes a session in.
    pub async fn keep(&self, session: u64, held: S) {
        self.tokens.lock().await.insert(held.token(), session);
        self.held.lock().await.insert(session, Arc::new(Mutex::new(held)));
    }

    /// One session.
    pub async fn get(&self, session: u64) -> Option<Arc<Mutex<S>>> {
        self.held.lock().await.get(&session).cloned()
    }

    /// All sessions.
    pub async fn all(&self) -> Vec<Arc<Mutex<S>>> {
        self.held.lock().await.values().cloned().collect()
    }

    /// The session of a bearer token.
    pub async fn by_token(&self, token: &str) -> Result<Arc<Mutex<S>>, Refusal> {
        let session = self.tokens.lock().await.get(&sha256(&[token.as_bytes()])).copied();
        let session = session.ok_or_else(Refusal::unknown_token)?;
        self.get(session).await.ok_or_else(Refusal::unknown_token)
    }

    /// A session whose token this must be.
    pub async fn of(&self, session: u64, token: &str) -> Result<Arc<Mutex<S>>, Refusal> {
        match self.tokens.lock().await.get(&sha256(&[token.as_bytes()])) {
            Some(found) if *found == session => {}
            _ => return Err(Refusal::unknown_token()),
        }
        self.by_token(token).await
    }
}
