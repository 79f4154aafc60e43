//! What can be known of a transaction before its turn, computed for a whole block in parallel: decoding, hash, stateless checks,
//! signatures.
//!
//! Signatures are verified against the accounts as they are before the block. That is a guess, and only counts where the account
//! turns out to have that number and key when its turn comes (`ante/verify.rs`), so the results do not depend on the threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use openledger_auth::PublicKey;
use openledger_core::{BlockInfo, Context, GasMeter, Result};
use openledger_proto::amino::Signer;
use openledger_store::BlockState;
use rayon::prelude::*;

use super::ante::shown_key;
use super::panics::contained;
use super::run::Executor;
use super::signature_data::SignatureData;
use super::tx::{self, Tx};

/// The most signatures of a transaction that are verified before its fee is paid; the ante handler verifies the rest, if it allows
/// so many.
const MAX_PROVEN: usize = 16;

/// From how many transactions on the pool is worth its threads: to wake one and put it to sleep again takes about as long as a signature.
const WORTH_A_THREAD: usize = 4;

/// A signature that was verified for an account with this number and key.
pub struct Proven {
    /// The account number that was signed over.
    pub account_number: u64,
    /// The key that signed.
    pub key: PublicKey,
}

/// A transaction before its turn.
pub struct Prepared {
    /// The transaction, or why it is none.
    pub tx: Result<Arc<Tx>>,
    /// For each signer, what was proven.
    pub proven: Vec<Option<Proven>>,
}

/// Transactions decoded earlier, by hash: those of the proposal that was judged last.
pub type Decoded = BTreeMap<[u8; 32], Arc<Tx>>;

impl Executor {
    /// Prepares the transactions of a block on the pool; `decoded` saves decoding again.
    pub fn prepare_all(
        &self,
        txs: &[Bytes],
        decoded: &Decoded,
        state: &BlockState,
        block: &BlockInfo,
    ) -> Vec<Prepared> {
        self.on_pool(txs, |bytes| self.prepare(bytes, decoded, state, block))
    }

    /// Applies `work` to all items on the pool; a few are not worth waking its threads.
    pub fn on_pool<T: Sync, U: Send>(&self, items: &[T], work: impl Fn(&T) -> U + Send + Sync) -> Vec<U> {
        if items.len() < WORTH_A_THREAD {
            return items.iter().map(work).collect();
        }
        self.pool.install(|| items.par_iter().map(work).collect())
    }

    /// Prepares one transaction.
    fn prepare(&self, bytes: &Bytes, decoded: &Decoded, state: &BlockState, block: &BlockInfo) -> Prepared {
        let tx = self.recall(bytes, decoded);
        let proven = tx.as_ref().map_or_else(|_| Vec::new(), |tx| self.prove(tx, state, block));
        Prepared { tx, proven }
    }

    /// Decodes transactions on the pool; `None` for bytes that are none.
    pub fn decode_all(&self, txs: &[Bytes]) -> Vec<Option<Arc<Tx>>> {
        self.on_pool(txs, |bytes| self.recall(bytes, &Decoded::new()).ok())
    }

    /// A transaction that was decoded before, or decodes it.
    pub fn recall(&self, bytes: &Bytes, decoded: &Decoded) -> Result<Arc<Tx>> {
        let hash = tx::hash(bytes);
        let known = decoded.get(&hash).cloned().or_else(|| self.decoded.get(&hash));
        known.map_or_else(|| contained(|| Tx::decode_hashed(hash, bytes, self.runtime.router()).map(Arc::new)), Ok)
    }

    /// Decodes one transaction.
    pub fn decode(&self, bytes: &Bytes) -> Result<Arc<Tx>> {
        contained(|| Tx::decode(bytes, self.runtime.router()).map(Arc::new))
    }

    /// Prepares one that nobody has seen yet. It may stay in memory for long, so it takes nothing with it of what its bytes came in.
    pub fn prepare_new(&self, bytes: &Bytes, state: &BlockState, block: &BlockInfo) -> Prepared {
        let tx = self.decode(&Bytes::copy_from_slice(bytes));
        let proven = tx.as_ref().map_or_else(|_| Vec::new(), |tx| self.prove(tx, state, block));
        Prepared { tx, proven }
    }

    fn prove(&self, tx: &Tx, state: &BlockState, block: &BlockInfo) -> Vec<Option<Proven>> {
        let ctx = Context::query(state, block, GasMeter::infinite());
        let mut signatures = 0usize;
        let allowed = |data: &Result<SignatureData, String>| {
            signatures = signatures.saturating_add(data.as_ref().map_or(1, SignatureData::count));
            signatures <= MAX_PROVEN
        };
        let signers =
            tx.signers.len().min(tx.signature_data.iter().map(allowed).take_while(|allowed| *allowed).count());
        let prove = |index| contained(|| self.prove_one(&ctx, tx, index)).unwrap_or_default();
        (0..signers).map(prove).collect()
    }

    /// Verifies the signature of signer `index` with the key that its account has, or that it shows.
    fn prove_one(&self, ctx: &Context, tx: &Tx, index: usize) -> Result<Option<Proven>> {
        let (Some(address), Some(info)) = (tx.signers.get(index), tx.auth_info.signer_infos.get(index)) else {
            return Ok(None);
        };
        let Some(account) = self.runtime.auth.account(ctx, address)? else { return Ok(None) };
        let key = match account.key {
            Some(key) => Some(key),
            None => shown_key(tx, index)?.filter(|key| key.address() == account.address),
        };
        let Some(key) = key else { return Ok(None) };
        let (chain_id, account_number) = (self.config.chain_id.as_str(), account.number);
        // The sequence that the transaction names; the ante handler sees to it that it is the account's.
        let signer = Signer { chain_id, account_number, sequence: info.sequence };
        let verified = self.signatures.verify(tx, index, &key, signer);
        Ok(verified.is_ok().then_some(Proven { account_number, key }))
    }
}
