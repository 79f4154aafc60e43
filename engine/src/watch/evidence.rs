//! What a settlement published, and the first deviation in it from the canonical attribution.

use anyhow::{ensure, Context, Result};
use openledger_client::Rpc;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::{Message, Name};
use openledger_provenance::audit::{audit_with, Finding};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::dispute::{Dispute, SettledOpening};
use openledger_provenance::merkle::Tree;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::ECHO;
use serde_json::json;

use crate::index::Index;
use crate::sync::follow;
use crate::{attributor, forms};

/// The event of a settlement.
pub const SETTLED: &str = "attribution_settled";
/// The event of replacement claims.
pub const REPLACED: &str = "attribution_claims_replaced";
/// The event of claims that were proven false, once the bond is forfeit.
pub const REFUTED: &str = "attribution_claims_refuted";
/// The event of a transcript that was published on demand.
pub const PUBLISHED: &str = "attribution_transcript_published";

/// A published receipt of a settlement with the claim that was made for it.
pub struct Published {
    /// Prompt and output.
    pub transcript: Vec<u8>,
    /// The receipt's key.
    pub key: ReceiptKey,
    /// The claim.
    pub claim: Claim,
    /// The receipt as it was settled.
    pub settled: SettledReceipt,
}

/// A deviation from the canonical attribution, found in a settlement.
pub struct Deviation {
    /// Place of the receipt in the settlement, from 0.
    pub place: usize,
    /// What is wrong.
    pub finding: Finding,
    /// The dispute that shows it to the chain, encoded.
    pub evidence: Vec<u8>,
}

/// What an existence-checked settlement published, read from its transaction.
pub async fn published(rpc: &Rpc, settlement: u64) -> Result<Vec<Published>> {
    let query = format!("attribution_settled.settlement='{settlement}'");
    let found = rpc.call("tx_search", json!({"query": query, "prove": false, "page": "1", "per_page": "1"})).await?;
    let found = found["txs"].get(0).with_context(|| format!("no transaction made settlement {settlement}"))?;
    let tx = follow::base64_of(&found["tx"])?;
    let events = follow::events_of(&found["tx_result"]["events"]);
    let id = settlement.to_string();
    let event = events
        .iter()
        .find(|event| event.kind == SETTLED && follow::attribute(event, "settlement") == Some(id.as_str()));
    let event = event.with_context(|| format!("the transaction tells of no settlement {settlement}"))?;
    let receipts = receipts(&tx, &follow::message_place(event))?;
    let whole = read(&receipts)?;
    whole
        .into_iter()
        .collect::<Option<_>>()
        .with_context(|| format!("settlement {settlement} published no transcripts"))
}

/// The claimed receipts of a settlement's round, from the transaction that made it at this height.
pub async fn claimed(rpc: &Rpc, settlement: u64, round: u32, height: u64) -> Result<Vec<pb::ClaimedReceipt>> {
    let kind = if round == 0 { SETTLED } else { REPLACED };
    for happened in follow::happened(rpc, height, &[kind]).await? {
        let same = round == 0 || happened.number("round")? == u64::from(round);
        if same && happened.number("settlement")? == settlement {
            let place = happened.tx.context("claims outside a transaction")?;
            return receipts(&follow::transaction(rpc, height, place).await?, &happened.message());
        }
    }
    anyhow::bail!("height {height} has no claims of round {round} of settlement {settlement}")
}

/// The receipt, transcript and key that a transaction's message publishes.
pub fn publication(tx: &[u8], message: &[usize]) -> Result<(SettledOpening, Vec<u8>, ReceiptKey)> {
    let message = follow::message(tx, message)?;
    ensure!(message.type_url == pb::MsgPublishTranscript::type_url(), "{} publishes nothing", message.type_url);
    let published = pb::MsgPublishTranscript::decode(message.value.as_slice())?;
    let opening = SettledOpening::decode(&published.receipt)?;
    let key = ReceiptKey(forms::read_hash(&published.receipt_key, "a receipt's key")?);
    Ok((opening, published.transcript.to_vec(), key))
}

/// The claimed receipts of a transaction's message: a settlement or a replacement.
pub fn receipts(tx: &[u8], message: &[usize]) -> Result<Vec<pb::ClaimedReceipt>> {
    let message = follow::message(tx, message)?;
    if message.type_url == pb::MsgSettle::type_url() {
        return Ok(pb::MsgSettle::decode(message.value.as_slice())?.receipts);
    }
    if message.type_url == pb::MsgReplaceClaim::type_url() {
        return Ok(pb::MsgReplaceClaim::decode(message.value.as_slice())?.receipts);
    }
    anyhow::bail!("{} settles nothing", message.type_url)
}

/// Receipts with their claims; nothing for those whose transcripts were not published.
pub fn read(receipts: &[pb::ClaimedReceipt]) -> Result<Vec<Option<Published>>> {
    let read = |claimed: &pb::ClaimedReceipt| {
        if claimed.transcript.is_empty() && claimed.receipt_key.is_empty() {
            return Ok(None);
        }
        let (settled, claim) = settled(claimed)?;
        let key = ReceiptKey(forms::read_hash(&claimed.receipt_key, "a receipt's key")?);
        Ok(Some(Published { transcript: claimed.transcript.to_vec(), key, claim, settled }))
    };
    receipts.iter().map(read).collect()
}

/// A receipt as it is settled, and its claim.
pub fn settled(claimed: &pb::ClaimedReceipt) -> Result<(SettledReceipt, Claim)> {
    let receipt = forms::read_receipt(claimed.receipt.as_ref().context("a receipt is missing")?)?;
    let claim = forms::read_claim(&claimed.segments);
    let segment_count = u32::try_from(claim.segments.len())?;
    Ok((SettledReceipt { receipt, segment_count, segments_root: claim.segments_root() }, claim))
}

/// The tree over a settlement's leaves.
pub fn tree<'a>(settled: impl Iterator<Item = &'a SettledReceipt>) -> Tree {
    Tree::new(settled.map(SettledReceipt::leaf).collect())
}

/// The first deviation in a settlement's claims, with the evidence that refutes it.
pub fn find_deviation(published: &[Published], index: &Index) -> Result<Option<Deviation>> {
    let tree = tree(published.iter().map(|receipt| &receipt.settled));
    for (place, receipt) in published.iter().enumerate() {
        if let Some(deviation) = deviation_of(receipt, place, &tree, index)? {
            return Ok(Some(deviation));
        }
    }
    Ok(None)
}

/// The first deviation in one receipt's claim, with the evidence that refutes it.
pub fn deviation_of(receipt: &Published, place: usize, tree: &Tree, index: &Index) -> Result<Option<Deviation>> {
    let prompt_len = receipt.settled.receipt.prompt_len;
    let owners = attributor::owners(index, &receipt.transcript, prompt_len as usize);
    let bytes_of = |seq| index.document(seq);
    let Some(finding) = audit_with(&receipt.transcript, prompt_len, &receipt.claim, &owners, bytes_of) else {
        return Ok(None);
    };
    let prover = Prover {
        transcript: &receipt.transcript,
        key: receipt.key,
        claim: &receipt.claim,
        settled: receipt.settled,
        settlement: tree,
        place: place as u64,
    };
    let dispute = match finding {
        Finding::False { segment, byte } => {
            let named = receipt.claim.segments.get(segment as usize).map_or(ECHO, |segment| segment.source);
            Dispute::False(prover.open_byte(segment, byte, index.document(named))?)
        }
        Finding::Better { window, owner } => {
            Dispute::Better(prover.open_better(window, owner.source, owner.offset, index.document(owner.source))?)
        }
    };
    Ok(Some(Deviation { place, finding, evidence: dispute.encode() }))
}
