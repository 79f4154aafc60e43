//! Settling: from a session's answers and voucher to `MsgSettle`, existence-checked or on the bond alone.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use openledger_client::{any, wallet, Wallet};
use openledger_proto::openledger::attribution::v1 as pb;
use openledger_provenance::claim::Claim;
use openledger_provenance::codec::Encode;
use openledger_provenance::content::{self, ChunkRange, ContentOpening};
use openledger_provenance::merkle::Tree;
use openledger_provenance::ECHO;

use crate::attributor;
use crate::forms;
use crate::index::Index;
use crate::sync::Corpus;
use crate::tally::{Answer, Tally};
use crate::wire::Signed;

/// Gas of a settlement, and of each receipt in it.
const SETTLE_GAS: u64 = 2_000_000;
const RECEIPT_GAS: u64 = 20_000_000;
/// Most receipts that the chain takes with openings, and with claims only.
pub const MAX_EXISTENCE: u64 = 64;
/// Most receipts that the chain takes with claims only.
pub const MAX_CLAIMS_ONLY: u64 = 256;
/// Bytes of a settlement's message that are aimed at: the chain takes 700,000.
pub const MAX_BYTES: u64 = 680_000;
/// Bytes of a receipt in a message, at most, without claim and transcript; and of a segment, in a message and in an opening's frame.
const RECEIPT_BYTES: u64 = 220;
const SEGMENT_BYTES: u64 = 24;

/// The gas limit of a settlement of this many receipts.
pub fn gas(receipts: u64) -> u64 {
    SETTLE_GAS + RECEIPT_GAS * receipts
}

/// About how many bytes an answer takes in a settlement that opens every segment; never fewer.
pub fn estimate(answer: &Answer, claim: &Claim, corpus: &Corpus) -> u64 {
    let transcript = (answer.prompt.len() + answer.output.len()) as u64;
    let openings = claim.segments.iter().filter(|segment| segment.source != ECHO).map(|segment| {
        let length = corpus.index.document(segment.source).map_or(0, <[u8]>::len) as u64;
        let Ok(range) = ChunkRange::covering(length, u64::from(segment.offset), segment.span()) else { return 0 };
        // A range's path has at most two nodes a level.
        let levels = u64::from(64 - range.total.leading_zeros());
        range.end - range.start + 2 * levels * 32 + SEGMENT_BYTES
    });
    RECEIPT_BYTES + transcript + claim.segments.len() as u64 * SEGMENT_BYTES + openings.sum::<u64>()
}

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
    let found = wallet.send(vec![any(&message)], gas(claims.len() as u64)).await?;
    settlement_of(&found)
}

/// The settlement that a transaction made.
pub fn settlement_of(found: &openledger_client::rpc::TxInBlock) -> Result<u64> {
    let settled = wallet::responses::<pb::MsgSettleResponse>(found)?;
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
    let mut message = message_on_bond(server, tally, signed, claims)?;
    let mut openings = Openings::default();
    let answers = unsettled(tally, signed.count).iter().zip(claims);
    for (receipt, (answer, claim)) in message.receipts.iter_mut().zip(answers) {
        receipt.transcript = answer.transcript();
        receipt.receipt_key = tally.receipt_key(answer.receipt.index).0.to_vec();
        receipt.openings = openings.of(claim, &corpus.index)?;
    }
    message.check = pb::Check::Existence as i32;
    Ok(message)
}

/// The message that settles these claims on the bond alone.
pub fn message_on_bond(server: &str, tally: &Tally, signed: &Signed, claims: &[Claim]) -> Result<pb::MsgSettle> {
    let voucher = tally.voucher_at(signed.count)?;
    let receipts = unsettled(tally, signed.count).iter().zip(claims).map(|(answer, claim)| pb::ClaimedReceipt {
        receipt: Some(forms::receipt_message(&answer.receipt)),
        segments: forms::segment_messages(claim),
        ..Default::default()
    });
    Ok(pb::MsgSettle {
        server: server.into(),
        session: tally.terms.session,
        voucher: Some(pb::Voucher {
            count: signed.count,
            cumulative_fee: cosmwasm_std::Uint256::from_be_bytes(voucher.cumulative_fee).to_string(),
            receipts_root: voucher.receipts_root.to_vec(),
            signature: signed.signature.clone(),
        }),
        receipts: receipts.collect(),
        check: pb::Check::ClaimsOnly as i32,
    })
}

/// Openings of claims' sources; the tree over each source is made once.
#[derive(Default)]
pub struct Openings(BTreeMap<u64, Tree>);

impl Openings {
    /// The encoded openings of a claim's segments that name a contribution, in order.
    pub fn of(&mut self, claim: &Claim, index: &Index) -> Result<Vec<Vec<u8>>> {
        let named = claim.segments.iter().filter(|segment| segment.source != ECHO);
        let open = |segment: &openledger_provenance::claim::Segment| {
            let bytes = index.document(segment.source).context("a segment's source is not in the corpus")?;
            let tree = self.0.entry(segment.source).or_insert_with(|| content::tree(bytes));
            let opening = ContentOpening::prove(tree, bytes, u64::from(segment.offset), segment.span())?;
            Ok(opening.encode())
        };
        named.map(open).collect()
    }
}
