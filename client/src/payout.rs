//! Checks a payment end to end, from receipts to what a contribution earned, to the unit, trusting nothing but an app hash.
//!
//! The node's `PayoutProof` names the keys; `abci_query` proves them; an engine (or the transaction that settled) gives receipts, claims and
//! credits. [`Payment::verify`] checks the three proofs, that they are of the keys that they should be of, and lets
//! [`openledger_provenance::payout::explain`] compute every row from the receipts.

use std::collections::BTreeMap;

use openledger_attribution::proof::{earnings_key, params_key, settlement_key, Proven};
use openledger_attribution::SettlementStatus;
use openledger_provenance::amount::Amount;
use openledger_provenance::payout::{explain, Beside, PaidReceipt};

use crate::state_proof::StateProof;
use crate::Error;

/// What is claimed to explain a contribution's payment by a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The settlement.
    pub settlement: u64,
    /// The contribution.
    pub contribution: u64,
    /// State proof of the settlement.
    pub settlement_proof: StateProof,
    /// State proof of its parameters.
    pub params_proof: StateProof,
    /// State proof of what the contribution earned.
    pub earnings_proof: StateProof,
    /// All receipts of the settlement, in order, with the claims that were paid.
    pub receipts: Vec<PaidReceipt>,
    /// Credits, and sources that are not paid.
    pub beside: Beside,
}

/// A payment that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What the settlement owed the contribution.
    pub amount: Amount,
    /// Of it each receipt's part, by index; they sum to it.
    pub by_receipt: BTreeMap<u64, Amount>,
    /// What the contribution earned in all settlements by then.
    pub earned: Amount,
}

impl Payment {
    /// Checks everything against the app hash of the state that the proofs are of.
    pub fn verify(&self, app_hash: &[u8]) -> Result<Verified, Error> {
        let refuse = |text: String| Error::Proof(text);
        let read = |error: openledger_core::Error| Error::Proof(error.to_string());
        self.check(&self.settlement_proof, settlement_key(self.settlement), app_hash)?;
        let proven = Proven::read(&self.settlement_proof.value, &self.params_proof.value).map_err(read)?;
        self.check(&self.params_proof, params_key(proven.settlement.params_version), app_hash)?;
        self.check(&self.earnings_proof, earnings_key(self.contribution), app_hash)?;
        if proven.settlement.id != self.settlement || proven.settlement.status != SettlementStatus::Paid {
            return Err(refuse(format!("settlement {} is not paid", self.settlement)));
        }
        let facts = proven.facts().map_err(read)?;
        let explained = explain(&facts, &self.receipts, &self.beside).map_err(|error| refuse(error.to_string()))?;
        let (amount, by_receipt) = explained.of(self.contribution);
        if amount.is_zero() {
            return Err(refuse(format!("the settlement owed contribution {} nothing", self.contribution)));
        }
        let earnings = Proven::read_earnings(&self.earnings_proof.value).map_err(read)?;
        let earned = Amount::from_be_bytes(earnings.total.to_be_bytes());
        // Rows of what was taken back while the window was open went to the treasuries; the rest must have arrived.
        let treasury = Amount::from_be_bytes(proven.settlement.present().map_err(read)?.treasury.to_be_bytes());
        let forgone = treasury.checked_sub(explained.treasury);
        let forgone = forgone.ok_or_else(|| refuse("the treasuries' part is less than the receipts give".into()))?;
        if earned.checked_add(forgone).is_none_or(|most| most < amount) {
            return Err(refuse(format!("contribution {} earned {earned}, less than {amount}", self.contribution)));
        }
        Ok(Verified { amount, by_receipt, earned })
    }

    fn check(&self, proof: &StateProof, key: Vec<u8>, app_hash: &[u8]) -> Result<(), Error> {
        if proof.store != openledger_attribution::NAME || proof.key != key {
            return Err(Error::Proof(format!("{} {} is another key", proof.store, hex::encode(&proof.key))));
        }
        proof.verify(app_hash)
    }
}
