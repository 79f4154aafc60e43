//! From an agent's vouchers to the chain: what is vouchered is settled once its parts' receipts are.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::any;
use openledger_proto::openledger::attribution::v1 as pb;

use crate::agency::held::HeldAgent;
use crate::agency::tally::{AgentAnswer, AgentTerms};
use crate::agency::Agency;
use crate::chain;
use crate::wire::Signed;

/// How often vouchers are looked at.
pub const TICK: Duration = Duration::from_secs(2);
/// The longest pause between attempts.
const MOST_PAUSE: Duration = Duration::from_secs(300);
/// Receipts, and parts in them, that the chain takes at once.
const MAX_RECEIPTS: u64 = 256;
const MAX_PARTS: usize = 1_024;
/// Gas of a settlement, of each receipt and of each part in it.
const SETTLE_GAS: u64 = 2_000_000;
const RECEIPT_GAS: u64 = 500_000;
const PART_GAS: u64 = 500_000;

impl Agency {
    /// Settles in every session what is due.
    pub async fn settle_due(&self) {
        for session in self.sessions.all().await {
            // A session that answers just now has its turn next time.
            let Ok(mut held) = session.try_lock() else { continue };
            if !is_due(&held) {
                continue;
            }
            let id = held.tally.terms.session;
            let prepared = self.prepare(&mut held).await;
            drop(held);
            let settled = match prepared {
                // Parts are not settled yet, or nothing is.
                Ok(None) => continue,
                Ok(Some(message)) => self.send(&message).await.map(|count| (count, message.receipts.len())),
                Err(error) => Err(error),
            };
            let mut held = session.lock().await;
            match settled {
                Ok((count, receipts)) => {
                    self.metrics.settled(receipts as u64);
                    held.arrived(count);
                    tracing::info!(session = id, receipts, "settled");
                }
                Err(error) => {
                    self.metrics.settle_failures.inc();
                    held.settle_error = Some(format!("{error:#}"));
                    held.failures = (held.failures.0.saturating_add(1), Some(Instant::now()));
                    tracing::warn!(session = id, "settling failed: {error:#}");
                }
            }
        }
    }

    /// The next settlement of a session; nothing where its parts' receipts are not settled yet.
    async fn prepare(&self, held: &mut HeldAgent) -> Result<Option<pb::MsgSettleAgent>> {
        let found = chain::session(&self.rpc, held.tally.terms.session).await?;
        held.tally.terms = AgentTerms::of(&held.tally.terms.chain_id, &found)?;
        let settled = held.tally.terms.settled;
        let mut parts = BTreeMap::new();
        for session in held.parts.values().filter_map(|part| part.session) {
            parts.insert(session, chain::session(&self.rpc, session).await?.settled_count);
        }
        let Some(signed) = choose(&held.vouchers, settled, held.tally.answers(), &parts) else { return Ok(None) };
        let answers = held.tally.answers().get(settled as usize..signed.count as usize).context("answers")?;
        let voucher = held.tally.voucher_at(signed.count)?;
        Ok(Some(pb::MsgSettleAgent {
            operator: self.wallet.lock().await.address(),
            session: held.tally.terms.session,
            voucher: Some(pb::Voucher {
                count: signed.count,
                cumulative_fee: Uint256::from_be_bytes(voucher.cumulative_fee).to_string(),
                receipts_root: voucher.receipts_root.to_vec(),
                signature: signed.signature.clone(),
            }),
            receipts: answers.iter().map(message).collect(),
        }))
    }

    /// Sends a settlement until it is known what became of it; up to which receipt the session is settled.
    async fn send(&self, message: &pb::MsgSettleAgent) -> Result<u64> {
        let count = message.voucher.as_ref().map_or(0, |voucher| voucher.count);
        let parts: usize = message.receipts.iter().map(|receipt| receipt.parts.len()).sum();
        let gas = SETTLE_GAS + RECEIPT_GAS * message.receipts.len() as u64 + PART_GAS * parts as u64;
        match self.wallet.lock().await.deliver(vec![any(message)], gas).await {
            Ok(_) => Ok(count),
            Err(error) => {
                // Refused, perhaps, because a former process has settled it.
                let settled = chain::session(&self.rpc, message.session).await?.settled_count;
                if settled >= count {
                    return Ok(settled);
                }
                Err(error.into())
            }
        }
    }
}

fn is_due(held: &HeldAgent) -> bool {
    let waits = held.vouchers.last().is_some_and(|signed| signed.count > held.tally.terms.settled);
    let (failures, last) = held.failures;
    let pause = Duration::from_secs(2u64.saturating_pow(failures.min(16))).min(MOST_PAUSE);
    waits && last.is_none_or(|last| last.elapsed() >= pause)
}

/// The highest voucher that one message settles: all its receipts' parts are settled, up to the receipt that `parts` tells by sub-session.
fn choose<'a>(
    vouchers: &'a [Signed],
    settled: u64,
    answers: &[AgentAnswer],
    parts: &BTreeMap<u64, u64>,
) -> Option<&'a Signed> {
    let is_settled = |answer: &&AgentAnswer| {
        let known = |session: u64| parts.get(&session).copied().unwrap_or_default();
        answer.parts.iter().all(|part| part.said.index <= known(part.session))
    };
    let mut listed = 0;
    let ready = answers.iter().skip(settled as usize).take_while(is_settled).take_while(|answer| {
        listed += answer.parts.len();
        listed <= MAX_PARTS
    });
    let most = settled + (ready.count() as u64).min(MAX_RECEIPTS);
    vouchers.iter().rfind(|signed| (settled + 1..=most).contains(&signed.count))
}

fn message(answer: &AgentAnswer) -> pb::AgentReceipt {
    let part = |part: openledger_provenance::agent::Part| pb::PartReceipt {
        session: part.session,
        receipt: part.receipt,
        fee: Uint256::from_be_bytes(part.fee).to_string(),
    };
    let receipt = &answer.receipt;
    pb::AgentReceipt {
        index: receipt.index,
        prompt_len: receipt.prompt_len,
        transcript_len: receipt.transcript_len,
        transcript_root: receipt.transcript_root.to_vec(),
        own_fee: Uint256::from_be_bytes(receipt.own_fee).to_string(),
        parts: answer.listed().into_iter().map(part).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agency::tally::PartAnswer;
    use crate::wire::Said;
    use openledger_provenance::agent::AgentReceipt;

    fn answer(index: u64, parts: &[(u64, u64)]) -> AgentAnswer {
        let part = |&(session, index): &(u64, u64)| PartAnswer {
            deployment: 1,
            session,
            prompt: Vec::new(),
            said: Said {
                output: Vec::new(),
                index,
                model_version: 1,
                corpus_height: 1,
                transcript_root: [0; 32],
                fee: Uint256::zero(),
            },
            key: [0; 32],
        };
        let receipt = AgentReceipt {
            index,
            agent: 1,
            prompt_len: 0,
            transcript_len: 0,
            transcript_root: [0; 32],
            own_fee: [0; 32],
            parts_fee: [0; 32],
            parts: 0,
            parts_root: [0; 32],
        };
        AgentAnswer { prompt: Vec::new(), output: Vec::new(), receipt, parts: parts.iter().map(part).collect() }
    }

    #[test]
    fn what_is_vouchered_waits_for_its_parts_and_goes_in_messages_that_the_chain_takes() {
        let vouchers: Vec<Signed> =
            [1, 3, 4].map(|count| Signed { count, signature: Vec::new() }).into_iter().collect();
        let answers: Vec<AgentAnswer> = (1..5).map(|index| answer(index, &[(7, index), (8, index)])).collect();
        let chosen = |settled, parts: [(u64, u64); 2]| {
            choose(&vouchers, settled, &answers, &parts.into()).map(|signed| signed.count)
        };
        assert_eq!(chosen(0, [(7, 0), (8, 4)]), None, "one part has settled nothing");
        assert_eq!(chosen(0, [(7, 2), (8, 4)]), Some(1), "no voucher is over two");
        assert_eq!(chosen(0, [(7, 3), (8, 4)]), Some(3));
        assert_eq!(chosen(3, [(7, 4), (8, 4)]), Some(4));
        assert_eq!(chosen(4, [(7, 4), (8, 4)]), None);
        let many: Vec<(u64, u64)> = (1..401).map(|at| (7, at)).collect();
        let heavy: Vec<AgentAnswer> = (1..5).map(|index| answer(index, &many)).collect();
        let chosen = choose(&vouchers, 0, &heavy, &[(7, 400)].into()).map(|signed| signed.count);
        assert_eq!(chosen, Some(1), "1,024 parts are in two answers");
    }
}
