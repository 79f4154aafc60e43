//! Credits: what a server gives back of a receipt's fee before it is settled. Nobody adjudicates taste.
//!
//! A server carries credits in its own settlement; a payer that holds a note signed by the server presents it, and from then on no
//! settlement of that receipt is taken that carries less. A note says the whole of a receipt's credit, so presenting it twice, or an
//! older one after a newer, gives nothing.

use cosmwasm_std::Uint256;
use openledger_core::wire::amount;
use openledger_core::Result;
use openledger_proto::openledger::attribution::v1 as proto;

use crate::error::AttributionError;
use crate::types::{Credit, Session};

/// Most credits of a session that are presented and not settled.
pub const MAX_CREDITS: usize = 16;

impl Session {
    /// The credit that was presented for a receipt.
    pub(crate) fn credit_of(&self, receipt: u64) -> Uint256 {
        let found = self.credits.iter().find(|credit| credit.receipt == receipt);
        found.map(|credit| credit.amount).unwrap_or_default()
    }

    /// Takes a credit in, if it gives more than the one that is there.
    pub(crate) fn present(&mut self, credit: Credit) -> Result<()> {
        let refuse = |text: String| Err(AttributionError::Credit(text).into());
        let Credit { receipt, amount } = credit;
        if receipt <= self.settled_count {
            return refuse(format!("receipt {receipt} is settled, as all up to {} are", self.settled_count));
        }
        if amount <= self.credit_of(receipt) {
            return refuse(format!("receipt {receipt} has a credit of {} already", self.credit_of(receipt)));
        }
        match self.credits.binary_search_by_key(&receipt, |credit| credit.receipt) {
            Ok(place) => {
                if let Some(kept) = self.credits.get_mut(place) {
                    kept.amount = amount;
                }
            }
            Err(_) if self.credits.len() >= MAX_CREDITS => {
                return refuse(format!("{MAX_CREDITS} credits wait for their receipts' settlement, no more are taken"));
            }
            Err(place) => self.credits.insert(place, credit),
        }
        Ok(())
    }
}

impl Credit {
    /// The protobuf form.
    pub fn to_proto(&self) -> proto::Credit {
        proto::Credit { receipt: self.receipt, amount: self.amount.to_string() }
    }

    /// Reads the protobuf form.
    pub fn from_proto(credit: &proto::Credit) -> Result<Self> {
        Ok(Self { receipt: credit.receipt, amount: amount("credit", &credit.amount)? })
    }
}
