//! Sessions in memory, by number and by bearer token.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use openledger_provenance::hash::sha256;
use tokio::sync::Mutex;

use crate::serve::refusal::Refusal;

/// Sessions, each behind a lock of its own.
pub struct Sessions<H> {
    held: Mutex<BTreeMap<u64, Arc<Mutex<H>>>>,
    tokens: Mutex<HashMap<[u8; 32], u64>>,
}

impl<H> Default for Sessions<H> {
    fn default() -> Self {
        Self { held: Mutex::default(), tokens: Mutex::default() }
    }
}

impl<H> Sessions<H> {
    /// Takes a session in, under the SHA-256 of its token.
    pub async fn keep(&self, session: u64, token: [u8; 32], held: H) -> Arc<Mutex<H>> {
        self.tokens.lock().await.insert(token, session);
        let held = Arc::new(Mutex::new(held));
        self.held.lock().await.insert(session, held.clone());
        held
    }

    /// One session.
    pub async fn get(&self, session: u64) -> Option<Arc<Mutex<H>>> {
        self.held.lock().await.get(&session).cloned()
    }

    /// All sessions.
    pub async fn all(&self) -> Vec<Arc<Mutex<H>>> {
        self.held.lock().await.values().cloned().collect()
    }

    /// The session of a bearer token.
    pub async fn by_token(&self, token: &str) -> Result<Arc<Mutex<H>>, Refusal> {
        let session = self.tokens.lock().await.get(&sha256(&[token.as_bytes()])).copied();
        let session = session.ok_or_else(Refusal::unknown_token)?;
        self.get(session).await.ok_or_else(Refusal::unknown_token)
    }

    /// A session whose token this must be.
    pub async fn of(&self, session: u64, token: &str) -> Result<Arc<Mutex<H>>, Refusal> {
        match self.tokens.lock().await.get(&sha256(&[token.as_bytes()])) {
            Some(found) if *found == session => {}
            _ => return Err(Refusal::unknown_token()),
        }
        self.by_token(token).await
    }
}
