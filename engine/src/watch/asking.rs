//! Asking, as anybody may: for what lies behind claims that were made on the bond alone (D3, S-open), and for the share of an author whose text
//! the claims leave to nobody, because the model version did not declare it.
//!
//! What is not answered in time is false without further evidence; what is published on demand, a watcher looks at by itself.

use std::ops::Range;

use anyhow::{Context, Result};
use openledger_client::{any, wallet, Rpc, Wallet};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::{Claim, SegmentsOpening};
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::SettledOpening;
use openledger_provenance::inquiry::Inquiry;
use openledger_provenance::merkle::Tree;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::undeclared::{MAX_UNDECLARED_BYTES, MIN_UNDECLARED_BYTES};
use openledger_provenance::WINDOW_BYTES;
use serde_json::json;

use crate::sync::{follow, Corpora};
use crate::watch::evidence::{self, PUBLISHED};
use crate::{chain, forms};

/// Gas for a question, and for showing an undeclared source.
const ASK_GAS: u64 = 3_000_000;
const SHOW_GAS: u64 = 10_000_000;
/// Places of a contribution at which one window is tried.
const PLACES: usize = 1_000;

/// The present claims of a settlement.
struct Round {
    first_receipt: u64,
    claimed: Vec<pb::ClaimedReceipt>,
    settled: Vec<(SettledReceipt, Claim)>,
    tree: Tree,
}

impl Round {
    async fn of(rpc: &Rpc, settlement: u64) -> Result<Self> {
        let found = chain::settlement(rpc, settlement).await?;
        let made = found.rounds.last().context("a settlement without claims")?.height;
        let round = u32::try_from(found.rounds.len().saturating_sub(1))?;
        let claimed = evidence::claimed(rpc, settlement, round, made).await?;
        let settled = claimed.iter().map(evidence::settled).collect::<Result<Vec<_>>>()?;
        let tree = evidence::tree(settled.iter().map(|(settled, _)| settled));
        Ok(Self { first_receipt: found.first_receipt, claimed, settled, tree })
    }

    /// A receipt's place, and what was settled of it.
    fn receipt(&self, receipt: u64) -> Result<(usize, &SettledReceipt, &Claim)> {
        let place = receipt.checked_sub(self.first_receipt).and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| Some((place, self.settled.get(place)?)));
        let (place, (settled, claim)) = found.with_context(|| {
            let last = self.first_receipt + self.settled.len() as u64 - 1;
            format!("the settlement has receipts {} to {last}, not {receipt}", self.first_receipt)
        })?;
        Ok((place, settled, claim))
    }

    fn open(&self, receipt: u64) -> Result<SettledOpening> {
        let (place, settled, _) = self.receipt(receipt)?;
        Ok(SettledOpening { settled: *settled, path: self.tree.prove(place as u64, 1)? })
    }
}

/// Demands a byte of a segment, opened in the transcript and in the source (D3).
pub async fn demand_opening(
    wallet: &mut Wallet,
    (settlement, receipt): (u64, u64),
    (segment, byte): (u32, u32),
) -> Result<pb::MsgDemandOpeningResponse> {
    let round = Round::of(&wallet.rpc, settlement).await?;
    let (_, _, claim) = round.receipt(receipt)?;
    let segment = SegmentsOpening::prove(claim, segment, 1)
        .with_context(|| format!("segment {segment} of {}", claim.segments.len()))?;
    let question = Inquiry { settled: round.open(receipt)?, segment, byte }.encode();
    let demand = pb::MsgDemandOpening { challenger: wallet.address(), settlement, question };
    let found = wallet.deliver(vec![any(&demand)], ASK_GAS).await?;
    wallet::responses(&found)?.into_iter().next().context("the transaction asked for nothing")
}

/// Demands a receipt's transcript (S-open): as the session's payer, or as the author of a contribution in the corpus.
pub async fn demand_transcript(
    wallet: &mut Wallet,
    (settlement, receipt): (u64, u64),
    contribution: u64,
) -> Result<pb::MsgDemandTranscriptResponse> {
    let round = Round::of(&wallet.rpc, settlement).await?;
    let receipt = round.open(receipt)?.encode();
    let demand = pb::MsgDemandTranscript { challenger: wallet.address(), settlement, receipt, contribution };
    let found = wallet.deliver(vec![any(&demand)], ASK_GAS).await?;
    wallet::responses(&found)?.into_iter().next().context("the transaction asked for nothing")
}

/// Shows the longest stretch of a receipt's output that its claim leaves to nobody in a contribution that the model version did not
/// declare; its windows, and what the author gets.
pub async fn claim_undeclared(
    wallet: &mut Wallet,
    corpora: &Corpora,
    (settlement, receipt): (u64, u64),
    contribution: u64,
) -> Result<(Range<u32>, pb::MsgClaimUndeclaredResponse)> {
    let rpc = wallet.rpc.clone();
    let round = Round::of(&rpc, settlement).await?;
    let (place, settled, claim) = round.receipt(receipt)?;
    let (transcript, key) = transcript(&rpc, settlement, receipt, &round.claimed[place]).await?;
    let bytes = corpora.obtain(&chain::contribution(&rpc, contribution).await?).await?;
    let prompt_len = settled.receipt.prompt_len as usize;
    let shown = longest(&transcript, prompt_len, claim, &bytes).with_context(|| {
        format!("contribution {contribution} holds no {MIN_UNDECLARED_BYTES} bytes at a stretch that the claim leaves to nobody")
    })?;
    let Stretch { start, count, offset } = shown;
    let prover =
        Prover { transcript: &transcript, key, claim, settled: *settled, settlement: &round.tree, place: place as u64 };
    let source = prover.open_undeclared(start, count, offset, &bytes)?;
    let message = pb::MsgClaimUndeclared {
        claimant: wallet.address(),
        settlement,
        receipt: round.open(receipt)?.encode(),
        segments: forms::segment_messages(claim),
        start,
        count,
        contribution,
        offset,
        transcript: source.transcript.encode(),
        source: source.source.encode(),
        credits: credits(&rpc, settlement).await?,
    };
    let found = wallet.deliver(vec![any(&message)], SHOW_GAS).await?;
    let answer = wallet::responses(&found)?.into_iter().next().context("the transaction showed nothing")?;
    Ok((start..start + count, answer))
}

/// A receipt's words and key: published with its claim, or on demand.
async fn transcript(
    rpc: &Rpc,
    settlement: u64,
    receipt: u64,
    claimed: &pb::ClaimedReceipt,
) -> Result<(Vec<u8>, ReceiptKey)> {
    if let Some(published) = evidence::read(std::slice::from_ref(claimed))?.into_iter().flatten().next() {
        return Ok((published.transcript, published.key));
    }
    let query = format!("{PUBLISHED}.settlement='{settlement}' AND {PUBLISHED}.receipt='{receipt}'");
    let found = rpc.call("tx_search", json!({"query": query, "prove": false, "page": "1", "per_page": "1"})).await?;
    let found = found["txs"].get(0).with_context(|| {
        format!("the transcript of receipt {receipt} is not published: demand it, or have its payer or an author do so")
    })?;
    let (settlement, receipt) = (settlement.to_string(), receipt.to_string());
    let of_it = |event: &&openledger_client::rpc::Event| {
        event.kind == PUBLISHED
            && follow::attribute(event, "settlement") == Some(settlement.as_str())
            && follow::attribute(event, "receipt") == Some(receipt.as_str())
    };
    let events = follow::events_of(&found["tx_result"]["events"]);
    let event = events.iter().find(of_it).context("the transaction does not tell of the publication")?;
    let tx = follow::base64_of(&found["tx"])?;
    let (_, transcript, key) = evidence::publication(&tx, &follow::message_place(event))?;
    Ok((transcript, key))
}

/// What was given back of a settlement's receipts: stands in the message that settled them.
async fn credits(rpc: &Rpc, settlement: u64) -> Result<Vec<pb::Credit>> {
    let height = chain::settlement(rpc, settlement).await?.height;
    let claimed = evidence::claimed(rpc, settlement, 0, height).await?;
    let given = claimed.into_iter().filter(|claimed| !claimed.credit.is_empty() && claimed.credit != "0");
    let credit = |claimed: pb::ClaimedReceipt| {
        let receipt = claimed.receipt.context("a receipt is missing")?.index;
        Ok(pb::Credit { receipt, amount: claimed.credit })
    };
    given.map(credit).collect()
}

/// Windows of an output, and where a contribution holds the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    start: u32,
    count: u32,
    offset: u32,
}

/// The longest stretch of windows, of those that a claim leaves to nobody, that a text holds and one message may show; nothing where none
/// is long enough.
fn longest(transcript: &[u8], prompt_len: usize, claim: &Claim, text: &[u8]) -> Option<Stretch> {
    let span = WINDOW_BYTES as usize;
    let least = MIN_UNDECLARED_BYTES as usize + 1 - span;
    let output = transcript.get(prompt_len..)?;
    let windows = (output.len() + 1).saturating_sub(span);
    let mut best: Option<Stretch> = None;
    let taken = claim.segments.iter().map(|segment| (segment.start as usize, segment.end() as usize));
    let mut from = 0;
    for (start, end) in taken.chain([(windows, windows)]) {
        let free = from..start.min(windows);
        // Whatever is long enough holds one of these.
        for anchor in (free.start..free.end).filter(|place| place % least == 0) {
            let window = &output[anchor..anchor + span];
            let places = text.windows(span).enumerate().filter(|(_, bytes)| *bytes == window);
            for (offset, _) in places.take(PLACES) {
                let found = around(output, text, (anchor, offset), &free);
                if found.count as usize >= least && best.is_none_or(|best| found.count > best.count) {
                    best = Some(found);
                }
            }
        }
        from = end;
    }
    best
}

/// The stretch around a window that both hold.
fn around(output: &[u8], text: &[u8], (anchor, offset): (usize, usize), free: &Range<usize>) -> Stretch {
    let most = (MAX_UNDECLARED_BYTES + 1 - WINDOW_BYTES) as usize;
    let span = WINDOW_BYTES as usize;
    let before = (1..=anchor - free.start)
        .take_while(|back| *back <= offset && *back < most && output[anchor - back] == text[offset - back]);
    let before = before.count();
    let after = (1..free.end - anchor).take_while(|on| {
        let (ours, theirs) = (output.get(anchor + on + span - 1), text.get(offset + on + span - 1));
        before + on < most && ours.is_some() && ours == theirs
    });
    let count = before + 1 + after.count();
    // A text has at most 5 MiB, a transcript 64 KiB.
    Stretch { start: (anchor - before) as u32, count: count as u32, offset: (offset - before) as u32 }
}

#[cfg(test)]
mod tests {
    use openledger_provenance::claim::Segment;

    use super::*;
    use crate::watch::copies::tests::prose;

    fn claim(segments: &[(u32, u32)]) -> Claim {
        let segment = |(start, count): &(u32, u32)| Segment { start: *start, count: *count, source: 1, offset: 0 };
        Claim { segments: segments.iter().map(segment).collect() }
    }

    #[test]
    fn the_longest_stretch_of_windows_that_belong_to_nobody_is_found_where_the_text_holds_it() {
        let (declared, hidden) = (prose(1, 132), prose(2, 700));
        let transcript = [b"prompt", &declared[..132], &hidden[100..568]].concat();
        // 569 windows, 101 of the declared text; of the others 437 lie wholly in the hidden one.
        let found = longest(&transcript, 6, &claim(&[(0, 101)]), &hidden);
        assert_eq!(found, Some(Stretch { start: 132, count: 437, offset: 100 }));
        // What a claim gives to somebody is left out.
        let found = longest(&transcript, 6, &claim(&[(0, 101), (300, 10)]), &hidden);
        assert_eq!(found, Some(Stretch { start: 310, count: 259, offset: 278 }));
        assert_eq!(longest(&transcript, 6, &claim(&[(0, 101), (340, 10)]), &hidden), None, "208 and 219 are too few");
        assert_eq!(longest(&transcript, 6, &claim(&[(0, 101)]), &prose(4, 700)), None, "another text");
    }

    #[test]
    fn a_stretch_is_at_most_what_one_message_may_show() {
        let text = prose(3, 9_000);
        let found = longest(&text[..8_000], 0, &claim(&[]), &text).unwrap();
        assert_eq!(found.count, 4_065);
        assert_eq!(found.start, found.offset);
    }
}
