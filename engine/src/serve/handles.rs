//! Authors' handles, asked of the chain and kept for a while.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use openledger_client::Rpc;
use tokio::sync::Mutex;

use crate::chain;

/// How long a handle is taken for true.
const FRESH: Duration = Duration::from_secs(600);
/// Handles that are kept at most.
const KEPT: usize = 100_000;

/// Handles by account.
#[derive(Default)]
pub struct Handles(Mutex<HashMap<String, (Instant, String)>>);

impl Handles {
    /// The handles of these accounts; one that cannot be asked for is left out.
    pub async fn of(&self, rpc: &Rpc, accounts: BTreeSet<String>) -> BTreeMap<String, String> {
        let mut known = self.0.lock().await;
        if known.len() > KEPT {
            known.clear();
        }
        let mut handles = BTreeMap::new();
        for account in accounts {
            let fresh = known.get(&account).filter(|(since, _)| since.elapsed() < FRESH);
            let handle = match fresh {
                Some((_, handle)) => handle.clone(),
                None => match chain::handle(rpc, &account).await {
                    Ok(handle) => handle,
                    Err(_) => continue,
                },
            };
            known.insert(account.clone(), (Instant::now(), handle.clone()));
            handles.insert(account, handle);
        }
        handles
    }
}
