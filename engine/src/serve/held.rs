//! A session as its server holds it: the tally, its vouchers, the claims of its answers, and the file that keeps them.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{bail, Context, Result};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::{Claim, Segment};

use crate::serve::journal::{Entry, Journal};
use crate::serve::refusal::Refusal;
use crate::serve::sessions::{is_further, token_of, Session};
use crate::tally::{Answer, Tally};
use crate::wire::{Recalled, Said, Signed, Standing};

/// A session.
pub struct Held {
    /// Receipts so far.
    pub tally: Tally,
    /// The parameters that hold for it.
    pub params: pb::Params,
    /// Vouchers, each over more receipts than the one before.
    pub vouchers: Vec<Signed>,
    /// The last settlement, once there is one.
    pub settlement: Option<u64>,
    /// Why the last attempt to settle failed.
    pub settle_error: Option<String>,
    /// Attempts to settle that failed since the last that did not, and when the last one was.
    pub failures: (u32, Option<Instant>),
    /// When the first voucher came that is not settled.
    pub voucher_since: Option<Instant>,
    /// Last height of a settlement that a former process may have sent.
    pub in_flight_until: u64,
    /// Whether a former process sent it.
    pub in_flight_before: bool,
    /// When the chain was last asked about it; never for one that was just read back.
    pub looked: Option<Instant>,
    /// Whether it takes no more questions.
    pub closing: bool,
    token: [u8; 32],
    journal: Journal,
    claims: Vec<Claim>,
    bytes: Vec<u64>,
    keys: HashMap<String, u64>,
}

impl Held {
    /// A session that begins, or goes on with what its file holds.
    pub fn new(tally: Tally, params: pb::Params, secret: &[u8; 32], journal: Journal) -> Self {
        Self {
            tally,
            params,
            token: token_of(secret),
            vouchers: Vec::new(),
            settlement: None,
            settle_error: None,
            failures: (0, None),
            voucher_since: None,
            in_flight_until: 0,
            in_flight_before: false,
            looked: None,
            closing: false,
            journal,
            claims: Vec::new(),
            bytes: Vec::new(),
            keys: HashMap::new(),
        }
    }

    /// Takes back what the session's file holds after its greeting.
    pub fn replay(&mut self, entries: impl Iterator<Item = Entry>) -> Result<()> {
        for entry in entries {
            match entry {
                Entry::Answered { prompt, said, segments, key, bytes } => {
                    self.tally.accept(said.answer(&prompt)?)?;
                    self.remember(claim_of(&segments), key, bytes);
                }
                Entry::Vouchered(voucher) => self.vouchers.push(voucher),
                Entry::Settling { count, until } => {
                    self.in_flight_until = until;
                    self.in_flight_before = count > self.tally.terms.settled;
                }
                Entry::Opened(_) => bail!("the journal of session {} starts twice", self.tally.terms.session),
            }
        }
        self.voucher_since = self.vouchers.last().map(|_| Instant::now());
        Ok(())
    }

    /// Takes an answer in: on disk first, then counted.
    pub fn record(&mut self, answer: Answer, claim: Claim, key: Option<String>, bytes: u64) -> Result<()> {
        self.tally.check(&answer)?;
        let segments = claim.segments.iter().map(|s| (s.start, s.count, s.source, s.offset)).collect();
        let (prompt, said) = (answer.prompt.clone(), Said::of(&answer));
        self.journal.append(&Entry::Answered { prompt, said, segments, key: key.clone(), bytes })?;
        self.tally.accept(answer)?;
        self.remember(claim, key, bytes);
        Ok(())
    }

    fn remember(&mut self, claim: Claim, key: Option<String>, bytes: u64) {
        self.claims.push(claim);
        self.bytes.push(bytes);
        if let Some(key) = key {
            self.keys.insert(key, self.claims.len() as u64);
        }
    }

    /// Notes on disk that a settlement is on its way, which may come into a block up to a height.
    pub fn settling(&mut self, count: u64, until: u64) -> Result<()> {
        self.in_flight_until = until;
        self.journal.append(&Entry::Settling { count, until })
    }

    /// Receipts up to `count` are settled.
    pub fn arrived(&mut self, count: u64, settlement: u64) {
        self.tally.terms.settled = count.max(self.tally.terms.settled);
        self.settlement = Some(settlement);
        self.settle_error = None;
        self.failures = (0, None);
        self.in_flight_before = false;
        if self.vouchers.last().is_none_or(|last| last.count <= self.tally.terms.settled) {
            self.voucher_since = None;
        }
    }

    /// Receipts that the last voucher covers, or that are settled.
    pub fn vouchered(&self) -> u64 {
        self.vouchers.last().map_or(0, |signed| signed.count).max(self.tally.terms.settled)
    }

    /// Answers that no voucher covers, and about how many bytes they take in a settlement.
    pub fn unvouchered(&self) -> (u64, u64) {
        let from = usize::try_from(self.vouchered()).unwrap_or(usize::MAX).min(self.bytes.len());
        ((self.bytes.len() - from) as u64, self.bytes[from..].iter().sum())
    }

    /// The claims of receipts `from .. to`, counted from 0.
    pub fn claims(&self, from: u64, to: u64) -> &[Claim] {
        self.claims.get(from as usize..to as usize).unwrap_or_default()
    }

    /// About how many bytes receipts take in a settlement, in order.
    pub fn bytes(&self) -> &[u64] {
        &self.bytes
    }

    /// The receipt that was given under an idempotency key.
    pub fn under(&self, key: &str) -> Option<u64> {
        self.keys.get(key).copied()
    }

    /// An answer and its claim by the receipt's number.
    pub fn answer(&self, index: u64) -> Result<(&Answer, &Claim)> {
        let place = usize::try_from(index.saturating_sub(1))?;
        let found = self.tally.answers().get(place).zip(self.claims.get(place));
        found.with_context(|| format!("session {} has no receipt {index}", self.tally.terms.session))
    }
}

impl Session for Held {
    type Said = Said;

    fn token(&self) -> [u8; 32] {
        self.token
    }

    fn standing(&self) -> Standing {
        Standing {
            answers: self.tally.answers().len() as u64,
            cumulative_fee: self.tally.cumulative_fee(),
            vouchered: self.vouchers.last().map_or(0, |signed| signed.count),
            settled: self.tally.terms.settled,
            settlement: self.settlement,
            settle_error: self.settle_error.clone(),
        }
    }

    fn vouch(&mut self, signed: Signed) -> Result<(), Refusal> {
        let known = (self.tally.terms.session, self.vouchered(), self.tally.answers().len() as u64);
        if !is_further(&signed, self.vouchers.last(), known)? {
            return Ok(());
        }
        let voucher = self.tally.voucher_at(signed.count).map_err(|error| Refusal::fault(&error))?;
        self.tally.verify(&voucher, &signed.signature).map_err(Refusal::not_held)?;
        self.journal.append(&Entry::Vouchered(signed.clone())).map_err(|error| Refusal::fault(&error))?;
        self.vouchers.push(signed);
        self.voucher_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    fn recall(&self, index: u64) -> Result<Recalled<Said>, Refusal> {
        let (answer, _) = self.answer(index).map_err(Refusal::not_found)?;
        Ok(Recalled { prompt: answer.prompt.clone(), said: Said::of(answer) })
    }
}

fn claim_of(segments: &[(u32, u32, u64, u32)]) -> Claim {
    let segment = |(start, count, source, offset): &(u32, u32, u64, u32)| Segment {
        start: *start,
        count: *count,
        source: *source,
        offset: *offset,
    };
    Claim { segments: segments.iter().map(segment).collect() }
}

#[cfg(test)]
mod tests {
    use openledger_client::Key;
    use openledger_proto::amino::adr036_sign_bytes;

    use super::*;
    use crate::tally::tests::terms;

    /// A session with one answer, and the key of its payer's account.
    fn held(folder: &std::path::Path, adr036: bool) -> (Held, Key) {
        let (key, _) = Key::generate().unwrap();
        let mut terms = terms();
        terms.voucher_key = key.public_key();
        terms.wallet = adr036.then(|| key.address().to_string());
        let (journal, _) = Journal::open::<Entry>(folder, terms.session).unwrap();
        let mut held = Held::new(Tally::new(terms, [7; 32]), pb::Params::default(), &[7; 32], journal);
        let receipt = held.tally.receipt(b"prompt", b"an answer", 10).unwrap();
        let answer = Answer { prompt: b"prompt".to_vec(), output: b"an answer".to_vec(), receipt };
        held.record(answer, Claim::default(), None, 100).unwrap();
        (held, key)
    }

    #[test]
    fn a_wallet_pays_with_the_document_that_it_shows_and_a_session_key_with_the_voucher_itself() {
        for adr036 in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let (mut held, key) = held(folder.path(), adr036);
            let voucher = held.tally.voucher();
            let shown = adr036_sign_bytes(&key.address().to_string(), voucher.text().as_bytes());
            let (bare, shown) = (key.sign(&voucher.sign_bytes().unwrap()).unwrap(), key.sign(&shown).unwrap());
            let (good, bad) = if adr036 { (shown, bare) } else { (bare, shown) };
            assert!(held.vouch(Signed { count: 1, signature: bad }).is_err(), "the chain would not take it");
            held.vouch(Signed { count: 1, signature: good }).unwrap();
            assert_eq!(held.vouchered(), 1);
        }
    }
}
