//! A payment with everything that proves it, as one JSON file that can be sent to anybody: [`Payment`], the state proofs of what its
//! payees hold, and the header whose app hash all proofs lead to.
//!
//! The file proves nothing by itself: [`PaymentFile::verify`] takes the app hash from whoever checks, who must have it from a source of
//! their own, the header of `height + 1` from a light client say. Bytes are hexadecimal, amounts decimal.

use cosmwasm_std::Uint256;
use openledger_provenance::amount::Amount;
use openledger_provenance::claim::{Claim, Segment};
use openledger_provenance::payout::{Beside, PaidReceipt};
use openledger_provenance::receipt::Receipt;
use serde::{Deserialize, Serialize};

use crate::payout::{Payment, Verified};
use crate::state_proof::StateProof;
use crate::Error;

/// See the file's head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentFile {
    /// The chain, for whoever looks for its headers.
    pub chain_id: String,
    /// The height of the state that is proven; its app hash stands in the header of the next.
    pub height: u64,
    /// The settlement that paid.
    pub settlement: u64,
    /// The contribution that was paid.
    pub contribution: u64,
    /// State proofs of settlement, parameters, and what the contribution earned.
    pub state: [ProvenValue; 3],
    /// Further values: what the contribution's payees may claim and hold.
    pub payees: Vec<PayeeValue>,
    /// All receipts of the settlement, in order, with the claims that were paid.
    pub receipts: Vec<ReceiptEntry>,
    /// Credits by receipt.
    pub credits: Vec<Credit>,
    /// Sources whose windows the baseline had.
    pub unpaid: Vec<u64>,
}

/// A value with its state proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvenValue {
    store: String,
    #[serde(with = "hex::serde")]
    key: Vec<u8>,
    #[serde(with = "hex::serde")]
    value: Vec<u8>,
    #[serde(with = "hex::serde")]
    iavl: Vec<u8>,
    #[serde(with = "hex::serde")]
    simple: Vec<u8>,
}

/// A value of a payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayeeValue {
    /// What it is, in the node's words: nobody proves these.
    pub what: String,
    /// The value.
    pub proven: ProvenValue,
}

/// A receipt with its claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptEntry {
    index: u64,
    model_version: u64,
    corpus_height: u64,
    prompt_len: u32,
    transcript_len: u32,
    #[serde(with = "hex::serde")]
    transcript_root: [u8; 32],
    fee: Uint256,
    /// (start, count, source, offset) of each segment.
    segments: Vec<(u32, u32, u64, u32)>,
}

/// What was given back of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The receipt.
    pub receipt: u64,
    /// Base units.
    pub amount: Uint256,
}

impl From<StateProof> for ProvenValue {
    fn from(proof: StateProof) -> Self {
        let StateProof { store, key, value, steps: [iavl, simple] } = proof;
        Self { store, key, value, iavl, simple }
    }
}

impl From<ProvenValue> for StateProof {
    fn from(proven: ProvenValue) -> Self {
        let ProvenValue { store, key, value, iavl, simple } = proven;
        Self { store, key, value, steps: [iavl, simple] }
    }
}

impl From<&PaidReceipt> for ReceiptEntry {
    fn from(PaidReceipt { receipt, claim }: &PaidReceipt) -> Self {
        let segments = claim.segments.iter().map(|s| (s.start, s.count, s.source, s.offset)).collect();
        Self {
            index: receipt.index,
            model_version: receipt.model_version,
            corpus_height: receipt.corpus_height,
            prompt_len: receipt.prompt_len,
            transcript_len: receipt.transcript_len,
            transcript_root: receipt.transcript_root,
            fee: Uint256::from_be_bytes(receipt.fee),
            segments,
        }
    }
}

impl From<&ReceiptEntry> for PaidReceipt {
    fn from(entry: &ReceiptEntry) -> Self {
        let segments = entry.segments.iter();
        let segments = segments.map(|&(start, count, source, offset)| Segment { start, count, source, offset });
        Self {
            receipt: Receipt {
                index: entry.index,
                model_version: entry.model_version,
                corpus_height: entry.corpus_height,
                prompt_len: entry.prompt_len,
                transcript_len: entry.transcript_len,
                transcript_root: entry.transcript_root,
                fee: entry.fee.to_be_bytes(),
            },
            claim: Claim { segments: segments.collect() },
        }
    }
}

impl PaymentFile {
    /// A payment as a file.
    pub fn of(payment: Payment, chain_id: String, height: u64, payees: Vec<(String, StateProof)>) -> Self {
        let Payment { settlement, contribution, settlement_proof, params_proof, earnings_proof, receipts, beside } =
            payment;
        let credit = |(receipt, amount): (u64, Amount)| Credit { receipt, amount: base_units(amount) };
        Self {
            chain_id,
            height,
            settlement,
            contribution,
            state: [settlement_proof, params_proof, earnings_proof].map(ProvenValue::from),
            payees: payees.into_iter().map(|(what, proof)| PayeeValue { what, proven: proof.into() }).collect(),
            receipts: receipts.iter().map(ReceiptEntry::from).collect(),
            credits: beside.credits.into_iter().map(credit).collect(),
            unpaid: beside.unpaid.into_iter().collect(),
        }
    }

    /// The payment.
    pub fn payment(&self) -> Payment {
        let [settlement_proof, params_proof, earnings_proof] = self.state.clone().map(StateProof::from);
        let credit = |credit: &Credit| (credit.receipt, Amount::from_be_bytes(credit.amount.to_be_bytes()));
        Payment {
            settlement: self.settlement,
            contribution: self.contribution,
            settlement_proof,
            params_proof,
            earnings_proof,
            receipts: self.receipts.iter().map(PaidReceipt::from).collect(),
            beside: Beside {
                credits: self.credits.iter().map(credit).collect(),
                unpaid: self.unpaid.iter().copied().collect(),
            },
        }
    }

    /// Checks everything in the file against an app hash that the caller trusts.
    pub fn verify(&self, app_hash: &[u8]) -> Result<Verified, Error> {
        let verified = self.payment().verify(app_hash)?;
        for payee in &self.payees {
            StateProof::from(payee.proven.clone()).verify(app_hash)?;
        }
        Ok(verified)
    }
}

impl PayeeValue {
    /// Store, key and value as they are proven, for people.
    pub fn shown(&self) -> (String, String) {
        let ProvenValue { store, key, value, .. } = &self.proven;
        (format!("{store} {}", hex::encode(key)), String::from_utf8_lossy(value).into_owned())
    }
}

fn base_units(amount: Amount) -> Uint256 {
    Uint256::from_be_bytes(amount.to_be_bytes())
}
