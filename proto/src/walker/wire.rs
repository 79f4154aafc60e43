//! The protobuf wire format: tags, varints and field values, read without any knowledge of types.
//!
//! Total on any bytes: every read either advances or fails, and groups nest at most [`MAX_DEPTH`] deep.
//! Refuses what Go's `protowire` refuses: field numbers outside 1..2^29, varints over 64 bits, reserved wire types.

use super::WalkError;

/// How deep messages, `Any`s and groups may nest.
pub const MAX_DEPTH: usize = 64;

const MAX_FIELD_NUMBER: u64 = (1 << 29) - 1;

/// One field's value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire type 3 with its end: skipped, no type of ours has one.
    Group,
    /// Wire type 5.
    Fixed32(u32),
}

impl Raw<'_> {
    /// The wire type's number.
    pub fn wire_type(&self) -> u8 {
        match self {
            Raw::Varint(_) => 0,
            Raw::Fixed64(_) => 1,
            Raw::Bytes(_) => 2,
            Raw::Group => 3,
            Raw::Fixed32(_) => 5,
        }
    }

    /// The wire type's name, as the SDK's errors spell it.
    pub fn wire_name(&self) -> &'static str {
        match self {
            Raw::Varint(_) => "varint",
            Raw::Fixed64(_) => "fixed64",
            Raw::Bytes(_) => "bytes",
            Raw::Group => "start_group",
            Raw::Fixed32(_) => "fixed32",
        }
    }
}

/// Reads the fields of one message's bytes. A copy reads ahead.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over the bytes of one message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// The next field's number and value; `None` at the end.
    pub fn next_field(&mut self) -> Result<Option<(u32, Raw<'a>)>, WalkError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let raw = match wire_type {
            3 => {
                self.skip_group(number)?;
                Raw::Group
            }
            other => self.value(other)?,
        };
        Ok(Some((number, raw)))
    }

    /// A varint, alone (also an element of a packed list).
    pub fn varint(&mut self) -> Result<u64, WalkError> {
        let mut value = 0u64;
        for index in 0..10u32 {
            let (&byte, rest) = self.rest.split_first().ok_or(WalkError::Wire("unexpected end of bytes"))?;
            self.rest = rest;
            if index == 9 && byte > 1 {
                return Err(WalkError::Wire("varint over 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << (index.saturating_mul(7));
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WalkError::Wire("varint over 64 bits"))
    }

    /// Eight bytes, little endian.
    pub fn fixed64(&mut self) -> Result<u64, WalkError> {
        let (head, rest) = self.rest.split_first_chunk::<8>().ok_or(WalkError::Wire("unexpected end of bytes"))?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*head))
    }

    /// Four bytes, little endian.
    pub fn fixed32(&mut self) -> Result<u32, WalkError> {
        let (head, rest) = self.rest.split_first_chunk::<4>().ok_or(WalkError::Wire("unexpected end of bytes"))?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*head))
    }

    /// Whether all bytes are read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn bytes(&mut self) -> Result<&'a [u8], WalkError> {
        let len = usize::try_from(self.varint()?).map_err(|_| WalkError::Wire("unexpected end of bytes"))?;
        let (head, rest) = self.rest.split_at_checked(len).ok_or(WalkError::Wire("unexpected end of bytes"))?;
        self.rest = rest;
        Ok(head)
    }

    fn tag(&mut self) -> Result<(u32, u8), WalkError> {
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > MAX_FIELD_NUMBER {
            return Err(WalkError::Wire("field number out of range"));
        }
        Ok((number as u32, (tag & 7) as u8))
    }

    fn value(&mut self, wire_type: u8) -> Result<Raw<'a>, WalkError> {
        match wire_type {
            0 => Ok(Raw::Varint(self.varint()?)),
            1 => Ok(Raw::Fixed64(self.fixed64()?)),
            2 => Ok(Raw::Bytes(self.bytes()?)),
            5 => Ok(Raw::Fixed32(self.fixed32()?)),
            4 => Err(WalkError::Wire("end of a group that did not start")),
            _ => Err(WalkError::Wire("reserved wire type")),
        }
    }

    fn skip_group(&mut self, number: u32) -> Result<(), WalkError> {
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            match self.tag()? {
                (_, 3) if open.len() >= MAX_DEPTH => return Err(WalkError::Depth),
                (number, 3) => open.push(number),
                (number, 4) if number == innermost => {
                    open.pop();
                }
                (_, other) => {
                    self.value(other)?;
                }
            }
        }
        Ok(())
    }
}

/// Appends a varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a field's tag.
pub fn put_tag(out: &mut Vec<u8>, number: u32, wire_type: u8) {
    put_varint(out, (u64::from(number) << 3) | u64::from(wire_type));
}

/// Appends a length-delimited field.
pub fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
