//! `[agent]` of the settings: how an agent asks its parts. Where it listens and what it takes is `[serve]`'s.

use serde::Deserialize;

/// How an agent asks its parts.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentSettings {
    /// The agent, as registered on chain for the key's account.
    pub agent: u64,
    /// What each part is asked.
    pub plan: Plan,
    /// The most base units that a sub-session with a part is opened with, and topped up by where they are used up; less where the payer's
    /// own deposit pays for less.
    pub part_deposit: String,
    /// The most sub-sessions that the operator's account holds open: with `part_deposit` the bound of what it locks.
    pub part_sessions: usize,
    /// Seconds that a part may take to answer.
    pub part_seconds: u64,
    /// Answers beyond the payer's last voucher before another one is due: what the operator lends.
    pub unvouchered: u64,
}

/// What each part is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// What the payer asked.
    Each,
    /// What the payer asked and what the parts before it have said.
    Chain,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            agent: 0,
            plan: Plan::Each,
            part_deposit: "20000000000000000000".into(),
            part_sessions: 256,
            part_seconds: 120,
            unvouchered: 1,
        }
    }
}
