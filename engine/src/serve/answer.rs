//! From a question to an answer in the session's journal.
//!
//! A question waits in a bounded queue, then for its session, then for a worker; the answer is attributed and on disk before its end
//! is said aloud. The work runs in a task of its own: whoever asks may go, what was said to him stays recorded.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use openledger_proto::openledger::attribution::v1::SessionStatus;
use openledger_provenance::claim::Claim;
use openledger_provenance::MAX_TRANSCRIPT_BYTES;
use serde_json::Value;
use tokio::sync::{mpsc, Mutex};

use crate::model::{complete, Completion, Finish, Sampling};
use crate::serve::held::Held;
use crate::serve::refusal::Refusal;
use crate::serve::settings::ServeSettings;
use crate::serve::{citations, Server, Serving};
use crate::tally::{Answer, Terms};
use crate::wire::Ask;
use crate::{attributor, chain, settle};

/// How long what the chain said of a session is taken for true.
const SESSION_FRESH: Duration = Duration::from_secs(5);
/// Bytes that the answers under one voucher may take in a settlement: what one message holds, with room.
const VOUCHER_BYTES: u64 = 600_000;
/// The most bytes an output byte was seen to add to a settlement, about: openings of its segments' chunks.
const BYTES_AN_OUTPUT_BYTE: u64 = 30;

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// What the payer wrote: the bytes that are attributed as the prompt.
    pub prompt: Vec<u8>,
    /// What the model continues.
    pub context: Vec<u8>,
    /// How it samples.
    pub sampling: Sampling,
    /// Sequences before which the answer ends.
    pub stops: Vec<Vec<u8>>,
    /// The same question under the same key is answered once.
    pub key: Option<String>,
}

impl Question {
    /// What the protocol's own call asks, under a key.
    pub fn of(ask: Ask, key: Option<String>) -> Self {
        Self {
            context: ask.prompt.clone(),
            prompt: ask.prompt,
            sampling: Sampling {
                seed: ask.seed,
                max_bytes: ask.max_bytes,
                temperature: ask.temperature.unwrap_or(1.0),
                top_p: ask.top_p.unwrap_or(1.0),
            },
            stops: ask.stops.into_iter().map(String::into_bytes).collect(),
            key,
        }
    }
}

/// An answer with all that is said of it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// Why it ended.
    pub finish: Finish,
    /// The field `openledger`.
    pub citations: Value,
}

/// An answer as it is written down for a client.
#[derive(Debug, Clone)]
pub struct Told {
    /// Bytes of the prompt.
    pub prompt: usize,
    /// What was said.
    pub output: Vec<u8>,
    /// Why it ended.
    pub finish: Finish,
    /// The field `openledger`.
    pub citations: Value,
}

impl From<Reply> for Told {
    fn from(reply: Reply) -> Self {
        let Reply { answer, finish, citations } = reply;
        Self { prompt: answer.prompt.len(), output: answer.output, finish, citations }
    }
}

/// What the listener of an answer gets while it is made.
pub type Listener = mpsc::UnboundedSender<Vec<u8>>;

impl Server {
    /// Answers; pieces of the output go to `listener` as they come. Where it is closed, the answer ends.
    pub async fn answer(
        self: &Arc<Self>,
        held: Arc<Mutex<Held>>,
        question: Question,
        listener: Listener,
    ) -> Result<Reply, Refusal> {
        check(&self.settings, &question)?;
        let place = self.queue.take()?;
        let server = self.clone();
        let begun = Instant::now();
        let work = tokio::spawn(async move {
            let _place = place;
            server.work(held, question, listener).await
        });
        let reply = work.await.map_err(|error| Refusal::fault(&error.into())).and_then(|reply| reply);
        let told = reply.as_ref().ok().map(|reply| (reply.answer.output.len(), reply.answer.receipt.fee));
        self.metrics.answered(told, begun.elapsed());
        reply
    }

    async fn work(&self, held: Arc<Mutex<Held>>, question: Question, listener: Listener) -> Result<Reply, Refusal> {
        let mut held = held.lock_owned().await;
        if let Some(index) = question.key.as_ref().and_then(|key| held.under(key)) {
            return self.again(&held, index, &question, &listener).await;
        }
        self.look(&mut held).await?;
        self.check_credit(&held, &question)?;
        let _worker = self.workers.acquire().await.map_err(|_| Refusal::unavailable("the server stops"))?;
        let serving = self.serving();
        let (made, question) =
            make(serving.clone(), question, listener).await.map_err(|error| Refusal::fault(&error))?;
        let (completion, claim) = made;
        if completion.finish == Finish::Cancelled && completion.output.is_empty() {
            return Err(Refusal::unavailable("nobody listened"));
        }
        let last =
            held.tally.answers().last().map_or(held.tally.terms.opened_height, |last| last.receipt.corpus_height);
        let recorded = (|| {
            let height = serving.corpus.height.max(last);
            let receipt = held.tally.receipt(&question.prompt, &completion.output, height)?;
            let answer = Answer { prompt: question.prompt, output: completion.output, receipt };
            let bytes = settle::estimate(&answer, &claim, &serving.corpus);
            held.record(answer.clone(), claim.clone(), question.key, bytes)?;
            anyhow::Ok(answer)
        })();
        let answer = recorded.map_err(|error| Refusal::fault(&error))?;
        let citations =
            self.describe(&held, &answer, &claim, &serving).await.map_err(|error| Refusal::fault(&error))?;
        Ok(Reply { answer, finish: completion.finish, citations })
    }

    /// The answer that was given under this key before.
    async fn again(&self, held: &Held, index: u64, question: &Question, listener: &Listener) -> Result<Reply, Refusal> {
        let (answer, claim) = held.answer(index).map_err(|error| Refusal::fault(&error))?;
        if answer.prompt != question.prompt {
            return Err(Refusal::invalid("Idempotency-Key", "the key was used for another prompt"));
        }
        let _ = listener.send(answer.output.clone());
        let finish = if answer.output.len() >= question.sampling.max_bytes { Finish::Length } else { Finish::Stop };
        let citations = self.describe(held, answer, claim, &self.serving()).await;
        let citations = citations.map_err(|error| Refusal::fault(&error))?;
        Ok(Reply { answer: answer.clone(), finish, citations })
    }

    async fn describe(&self, held: &Held, answer: &Answer, claim: &Claim, serving: &Serving) -> Result<Value> {
        let authors = claim.segments.iter().filter_map(|segment| serving.corpus.contributions.get(&segment.source));
        let authors = authors.map(|contribution| contribution.author.clone()).collect();
        let handles = self.handles.of(&self.rpc, authors).await;
        let split = held.params.split.unwrap_or_default();
        let terms = (&split, held.params.baseline_cap);
        citations::describe(&held.tally, answer, claim, &serving.corpus, terms, &handles)
    }

    /// Asks the chain about a session again where that is due: it may be closing, or its deposit larger.
    async fn look(&self, held: &mut Held) -> Result<(), Refusal> {
        let session = held.tally.terms.session;
        if held.looked.is_none_or(|looked| looked.elapsed() > SESSION_FRESH) {
            let found = chain::session(&self.rpc, session).await.map_err(Refusal::unavailable)?;
            held.closing = found.status != SessionStatus::Open as i32;
            let terms = Terms::of(&held.tally.terms.chain_id, &found).map_err(|error| Refusal::fault(&error))?;
            held.tally.terms = terms;
            held.looked = Some(Instant::now());
        }
        if held.closing {
            return Err(Refusal::closed(session));
        }
        Ok(())
    }

    /// Whether deposit and vouchers cover another answer.
    fn check_credit(&self, held: &Held, question: &Question) -> Result<(), Refusal> {
        let (terms, pending) = (&held.tally.terms, held.tally.cumulative_fee());
        let price = terms.price(question.sampling.max_bytes).map_err(Refusal::deposit)?;
        let left = terms.deposit.saturating_sub(pending);
        if price > left {
            return Err(Refusal::deposit(format!(
                "up to {} bytes may cost {price}aopen, of the deposit of {} there are {left} left: ask for fewer bytes \
                 (max_tokens) or top the session up",
                question.sampling.max_bytes, terms.deposit
            )));
        }
        let (answers, bytes) = held.unvouchered();
        let most = self.settings.unvouchered.clamp(1, settle::MAX_EXISTENCE);
        let more = question.prompt.len() as u64 + BYTES_AN_OUTPUT_BYTE * question.sampling.max_bytes as u64;
        if answers >= most || (answers > 0 && bytes + more > VOUCHER_BYTES) {
            let session = terms.session;
            return Err(Refusal::voucher_due(format!(
                "{answers} answers ({bytes} bytes to settle) are not covered by a voucher: sign one over {} receipts \
                 (POST /v1/sessions/{session}/voucher)",
                held.tally.answers().len()
            )));
        }
        Ok(())
    }
}

/// Refuses questions that are longer, or ask for more, than is served.
pub fn check(limits: &ServeSettings, question: &Question) -> Result<(), Refusal> {
    let asked = question.sampling.max_bytes;
    let prompt = question.prompt.len().max(question.context.len());
    if prompt > limits.max_prompt {
        return Err(Refusal::too_long(format!("the prompt has {prompt} bytes; {} may be", limits.max_prompt)));
    }
    if asked > limits.max_output {
        let message = format!("{asked} bytes of output are asked for; {} may be", limits.max_output);
        return Err(Refusal::invalid("max_tokens", message));
    }
    if question.prompt.len() + asked > MAX_TRANSCRIPT_BYTES as usize {
        let message = format!("prompt and output together may have {MAX_TRANSCRIPT_BYTES} bytes");
        return Err(Refusal::too_long(message));
    }
    Ok(())
}

/// Generates and attributes on a thread that may block.
async fn make(
    serving: Arc<Serving>,
    question: Question,
    listener: Listener,
) -> Result<((Completion, Claim), Question)> {
    let work = move || {
        let mut hear = |piece: &[u8]| match listener.send(piece.to_vec()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let model = serving.model.as_ref();
        let completion = complete(model, &question.context, &question.sampling, &question.stops, &mut hear)?;
        let transcript = [question.prompt.as_slice(), &completion.output].concat();
        let claim = attributor::claim(&serving.corpus.index, &transcript, u32::try_from(question.prompt.len())?);
        Ok(((completion, claim), question))
    };
    tokio::task::spawn_blocking(work).await?
}
