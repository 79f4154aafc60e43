//! What a transaction must pass before its messages run: the checks of the Cosmos SDK's `x/auth/ante`, in its order, one file each,
//! and ibc-go's after them.
//!
//! Relies on the stateless checks of [`super::tx`]. Guarantees that, where it succeeds, the fee is paid, every signer has signed
//! over this chain, its account's number and sequence, and the sequences are used up. Where it fails, the caller undoes its changes.

mod basic;
mod circuit;
mod extension;
mod fee;
mod memo;
mod pubkey;
mod redundant;
mod sequence;
mod setup;
mod sig_count;
mod sig_gas;
mod size;
mod timeout;
mod verify;

use openledger_auth::{Account, Auth, Params, PublicKey};
use openledger_bank::Bank;
use openledger_core::{Address, Context, Mode, Result, SdkError};
use openledger_feegrant::Feegrants;
use openledger_ibc::Ibc;

use super::config::Config;
use super::prepare::Proven;
use super::signature_data::SignatureData;
use super::signatures::Signatures;
use super::tx::Tx;

/// What the checks work with beside the transaction and the state.
pub struct Ante<'a> {
    /// Accounts.
    pub auth: &'a Auth,
    /// Balances.
    pub bank: &'a Bank,
    /// Allowances for fees.
    pub feegrants: &'a Feegrants,
    /// Packets between chains.
    pub ibc: &'a Ibc,
    /// The node's settings; they count in CheckTx alone, but for the chain's id.
    pub config: &'a Config,
    /// Verifies signatures.
    pub signatures: &'a Signatures,
    /// `block.max_gas`, `None` where there is no limit.
    pub max_block_gas: Option<u64>,
}

/// A transaction on its way through the checks.
struct Passage<'a> {
    tx: &'a Tx,
    proven: &'a [Option<Proven>],
    params: Params,
    /// The signers' accounts, loaded by [`pubkey`] and saved, once, by [`sequence`].
    accounts: Vec<Account>,
}

impl Ante<'_> {
    /// Makes all checks. `proven` are the signatures that were verified beforehand.
    pub fn run(&self, ctx: &mut Context, tx: &Tx, proven: &[Option<Proven>]) -> Result<()> {
        setup::run(self, ctx, tx)?;
        extension::check(tx)?;
        basic::check(ctx, tx)?;
        timeout::check(ctx, tx)?;
        circuit::check(ctx, tx)?;
        let params = self.auth.params(ctx)?;
        let mut passage = Passage { tx, proven, params, accounts: Vec::with_capacity(tx.signers.len()) };
        memo::check(&passage)?;
        size::consume(self, ctx, &passage)?;
        fee::deduct(self, ctx, tx)?;
        pubkey::set(self, ctx, &mut passage)?;
        sig_count::check(&passage)?;
        sig_gas::consume(ctx, &passage)?;
        verify::check(self, ctx, &passage)?;
        sequence::increment(self, ctx, &mut passage)?;
        redundant::check(self, ctx, tx)
    }

    fn signer(&self, ctx: &Context, address: &Address) -> Result<Account> {
        let account = self.auth.account(ctx, address)?;
        Ok(account.ok_or_else(|| SdkError::UnknownAddress(format!("account {address} does not exist")))?)
    }
}

/// Whether a transaction of the genesis is executed: nothing else is delivered at height 0.
fn in_genesis(ctx: &Context) -> bool {
    ctx.mode() == Mode::Deliver && ctx.height() == 0
}

/// The key that signer `index` shows in the transaction, if any.
pub(super) fn shown_key(tx: &Tx, index: usize) -> Result<Option<PublicKey>> {
    let info = tx.auth_info.signer_infos.get(index);
    info.and_then(|info| info.public_key.as_ref()).map(PublicKey::from_any).transpose()
}

/// The signature of signer `index`, or why it cannot be read.
fn signature_data(tx: &Tx, index: usize) -> Result<&SignatureData> {
    match tx.signature_data.get(index) {
        Some(Ok(data)) => Ok(data),
        Some(Err(why)) => Err(SdkError::Unauthorized(format!("the signature of signer {index}: {why}")).into()),
        None => Err(SdkError::Unauthorized(format!("signer {index} has no info")).into()),
    }
}
