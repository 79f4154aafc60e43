//! Answering who asks for a chunk of a content that is held here: for the deposit while there is time, afterwards so that the content is
//! available again and its author is paid.
//!
//! The chain's list of challenges is asked for each time: nothing is kept, so nothing is lost by a restart. Of several holders the first
//! has the deposit; what the chain refuses is not sent again.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use openledger_client::{any, Error, Rpc};
use openledger_proto::openledger::datanet::v1::{Challenge, MsgAnswerAvailability};
use openledger_proto::Any;
use openledger_provenance::content::{self, ContentOpening};
use openledger_provenance::CHUNK_BYTES;

use crate::chain;
use crate::sync::store::Contents;

/// Gas of an answer: a chunk and a path of at most 15 hashes.
pub const ANSWER_GAS: u64 = 1_000_000;

/// A chunk that is asked for and held here.
#[derive(Debug, Clone)]
pub struct Due {
    /// The contribution.
    pub seq: u64,
    /// Its chunk.
    pub chunk: u32,
    /// Whether an answer is too late for the deposit.
    pub missed: bool,
    /// The answer.
    pub message: Any,
}

/// Answers for a folder of contents.
#[derive(Debug)]
pub struct Holder {
    contents: Contents,
    /// Challenges that need nothing more of us, while they are listed.
    done: BTreeSet<(u64, u32)>,
    /// Root and length of contributions that were asked for.
    known: BTreeMap<u64, (Vec<u8>, u64)>,
}

impl Holder {
    /// Of these contents.
    pub fn new(contents: Contents) -> Self {
        Self { contents, done: BTreeSet::new(), known: BTreeMap::new() }
    }

    /// The answers that `ours` can give to what is asked for now.
    pub async fn due(&mut self, rpc: &Rpc, ours: &str) -> Result<Vec<Due>> {
        let listed = chain::challenges(rpc).await?;
        let still: BTreeSet<_> = listed.iter().map(|challenge| (challenge.seq, challenge.chunk)).collect();
        self.done.retain(|place| still.contains(place));
        self.known.retain(|seq, _| listed.iter().any(|challenge| challenge.seq == *seq));
        let mut due = Vec::new();
        for challenge in listed {
            let mine = challenge.challenger == ours && !challenge.missed;
            if mine || self.done.contains(&(challenge.seq, challenge.chunk)) {
                continue;
            }
            let (root, length) = self.commitment(rpc, challenge.seq).await?;
            if self.contents.has(&root) {
                match self.answer(&challenge, (&root, length), ours) {
                    Ok(answer) => due.push(answer),
                    // A damaged content is fetched again by whoever serves it; till then others may answer.
                    Err(error) => tracing::warn!(seq = challenge.seq, chunk = challenge.chunk, "{error:#}"),
                }
            }
        }
        Ok(due)
    }

    /// Notes what became of an answer: whether it need not be sent again.
    pub fn sent(&mut self, due: &Due, outcome: &Result<(), Error>) {
        let refused = matches!(outcome, Err(Error::Tx { codespace, .. }) if codespace != "sdk");
        if outcome.is_ok() || refused {
            self.done.insert((due.seq, due.chunk));
        }
        match outcome {
            Ok(()) => tracing::info!(seq = due.seq, chunk = due.chunk, missed = due.missed, "showed a chunk"),
            Err(error) => tracing::warn!(seq = due.seq, chunk = due.chunk, "showing a chunk: {error}"),
        }
    }

    async fn commitment(&mut self, rpc: &Rpc, seq: u64) -> Result<(Vec<u8>, u64)> {
        if let Some(known) = self.known.get(&seq) {
            return Ok(known.clone());
        }
        let contribution = chain::contribution(rpc, seq).await?;
        let reveal = contribution.reveal.with_context(|| format!("contribution {seq} is not revealed"))?;
        let found = (reveal.root.to_vec(), reveal.length);
        self.known.insert(seq, found.clone());
        Ok(found)
    }

    fn answer(&self, challenge: &Challenge, (root, length): (&[u8], u64), ours: &str) -> Result<Due> {
        let Challenge { seq, chunk, missed, .. } = *challenge;
        let bytes = self.contents.get(root, length)?;
        let offset = u64::from(chunk) * CHUNK_BYTES as u64;
        let len = length.checked_sub(offset).context("a chunk behind the content's end")?.min(CHUNK_BYTES as u64);
        let opening = ContentOpening::prove(&content::tree(&bytes), &bytes, offset, len)?;
        let message = any(&MsgAnswerAvailability {
            answerer: ours.into(),
            seq,
            chunk,
            bytes: opening.bytes,
            path: opening.path.iter().map(|hash| hash.to_vec()).collect(),
        });
        Ok(Due { seq, chunk, missed, message })
    }
}
