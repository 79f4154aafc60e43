//! Proposals: filled, judged, and executed before they are decided on.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use openledger_proto::tendermint::abci;

use super::super::block::{max_bytes, max_gas};
use super::super::finalize::{Base, Maker};
use super::super::metrics::GuessEnd;
use super::super::optimistic::{decided, Guess};
use super::super::prepare::Decoded;
use super::super::proposal::{admit, encoded_len, Limits, Size};
use super::{Chain, Making};

impl Chain {
    /// PrepareProposal: of the transactions offered, those that a block has room for.
    pub fn prepare_proposal(&self, request: abci::RequestPrepareProposal) -> abci::ResponsePrepareProposal {
        let _timer = self.metrics.time("prepare_proposal");
        let (_, sizes) = self.sizes(&request.txs);
        let max_bytes = u64::try_from(request.max_tx_bytes).unwrap_or_default();
        let kept = admit(sizes, Limits { max_bytes, max_gas: max_gas(&self.latest().params) });
        let txs = request.txs.into_iter().zip(kept).filter_map(|(tx, kept)| kept.then_some(tx)).collect();
        abci::ResponsePrepareProposal { txs }
    }

    /// ProcessProposal: whether all its transactions are some and have room. A block that is accepted is executed from now on, on a
    /// guess that it will be decided on; a proposal of another round discards the guess at the former.
    pub fn process_proposal(&self, request: &abci::RequestProcessProposal) -> bool {
        let _timer = self.metrics.time("process_proposal");
        let block = decided(request);
        let mut making = self.making();
        let (decoded, sizes) = self.sizes(&request.txs);
        let params = &self.latest().params;
        let limits = Limits { max_bytes: max_bytes(params), max_gas: max_gas(params) };
        let accepted = admit(sizes, limits).into_iter().all(|kept| kept);
        if accepted {
            if making.guess.take_if(|guess| !guess.is_for(&block)).is_some() {
                self.metrics.guessed(GuessEnd::Discarded);
            }
            making.decoded = Arc::new(decoded);
            self.guess(&mut making, block);
        }
        accepted
    }

    /// Begins to execute a block that may be decided on. Never the first, whose base is still genesis and may be replaced.
    fn guess(&self, making: &mut Making, block: abci::RequestFinalizeBlock) {
        let latest = self.latest();
        let due = latest.height > 0 && self.expect_height(&block, &latest, None).is_ok();
        if !self.config().optimistic_execution || !due || making.guess.is_some() {
            return;
        }
        let base =
            Base { snapshot: latest.snapshot.clone(), genesis: BTreeMap::new(), decoded: making.decoded.clone() };
        let maker = self.maker();
        match Guess::begin(block, move |request, cancel| maker.make(&base, request, cancel)) {
            Ok(guess) => making.guess = Some(guess),
            // Without a guess the block is executed when it is decided on.
            Err(error) => tracing::warn!(%error, "no thread for optimistic execution"),
        }
    }

    pub(super) fn maker(&self) -> Maker {
        Maker { executor: self.executor.clone(), store: self.store.clone() }
    }

    fn sizes(&self, txs: &[Bytes]) -> (Decoded, Vec<Option<Size>>) {
        let txs_decoded = self.executor.decode_all(txs);
        let sizes = txs.iter().zip(&txs_decoded);
        let sizes =
            sizes.map(|(bytes, tx)| tx.as_ref().map(|tx| Size { bytes: encoded_len(bytes), gas: tx.gas_limit() }));
        let sizes = sizes.collect();
        (txs_decoded.into_iter().flatten().map(|tx| (tx.hash, tx)).collect(), sizes)
    }
}
