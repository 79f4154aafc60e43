//! Settling: from a session's answers and voucher to `MsgSettle`, existence-checked or on the bond alone.

use anyhow::{Context, Result};
use openledger_client::{any, wallet, Wallet};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{self, ContentOpening};
use openledger_provenance::ECHO;

use crate::attributor;
use crate::corpus::Corpus;
use crate::forms;
use crate::index::Index;
use crate::tally::{Answer, Tally};
use crate::wire::Signed;

/// Gas of a settlement, and of each receipt in it.
const SETTLE_GAS: u64 = 2_000_000;
const RECEIPT_GAS: u64 = 20_000_000;

/// The canonical claims of the answers that a voucher over `count` receipts settles.
pub fn canonical_claims(tally: &Tally, count: u64, index: &Index) -> Vec<Claim> {
    let claim = |answer: &Answer| attributor::claim(index, &answer.transcript(), answer.receipt.prompt_len);
    unsettled(tally, count).iter().map(claim).collect()
}

/// The answers that a voucher over `count` receipts would settle.
pub fn unsettled(tally: &Tally, count: u64) -> &[Answer] {
    tally.answers().get(tally.terms.settled as usize..count as usize).unwrap_or_default()
}

/// Settles existence-checked with these claims; the settlement's number.
pub async fn settle(
    wallet: &mut Wallet,
    tally: &Tally,
    signed: &Signed,
    claims: &[Claim],
    corpus: &Corpus,
) -> Result<u64> {
    let message = message(&wallet.address(), tally, signed, claims, corpus)?;
    let gas = SETTLE_GAS + RECEIPT_GAS * claims.len() as u64;
    let found = wallet.send(vec![any(&message)], gas).await?;
    let settled = wallet::responses::<pb::MsgSettleResponse>(&found)?;
    Ok(settled.first().context("the transaction settled nothing")?.settlement)
}

/// The message that settles these claims, existence-checked.
pub fn message(
    server: &str,
    tally: &Tally,
    signed: &Signed,
    claims: &[Claim],
    corpus: &Corpus,
) -> Result<pb::MsgSettle> {
    let voucher = tally.voucher();
    let answers = unsettled(tally, signed.count);
    let receipts = answers.iter().zip(claims).map(|(answer, claim)| claimed_receipt(tally, answer, claim, corpus));
    Ok(pb::MsgSettle {
        server: server.into(),
        session: tally.terms.session,
        voucher: Some(pb::Voucher {
            count: signed.count,
            cumulative_fee: tally.cumulative_fee().to_string(),
            receipts_root: voucher.receipts_root.to_vec(),
            signature: signed.signature.clone(),
        }),
        receipts: receipts.collect::<Result<_>>()?,
        check: pb::Check::Existence as i32,
    })
}

/// A receipt with its claim, its transcript and the openings of every segment's source.
fn claimed_receipt(tally: &Tally, answer: &Answer, claim: &Claim, corpus: &Corpus) -> Result<pb::ClaimedReceipt> {
    let mut openings = Vec::new();
    for segment in claim.segments.iter().filter(|segment| segment.source != ECHO) {
        let bytes = corpus.index.document(segment.source).context("a segment's source is not in the corpus")?;
        let opening = ContentOpening::prove(&content::tree(bytes), bytes, u64::from(segment.offset), segment.span())?;
        openings.push(opening.encode());
    }
    Ok(pb::ClaimedReceipt {
        receipt: Some(forms::receipt_message(&answer.receipt)),
        segments: forms::segment_messages(claim),
        transcript: answer.transcript(),
        receipt_key: tally.receipt_key(answer.receipt.index).0.to_vec(),
        openings,
        credit: String::new(),
    })
}
