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

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Flaw> {
        let len = usize::try_from(self.uvarint()?).map_err(|_| "length over the address space")?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or("ends early")?;
        self.0 = rest;
        Ok(bytes)
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

    #[test]
    fn a_varint_over_64_bits_is_refused() {
        assert!(Reader(&[0xff; 10]).uvarint().is_err());
        assert!(Reader(&[0xff; 3]).uvarint().is_err());
    }
}
