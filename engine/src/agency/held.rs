//! A session as its agent holds it: the tally, vouchers, the sub-sessions with the parts, and the file that keeps them.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};

use crate::agency::tally::{AgentAnswer, AgentTally};
use crate::agency::wire::SaidByAgent;
use crate::line::Keys;
use crate::payer::Payer;
use crate::serve::journal::Journal;
use crate::serve::refusal::Refusal;
use crate::serve::sessions::{is_further, token_of, Session};
use crate::wire::{Hello, Recalled, Said, Signed, Standing};

/// One line of a session's file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEntry {
    /// The session was opened with us.
    Opened(Hello),
    /// A sub-session is about to be opened with these keys: the deposit is found again, whatever happens on the way.
    Buying {
        /// The part.
        deployment: u64,
        /// Secret and voucher key.
        keys: Keys,
    },
    /// It was.
    Bought {
        /// The part.
        deployment: u64,
        /// Its number.
        session: u64,
    },
    /// A part answered.
    PartSaid {
        /// The part.
        deployment: u64,
        /// What it was asked.
        #[serde(with = "hex::serde")]
        prompt: Vec<u8>,
        /// What it said.
        said: Said,
    },
    /// An answer was given.
    Answered {
        /// What was asked.
        #[serde(with = "hex::serde")]
        prompt: Vec<u8>,
        /// What was said.
        said: SaidByAgent,
        /// The request's `Idempotency-Key`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// A voucher came.
    Vouchered(Signed),
}

/// A part's sub-session.
pub struct PartHeld {
    /// What it is bought with.
    pub keys: Keys,
    /// Its number, once it is open.
    pub session: Option<u64>,
    /// What the part said, in order.
    pub said: Vec<(Vec<u8>, Said)>,
    /// The session as its payer holds it, once it is taken up in this run.
    pub payer: Option<Payer>,
}

/// An agent's session.
pub struct HeldAgent {
    /// Receipts so far.
    pub tally: AgentTally,
    /// Vouchers, each over more receipts than the one before.
    pub vouchers: Vec<Signed>,
    /// Sub-sessions by deployment.
    pub parts: BTreeMap<u64, PartHeld>,
    /// Why the last attempt to settle failed.
    pub settle_error: Option<String>,
    /// Attempts to settle that failed since the last that did not, and when the last one was.
    pub failures: (u32, Option<Instant>),
    /// When the chain was last asked about it.
    pub looked: Option<Instant>,
    /// Whether it takes no more questions.
    pub closing: bool,
    /// When it was last looked at whether its sub-sessions are to be closed.
    pub looked_for_end: Option<Instant>,
    /// Whether it is over and all its sub-sessions are closed.
    pub ended: bool,
    token: [u8; 32],
    journal: Journal,
    keys: HashMap<String, u64>,
}

impl HeldAgent {
    /// A session that begins, or goes on with what its file holds.
    pub fn new(tally: AgentTally, secret: &[u8; 32], journal: Journal) -> Self {
        Self {
            tally,
            token: token_of(secret),
            vouchers: Vec::new(),
            parts: BTreeMap::new(),
            settle_error: None,
            failures: (0, None),
            looked: None,
            closing: false,
            looked_for_end: None,
            ended: false,
            journal,
            keys: HashMap::new(),
        }
    }

    /// Takes back what the session's file holds after its greeting.
    pub fn replay(&mut self, entries: impl Iterator<Item = AgentEntry>) -> Result<()> {
        for entry in entries {
            match entry {
                AgentEntry::Opened(_) => bail!("the journal of session {} starts twice", self.tally.terms.session),
                AgentEntry::Answered { prompt, said, key } => {
                    self.tally.accept(said.answer(&prompt)?)?;
                    self.remember(key);
                }
                AgentEntry::Vouchered(voucher) => self.vouchers.push(voucher),
                AgentEntry::Buying { deployment, keys } => self.take_part(deployment, keys),
                AgentEntry::Bought { deployment, session } => self.known(deployment)?.session = Some(session),
                AgentEntry::PartSaid { deployment, prompt, said } => self.known(deployment)?.said.push((prompt, said)),
            }
        }
        Ok(())
    }

    fn take_part(&mut self, deployment: u64, keys: Keys) {
        self.parts.insert(deployment, PartHeld { keys, session: None, said: Vec::new(), payer: None });
    }

    fn known(&mut self, deployment: u64) -> Result<&mut PartHeld> {
        let part = self.parts.get_mut(&deployment);
        part.with_context(|| format!("a sub-session with deployment {deployment} was never begun"))
    }

    /// Notes that a sub-session is about to be bought.
    pub fn buying(&mut self, deployment: u64, keys: Keys) -> Result<()> {
        self.journal.append(&AgentEntry::Buying { deployment, keys: keys.clone() })?;
        self.take_part(deployment, keys);
        Ok(())
    }

    /// Notes its number.
    pub fn bought(&mut self, deployment: u64, session: u64) -> Result<()> {
        self.journal.append(&AgentEntry::Bought { deployment, session })?;
        self.known(deployment)?.session = Some(session);
        Ok(())
    }

    /// Notes what a part said.
    pub fn part_said(&mut self, deployment: u64, prompt: Vec<u8>, said: Said) -> Result<()> {
        let entry = AgentEntry::PartSaid { deployment, prompt: prompt.clone(), said: said.clone() };
        self.journal.append(&entry)?;
        self.known(deployment)?.said.push((prompt, said));
        Ok(())
    }

    /// Takes an answer in: on disk first, then counted.
    pub fn record(&mut self, answer: AgentAnswer, key: Option<String>) -> Result<()> {
        self.tally.check(&answer)?;
        let (prompt, said) = (answer.prompt.clone(), SaidByAgent::of(&answer));
        self.journal.append(&AgentEntry::Answered { prompt, said, key: key.clone() })?;
        self.tally.accept(answer)?;
        self.remember(key);
        Ok(())
    }

    fn remember(&mut self, key: Option<String>) {
        if let Some(key) = key {
            self.keys.insert(key, self.tally.answers().len() as u64);
        }
    }

    /// The answer that was given under an idempotency key.
    pub fn under(&self, key: &str) -> Option<&AgentAnswer> {
        let place = usize::try_from(self.keys.get(key)?.checked_sub(1)?).ok()?;
        self.tally.answers().get(place)
    }

    /// Receipts that the last voucher covers, or that are settled.
    pub fn vouchered(&self) -> u64 {
        self.vouchers.last().map_or(0, |signed| signed.count).max(self.tally.terms.settled)
    }

    /// What each answer tells of its session.
    pub fn told(&self) -> serde_json::Value {
        let voucher = self.tally.voucher();
        serde_json::json!({
            "session": self.tally.terms.session,
            "receipts": voucher.count,
            "cumulative_fee": self.tally.cumulative_fee(),
            "deposit": self.tally.terms.deposit,
            "receipts_root": hex::encode(voucher.receipts_root),
        })
    }

    /// Receipts up to `count` are settled.
    pub fn arrived(&mut self, count: u64) {
        self.tally.terms.settled = count.max(self.tally.terms.settled);
        (self.settle_error, self.failures) = (None, (0, None));
    }
}

impl Session for HeldAgent {
    type Said = SaidByAgent;

    fn token(&self) -> [u8; 32] {
        self.token
    }

    fn standing(&self) -> Standing {
        Standing {
            answers: self.tally.answers().len() as u64,
            cumulative_fee: self.tally.cumulative_fee(),
            vouchered: self.vouchers.last().map_or(0, |signed| signed.count),
            settled: self.tally.terms.settled,
            settlement: None,
            settle_error: self.settle_error.clone(),
        }
    }

    fn vouch(&mut self, signed: Signed) -> Result<(), Refusal> {
        let known = (self.tally.terms.session, self.vouchered(), self.tally.answers().len() as u64);
        if !is_further(&signed, self.vouchers.last(), known)? {
            return Ok(());
        }
        let voucher = self.tally.voucher_at(signed.count).map_err(|error| Refusal::fault(&error))?;
        voucher.verify(&self.tally.terms.voucher_key, &signed.signature).map_err(Refusal::not_held)?;
        self.journal.append(&AgentEntry::Vouchered(signed.clone())).map_err(|error| Refusal::fault(&error))?;
        self.vouchers.push(signed);
        Ok(())
    }

    fn recall(&self, index: u64) -> Result<Recalled<SaidByAgent>, Refusal> {
        let place = usize::try_from(index.saturating_sub(1)).unwrap_or(usize::MAX);
        let answer = self.tally.answers().get(place).ok_or_else(|| {
            Refusal::not_found(format!("session {} has no receipt {index}", self.tally.terms.session))
        })?;
        Ok(Recalled { prompt: answer.prompt.clone(), said: SaidByAgent::of(answer) })
    }
}
