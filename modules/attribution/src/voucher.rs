//! A voucher against its session: who signed it, and how its receipts move the session on. Deployments' and agents' receipts differ in
//! their leaves alone.

use cosmwasm_std::Uint256;
use openledger_auth::PublicKey;
use openledger_core::wire::{self, add, sub};
use openledger_core::{Address, Context, Result, SdkError};
use openledger_proto::amino::adr036_sign_bytes;
use openledger_proto::openledger::attribution::v1 as proto;
use openledger_provenance::frontier::{Frontier, FrontierError};
use openledger_provenance::hash::sha256;
use openledger_provenance::voucher::{verify_signature, Voucher};
use openledger_provenance::Hash;

use crate::error::AttributionError;
use crate::keeper::Attribution;
use crate::types::Session;

/// Gas for a voucher's signature, as the SDK charges a transaction's.
const VOUCHER_GAS: u64 = 1_000;

fn refuse(text: String) -> openledger_core::Error {
    AttributionError::Voucher(text).into()
}

/// The voucher of a message.
pub(crate) fn of(voucher: Option<&proto::Voucher>) -> Result<&proto::Voucher> {
    voucher.ok_or_else(|| refuse("is missing".into()))
}

/// What is wrong with a voucher without its session.
pub(crate) fn check_shape(voucher: &proto::Voucher) -> Result<()> {
    wire::hash("receipts_root", &voucher.receipts_root)?;
    wire::amount("cumulative_fee", &voucher.cumulative_fee).map(|_| ())
}

impl Session {
    /// Checks that a voucher counts `new` receipts more than are settled, and its signature: by the session's key, or by the payer's
    /// account over an ADR-036 document.
    pub(crate) fn check_voucher(&self, ctx: &Context, voucher: &proto::Voucher, new: usize) -> Result<()> {
        let new = u64::try_from(new).unwrap_or(u64::MAX);
        if self.settled_count.checked_add(new) != Some(voucher.count) {
            let (settled, count) = (self.settled_count, voucher.count);
            return Err(refuse(format!("{settled} receipts are settled and {new} are given, it counts {count}")));
        }
        ctx.gas().consume(VOUCHER_GAS, "voucher signature");
        let signed = Voucher {
            chain_id: &ctx.block().chain_id,
            session: self.id,
            deployment: self.deployment,
            count: voucher.count,
            cumulative_fee: wire::amount("cumulative_fee", &voucher.cumulative_fee)?.to_be_bytes(),
            receipts_root: wire::hash("receipts_root", &voucher.receipts_root)?,
        };
        let verified = if self.adr036 {
            let document = adr036_sign_bytes(&self.payer.to_string(), signed.text().as_bytes());
            verify_signature(&self.voucher_key, &sha256(&[&document]), &voucher.signature)
        } else {
            signed.verify(&self.voucher_key, &voucher.signature)
        };
        verified.map_err(|error| refuse(error.to_string()))
    }

    /// Appends the leaves of a checked voucher's receipts, each with its fee, and moves the session on; `credited` is what is given back
    /// of them.
    pub(crate) fn advance(
        &mut self,
        voucher: &proto::Voucher,
        leaves: &[(Hash, Uint256)],
        credited: Uint256,
    ) -> Result<()> {
        let full = |error: FrontierError| SdkError::Logic(error.to_string());
        let peaks = self.frontier.iter().map(wire::stored_hash).collect::<Result<Vec<_>>>()?;
        let mut frontier = Frontier::new(self.settled_count, peaks).map_err(full)?;
        let mut fees = Uint256::zero();
        for (leaf, fee) in leaves {
            frontier.append(*leaf).map_err(full)?;
            fees = fees.checked_add(*fee).map_err(|_| refuse("the receipts' fees exceed 256 bits".into()))?;
        }
        if frontier.root() != wire::hash("receipts_root", &voucher.receipts_root)? {
            return Err(refuse("its receipts_root is not that of the receipts".into()));
        }
        let cumulative = wire::amount("cumulative_fee", &voucher.cumulative_fee)?;
        // A cumulative fee below what is spent cannot be reached by adding fees.
        if self.spent.checked_add(fees).ok() != Some(cumulative) {
            let spent = self.spent;
            return Err(refuse(format!("{spent} is spent and the receipts cost {fees}, it says {cumulative}")));
        }
        let credited = add(self.credited, credited)?;
        if sub(cumulative, credited)? > self.deposit {
            let deposit = self.deposit;
            return Err(refuse(format!("{cumulative} less {credited} is more than the deposit of {deposit}")));
        }
        (self.spent, self.credited, self.settled_count) = (cumulative, credited, frontier.count());
        self.frontier = frontier.peaks().iter().map(|peak| peak.to_vec().into()).collect();
        let settled = self.settled_count;
        self.credits.retain(|credit| credit.receipt > settled);
        Ok(())
    }
}

impl Attribution {
    /// An account's secp256k1 key, which its first transaction made known.
    pub(crate) fn secp256k1_key(&self, ctx: &Context, account: &Address) -> Result<Vec<u8>> {
        match self.auth.account(ctx, account)?.and_then(|account| account.key) {
            Some(PublicKey::Secp256k1(key)) => Ok(key.to_vec()),
            Some(_) => {
                let text = "has a key that is not secp256k1, which alone signs vouchers and credit notes";
                Err(refuse(format!("{account} {text}")))
            }
            None => Err(refuse(format!("{account} has no known key: it has sent no transaction"))),
        }
    }
}
