//! From vouchers to settlements: what is due, in batches that the chain takes, once each.
//!
//! The chain's `settled_count` decides what is settled; a session's journal says what may still be on its way. A settlement is sent in a
//! transaction that can come up to a height and not after, so it is known at last what became of it, and a second one of the same
//! receipts would be refused. What fails is tried again, ever more rarely.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::any;
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1::MsgSettle;
use openledger_provenance::claim::Claim;
use openledger_provenance::ECHO;

use crate::chain;
use crate::credit::{self, CreditBook};
use crate::serve::held::Held;
use crate::serve::settings::CheckChoice;
use crate::serve::Server;
use crate::settle::{self, MAX_BYTES, MAX_CLAIMS_ONLY, MAX_EXISTENCE};
use crate::sync::Corpus;
use crate::tally::Terms;
use crate::wire::Signed;

/// The longest pause between attempts.
const MOST_PAUSE: Duration = Duration::from_secs(300);
/// Blocks for which a settlement may be on its way: what `Wallet::deliver` gives all its attempts, and some.
const IN_FLIGHT_BLOCKS: u64 = 200;

/// What is settled next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The voucher.
    pub signed: Signed,
    /// Whether every segment is opened.
    pub opened: bool,
}

/// Chooses the highest voucher whose receipts fit one settlement; `bytes` are the estimates of all receipts, in order.
pub fn choose(vouchers: &[Signed], settled: u64, bytes: &[u64], check: CheckChoice, bond_alone: bool) -> Option<Batch> {
    let due = vouchers.iter().filter(|signed| signed.count > settled);
    let size =
        |signed: &Signed| bytes.get(settled as usize..signed.count as usize).map(|part| part.iter().sum::<u64>());
    let opened = |signed: &&Signed| {
        signed.count - settled <= MAX_EXISTENCE && size(signed).is_some_and(|bytes| bytes <= MAX_BYTES)
    };
    let on_bond = |signed: &&Signed| signed.count - settled <= MAX_CLAIMS_ONLY;
    let opened = due.clone().rfind(opened).map(|signed| Batch { signed: signed.clone(), opened: true });
    let on_bond = due.clone().rfind(on_bond).map(|signed| Batch { signed: signed.clone(), opened: false });
    match check {
        CheckChoice::Existence => opened,
        CheckChoice::ClaimsOnly if bond_alone => on_bond,
        CheckChoice::Auto if bond_alone => opened.or(on_bond),
        CheckChoice::ClaimsOnly | CheckChoice::Auto => opened,
    }
}

/// A settlement that is ready to be sent.
struct Ready {
    message: MsgSettle,
    receipts: u64,
    count: u64,
}

impl Server {
    /// Settles in every session what is due.
    pub async fn settle_due(&self) {
        for session in self.sessions.all().await {
            // A session that answers just now has its turn next time.
            let Ok(mut held) = session.try_lock() else { continue };
            if !self.is_due(&held) {
                continue;
            }
            let id = held.tally.terms.session;
            let ready = self.prepare(&mut held).await;
            // While it is on its way, the session goes on.
            drop(held);
            let outcome = match ready {
                Ok(Some(ready)) => self.send(&ready).await.map(|settlement| Some((settlement, ready))),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            let mut held = session.lock().await;
            match outcome {
                Ok(Some((settlement, ready))) => {
                    self.metrics.settled(ready.receipts);
                    held.arrived(ready.count, settlement);
                    tracing::info!(session = id, settlement, receipts = ready.receipts, "settled");
                }
                Ok(None) => held.failures = (0, None),
                Err(error) => {
                    self.metrics.settle_failures.inc();
                    held.settle_error = Some(format!("{error:#}"));
                    held.failures = (held.failures.0.saturating_add(1), Some(Instant::now()));
                    tracing::warn!(session = id, "settling failed: {error:#}");
                }
            }
        }
    }

    fn is_due(&self, held: &Held) -> bool {
        let waits = held.vouchers.last().is_some_and(|signed| signed.count > held.tally.terms.settled);
        let delay = Duration::from_secs(self.settings.settle_delay_seconds);
        let ripe = held.closing || held.voucher_since.is_some_and(|since| since.elapsed() >= delay);
        let (failures, last) = held.failures;
        let pause = Duration::from_secs(2u64.saturating_pow(failures.min(16))).min(MOST_PAUSE);
        waits && ripe && last.is_none_or(|last| last.elapsed() >= pause)
    }

    /// Makes the next settlement of a session, and notes that it is on its way; nothing where the chain has all, or may have it soon.
    async fn prepare(&self, held: &mut Held) -> Result<Option<Ready>> {
        let session = held.tally.terms.session;
        let (_, height) = self.rpc.chain().await?;
        let before = held.tally.terms.settled;
        let credits = self.learn_settled(held).await?;
        let settled = held.tally.terms.settled;
        if settled > before {
            let last = chain::settlements(&self.rpc, session).await?.last().map_or(0, |last| last.id);
            held.arrived(settled, last);
            tracing::info!(session, settled, "an earlier settlement has arrived");
        }
        if held.in_flight_before && held.in_flight_until >= height {
            // A former process sent one whose end it did not see; while it may come, none is sent beside it.
            tracing::debug!(session, until = held.in_flight_until, "a settlement may be on its way");
            return Ok(None);
        }
        // What is sealed is settled on the bond alone: its transcripts are its payer's.
        let (choice, bond_alone) = match held.tally.terms.sealed {
            true => (CheckChoice::ClaimsOnly, true),
            false => (self.settings.check, held.params.claims_only),
        };
        let Some(batch) = choose(&held.vouchers, settled, held.bytes(), choice, bond_alone) else {
            let waits = held.vouchers.last().is_some_and(|last| last.count > settled);
            anyhow::ensure!(!waits, "no voucher's receipts fit one settlement");
            return Ok(None);
        };
        let mut message = self.message(held, &batch).await?;
        give_back(&mut message, &credits)?;
        let count = batch.signed.count;
        held.settling(count, height + IN_FLIGHT_BLOCKS)?;
        Ok(Some(Ready { message, receipts: count - settled, count }))
    }

    /// Sends a settlement until it is known what became of it; its number.
    async fn send(&self, ready: &Ready) -> Result<u64> {
        let gas = settle::gas(ready.receipts);
        let outcome = self.wallet.lock().await.deliver(vec![any(&ready.message)], gas).await;
        match outcome {
            Ok(found) => settle::settlement_of(&found),
            Err(error) => {
                // Refused, perhaps, because it is settled.
                let session = ready.message.session;
                let found = chain::session(&self.rpc, session).await?;
                let last = chain::settlements(&self.rpc, session).await?.last().map(|last| last.id);
                last.filter(|_| found.settled_count >= ready.count).ok_or_else(|| error.into())
            }
        }
    }

    /// Asks the chain what is settled; what is given back of receipts that are not: by notes that were presented, and those of the book.
    async fn learn_settled(&self, held: &mut Held) -> Result<BTreeMap<u64, Uint256>> {
        let found = chain::session(&self.rpc, held.tally.terms.session).await?;
        held.tally.terms = Terms::of(&held.tally.terms.chain_id, &found)?;
        let mut credits = credit::presented(&found)?;
        for (receipt, note) in CreditBook::new(&self.folder).of(found.id)? {
            let known = credits.entry(receipt).or_default();
            *known = note.amount.max(*known);
        }
        Ok(credits)
    }

    /// The message of a batch, from the claims that were made with the answers.
    async fn message(&self, held: &Held, batch: &Batch) -> Result<MsgSettle> {
        let (server, tally) = (self.ours.clone(), &held.tally);
        let claims = held.claims(tally.terms.settled, batch.signed.count);
        if !batch.opened {
            return settle::message_on_bond(&server, tally, &batch.signed, claims);
        }
        let serving = self.serving();
        if holds(&serving.corpus, claims) {
            return settle::message(&server, tally, &batch.signed, claims, &serving.corpus);
        }
        // A source has left the corpus since; it is in the one that the answers were attributed to.
        let first = settle::unsettled(tally, batch.signed.count).first().context("nothing to settle")?;
        let corpus = self.corpora.load(tally.terms.model_version, first.receipt.corpus_height).await?;
        settle::message(&server, tally, &batch.signed, claims, &corpus)
    }
}

/// Writes credits into a settlement, each up to its receipt's fee.
fn give_back(message: &mut MsgSettle, credits: &BTreeMap<u64, Uint256>) -> Result<()> {
    for claimed in &mut message.receipts {
        let Some(receipt) = &claimed.receipt else { continue };
        if let Some(credit) = credits.get(&receipt.index) {
            claimed.credit = parse_amount(&receipt.fee)?.min(*credit).to_string();
        }
    }
    Ok(())
}

/// Whether a corpus holds every source of these claims.
fn holds(corpus: &Corpus, claims: &[Claim]) -> bool {
    let mut segments = claims.iter().flat_map(|claim| &claim.segments);
    segments.all(|segment| segment.source == ECHO || corpus.index.document(segment.source).is_some())
}

#[cfg(test)]
mod tests {
    use openledger_proto::openledger::attribution::v1 as pb;

    use super::*;

    fn vouchers(counts: &[u64]) -> Vec<Signed> {
        counts.iter().map(|count| Signed { count: *count, signature: Vec::new() }).collect()
    }

    fn chosen(
        counts: &[u64],
        settled: u64,
        bytes: &[u64],
        check: CheckChoice,
        bond_alone: bool,
    ) -> Option<(u64, bool)> {
        choose(&vouchers(counts), settled, bytes, check, bond_alone).map(|batch| (batch.signed.count, batch.opened))
    }

    #[test]
    fn the_highest_voucher_that_fits_is_settled_first() {
        let bytes = vec![1_000; 300];
        assert_eq!(chosen(&[3, 20, 64], 0, &bytes, CheckChoice::Auto, false), Some((64, true)));
        assert_eq!(chosen(&[3, 20, 65], 0, &bytes, CheckChoice::Auto, false), Some((20, true)));
        assert_eq!(chosen(&[3, 20, 65], 20, &bytes, CheckChoice::Auto, false), Some((65, true)));
        assert_eq!(chosen(&[3, 20], 20, &bytes, CheckChoice::Auto, false), None);
        let heavy = vec![300_000; 10];
        assert_eq!(chosen(&[1, 2, 3], 0, &heavy, CheckChoice::Existence, true), Some((2, true)));
    }

    #[test]
    fn what_is_given_back_of_a_receipt_is_at_most_its_fee_and_of_no_other() {
        let receipt = |index, fee: &str| pb::ClaimedReceipt {
            receipt: Some(pb::Receipt { index, fee: fee.into(), ..Default::default() }),
            ..Default::default()
        };
        let receipts = vec![receipt(4, "100"), receipt(5, "100"), receipt(6, "100")];
        let mut message = MsgSettle { receipts, ..Default::default() };
        give_back(&mut message, &[(3, 1u64), (4, 7), (6, 500)].map(|(at, amount)| (at, amount.into())).into()).unwrap();
        let credits: Vec<&str> = message.receipts.iter().map(|claimed| claimed.credit.as_str()).collect();
        assert_eq!(credits, ["7", "", "100"]);
    }

    #[test]
    fn what_no_opening_fits_goes_on_the_bond_where_the_chain_takes_that() {
        let heavy = vec![700_001; 10];
        assert_eq!(chosen(&[1, 2], 0, &heavy, CheckChoice::Auto, false), None);
        assert_eq!(chosen(&[1, 2], 0, &heavy, CheckChoice::Auto, true), Some((2, false)));
        assert_eq!(chosen(&[1, 2], 0, &[10, 10], CheckChoice::ClaimsOnly, true), Some((2, false)));
        assert_eq!(chosen(&[1, 2], 0, &[10, 10], CheckChoice::ClaimsOnly, false), Some((2, true)));
        assert_eq!(chosen(&[257], 0, &vec![1; 300], CheckChoice::ClaimsOnly, true), None);
    }
}
