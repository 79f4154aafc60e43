//! Bytes of the store's own records: unsigned varints (LEB128) and length-prefixed strings. Reading is total: bad bytes give an error.

/// Why a record cannot be read.
pub(crate) type Flaw = &'static str;

/// Appends `value` as an unsigned varint.
pub(crate) fn put_uvarint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes().first().copied().unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes().first().copied().unwrap_or_default());
}

/// Appends a length and the bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_uvarint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

/// The byte that is escaped, and what comes after it: an escaped zero, or the end of the string.
const ZERO: u8 = 0;
const ESCAPED: u8 = 0xff;
const END: u8 = 1;

/// Appends a string such that what begins with one sorts as the strings do: `00` becomes `00 ff`, and `00 01` ends it.
pub(crate) fn put_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut parts = bytes.split(|byte| *byte == ZERO);
    out.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        out.extend_from_slice(&[ZERO, ESCAPED]);
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&[ZERO, END]);
}

/// Reads a record from its start.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Flaw> {
        let (first, rest) = self.0.split_first().ok_or("ends early")?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn uvarint(&mut self) -> Result<u64, Flaw> {
        let mut value = 0u64;
        for shift in (0..64u32).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            let shifted = part.wrapping_shl(shift);
            if shifted.wrapping_shr(shift) != part {
                return Err("varint over 64 bits");
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("varint over 64 bits")
    }

    /// A string that [`put_escaped`] wrote.
    pub(crate) fn escaped(&mut self) -> Result<Vec<u8>, Flaw> {
        let mut bytes = Vec::new();
        loop {
            match (self.byte()?, self.0.first()) {
                (ZERO, Some(&END)) => {
                    self.byte()?;
                    return Ok(bytes);
                }
                (ZERO, Some(&ESCAPED)) => {
                    self.byte()?;
                    bytes.push(ZERO);
                }
                (ZERO, _) => return Err("a zero that is not escaped"),
                (byte, _) => bytes.push(byte),
            }
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Flaw> {
        let len = usize::try_from(self.uvarint()?).map_err(|_| "length over the address space")?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or("ends early")?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        let (array, rest) = self.0.split_first_chunk().ok_or("ends early")?;
        self.0 = rest;
        Ok(*array)
    }

    pub(crate) fn end(&self) -> Result<(), Flaw> {
        if self.is_empty() {
            Ok(())
        } else {
            Err("bytes after its end")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_and_strings_read_back(value: u64, bytes: Vec<u8>) {
            let mut out = Vec::new();
            put_uvarint(&mut out, value);
            put_bytes(&mut out, &bytes);
            let mut reader = Reader(&out);
            prop_assert_eq!(reader.uvarint(), Ok(value));
            prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
            prop_assert_eq!(reader.end(), Ok(()));
        }

        #[test]
        fn bad_bytes_are_refused_and_never_panic(bytes: Vec<u8>) {
            let mut reader = Reader(&bytes);
            while reader.bytes().is_ok() && !reader.is_empty() {}
        }
    }

    proptest! {
        #[test]
        fn escaped_keys_keep_their_order_and_read_back(a in escapable(), b in escapable()) {
            let escaped = |key: &[u8]| {
                let mut out = Vec::new();
                put_escaped(&mut out, key);
                out
            };
            prop_assert_eq!(a.cmp(&b), escaped(&a).cmp(&escaped(&b)));
            let both = [escaped(&a), b.clone()].concat();
            let mut reader = Reader(&both);
            prop_assert_eq!(reader.escaped(), Ok(a));
            prop_assert_eq!(reader.0, b.as_slice());
        }

        #[test]
        fn badly_escaped_keys_are_refused_and_never_panic(bytes in escapable()) {
            let _ = Reader(&bytes).escaped();
        }
    }

    fn escapable() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 0xfe, 0xff]), 0..6)
    }

    #[test]
    fn a_varint_over_64_bits_is_refused() {
        assert!(Reader(&[0xff; 10]).uvarint().is_err());
        assert!(Reader(&[0xff; 3]).uvarint().is_err());
    }
}
