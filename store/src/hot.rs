//! What a block reads over and over, parameters and switches, in front of a snapshot: a table of a few hundred places, each with the key
//! that was read last of those that fall on it. A snapshot never changes, so neither does what is held, and no result depends on it.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// How many places there are: many more than a transaction reads keys, so that what all of them read is seldom pushed out between two.
const PLACES: usize = 256;
/// The longest value that is held, in bytes: with the keys, the table takes at most some 300 KiB.
const MAX_VALUE: usize = 1_024;

/// The table.
pub(crate) struct Hot(Vec<Mutex<Option<Read>>>);

/// A key that was read, and what was there.
struct Read {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl Hot {
    /// A table that holds nothing.
    pub(crate) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(None)).collect())
    }

    /// The value under `key`, absent or not, by `read` where it is not held.
    pub(crate) fn get(
        &self,
        key: Vec<u8>,
        read: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, Error>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let hash = usize::try_from(crc32fast::hash(&key)).unwrap_or_default();
        let Some(place) = hash.checked_rem(self.0.len()).and_then(|at| self.0.get(at)) else { return read(&key) };
        if let Some(held) = place.lock().unwrap_or_else(PoisonError::into_inner).as_ref().filter(|held| held.key == key)
        {
            return Ok(held.value.clone());
        }
        // Others may read the same meanwhile: nobody waits for a disk here.
        let value = read(&key)?;
        if value.as_ref().is_none_or(|value| value.len() <= MAX_VALUE) {
            let value = value.clone();
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read { key, value });
        }
        Ok(value)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn value_of(key: &[u8]) -> Option<Vec<u8>> {
        let number = key.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        (number % 3 > 0).then(|| vec![7; number % 2_000])
    }

    #[test]
    fn what_is_read_is_what_is_there_however_many_keys_share_a_place() {
        let table = Hot::new();
        for round in 0..3u32 {
            for number in 0..2_000u32 {
                let key = (number ^ round).to_be_bytes().to_vec();
                let value = table.get(key.clone(), |key| Ok(value_of(key))).unwrap();
                assert_eq!(value, value_of(&key), "{key:?}");
            }
        }
    }

    #[test]
    fn what_is_read_again_is_not_looked_for_again_unless_it_is_long() {
        let (table, reads) = (Hot::new(), Cell::new(0));
        let get = |key: &[u8], value: Option<Vec<u8>>| {
            table.get(key.to_vec(), |_| {
                reads.set(reads.get() + 1);
                Ok(value)
            })
        };
        for _ in 0..5 {
            assert_eq!(get(b"params", Some(vec![1])).unwrap(), Some(vec![1]));
            assert_eq!(get(b"absent", None).unwrap(), None);
        }
        assert_eq!(reads.get(), 2);
        let long = Some(vec![2; MAX_VALUE + 1]);
        for _ in 0..5 {
            assert_eq!(get(b"long", long.clone()).unwrap(), long);
        }
        assert_eq!(reads.get(), 7);
    }

    #[test]
    fn an_error_is_not_held() {
        let table = Hot::new();
        assert!(table.get(b"key".to_vec(), |_| Err(Error::Fuse)).is_err());
        assert_eq!(table.get(b"key".to_vec(), |_| Ok(Some(vec![1]))).unwrap(), Some(vec![1]));
    }
}
