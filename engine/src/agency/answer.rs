//! From a question to an answer in the session's file: the parts are asked in order, each paid when it has answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use openledger_proto::openledger::attribution::v1::SessionStatus;
use serde_json::{json, Value};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::agency::held::HeldAgent;
use crate::agency::settings::Plan;
use crate::agency::tally::{shares, AgentAnswer, AgentTerms, PartAnswer};
use crate::agency::Agency;
use crate::chain;
use crate::model::Finish;
use crate::serve::answer::{check, Listener, Question, Told};
use crate::serve::refusal::Refusal;
use crate::wire::{Ask, Said};

/// How long what the chain said of a session is taken for true.
const SESSION_FRESH: Duration = Duration::from_secs(5);

impl Agency {
    /// Answers; what each part says goes to `listener` once it is said. The work goes on where who asked has gone: what was paid for stays
    /// recorded.
    pub async fn answer(
        self: &Arc<Self>,
        held: Arc<Mutex<HeldAgent>>,
        question: Question,
        listener: Listener,
    ) -> Result<AgentAnswer, Refusal> {
        check(&self.serve, &question)?;
        let (place, agency, begun) = (self.queue.take()?, self.clone(), Instant::now());
        let work = tokio::spawn(async move {
            let _place = place;
            agency.work(held.lock_owned().await, question, listener).await
        });
        let answer = work.await.map_err(|error| Refusal::fault(&error.into())).and_then(|answer| answer);
        let told = answer.as_ref().ok().map(|answer| (answer.output.len(), answer.receipt.own_fee));
        self.metrics.answered(told, begun.elapsed());
        answer
    }

    async fn work(
        &self,
        mut held: OwnedMutexGuard<HeldAgent>,
        question: Question,
        listener: Listener,
    ) -> Result<AgentAnswer, Refusal> {
        if let Some(known) = question.key.as_ref().and_then(|key| held.under(key)) {
            if known.prompt != question.prompt {
                return Err(Refusal::invalid("Idempotency-Key", "the key was used for another prompt"));
            }
            let _ = listener.send(known.output.clone());
            return Ok(known.clone());
        }
        self.look(&mut held).await?;
        self.check_credit(&held, &question)?;
        let parts = self.ask_parts(&mut held, &question, &listener).await?;
        let recorded = held.tally.answer(&question.prompt, parts).and_then(|answer| {
            held.record(answer.clone(), question.key)?;
            Ok(answer)
        });
        recorded.map_err(|error| Refusal::fault(&error))
    }

    /// Asks the parts in order. A part that fails ends the answer: what others said before it is the operator's cost.
    async fn ask_parts(
        &self,
        held: &mut HeldAgent,
        question: &Question,
        listener: &Listener,
    ) -> Result<Vec<PartAnswer>, Refusal> {
        let deployments: Vec<u64> = held.tally.terms.parts.iter().map(|part| part.deployment).collect();
        let asked = deployments.iter().zip(shares(question.sampling.max_bytes, deployments.len()));
        let (mut context, mut answers) = (question.context.clone(), Vec::new());
        for (deployment, bytes) in asked.filter(|(_, bytes)| *bytes > 0) {
            let ask = Ask {
                temperature: Some(question.sampling.temperature),
                top_p: Some(question.sampling.top_p),
                stops: question.stops.iter().map(|stop| String::from_utf8_lossy(stop).into_owned()).collect(),
                ..Ask::new(&context, bytes, question.sampling.seed)
            };
            let answer = self.ask_part(held, *deployment, ask).await.map_err(|error| {
                tracing::warn!(part = deployment, "{error:#}");
                Refusal::unavailable(format!(
                    "deployment {deployment}, a part of this agent, does not answer: {error:#}"
                ))
            })?;
            if self.settings.plan == Plan::Chain {
                context.extend_from_slice(&answer.said.output);
            }
            // Who listens no more is answered all the same: its parts are paid.
            let _ = listener.send(answer.said.output.clone());
            answers.push(answer);
        }
        Ok(answers)
    }

    async fn ask_part(&self, held: &mut HeldAgent, deployment: u64, ask: Ask) -> Result<PartAnswer> {
        let limit = Duration::from_secs(self.settings.part_seconds.max(1));
        let payer = self.part(held, deployment, ask.max_bytes).await?;
        let answered = tokio::time::timeout(limit, payer.ask_for(&self.rpc, &ask)).await;
        let answered =
            answered.with_context(|| format!("no answer within {} s", limit.as_secs())).and_then(|said| said);
        let answer = match answered {
            Ok(answer) => answer.clone(),
            Err(error) => {
                // Whether it answered is not known: it is asked when the sub-session is taken up anew.
                held.parts.get_mut(&deployment).context("a part")?.payer = None;
                return Err(error);
            }
        };
        let (session, key) = (payer.tally.terms.session, payer.tally.receipt_key(answer.receipt.index).0);
        let paid = payer.pay().await;
        let said = Said::of(&answer);
        held.part_said(deployment, ask.prompt.clone(), said.clone())?;
        if let Err(error) = paid {
            // The next voucher covers it.
            tracing::warn!(part = deployment, sub_session = session, "paying: {error:#}");
        }
        Ok(PartAnswer { deployment, session, prompt: ask.prompt, said, key })
    }

    /// Asks the chain about a session again where that is due.
    async fn look(&self, held: &mut HeldAgent) -> Result<(), Refusal> {
        let session = held.tally.terms.session;
        if held.looked.is_none_or(|looked| looked.elapsed() > SESSION_FRESH) {
            let found = chain::session(&self.rpc, session).await.map_err(Refusal::unavailable)?;
            held.closing = found.status != SessionStatus::Open as i32;
            let terms = AgentTerms::of(&held.tally.terms.chain_id, &found);
            held.tally.terms = terms.map_err(|error| Refusal::fault(&error))?;
            held.looked = Some(Instant::now());
        }
        if held.closing {
            return Err(Refusal::closed(session));
        }
        Ok(())
    }

    /// Whether deposit and vouchers cover another answer, its parts included.
    fn check_credit(&self, held: &HeldAgent, question: &Question) -> Result<(), Refusal> {
        let (terms, bytes) = (&held.tally.terms, question.sampling.max_bytes);
        let price = terms.most(bytes).map_err(Refusal::deposit)?;
        let left = terms.deposit.saturating_sub(held.tally.cumulative_fee());
        if price > left {
            return Err(Refusal::deposit(format!(
                "up to {bytes} bytes may cost {price}aopen with the agent's parts, of the deposit of {} there are {left} left: \
                 ask for fewer bytes (max_tokens) or top the session up",
                terms.deposit
            )));
        }
        let answers = held.tally.answers().len() as u64;
        let (open, session) = (answers - held.vouchered().min(answers), terms.session);
        if open >= self.settings.unvouchered.max(1) {
            return Err(Refusal::voucher_due(format!(
                "{open} answers are not covered by a voucher: sign one over {answers} receipts (POST \
                 /v1/sessions/{session}/voucher)"
            )));
        }
        Ok(())
    }

    /// An answer as OpenAI's API tells it.
    pub(super) fn told(&self, session: &Value, answer: AgentAnswer, asked: usize) -> Told {
        let finish = if answer.output.len() >= asked { Finish::Length } else { Finish::Stop };
        let part = |part: &PartAnswer| {
            json!({
                "deployment": part.deployment,
                "session": part.session,
                "prompt": hex::encode(&part.prompt),
                "receipt": part.said,
                "receipt_key": hex::encode(part.key),
            })
        };
        let receipt = &answer.receipt;
        let citations = json!({
            "receipt": {
                "session": session["session"],
                "agent": receipt.agent,
                "index": receipt.index,
                "prompt_len": receipt.prompt_len,
                "transcript_len": receipt.transcript_len,
                "transcript_root": hex::encode(receipt.transcript_root),
                "own_fee": cosmwasm_std::Uint256::from_be_bytes(receipt.own_fee),
                "parts_fee": cosmwasm_std::Uint256::from_be_bytes(receipt.parts_fee),
                "parts_root": hex::encode(receipt.parts_root),
            },
            "parts": answer.parts.iter().map(part).collect::<Vec<_>>(),
            "session": session,
        });
        Told { prompt: answer.prompt.len(), output: answer.output, finish, citations }
    }
}
