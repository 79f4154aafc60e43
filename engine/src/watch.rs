//! Watching: recomputes what a settlement claims, from the transcripts that it published, and disputes the first deviation.
//!
//! Anyone with the corpus can do this; it needs nothing from the server. The dispute is committed first and revealed a block later, so
//! that nobody takes its bounty by copying it.

use anyhow::{ensure, Context, Result};
use openledger_client::{any, wallet, Rpc, Wallet};
use openledger_proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::{Message, Name};
use openledger_provenance::audit::{audit, Finding};
use openledger_provenance::canonical::{Class, Source};
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::commit::DisputeCommit;
use openledger_provenance::dispute::Dispute;
use openledger_provenance::merkle::Tree;
use openledger_provenance::prover::Prover;
use openledger_provenance::receipt::SettledReceipt;
use openledger_provenance::transcript::ReceiptKey;
use openledger_provenance::ECHO;
use rand::RngCore;
use serde_json::{json, Value};

use crate::corpus::Corpus;
use crate::forms;
use crate::index::Index;

/// Gas for committing to a dispute, and for revealing it.
const DISPUTE_GAS: u64 = 3_000_000;

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
    let tx = found["txs"][0]["tx"].as_str().with_context(|| format!("no transaction made settlement {settlement}"))?;
    let settle = settle_message(&Value::from(tx), settlement)?;
    settle.receipts.iter().map(read_published).collect()
}

fn settle_message(tx: &Value, settlement: u64) -> Result<pb::MsgSettle> {
    use base64::Engine;
    let tx = base64::engine::general_purpose::STANDARD.decode(tx.as_str().unwrap_or_default())?;
    let body = TxBody::decode(TxRaw::decode(tx.as_slice())?.body_bytes.as_slice())?;
    let mut settles = body.messages.iter().filter(|message| message.type_url == pb::MsgSettle::type_url());
    let settle =
        settles.next().with_context(|| format!("the transaction of settlement {settlement} settles nothing"))?;
    ensure!(settles.next().is_none(), "several settlements in one transaction are not told apart");
    Ok(pb::MsgSettle::decode(settle.value.as_slice())?)
}

fn read_published(claimed: &pb::ClaimedReceipt) -> Result<Published> {
    ensure!(!claimed.transcript.is_empty(), "the settlement published no transcripts");
    let receipt = forms::read_receipt(claimed.receipt.as_ref().context("a receipt is missing")?)?;
    let claim = forms::read_claim(&claimed.segments);
    let segment_count = u32::try_from(claim.segments.len())?;
    let settled = SettledReceipt { receipt, segment_count, segments_root: claim.segments_root() };
    let key = ReceiptKey(forms::read_hash(&claimed.receipt_key, "a receipt's key")?);
    Ok(Published { transcript: claimed.transcript.to_vec(), key, claim, settled })
}

/// The first deviation in a settlement's claims, with the evidence that refutes it.
pub fn find_deviation(published: &[Published], index: &Index) -> Result<Option<Deviation>> {
    let tree = Tree::new(published.iter().map(|receipt| receipt.settled.leaf()).collect());
    let sources: Vec<Source> = index
        .documents()
        .map(|(seq, commons, bytes)| Source {
            seq,
            class: if commons { Class::Commons } else { Class::Contribution },
            bytes,
        })
        .collect();
    for (place, receipt) in published.iter().enumerate() {
        let prompt_len = receipt.settled.receipt.prompt_len;
        let Some(finding) = audit(&receipt.transcript, prompt_len, &receipt.claim, &sources) else { continue };
        let prover = Prover {
            transcript: &receipt.transcript,
            key: receipt.key,
            claim: &receipt.claim,
            settled: receipt.settled,
            settlement: &tree,
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
        return Ok(Some(Deviation { place, finding, evidence: dispute.encode() }));
    }
    Ok(None)
}

/// Checks a settlement against the corpus; disputes it where it deviates. What was found, and the dispute's outcome.
pub async fn watch(
    wallet: &mut Wallet,
    settlement: u64,
    corpus: &Corpus,
) -> Result<Option<(Deviation, pb::MsgRevealDisputeResponse)>> {
    let published = published(&wallet.rpc, settlement).await?;
    match find_deviation(&published, &corpus.index)? {
        None => Ok(None),
        Some(deviation) => {
            let outcome = dispute(wallet, settlement, &deviation.evidence).await?;
            Ok(Some((deviation, outcome)))
        }
    }
}

/// Commits to a dispute, then reveals it.
pub async fn dispute(wallet: &mut Wallet, settlement: u64, evidence: &[u8]) -> Result<pb::MsgRevealDisputeResponse> {
    let mut salt = [0; 32];
    rand::thread_rng().fill_bytes(&mut salt);
    let disputant = wallet.key.address();
    let commit = DisputeCommit {
        chain_id: wallet.chain_id(),
        settlement,
        disputant: disputant.as_bytes(),
        dispute: evidence,
        salt,
    };
    let message = pb::MsgCommitDispute { disputant: wallet.address(), settlement, commit: commit.hash()?.to_vec() };
    let found = wallet.send(vec![any(&message)], DISPUTE_GAS).await?;
    let committed = wallet::responses::<pb::MsgCommitDisputeResponse>(&found)?;
    let reveal = pb::MsgRevealDispute {
        disputant: wallet.address(),
        dispute: committed.first().context("the transaction committed nothing")?.dispute,
        evidence: evidence.to_vec(),
        salt: salt.to_vec(),
    };
    let found = wallet.send(vec![any(&reveal)], DISPUTE_GAS).await?;
    let revealed = wallet::responses::<pb::MsgRevealDisputeResponse>(&found)?;
    revealed.into_iter().next().context("the transaction revealed nothing")
}
