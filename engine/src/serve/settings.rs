//! `[serve]` of the settings: what a server answers, and how much of it at once.

use std::time::Duration;

use serde::Deserialize;

use crate::serve::door::Limits;
use crate::serve::gateway::MAX_BODY;

/// How a server answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeSettings {
    /// The deployment, as registered on chain for the key's account.
    pub deployment: u64,
    /// Where to listen.
    pub listen: String,
    /// The most open connections; more wait until one leaves.
    pub connections: usize,
    /// Seconds that a request's header may take, and then its body.
    pub read_seconds: u64,
    /// Seconds for which a client may take nothing of its answer.
    pub write_seconds: u64,
    /// Answers made at once; 0 for one a core.
    pub workers: usize,
    /// Questions that may wait for a worker; more are answered 429.
    pub queue: usize,
    /// The most bytes of output a question may ask for.
    pub max_output: usize,
    /// The most bytes of a prompt, template included.
    pub max_prompt: usize,
    /// Bytes of output where a question names no number.
    pub default_output: usize,
    /// Answers beyond the last voucher before another voucher is due: at most 64, what one settlement takes.
    pub unvouchered: u64,
    /// Blocks after which the corpus is looked at again; answers carry its height, and payers refuse one over 600 blocks old.
    pub refresh_blocks: u64,
    /// Seconds for which a voucher waits for a higher one before it is settled.
    pub settle_delay_seconds: u64,
    /// How settlements are looked at on arrival: `existence`, `claims-only`, or `auto`: claims only where the chain takes that and
    /// openings do not fit.
    pub check: CheckChoice,
}

/// How settlements are to be looked at on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckChoice {
    /// Every segment opened.
    Existence,
    /// On the bond alone.
    ClaimsOnly,
    /// Opened where it fits, else on the bond.
    Auto,
}

impl ServeSettings {
    /// What the HTTP door lets its clients do.
    pub fn limits(&self) -> Limits {
        let seconds = |seconds: u64| Duration::from_secs(seconds.max(1));
        Limits {
            connections: self.connections,
            read: seconds(self.read_seconds),
            write: seconds(self.write_seconds),
            body: MAX_BODY,
        }
    }
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            deployment: 0,
            listen: "127.0.0.1:8091".into(),
            connections: 1_000,
            read_seconds: 10,
            write_seconds: 30,
            workers: 0,
            queue: 64,
            max_output: 16 * 1024,
            max_prompt: 32 * 1024,
            default_output: 256,
            unvouchered: 32,
            refresh_blocks: 100,
            settle_delay_seconds: 0,
            check: CheckChoice::Auto,
        }
    }
}
