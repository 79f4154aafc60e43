//! A signer's signature as it came: one, or the parts of a multisig.
//!
//! Source: Cosmos SDK v0.50 `x/auth/tx/sigs.go`, `crypto/types/compact_bit_array.go`. Stricter than the SDK, so that nobody can change
//! the bytes of a signed transaction and with them its hash: the parts must be encoded in the one way, and the bits that say who signed
//! have no spare ones set.

use bytes::Bytes;
use openledger_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use openledger_proto::cosmos::tx::v1beta1::mode_info::Sum;
use openledger_proto::cosmos::tx::v1beta1::ModeInfo;
use openledger_proto::Message as _;

/// How deep multisigs may nest; more than their keys may.
const MAX_DEPTH: u32 = 10;
/// The most bytes that events may tell of one signer's signatures. Each level of a multisignature tells its parts again, so what is
/// nested deep and long would fill the memory before anybody looks whether it fits the key.
const MAX_TOLD_BYTES: usize = 256 * 1024;

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureData {
    /// Of one key.
    Single {
        /// The number of the mode that says what was signed.
        mode: i32,
        /// The signature; empty in a simulation.
        signature: Bytes,
    },
    /// Of several keys.
    Multi {
        /// Which of the keys signed.
        signed: Bits,
        /// Their signatures, in the order of the keys.
        parts: Vec<SignatureData>,
    },
}

/// Bits, one a key of a multisig: set where the key signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits {
    size: usize,
    bytes: Vec<u8>,
}

impl SignatureData {
    /// Reads a signature by its mode; the error says what is wrong with them.
    pub fn read(mode: Option<&ModeInfo>, signature: &Bytes) -> Result<Self, String> {
        let read = Self::read_within(mode, signature, MAX_DEPTH)?;
        let told = read.told_bytes();
        if told > MAX_TOLD_BYTES {
            return Err(format!("signatures of {told} bytes in all levels, more than {MAX_TOLD_BYTES}"));
        }
        Ok(read)
    }

    fn read_within(mode: Option<&ModeInfo>, signature: &Bytes, depth: u32) -> Result<Self, String> {
        let multi = match mode.and_then(|mode| mode.sum.as_ref()) {
            Some(Sum::Single(single)) => {
                return Ok(Self::Single { mode: single.mode, signature: signature.clone() });
            }
            Some(Sum::Multi(multi)) => multi,
            None => return Err("got empty SignatureData: the mode of signing is missing".into()),
        };
        let depth = depth.checked_sub(1).ok_or_else(|| format!("multisignatures nest deeper than {MAX_DEPTH}"))?;
        let signatures = parts(signature, multi.mode_infos.len())?;
        if signatures.len() != multi.mode_infos.len() {
            let (modes, signatures) = (multi.mode_infos.len(), signatures.len());
            return Err(format!("a multisignature of {signatures} signatures with {modes} modes"));
        }
        let parts = multi.mode_infos.iter().zip(&signatures);
        let parts = parts.map(|(mode, signature)| Self::read_within(Some(mode), signature, depth));
        let signed = multi.bitarray.as_ref().map_or_else(|| Ok(Bits::default()), Bits::read)?;
        Ok(Self::Multi { signed, parts: parts.collect::<Result<_, _>>()? })
    }

    /// Whether a signature is missing in it, as in a simulation.
    pub fn is_incomplete(&self) -> bool {
        match self {
            Self::Single { signature, .. } => signature.is_empty(),
            Self::Multi { parts, .. } => parts.is_empty() || parts.iter().any(Self::is_incomplete),
        }
    }

    /// How many single signatures it has.
    pub fn count(&self) -> usize {
        match self {
            Self::Single { .. } => 1,
            Self::Multi { parts, .. } => parts.iter().map(Self::count).fold(0, usize::saturating_add),
        }
    }

    /// At least the bytes of [`SignatureData::told`].
    fn told_bytes(&self) -> usize {
        // More than tag and length of a signature in its multisignature.
        const OVERHEAD: usize = 8;
        let bytes = match self {
            Self::Single { signature, .. } => signature.len(),
            Self::Multi { parts, .. } => {
                parts.iter().map(Self::told_bytes).fold(0, usize::saturating_add).saturating_mul(2)
            }
        };
        bytes.saturating_add(OVERHEAD)
    }

    /// The signatures that events tell: each part's, then all of them as one (SDK `signatureDataToBz`).
    pub fn told(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Single { signature, .. } => vec![signature.to_vec()],
            Self::Multi { parts, .. } => {
                let mut signatures: Vec<Vec<u8>> = parts.iter().flat_map(Self::told).collect();
                let whole = MultiSignature { signatures: signatures.clone() };
                signatures.push(whole.encode_to_vec());
                signatures
            }
        }
    }
}

/// The parts of a multisignature; no bytes stand for so many empty parts.
fn parts(bytes: &Bytes, expected: usize) -> Result<Vec<Bytes>, String> {
    if bytes.is_empty() {
        return Ok(vec![Bytes::new(); expected]);
    }
    let multi = MultiSignature::decode(bytes.clone()).map_err(|error| format!("a multisignature: {error}"))?;
    if multi.encode_to_vec() != *bytes {
        return Err("rejecting unrecognized fields found in MultiSignature, or lengths longer than need be".into());
    }
    Ok(multi.signatures.into_iter().map(Bytes::from).collect())
}

impl Bits {
    fn read(array: &CompactBitArray) -> Result<Self, String> {
        let (extra, bytes) = (array.extra_bits_stored, array.elems.clone());
        let spare = match extra {
            0 => 0,
            1..=7 if !bytes.is_empty() => 8u32.saturating_sub(extra),
            _ => return Err(format!("a bit array of {} bytes with {extra} extra bits", bytes.len())),
        };
        let unused = 1u8.checked_shl(spare).map_or(u8::MAX, |bit| bit.wrapping_sub(1));
        if bytes.last().is_some_and(|last| last & unused != 0) {
            return Err(format!("a bit array with bits after its last ({extra} extra bits)"));
        }
        let spare = usize::try_from(spare).unwrap_or_default();
        let size = bytes.len().saturating_mul(8).saturating_sub(spare);
        Ok(Self { size, bytes })
    }

    /// How many keys it speaks of.
    pub fn len(&self) -> usize {
        self.size
    }

    /// Whether it speaks of no key.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The indexes of the keys that signed, in order.
    pub fn signed(&self) -> impl Iterator<Item = usize> + '_ {
        let bit = |index: &usize| {
            let byte = self.bytes.get(index.wrapping_shr(3)).copied().unwrap_or_default();
            byte.wrapping_shl(u32::try_from(index & 7).unwrap_or_default()) & 0x80 != 0
        };
        (0..self.size).filter(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single};
    use proptest::prelude::*;

    fn single() -> ModeInfo {
        ModeInfo { sum: Some(Sum::Single(Single { mode: 127 })) }
    }

    fn multi(bitarray: Option<CompactBitArray>, mode_infos: Vec<ModeInfo>) -> ModeInfo {
        ModeInfo { sum: Some(Sum::Multi(Multi { bitarray, mode_infos })) }
    }

    fn bits(extra_bits_stored: u32, elems: &[u8]) -> Result<Bits, String> {
        Bits::read(&CompactBitArray { extra_bits_stored, elems: elems.to_vec() })
    }

    #[test]
    fn bits_are_read_as_the_sdk_counts_them() {
        let read = |extra, elems: &[u8]| {
            let bits = bits(extra, elems).unwrap();
            (bits.len(), bits.signed().collect::<Vec<_>>())
        };
        assert_eq!(read(3, &[0b1010_0000]), (3, vec![0, 2]));
        assert_eq!(read(0, &[0b0000_0001]), (8, vec![7]));
        assert_eq!(read(1, &[0, 0b1000_0000]), (9, vec![8]));
        assert_eq!(read(0, &[]), (0, vec![]));
        assert!(bits(3, &[]).is_err());
        assert!(bits(8, &[0]).is_err(), "a whole byte is no extra bits");
        assert!(bits(3, &[0b1010_0001]).is_err(), "a spare bit is set");
    }

    #[test]
    fn a_multisignature_has_one_encoding() {
        let one = MultiSignature { signatures: vec![vec![1; 64], vec![2; 64]] }.encode_to_vec();
        let mode = multi(None, vec![single(), single()]);
        let read = SignatureData::read(Some(&mode), &one.clone().into()).unwrap();
        assert_eq!((read.count(), read.is_incomplete()), (2, false));
        assert_eq!(read.told(), [vec![1; 64], vec![2; 64], one.clone()]);
        let extra = [one.as_slice(), &[0x12, 0x00]].concat();
        assert!(SignatureData::read(Some(&mode), &extra.into()).is_err());
        let long = [&[0x0a, 0xc0, 0x00], one.get(2..).unwrap()].concat();
        assert!(SignatureData::read(Some(&mode), &long.into()).is_err());
        assert!(SignatureData::read(Some(&multi(None, vec![single()])), &one.into()).is_err(), "one mode for two");
    }

    #[test]
    fn what_is_nested_deep_and_long_is_refused_before_it_is_told() {
        let nested = |signature: Vec<u8>, depth: usize| {
            let start = (single(), signature);
            let (mode, bytes) = (0..depth).fold(start, |(mode, bytes), _| {
                (multi(None, vec![mode]), MultiSignature { signatures: vec![bytes] }.encode_to_vec())
            });
            SignatureData::read(Some(&mode), &bytes.into())
        };
        let read = nested(vec![1; 64], 10).unwrap();
        let told: usize = read.told().iter().map(Vec::len).sum();
        assert!(told <= read.told_bytes() && read.told_bytes() <= MAX_TOLD_BYTES, "{told}");
        assert!(nested(vec![1; 1_000], 10).is_err());
        assert!(nested(vec![1; 1_000_000], 0).is_err());
        let many = (0..9).fold(multi(None, vec![single(); 10_000]), |mode, _| multi(None, vec![mode]));
        assert!(SignatureData::read(Some(&many), &Bytes::new()).is_err(), "many that are missing");
        assert!(nested(vec![1; 64], 11).is_err(), "too deep");
    }

    #[test]
    fn no_bytes_are_a_multisignature_of_empty_parts() {
        let read = SignatureData::read(Some(&multi(None, vec![single(), single()])), &Bytes::new()).unwrap();
        assert_eq!((read.count(), read.is_incomplete()), (2, true));
        assert!(SignatureData::read(None, &Bytes::new()).is_err());
        assert!(SignatureData::read(Some(&ModeInfo { sum: None }), &Bytes::new()).is_err());
    }

    #[test]
    fn multisignatures_nest_so_deep_and_no_deeper() {
        let mut mode = single();
        for depth in 1..20 {
            mode = multi(None, vec![mode]);
            assert_eq!(SignatureData::read(Some(&mode), &Bytes::new()).is_ok(), depth <= 10, "{depth}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(mode: Vec<u8>, signature: Vec<u8>) {
            if let Ok(mode) = ModeInfo::decode(mode.as_slice()) {
                let _ = SignatureData::read(Some(&mode), &signature.into()).map(|data| data.told());
            }
        }
    }
}
