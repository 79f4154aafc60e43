//! RocksDB: its column families and keys, and the committed flat state as a [`Snapshot`]. The crate's head describes the layout.

use crate::codec::put_uvarint;
use crate::error::Error;
use crate::overlay::{Pair, Snapshot};
use rocksdb::{BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, IteratorMode, Options, ReadOptions, DB};
use std::path::Path;
use std::sync::Arc;

/// Latest flat state.
pub(crate) const STATE: &str = "state";
/// Changes by height and store.
pub(crate) const LOG: &str = "log";
/// Tree nodes of the checkpoints, by record number.
pub(crate) const NODES: &str = "nodes";
/// Format, heights, commit infos, checkpoints.
pub(crate) const META: &str = "meta";

/// The format that this program writes; stored under [`FORMAT_KEY`].
pub(crate) const FORMAT: u64 = 1;
/// The key of the format in [`META`]: 8 bytes, big endian, like every number there.
pub(crate) const FORMAT_KEY: &[u8] = b"format";
/// The key of the first height in [`META`].
pub(crate) const FIRST_KEY: &[u8] = b"first";
/// The key of the height committed last in [`META`].
pub(crate) const LATEST_KEY: &[u8] = b"latest";
/// The prefix of commit infos by height in [`META`].
pub(crate) const COMMIT_INFO: u8 = b'c';
/// The prefix of checkpoints by height in [`META`].
pub(crate) const CHECKPOINT: u8 = b'k';

/// Memory for decompressed blocks of all column families, in bytes.
const BLOCK_CACHE_BYTES: usize = 128 << 20;
/// Memory for a column family's latest writes before they go to a file, in bytes.
const WRITE_BUFFER_BYTES: usize = 64 << 20;

/// Opens the database in `path`, made if missing, and checks its format.
pub(crate) fn open(path: &Path) -> Result<Arc<DB>, Error> {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_keep_log_file_num(4);
    options.set_max_open_files(512);
    options.set_max_total_wal_size(256 << 20);
    let cache = rocksdb::Cache::new_lru_cache(BLOCK_CACHE_BYTES);
    let family = |name: &str| {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(&cache);
        table.set_bloom_filter(10.0, false);
        let mut options = Options::default();
        options.set_block_based_table_factory(&table);
        options.set_write_buffer_size(WRITE_BUFFER_BYTES);
        ColumnFamilyDescriptor::new(name, options)
    };
    let db = DB::open_cf_descriptors(&options, path, [STATE, LOG, NODES, META].map(family))?;
    match get_number(&db, FORMAT_KEY)? {
        Some(FORMAT) => {}
        Some(found) => return Err(Error::Format { found, expected: FORMAT }),
        None => db.put_cf(cf(&db, META)?, FORMAT_KEY, FORMAT.to_be_bytes())?,
    }
    Ok(Arc::new(db))
}

/// A column family of ours.
pub(crate) fn cf<'a>(db: &'a DB, name: &str) -> Result<&'a ColumnFamily, Error> {
    db.cf_handle(name).ok_or_else(|| Error::Damaged { what: format!("column family {name}"), why: "it is missing" })
}

/// A number of [`META`].
pub(crate) fn get_number(db: &DB, key: &[u8]) -> Result<Option<u64>, Error> {
    let Some(bytes) = db.get_cf(cf(db, META)?, key)? else { return Ok(None) };
    let bytes = bytes.as_slice().try_into().map_err(|_| Error::Damaged {
        what: String::from_utf8_lossy(key).into_owned(),
        why: "it does not have 8 bytes",
    })?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

/// A key of [`META`] by height.
pub(crate) fn height_key(prefix: u8, height: u64) -> [u8; 9] {
    let mut key = [prefix; 9];
    if let Some(rest) = key.get_mut(1..) {
        rest.copy_from_slice(&height.to_be_bytes());
    }
    key
}

/// A key of [`LOG`].
pub(crate) fn log_key(height: u64, store: &str) -> Vec<u8> {
    [&height.to_be_bytes(), store.as_bytes()].concat()
}

/// What every key of a store begins with in [`STATE`]: the length of its name and the name, so that no store's prefix begins another's.
pub(crate) fn state_prefix(store: &str) -> Vec<u8> {
    let mut prefix = Vec::with_capacity(store.len().saturating_add(48));
    put_uvarint(&mut prefix, u64::try_from(store.len()).unwrap_or(u64::MAX));
    prefix.extend_from_slice(store.as_bytes());
    prefix
}

/// A key of [`STATE`].
pub(crate) fn state_key(store: &str, key: &[u8]) -> Vec<u8> {
    let mut full = state_prefix(store);
    full.extend_from_slice(key);
    full
}

type DbSnapshot<'a> = rocksdb::Snapshot<'a>;

self_cell::self_cell!(
    /// A RocksDB snapshot that keeps its database open.
    struct Pinned {
        owner: Arc<DB>,
        #[covariant]
        dependent: DbSnapshot,
    }
);

/// The flat state as it was committed when this was made; later commits do not show in it.
pub(crate) struct FlatSnapshot(Pinned);

impl FlatSnapshot {
    pub(crate) fn new(db: Arc<DB>) -> Self {
        Self(Pinned::new(db, |db| db.snapshot()))
    }

    fn try_get(&self, store: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let family = cf(self.0.borrow_owner(), STATE)?;
        let value = self.0.borrow_dependent().get_pinned_cf(family, state_key(store, key))?;
        Ok(value.map(|value| value.to_vec()))
    }
}

impl Snapshot for FlatSnapshot {
    fn get(&self, store: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.try_get(store, key).unwrap_or_else(|error| fatal(&error))
    }

    fn range<'a>(
        &'a self,
        store: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        reverse: bool,
    ) -> Box<dyn Iterator<Item = Pair> + 'a> {
        if start.zip(end).is_some_and(|(start, end)| start >= end) {
            return Box::new(std::iter::empty());
        }
        let prefix = state_prefix(store);
        let upper = end.map_or_else(|| after_prefix(prefix.clone()), |end| [&prefix, end].concat());
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound([&prefix, start.unwrap_or_default()].concat());
        options.set_iterate_upper_bound(upper);
        let family = cf(self.0.borrow_owner(), STATE).unwrap_or_else(|error| fatal(&error));
        let mode = if reverse { IteratorMode::End } else { IteratorMode::Start };
        let pairs = self.0.borrow_dependent().iterator_cf_opt(family, options, mode);
        Box::new(pairs.map(move |pair| {
            let (key, value) = pair.unwrap_or_else(|error| fatal(&error.into()));
            (key.get(prefix.len()..).unwrap_or_default().to_vec(), value.into_vec())
        }))
    }
}

/// The least string above every string that begins with `prefix`, which does not end in 0xff (it ends with a store's name, in UTF-8).
fn after_prefix(mut prefix: Vec<u8>) -> Vec<u8> {
    if let Some(last) = prefix.last_mut() {
        *last = last.saturating_add(1);
    }
    prefix
}

/// Ends the process. A failed read must not be taken for an absent key: this node would compute another state than the others, and
/// sign it. There is nothing to return an error to: reads happen inside modules.
fn fatal(error: &Error) -> ! {
    eprintln!("the state cannot be read, the node stops: {error}");
    std::process::abort()
}
