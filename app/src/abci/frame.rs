//! Messages behind their length: an unsigned varint, then that many bytes (CometBFT `libs/protoio`).
//!
//! A header is only believed as far as bytes arrive: a message that claims 100 MiB and sends ten costs ten.

use std::io::{self, Read};

use bytes::{Buf, Bytes, BytesMut};

/// How much is asked of the socket at once, in bytes. A pipelined CheckTx of 300 bytes fits 200 times.
const WINDOW_BYTES: usize = 64 * 1024;
/// The longest varint of 64 bits, in bytes.
const MAX_VARINT_BYTES: usize = 10;

/// Why no more messages can be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The length is no varint of 64 bits.
    #[error("a message's length is no varint of at most 64 bits")]
    BadLength,
    /// The length exceeds the cap.
    #[error("a message of {length} bytes exceeds the cap of {max}")]
    TooLong {
        /// What the header says.
        length: u64,
        /// What is allowed.
        max: usize,
    },
    /// The peer left in the middle of a message.
    #[error("the connection ended inside a message")]
    Truncated,
}

/// Cuts what arrives from `source` into messages.
pub struct FrameReader<R> {
    source: R,
    window: Box<[u8]>,
    buffer: BytesMut,
    max_bytes: usize,
}

impl<R: Read> FrameReader<R> {
    /// Reads messages of at most `max_bytes` bytes.
    pub fn new(source: R, max_bytes: usize) -> Self {
        Self { source, window: vec![0; WINDOW_BYTES].into_boxed_slice(), buffer: BytesMut::new(), max_bytes }
    }

    /// The next message among what has arrived; `None` where [`FrameReader::fill`] has to bring more.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        let Some((length, header)) = read_varint(&self.buffer)? else { return Ok(None) };
        let body = usize::try_from(length).ok().filter(|body| *body <= self.max_bytes);
        let Some(body) = body else { return Err(FrameError::TooLong { length, max: self.max_bytes }) };
        if self.buffer.len().saturating_sub(header) < body {
            return Ok(None);
        }
        self.buffer.advance(header);
        Ok(Some(self.buffer.split_to(body).freeze()))
    }

    /// Waits for more bytes; false where the peer has ended the connection between two messages.
    pub fn fill(&mut self) -> Result<bool, FrameError> {
        loop {
            match self.source.read(&mut self.window) {
                Ok(0) if self.buffer.is_empty() => return Ok(false),
                Ok(0) => return Err(FrameError::Truncated),
                Ok(count) => {
                    self.buffer.extend_from_slice(self.window.get(..count).unwrap_or_default());
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The varint at the head of `bytes` and how many bytes it takes; `None` where it is not complete.
fn read_varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, FrameError> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(MAX_VARINT_BYTES).enumerate() {
        let bits = u64::from(byte & 0x7f);
        // The tenth byte holds the 64th bit alone.
        if index == MAX_VARINT_BYTES.saturating_sub(1) && bits > 1 {
            return Err(FrameError::BadLength);
        }
        value |= bits.wrapping_shl(u32::try_from(index).unwrap_or_default().saturating_mul(7));
        if byte & 0x80 == 0 {
            return Ok(Some((value, index.saturating_add(1))));
        }
    }
    if bytes.len() >= MAX_VARINT_BYTES {
        return Err(FrameError::BadLength);
    }
    Ok(None)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push((value as u8) | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    /// Gives its bytes in pieces of the given sizes, over and over.
    struct Pieces(Vec<u8>, Vec<usize>, usize);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1[self.2 % self.1.len()].min(self.0.len()).min(buffer.len());
            self.2 += 1;
            buffer[..size].copy_from_slice(&self.0[..size]);
            self.0.drain(..size);
            Ok(size)
        }
    }

    fn read_all(mut reader: FrameReader<impl Read>) -> Result<Vec<Bytes>, FrameError> {
        let mut frames = Vec::new();
        loop {
            while let Some(frame) = reader.next_frame()? {
                frames.push(frame);
            }
            if !reader.fill()? {
                return Ok(frames);
            }
        }
    }

    proptest! {
        #[test]
        fn messages_arrive_whole_however_they_are_cut(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
            pieces in prop::collection::vec(1usize..50, 1..10),
        ) {
            let bytes = messages.iter().flat_map(|m| [varint(m.len() as u64), m.clone()].concat()).collect();
            let frames = read_all(FrameReader::new(Pieces(bytes, pieces, 0), 300)).unwrap();
            prop_assert_eq!(frames.iter().map(|f| f.to_vec()).collect::<Vec<_>>(), messages);
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read_all(FrameReader::new(bytes.as_slice(), 64));
        }

        #[test]
        fn every_length_is_read_back(value in any::<u64>()) {
            let bytes = varint(value);
            prop_assert_eq!(read_varint(&bytes).unwrap(), Some((value, bytes.len())));
            prop_assert_eq!(read_varint(&bytes[..bytes.len() - 1]).unwrap(), None);
        }
    }

    #[test]
    fn a_length_beyond_the_cap_or_64_bits_is_refused_before_its_bytes_arrive() {
        let error = read_all(FrameReader::new(varint(65).as_slice(), 64)).unwrap_err();
        assert!(matches!(error, FrameError::TooLong { length: 65, max: 64 }));
        let error = read_all(FrameReader::new(varint(u64::MAX).as_slice(), 64)).unwrap_err();
        assert!(matches!(error, FrameError::TooLong { length: u64::MAX, .. }));
        assert!(matches!(read_all(FrameReader::new([0x80; 10].as_slice(), 64)), Err(FrameError::BadLength)));
        let high = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert!(matches!(read_all(FrameReader::new(high.as_slice(), 64)), Err(FrameError::BadLength)));
    }

    #[test]
    fn a_lying_header_allocates_nothing() {
        let mut reader =
            FrameReader::new([varint(100 << 20), b"ten bytes!".to_vec()].concat().leak() as &[u8], 128 << 20);
        assert!(reader.fill().unwrap());
        assert!(reader.next_frame().unwrap().is_none());
        assert!(reader.buffer.capacity() < 1024, "{}", reader.buffer.capacity());
        assert!(matches!(reader.fill(), Err(FrameError::Truncated)));
    }
}
