//! A bounded memory of decoded transactions, so that one that CheckTx let in is not decoded again when it is proposed, judged, executed or
//! checked again.
//!
//! What is decoded is a pure function of the bytes, and what is remembered lies under their SHA-256, so the memory never changes a result,
//! only how long it takes. Only transactions that CheckTx let in are remembered: who is refused pushes nothing out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::tx::Tx;

/// The transactions of the mempool, decoded.
pub struct DecodedTxs {
    known: Mutex<Known>,
}

/// Two generations: when the younger is full, it becomes the older, and the older is forgotten.
struct Known {
    /// The most bytes of a generation.
    generation: usize,
    young: Generation,
    old: Generation,
}

#[derive(Default)]
struct Generation {
    txs: BTreeMap<[u8; 32], Arc<Tx>>,
    bytes: usize,
}

impl DecodedTxs {
    /// Remembers transactions of up to about so many bytes of memory.
    pub fn new(bytes: usize) -> Self {
        let known = Known { generation: bytes.div_ceil(2), young: Generation::default(), old: Generation::default() };
        Self { known: Mutex::new(known) }
    }

    /// The transaction with this hash, if it is remembered; one that is asked for stays longer.
    pub fn get(&self, hash: &[u8; 32]) -> Option<Arc<Tx>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tx) = known.young.txs.get(hash) {
            return Some(tx.clone());
        }
        let tx = known.old.txs.get(hash)?.clone();
        known.put(tx.clone());
        Some(tx)
    }

    /// Remembers a transaction.
    pub fn put(&self, tx: Arc<Tx>) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).put(tx);
    }
}

impl Known {
    fn put(&mut self, tx: Arc<Tx>) {
        let bytes = memory(&tx);
        if bytes > self.generation || tx.size > MAX_TX_BYTES {
            return;
        }
        if self.young.bytes.saturating_add(bytes) > self.generation {
            self.old = std::mem::take(&mut self.young);
        }
        if self.young.txs.insert(tx.hash, tx).is_none() {
            self.young.bytes = self.young.bytes.saturating_add(bytes);
        }
    }
}

/// The longest transaction that is remembered: of the many short ones the memory is made for, and what a long one takes, decoded, its
/// length does not tell.
const MAX_TX_BYTES: usize = 64 << 10;

/// About how many bytes of memory a decoded transaction takes: its bytes, its body and messages decoded beside them, and their parts'
/// own sizes. Lists of next to empty parts take more.
fn memory(tx: &Tx) -> usize {
    let parts = tx.messages.len().saturating_add(tx.signers.len());
    let parts = parts.saturating_mul(512).saturating_add(512);
    tx.size.saturating_mul(16).saturating_add(parts)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::runtime::Runtime;
    use bytes::Bytes;
    use openledger_core::{Address, Router};
    use openledger_proto::cosmos::bank::v1beta1::MsgSend;
    use openledger_proto::cosmos::base::v1beta1::Coin;
    use openledger_proto::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody, TxRaw};
    use openledger_proto::{Any, Message as _, Name as _};

    fn tx(router: &Router, number: u8) -> Arc<Tx> {
        let address = Address::new([number; 20]).unwrap().to_string();
        let coin = Coin { denom: "aopen".into(), amount: "1".into() };
        let send = MsgSend { from_address: address.clone(), to_address: address, amount: vec![coin] };
        let message = Any { type_url: MsgSend::type_url(), value: send.encode_to_vec() };
        let body = TxBody { messages: vec![message], ..TxBody::default() };
        let auth_info = AuthInfo { fee: Some(Fee::default()), ..AuthInfo::default() };
        let raw = TxRaw {
            body_bytes: body.encode_to_vec(),
            auth_info_bytes: auth_info.encode_to_vec(),
            signatures: Vec::new(),
        };
        Arc::new(Tx::decode(&Bytes::from(raw.encode_to_vec()), router).unwrap())
    }

    #[test]
    fn what_was_let_in_last_and_what_is_asked_for_is_remembered_within_bounds() {
        let runtime = Runtime::default();
        let txs: Vec<_> = (1..=12).map(|number| tx(runtime.router(), number)).collect();
        // Room for four, two a generation.
        let memory = DecodedTxs::new(memory(&txs[0]) * 4);
        for tx in &txs {
            memory.put(tx.clone());
            // Asked for each time, the first one stays.
            assert!(memory.get(&txs[0].hash).is_some_and(|known| Arc::ptr_eq(&known, &txs[0])));
        }
        let kept = txs.iter().filter(|tx| memory.get(&tx.hash).is_some()).count();
        assert!((2..=4).contains(&kept), "{kept}");
        assert!(memory.get(&txs[11].hash).is_some());
    }

    #[test]
    fn a_memory_of_no_bytes_remembers_nothing() {
        let runtime = Runtime::default();
        let (memory, tx) = (DecodedTxs::new(0), tx(runtime.router(), 1));
        memory.put(tx.clone());
        assert!(memory.get(&tx.hash).is_none());
    }
}
