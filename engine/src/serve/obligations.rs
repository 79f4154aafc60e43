//! What a server owes to whoever looks behind its claims: openings that were demanded (D3), transcripts that were demanded or drawn
//! (S-open). Without an answer in time the claims are false, so this comes before everything else.
//!
//! The chain's list of open demands is asked for whenever there is a new block: nothing is kept, so nothing is lost by a restart.

use std::collections::BTreeSet;

use anyhow::{ensure, Context, Result};
use openledger_client::any;
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
use crate::sync::holder;
use crate::tally::Answer;
use crate::watch::evidence;

/// Gas of an answer: at most 4 KiB, or a transcript of at most 64 KiB.
const ANSWER_GAS: u64 = 10_000_000;

impl Server {
    /// Answers every open demand for claims of ours.
    pub async fn answer_demands(&self) -> Result<()> {
        let open = chain::demands(&self.rpc).await?;
        let mut known = self.demands.lock().await;
        let still: BTreeSet<u64> = open.iter().map(|demand| demand.id).collect();
        known.retain(|id| still.contains(id));
        for demand in open {
            if known.contains(&demand.id) {
                continue;
            }
            match self.answer_demand(&demand).await {
                // Not ours, or answered.
                Ok(answered) => {
                    known.insert(demand.id);
                    if answered {
                        self.metrics.openings.inc();
                        tracing::info!(demand = demand.id, settlement = demand.settlement, "opened what was demanded");
                    }
                }
                Err(error) => tracing::error!(
                    demand = demand.id,
                    settlement = demand.settlement,
                    deadline = demand.deadline,
                    "a demand is not answered yet: {error:#}"
                ),
            }
        }
        Ok(())
    }

    /// Shows every chunk that somebody asks for and that is held here: a content that nobody shows is left out of the next version.
    pub async fn show_chunks(&self) -> Result<()> {
        let mut holder = self.holder.lock().await;
        let ours = self.wallet.lock().await.address();
        for due in holder.due(&self.rpc, &ours).await? {
            let sent = self.wallet.lock().await.deliver(vec![due.message.clone()], holder::ANSWER_GAS).await;
            holder.sent(&due, &sent.map(|_| ()));
            self.metrics.chunks.inc();
        }
        Ok(())
    }

    async fn answer_demand(&self, demand: &pb::Demand) -> Result<bool> {
        let settlement = chain::settlement(&self.rpc, demand.settlement).await?;
        let ours = self.wallet.lock().await.address();
        let made = settlement.rounds.get(demand.round as usize).is_some_and(|round| round.maker == ours);
        if settlement.deployment != self.deployment || demand.round != 0 || !made {
            return Ok(false);
        }
        let held = self.sessions.get(settlement.session).await;
        let held = held.with_context(|| format!("session {} is not kept here", settlement.session))?;
        let message = {
            let held = held.lock().await;
            self.opening(&held, &settlement, demand, &ours).await?
        };
        self.wallet.lock().await.deliver(vec![message], ANSWER_GAS).await?;
        Ok(true)
    }

    async fn opening(&self, held: &Held, settlement: &pb::Settlement, demand: &pb::Demand, ours: &str) -> Result<Any> {
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
                claimant: ours.into(),
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
                // It has left the corpus since; it is in the one that the answer was attributed to.
                let (model, height) = (answer.receipt.model_version, answer.receipt.corpus_height);
                let corpus = self.corpora.load(model, height).await?;
                prover.open_byte(demand.segment, demand.byte, corpus.index.document(segment.source))?
            }
            bytes => prover.open_byte(demand.segment, demand.byte, bytes)?,
        };
        Ok(any(&pb::MsgAnswerOpening { claimant: ours.into(), demand: demand.id, answer: opened.encode() }))
    }
}

fn settled(answer: &Answer, claim: &Claim) -> Result<SettledReceipt> {
    let segment_count = u32::try_from(claim.segments.len())?;
    Ok(SettledReceipt { receipt: answer.receipt, segment_count, segments_root: claim.segments_root() })
}
