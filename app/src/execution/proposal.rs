//! Which transactions a block may hold: one function that fills proposals and judges them.
//!
//! It sees the transactions' bytes and the consensus parameters, nothing else: a proposal that one honest node makes is never
//! refused by another, whatever its state (a refused honest proposal would stop the chain). Whether a transaction is valid shows
//! when it is executed.

use bytes::Bytes;

/// What the consensus parameters allow a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of transactions, as CometBFT counts them ([`encoded_len`]).
    pub max_bytes: u64,
    /// The most gas that its transactions may want together; `None` where there is no limit.
    pub max_gas: Option<u64>,
}

/// What a transaction takes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes, as CometBFT counts them.
    pub bytes: u64,
    /// The gas limit that it states.
    pub gas: u64,
}

/// For each transaction, in order, whether the block has room for it beside those kept before; `None` stands for bytes that are no
/// transaction, which no block has room for. A proposal is filled with those kept, and is right where all are.
pub fn admit(sizes: impl IntoIterator<Item = Option<Size>>, limits: Limits) -> Vec<bool> {
    let mut used = Size { bytes: 0, gas: 0 };
    let fits = |size: Option<Size>| {
        let Some(size) = size else { return false };
        let next = Size { bytes: used.bytes.saturating_add(size.bytes), gas: used.gas.saturating_add(size.gas) };
        let has_room = next.bytes <= limits.max_bytes && limits.max_gas.is_none_or(|max| next.gas <= max);
        if has_room {
            used = next;
        }
        has_room
    };
    sizes.into_iter().map(fits).collect()
}

/// The bytes that a transaction takes in a block's protobuf encoding (CometBFT v0.38 `ComputeProtoSizeForTxs`).
pub fn encoded_len(tx: &Bytes) -> u64 {
    let len = u64::try_from(tx.len()).unwrap_or(u64::MAX);
    let prefix = u64::try_from(prost::encoding::encoded_len_varint(len)).unwrap_or(u64::MAX);
    len.saturating_add(prefix).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_transaction_without_room_is_left_out_and_a_later_smaller_one_kept() {
        let size = |bytes, gas| Some(Size { bytes, gas });
        let limits = Limits { max_bytes: 10, max_gas: Some(100) };
        let kept = admit([size(6, 50), size(6, 1), None, size(4, 51), size(4, 50), size(1, 0)], limits);
        assert_eq!(kept, [true, false, false, false, true, false]);
    }

    #[test]
    fn bytes_are_counted_as_in_the_encoded_block() {
        assert_eq!(encoded_len(&Bytes::from(vec![0; 127])), 129);
        assert_eq!(encoded_len(&Bytes::from(vec![0; 128])), 131);
    }

    proptest! {
        #[test]
        fn what_was_filled_is_judged_right(
            sizes in prop::collection::vec(prop::option::of((0u64..50, 0u64..50)), 0..40),
            max_bytes in 0u64..500,
            max_gas in prop::option::of(0u64..500),
        ) {
            let limits = Limits { max_bytes, max_gas };
            let sizes: Vec<_> = sizes.into_iter().map(|s| s.map(|(bytes, gas)| Size { bytes, gas })).collect();
            let kept = admit(sizes.clone(), limits);
            let filled: Vec<_> = sizes.into_iter().zip(kept).filter_map(|(size, kept)| kept.then_some(size)).collect();
            prop_assert!(admit(filled, limits).into_iter().all(|kept| kept));
        }
    }
}
