//! What a server owes to whoever looks behind its claims: openings that were demanded (D3), transcripts that were demanded or drawn
//! (S-open). Without an answer in time the claims are false, so this comes before everything else.
//!
//! The chain's list of open demands is asked for whenever there is a new block: nothing is kept, so nothing is lost by a restart. Many
//! answers go in one transaction: a settlement may have sixteen demands open, and a server many settlements.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use futures_util::stream::{self, StreamExt};
use openledger_client::{any, Error};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::Any;
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::ECHO;

use crate::chain;
use crate::serve::held::Held;
use crate::serve::Server;
use crate::settle;
use crate::sync::holder;
use crate::tally::Answer;
use crate::watch::evidence;

/// Gas of an answer, and of a byte of it: at most 4 KiB, or a transcript of at most 64 KiB.
const ANSWER_GAS: u64 = 2_000_000;
const BYTE_GAS: u64 = 50;
/// What one transaction of answers may need: a fifth of a block's gas, and what the chain takes of one sender's words.
const BATCH_GAS: u64 = 100_000_000;
const BATCH_BYTES: u64 = settle::MAX_BYTES;

/// How many answers are made at the same time, most of them waiting for their session.
const AT_ONCE: usize = 512;
/// How long none has become ready before those that are go out.
const QUIET: Duration = Duration::from_secs(1);

/// Open demands that need nothing more of us, and those whose answers were refused among others.
#[derive(Default)]
pub struct Known {
    done: BTreeSet<u64>,
    alone: BTreeSet<u64>,
}

/// An answer that is ready.
struct Ready {
    demand: u64,
    message: Any,
}

impl Ready {
    fn bytes(&self) -> u64 {
        self.message.value.len() as u64
    }

    fn gas(&self) -> u64 {
        ANSWER_GAS + BYTE_GAS * self.bytes()
    }
}

/// How many of these answers, from the first, go in one transaction: one, and as many more as fit and were not refused before.
fn batch(ready: &[Ready], alone: &BTreeSet<u64>) -> usize {
    let (mut gas, mut bytes) = (0, 0);
    let fits = |one: &&Ready| {
        gas += one.gas();
        bytes += one.bytes();
        gas <= BATCH_GAS && bytes <= BATCH_BYTES && !alone.contains(&one.demand)
    };
    ready.iter().take_while(fits).count().clamp(1.min(ready.len()), ready.len())
}

impl Server {
    /// Answers every open demand for claims of ours, many in a transaction, those first whose time is over first.
    pub async fn answer_demands(&self) -> Result<()> {
        let mut open = chain::demands(&self.rpc).await?;
        open.sort_by_key(|demand| (demand.deadline, demand.id));
        let mut known = self.demands.lock().await;
        let still: BTreeSet<u64> = open.iter().map(|demand| demand.id).collect();
        known.done.retain(|id| still.contains(id));
        known.alone.retain(|id| still.contains(id));
        open.retain(|demand| !known.done.contains(&demand.id));
        let making = open.into_iter().map(|demand| async move { (demand.id, self.answer_to(&demand).await) });
        let mut making = stream::iter(making.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        let mut ready = Vec::new();
        // A session that answers its payer has its claims locked: what is ready of others does not wait for it.
        loop {
            match tokio::time::timeout(QUIET, making.next()).await {
                Ok(Some((demand, Ok(Some(message))))) => ready.push(Ready { demand, message }),
                Ok(Some((demand, Ok(None)))) => drop(known.done.insert(demand)),
                Ok(Some((demand, Err(error)))) => unanswered(demand, &error),
                Err(_) => self.send_ready(std::mem::take(&mut ready), &mut known).await,
                Ok(None) => break,
            }
        }
        self.send_ready(ready, &mut known).await;
        Ok(())
    }

    async fn send_ready(&self, mut ready: Vec<Ready>, known: &mut Known) {
        // What was refused holds up nothing: it is sent alone, after the others.
        ready.sort_by_key(|one| known.alone.contains(&one.demand));
        let mut rest = ready.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(batch(rest, &known.alone));
            self.send_answers(batch, known).await;
            rest = later;
        }
    }

    /// Sends answers in one transaction; where it is refused each half is tried for itself, so that one answer does not cost the others
    /// their time. Where only its fee, its sequence or a full mempool was in the way, all wait for the next time together.
    async fn send_answers(&self, answers: &[Ready], known: &mut Known) {
        let mut left = vec![answers];
        while let Some(answers) = left.pop() {
            let messages = answers.iter().map(|one| one.message.clone()).collect();
            let gas = answers.iter().map(Ready::gas).sum();
            let sent = self.wallet.lock().await.deliver(messages, gas).await;
            match (sent, answers) {
                (Ok(_), _) => {
                    known.done.extend(answers.iter().map(|one| one.demand));
                    self.metrics.openings.inc_by(answers.len() as u64);
                    tracing::info!(demands = ?answers.iter().map(|one| one.demand).collect::<Vec<_>>(), "opened what was demanded");
                }
                (Err(error), [_, _, ..]) if is_its_own_fault(&error) => {
                    let (sooner, later) = answers.split_at(answers.len() / 2);
                    left.extend([later, sooner]);
                }
                (Err(error), _) => {
                    if is_its_own_fault(&error) {
                        known.alone.extend(answers.iter().map(|one| one.demand));
                    }
                    let error = error.into();
                    answers.iter().for_each(|one| unanswered(one.demand, &error));
                }
            }
        }
    }

    /// Shows every chunk that somebody asks for and that is held here: a content that nobody shows is left out of the next version.
    pub async fn show_chunks(&self) -> Result<()> {
        let mut holder = self.holder.lock().await;
        for due in holder.due(&self.rpc, &self.ours).await? {
            let sent = self.wallet.lock().await.deliver(vec![due.message.clone()], holder::ANSWER_GAS).await;
            holder.sent(&due, &sent.map(|_| ()));
            self.metrics.chunks.inc();
        }
        Ok(())
    }

    /// The answer to a demand; nothing where it asks for what is not ours.
    async fn answer_to(&self, demand: &pb::Demand) -> Result<Option<Any>> {
        let settlement = chain::settlement(&self.rpc, demand.settlement).await?;
        let made = settlement.rounds.get(demand.round as usize).is_some_and(|round| round.maker == self.ours);
        if settlement.deployment != self.deployment || demand.round != 0 || !made {
            return Ok(None);
        }
        let held = self.sessions.get(settlement.session).await;
        let held = held.with_context(|| format!("session {} is not kept here", settlement.session))?;
        let held = held.lock().await;
        Ok(Some(self.opening(&held, &settlement, demand).await?))
    }

    async fn opening(&self, held: &Held, settlement: &pb::Settlement, demand: &pb::Demand) -> Result<Any> {
        let from = settlement.first_receipt.saturating_sub(1);
        let to = from + u64::from(settlement.receipts);
        let claims = held.claims(from, to);
        let answers = held.tally.answers().get(from as usize..to as usize).context("receipts that are not kept")?;
        ensure!(claims.len() == answers.len(), "claims that are not kept");
        let settled = answers.iter().zip(claims).map(|(answer, claim)| settled(answer, claim));
        let settled = settled.collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter());
        let place = demand.receipt.checked_sub(settlement.first_receipt).context("a receipt before the settlement")?;
        let at = usize::try_from(place)?;
        let (answer, claim) = answers.get(at).zip(claims.get(at)).context("a receipt after the settlement")?;
        let transcript = answer.transcript();
        let prover = Prover {
            transcript: &transcript,
            key: held.tally.receipt_key(demand.receipt),
            claim,
            settled: settled[at],
            settlement: &tree,
            place,
        };
        if demand.kind != pb::DemandKind::Opening as i32 {
            return Ok(any(&pb::MsgPublishTranscript {
                claimant: self.ours.clone(),
                demand: demand.id,
                receipt: prover.open_settled()?.encode(),
                receipt_key: prover.key.0.to_vec(),
                transcript,
            }));
        }
        let segment = claim.segments.get(demand.segment as usize).context("no such segment")?;
        let serving = self.serving();
        let opened = match serving.corpus.index.document(segment.source) {
            None if segment.source != ECHO => {
                // It has left the corpus since the answer was attributed to it.
                let source = chain::contribution(&self.rpc, segment.source).await?;
                let bytes = self.corpora.obtain(&source).await?;
                prover.open_byte(demand.segment, demand.byte, Some(&bytes))?
            }
            bytes => prover.open_byte(demand.segment, demand.byte, bytes)?,
        };
        Ok(any(&pb::MsgAnswerOpening { claimant: self.ours.clone(), demand: demand.id, answer: opened.encode() }))
    }
}

/// Whether a transaction failed by what is in it: refused by a module, too little gas (11), too long (21).
fn is_its_own_fault(error: &Error) -> bool {
    error.is_refusal() || matches!(error, Error::Tx { code: 11 | 21, .. })
}

fn unanswered(demand: u64, error: &anyhow::Error) {
    tracing::error!(demand, "a demand is not answered yet: {error:#}");
}

fn settled(answer: &Answer, claim: &Claim) -> Result<SettledReceipt> {
    let segment_count = u32::try_from(claim.segments.len())?;
    Ok(SettledReceipt { receipt: answer.receipt, segment_count, segments_root: claim.segments_root() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(demand: u64, bytes: usize) -> Ready {
        Ready { demand, message: Any { type_url: String::new(), value: vec![0; bytes] } }
    }

    fn batches(ready: &[Ready], alone: &[u64]) -> Vec<usize> {
        let (mut rest, mut sizes) = (ready, Vec::new());
        while !rest.is_empty() {
            let size = batch(rest, &alone.iter().copied().collect());
            sizes.push(size);
            rest = &rest[size..];
        }
        sizes
    }

    #[test]
    fn all_that_can_be_asked_of_seventy_five_settlements_is_answered_in_far_fewer_blocks_than_there_are() {
        let openings: Vec<Ready> = (0..75 * 16).map(|demand| ready(demand, 4_096)).collect();
        let sizes = batches(&openings, &[]);
        assert_eq!(sizes.iter().sum::<usize>(), openings.len());
        assert!(sizes.len() <= 30, "{sizes:?}");
        let gas = |batch: &[Ready]| batch.iter().map(Ready::gas).sum::<u64>();
        assert!(gas(&openings[..sizes[0]]) <= BATCH_GAS);
        // Transcripts are bounded by their bytes.
        let transcripts: Vec<Ready> = (0..40).map(|demand| ready(demand, 65_536)).collect();
        assert_eq!(batches(&transcripts, &[]), [10; 4]);
    }

    #[test]
    fn what_was_refused_among_others_goes_alone_and_what_fits_no_bound_goes_too() {
        let answers: Vec<Ready> = (0..6).map(|demand| ready(demand, 100)).collect();
        assert_eq!(batches(&answers, &[4, 5]), [4, 1, 1]);
        assert_eq!(batches(&[ready(1, 900_000), ready(2, 10)], &[]), [1, 1]);
    }
}
