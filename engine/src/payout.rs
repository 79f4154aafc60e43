//! Explaining a payment: gathers from a node what proves how much a contribution was paid by a settlement, and why.
//!
//! The node's `PayoutProof` says which keys; `abci_query` proves them, all at one height; the block that settled holds receipts, claims
//! and credits. What none of these say is which sources were not paid when the claims arrived (both kinds of commons, works taken back):
//! the state of that height does, where the node still keeps it, and the rows' root tells whether the answer is right. What comes out is
//! verified before it is given away.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure, Context, Result};
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::Engine;
use openledger_client::payment_file::PaymentFile;
use openledger_client::payout::Payment;
use openledger_client::{Rpc, StateProof};
use openledger_core::coin::parse_amount;
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_proto::openledger::datanet::v1 as dn;
use openledger_provenance::amount::Amount;
use openledger_provenance::payout::{Beside, PaidReceipt};
use openledger_provenance::ECHO;
use serde_json::json;

use crate::chain;
use crate::watch::evidence;

/// The stored keys that every explanation needs: settlement, parameters, earnings.
const NEEDED: usize = 3;

/// Everything that proves what a settlement paid a contribution, verified against the node's own header.
pub async fn explain(rpc: &Rpc, settlement: u64, contribution: u64) -> Result<PaymentFile> {
    let (chain_id, latest) = rpc.chain().await?;
    // The header of the next height must be there: it holds the app hash.
    let height = latest.checked_sub(1).filter(|height| *height > 0).context("the chain has no second block yet")?;
    let request = pb::QueryPayoutProofRequest { settlement, contribution, receipt: 0 };
    let path = "/openledger.attribution.v1.Query/PayoutProof";
    let named: pb::QueryPayoutProofResponse = rpc.query_at(path, &request, height).await?;
    let found = named.settlement.context("the node answered without a settlement")?;
    ensure!(
        found.status == pb::SettlementStatus::Paid as i32,
        "settlement {settlement} is {}: its payments can be proven once it is paid",
        pb::SettlementStatus::try_from(found.status).map(|status| status.as_str_name()).unwrap_or("unknown")
    );
    ensure!(named.keys.len() >= NEEDED, "the node named {} keys", named.keys.len());
    let mut proofs = Vec::new();
    for (place, key) in named.keys.into_iter().enumerate() {
        match prove(rpc, &key, height).await {
            Ok(proof) => proofs.push((key.what, proof)),
            // An account may be owed nothing, or hold nothing.
            Err(error) if place >= NEEDED => tracing::debug!("{}: {error:#}", key.what),
            Err(error) => return Err(error).with_context(|| key.what.clone()),
        }
    }
    let payees = proofs.split_off(NEEDED);
    let mut proofs = proofs.into_iter().map(|(_, proof)| proof);
    let mut next = || proofs.next().context("a proof");
    let (settlement_proof, params_proof, earnings_proof) = (next()?, next()?, next()?);
    let round = u32::try_from(found.rounds.len().saturating_sub(1))?;
    let made = found.rounds.last().context("a settlement without claims")?.height;
    let (receipts, credits) = settled(rpc, &found, round, made).await?;
    let mut payment = Payment {
        settlement,
        contribution,
        settlement_proof,
        params_proof,
        earnings_proof,
        receipts,
        beside: Beside { credits, unpaid: BTreeSet::new() },
    };
    let app_hash = app_hash(rpc, height).await?;
    let mut why = None;
    for unpaid in candidates(rpc, &payment.receipts, made, height).await? {
        payment.beside.unpaid = unpaid;
        match payment.verify(&app_hash) {
            Ok(_) => return Ok(PaymentFile::of(payment, chain_id, height, payees)),
            Err(error) => why = Some(error),
        }
    }
    match why {
        Some(error) => Err(error).context("what the node says does not explain the payment"),
        None => bail!("the node keeps no state that says which sources were paid"),
    }
}

/// The app hash of the state after a block: it stands in the header of the next.
pub async fn app_hash(rpc: &Rpc, height: u64) -> Result<Vec<u8>> {
    let next = height.checked_add(1).context("no height comes after this one")?;
    let header = rpc.call("header", json!({"height": next.to_string()})).await?;
    let hash = header["header"]["app_hash"].as_str().with_context(|| format!("no header of height {next}"))?;
    Ok(hex::decode(hash)?)
}

async fn prove(rpc: &Rpc, key: &pb::StateKey, height: u64) -> Result<StateProof> {
    let answer = rpc.abci_query(&format!("store/{}/key", key.store), &key.key, height, true).await?;
    ensure!(answer.code == 0, "{}", answer.log);
    ensure!(!answer.value.is_empty(), "nothing stands there");
    let step = |at: usize| -> Result<Vec<u8>> {
        let data = answer.proof_ops["ops"][at]["data"].as_str().context("the node gave no proof")?;
        Ok(BASE64.decode(data)?)
    };
    let steps = [step(0)?, step(1)?];
    Ok(StateProof { store: key.store.clone(), key: key.key.clone(), value: answer.value, steps })
}

/// Receipts with the claims of a round, and the credits, which the settlement's own message has.
async fn settled(
    rpc: &Rpc,
    found: &pb::Settlement,
    round: u32,
    made: u64,
) -> Result<(Vec<PaidReceipt>, BTreeMap<u64, Amount>)> {
    let claimed = evidence::claimed(rpc, found.id, round, made).await?;
    let paid = |claimed: &pb::ClaimedReceipt| {
        let (settled, claim) = evidence::settled(claimed)?;
        anyhow::Ok(PaidReceipt { receipt: settled.receipt, claim })
    };
    let receipts = claimed.iter().map(paid).collect::<Result<Vec<_>>>()?;
    let first = if round == 0 { claimed } else { evidence::claimed(rpc, found.id, 0, found.height).await? };
    let mut credits = BTreeMap::new();
    for claimed in first.iter().filter(|claimed| !claimed.credit.is_empty() && claimed.credit != "0") {
        let index = claimed.receipt.as_ref().context("a receipt is missing")?.index;
        credits.insert(index, Amount::from_be_bytes(parse_amount(&claimed.credit)?.to_be_bytes()));
    }
    Ok((receipts, credits))
}

/// Sets of sources that may not have been paid: by the state before the claims, after them, and now; each once.
async fn candidates(rpc: &Rpc, receipts: &[PaidReceipt], made: u64, height: u64) -> Result<Vec<BTreeSet<u64>>> {
    let segments = receipts.iter().flat_map(|paid| &paid.claim.segments);
    let sources: BTreeSet<u64> = segments.map(|segment| segment.source).filter(|source| *source != ECHO).collect();
    let corpus = receipts.iter().map(|paid| paid.receipt.corpus_height).max().unwrap_or_default();
    let commons: BTreeSet<u64> = chain::commons(rpc, corpus).await?.into_iter().map(|entry| entry.seq).collect();
    let mut all: Vec<BTreeSet<u64>> = Vec::new();
    for at in [made.saturating_sub(1).max(1), made, height] {
        match unpaid_at(rpc, &sources, &commons, at).await {
            Ok(unpaid) if !all.contains(&unpaid) => all.push(unpaid),
            Ok(_) => {}
            Err(error) => tracing::debug!(at, "the state of this height: {error:#}"),
        }
    }
    Ok(all)
}

async fn unpaid_at(rpc: &Rpc, sources: &BTreeSet<u64>, commons: &BTreeSet<u64>, at: u64) -> Result<BTreeSet<u64>> {
    let mut unpaid = BTreeSet::new();
    for seq in sources {
        let request = dn::QueryContributionRequest { seq: *seq };
        let answer: dn::QueryContributionResponse =
            rpc.query_at("/openledger.datanet.v1.Query/Contribution", &request, at).await?;
        let found = answer.contribution.context("the node answered without a contribution")?;
        let accepted = found.status == dn::ContributionStatus::Accepted as i32;
        if commons.contains(seq) || found.commons || !accepted {
            unpaid.insert(*seq);
        }
    }
    Ok(unpaid)
}
