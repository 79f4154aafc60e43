//! RocksDB: its column families, the one way to write ([`Disk::write`]) and the ways to read. The crate's head describes the layout.
//!
//! Every record but the format is *sealed*: a CRC-32 over key and value follows the value. What was damaged on disk, in memory or by a
//! tool is therefore an error and never a state.

use crate::error::Error;
use crate::iavl::NodeSource;
use rocksdb::{BlockBasedOptions, ColumnFamily, ColumnFamilyDescriptor, DBRawIterator, Options, ReadOptions};
use rocksdb::{IteratorMode, WriteBatch, WriteOptions, DB};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// A column family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Latest flat state.
    State,
    /// What each height replaced, by key and height.
    History,
    /// Changes by height and store.
    Log,
    /// Tree nodes of the checkpoints, by record number.
    Nodes,
    /// Format, heights, commit infos, checkpoints.
    Meta,
}

impl Family {
    const ALL: [Self; 5] = [Self::State, Self::History, Self::Log, Self::Nodes, Self::Meta];

    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::History => "history",
            Self::Log => "log",
            Self::Nodes => "nodes",
            Self::Meta => "meta",
        }
    }
}

/// The format that this program writes; stored under [`FORMAT_KEY`].
pub(crate) const FORMAT: u64 = 2;
/// The key of the format in `meta`: 8 bytes, big endian, like every number there.
const FORMAT_KEY: &[u8] = b"format";
/// The key of the first height in `meta`.
pub(crate) const FIRST_KEY: &[u8] = b"first";
/// The key of the height committed last in `meta`.
pub(crate) const LATEST_KEY: &[u8] = b"latest";
/// The key of the height up to which heights are pruned in `meta`.
pub(crate) const PRUNED_KEY: &[u8] = b"pruned";
/// The key of the height up to which `history` was deleted in `meta`.
pub(crate) const FORGOTTEN_KEY: &[u8] = b"forgotten";
/// The key of the height that a snapshot was restored at in `meta`.
pub(crate) const RESTORED_KEY: &[u8] = b"restored";
/// The key of the least number of a node's record that was found damaged in `meta`.
pub(crate) const DAMAGED_KEY: &[u8] = b"damaged";
/// The prefix of commit infos by height in `meta`.
pub(crate) const COMMIT_INFO: u8 = b'c';
/// The prefix of checkpoints by height in `meta`.
pub(crate) const CHECKPOINT: u8 = b'k';
/// The prefix, in `meta`, of what a checkpoint no longer has, by its height.
pub(crate) const ORPHANS: u8 = b'o';

/// Memory for decompressed blocks of all column families, in bytes.
const BLOCK_CACHE_BYTES: usize = 128 << 20;
/// Memory for a column family's latest writes before they go to a file, in bytes.
const WRITE_BUFFER_BYTES: usize = 32 << 20;
/// Memory for the latest writes of all column families, in bytes.
const WRITE_BUFFERS_BYTES: usize = 96 << 20;
/// The length of a seal, in bytes.
const SEAL_BYTES: usize = 4;

/// Lets a number of writes through and fails every later one: as a process that dies between two writes, for tests.
#[derive(Debug, Clone)]
pub struct Fuse(Arc<AtomicU64>);

impl Fuse {
    /// A fuse for `writes` writes.
    pub fn new(writes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(writes)))
    }

    /// How many writes it still lets through.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn pass(&self) -> Result<(), Error> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| Error::Fuse)
    }
}

/// The database.
pub(crate) struct Disk {
    db: DB,
    fuse: Option<Fuse>,
    stopping: AtomicBool,
}

/// Writes that are made together or not at all.
pub(crate) struct Batch<'a> {
    disk: &'a Disk,
    batch: WriteBatch,
    sealed: Vec<u8>,
}

impl Disk {
    /// Opens the database in `path`, made if missing, and checks its format.
    pub(crate) fn open(path: &Path, fuse: Option<Fuse>) -> Result<Arc<Self>, Error> {
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.set_keep_log_file_num(4);
        options.set_max_open_files(512);
        options.set_max_total_wal_size(256 << 20);
        options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
        let cache = rocksdb::Cache::new_lru_cache(BLOCK_CACHE_BYTES);
        let family = |family: Family| {
            let mut table = BlockBasedOptions::default();
            table.set_block_cache(&cache);
            table.set_bloom_filter(10.0, false);
            let mut options = Options::default();
            options.set_block_based_table_factory(&table);
            options.set_write_buffer_size(WRITE_BUFFER_BYTES);
            ColumnFamilyDescriptor::new(family.name(), options)
        };
        let disk = Self {
            db: DB::open_cf_descriptors(&options, path, Family::ALL.map(family))?,
            fuse,
            stopping: AtomicBool::new(false),
        };
        let meta = disk.family(Family::Meta)?;
        // Not sealed, so that every format can be told from this one.
        match disk.db.get_cf(meta, FORMAT_KEY)? {
            None => disk.db.put_cf(meta, FORMAT_KEY, FORMAT.to_be_bytes())?,
            Some(bytes) => match number(FORMAT_KEY, &bytes)? {
                FORMAT => {}
                found => return Err(Error::Format { found, expected: FORMAT }),
            },
        }
        Ok(Arc::new(disk))
    }

    fn family(&self, family: Family) -> Result<&ColumnFamily, Error> {
        let missing = || Error::Damaged { what: format!("column family {}", family.name()), why: "it is missing" };
        self.db.cf_handle(family.name()).ok_or_else(missing)
    }

    /// No writes yet.
    pub(crate) fn batch(&self) -> Batch<'_> {
        Batch { disk: self, batch: WriteBatch::default(), sealed: Vec::new() }
    }

    /// Asks the work in the background to end.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the work in the background is to end.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The value under `key` now.
    pub(crate) fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.db.get_pinned_cf(self.family(family)?, key)?;
        value.map(|value| Ok(unsealed(family, key, &value)?.to_vec())).transpose()
    }

    /// The database as it is now.
    pub(crate) fn view(self: &Arc<Self>) -> View {
        View(Pinned::new(self.clone(), |disk| disk.db.snapshot()))
    }

    /// Makes a database whose only height was restored one without a height, in one write; [`Disk::clear`] deletes the rest.
    pub(crate) fn forget(&self, height: u64) -> Result<(), Error> {
        let mut batch = self.batch();
        for key in [FIRST_KEY, LATEST_KEY, RESTORED_KEY, DAMAGED_KEY, PRUNED_KEY, FORGOTTEN_KEY] {
            batch.delete(Family::Meta, key)?;
        }
        for prefix in [COMMIT_INFO, CHECKPOINT, ORPHANS] {
            batch.delete(Family::Meta, &height_key(prefix, height))?;
        }
        batch.write(true)
    }

    /// Deletes values and nodes of a database without a height: what a restore that did not end has left.
    pub(crate) fn clear(&self) -> Result<(), Error> {
        let (mut batch, mut found) = (self.batch(), false);
        for family in [Family::State, Family::Nodes] {
            if self.db.iterator_cf(self.family(family)?, IteratorMode::Start).next().transpose()?.is_some() {
                // No key of either begins with so many.
                batch.delete_range(family, &[], &[0xff; 64])?;
                found = true;
            }
        }
        if found {
            batch.write(true)?;
        }
        Ok(())
    }

    /// Where trees read their cold nodes.
    pub(crate) fn records(self: &Arc<Self>) -> Arc<dyn NodeSource> {
        Arc::new(Records(Arc::downgrade(self)))
    }

    /// Notes that the record of a node is damaged: the next start takes a checkpoint without it.
    pub(crate) fn note_damage(&self, number: u64) -> Result<(), Error> {
        let before = self.get(Family::Meta, DAMAGED_KEY)?.map(|bytes| self::number(DAMAGED_KEY, &bytes)).transpose()?;
        let mut batch = self.batch();
        batch.put(Family::Meta, DAMAGED_KEY, &before.map_or(number, |before| before.min(number)).to_be_bytes())?;
        batch.write(true)
    }
}

/// The nodes of a database that trees do not keep open: some are freed after it is closed.
struct Records(Weak<Disk>);

impl NodeSource for Records {
    fn read(&self, number: u64) -> Result<Vec<u8>, Error> {
        let disk = self.0.upgrade().ok_or(Error::DamagedNode { number, why: "the database is closed" })?;
        node_record(number, disk.get(Family::Nodes, &number.to_be_bytes()))
    }
}

impl NodeSource for View {
    fn read(&self, number: u64) -> Result<Vec<u8>, Error> {
        node_record(number, self.get(Family::Nodes, &number.to_be_bytes()))
    }
}

fn node_record(number: u64, found: Result<Option<Vec<u8>>, Error>) -> Result<Vec<u8>, Error> {
    match found {
        Ok(Some(record)) => Ok(record),
        Ok(None) => Err(Error::DamagedNode { number, why: "its record is missing" }),
        Err(Error::Damaged { why, .. }) => Err(Error::DamagedNode { number, why }),
        Err(error) => Err(error),
    }
}

impl Batch<'_> {
    /// Sets `key` to `value`.
    pub(crate) fn put(&mut self, family: Family, key: &[u8], value: &[u8]) -> Result<(), Error> {
        self.put_parts(family, key, [value])
    }

    /// Sets `key` to a value in parts.
    pub(crate) fn put_parts<const N: usize>(
        &mut self,
        family: Family,
        key: &[u8],
        parts: [&[u8]; N],
    ) -> Result<(), Error> {
        self.sealed.clear();
        parts.into_iter().for_each(|part| self.sealed.extend_from_slice(part));
        let seal = seal(key, &self.sealed);
        self.sealed.extend_from_slice(&seal);
        self.batch.put_cf(self.disk.family(family)?, key, &self.sealed);
        Ok(())
    }

    /// Removes `key`.
    pub(crate) fn delete(&mut self, family: Family, key: &[u8]) -> Result<(), Error> {
        self.batch.delete_cf(self.disk.family(family)?, key);
        Ok(())
    }

    /// Removes `from <= key < to`.
    pub(crate) fn delete_range(&mut self, family: Family, from: &[u8], to: &[u8]) -> Result<(), Error> {
        if from < to {
            self.batch.delete_range_cf(self.disk.family(family)?, from, to);
        }
        Ok(())
    }

    /// What the writes take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.batch.size_in_bytes()
    }

    /// Makes the writes, all or none, and begins anew; `sync` waits for the disk.
    pub(crate) fn write(&mut self, sync: bool) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.batch);
        if let Some(fuse) = &self.disk.fuse {
            fuse.pass()?;
        }
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        Ok(self.disk.db.write_opt(batch, &options)?)
    }
}

/// A key and its value.
pub(crate) type Record = (Box<[u8]>, Vec<u8>);

type DbSnapshot<'a> = rocksdb::Snapshot<'a>;

self_cell::self_cell!(
    /// A RocksDB snapshot that keeps its database open.
    struct Pinned {
        owner: Arc<Disk>,
        #[covariant]
        dependent: DbSnapshot,
    }
);

/// The database as it was when this was made; later writes do not show in it.
pub(crate) struct View(Pinned);

impl View {
    /// The value under `key`.
    pub(crate) fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.0.borrow_dependent().get_pinned_cf(self.0.borrow_owner().family(family)?, key)?;
        value.map(|value| Ok(unsealed(family, key, &value)?.to_vec())).transpose()
    }

    /// A number of `meta`.
    pub(crate) fn number(&self, key: &[u8]) -> Result<Option<u64>, Error> {
        self.get(Family::Meta, key)?.map(|bytes| number(key, &bytes)).transpose()
    }

    /// The records of `from <= key < to`, ascending or (`reverse`) descending.
    pub(crate) fn scan<'a>(
        &'a self,
        family: Family,
        from: Vec<u8>,
        to: Vec<u8>,
        reverse: bool,
    ) -> Result<impl Iterator<Item = Result<Record, Error>> + 'a, Error> {
        let mode = if reverse { IteratorMode::End } else { IteratorMode::Start };
        let handle = self.0.borrow_owner().family(family)?;
        let pairs = self.0.borrow_dependent().iterator_cf_opt(handle, between(from, to), mode);
        Ok(pairs.map(move |pair| {
            let (key, value) = pair?;
            let mut value = value.into_vec();
            value.truncate(unsealed(family, &key, &value)?.len());
            Ok((key, value))
        }))
    }

    /// An iterator over `from <= key < to` whose values are sealed: [`unsealed`] takes the seal off.
    pub(crate) fn raw(&self, family: Family, from: Vec<u8>, to: Vec<u8>) -> Result<DBRawIterator<'_>, Error> {
        let handle = self.0.borrow_owner().family(family)?;
        Ok(self.0.borrow_dependent().raw_iterator_cf_opt(handle, between(from, to)))
    }
}

fn between(from: Vec<u8>, to: Vec<u8>) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(from);
    options.set_iterate_upper_bound(to);
    options
}

fn seal(key: &[u8], value: &[u8]) -> [u8; SEAL_BYTES] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(value);
    crc.finalize().to_be_bytes()
}

/// A record's value without its seal, which must be that of key and value.
pub(crate) fn unsealed<'a>(family: Family, key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], Error> {
    match sealed.split_last_chunk::<SEAL_BYTES>() {
        Some((value, found)) if *found == seal(key, value) => Ok(value),
        _ => Err(Error::Damaged { what: named(family, key), why: "its checksum is wrong" }),
    }
}

/// A record in words: its family, and its key in hex.
pub(crate) fn named(family: Family, key: &[u8]) -> String {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} record {hex}", family.name())
}

/// A number as it is stored.
pub(crate) fn number(key: &[u8], bytes: &[u8]) -> Result<u64, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::Damaged {
        what: String::from_utf8_lossy(key).into_owned(),
        why: "it does not have 8 bytes",
    })?;
    Ok(u64::from_be_bytes(bytes))
}

/// A key of `meta` by height.
pub(crate) fn height_key(prefix: u8, height: u64) -> [u8; 9] {
    let mut key = [prefix; 9];
    if let Some(rest) = key.get_mut(1..) {
        rest.copy_from_slice(&height.to_be_bytes());
    }
    key
}

/// The height of such a key.
pub(crate) fn height_of(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.get(1..)?.try_into().ok()?))
}
