//! An empty store takes a snapshot in, chunk after chunk: each node is checked and written as it comes, so it takes no more memory than
//! a chunk and a batch. What is written is invisible until [`Restore::finish`] has seen the app hash that was asked for.

use super::item::{IavlItem, Item, Kind};
use super::{refused, FREE_BYTES, MAX_EXPANSION, MAX_ITEM_BYTES};
use crate::checkpoint::{put_head, Checkpoint};
use crate::codec::{Flaw, Reader};
use crate::commit_info::CommitInfo;
use crate::disk::{height_key, Batch, Disk, Family, COMMIT_INFO, FIRST_KEY, LATEST_KEY, RESTORED_KEY};
use crate::error::Error;
use crate::flat::state_key;
use crate::iavl::{empty_root, ExportNode, Hash, Importer};
use crate::overlay::StoreName;
use flate2::write::ZlibDecoder;
use prost::Message;
use std::io::Write;
use std::sync::Arc;

/// Records are written in batches of about this many bytes.
const BATCH_BYTES: usize = 4 << 20;
/// How much of a chunk is unpacked at once, in bytes: what it unpacks to, at most a thousand times as much, is in memory.
const PIECE_BYTES: usize = 16 << 10;

/// A restore in progress. Dropping it leaves what was written for [`crate::Multistore::clear`], or the next start, to delete.
pub struct Restore {
    height: u64,
    /// It keeps what is unpacked of an item that is not whole yet.
    decoder: ZlibDecoder<Vec<u8>>,
    import: Import,
    /// Bytes of chunks so far.
    fed: u64,
}

/// What becomes of the items.
struct Import {
    disk: Arc<Disk>,
    stores: Vec<StoreName>,
    height: u64,
    /// The number of the next node's record.
    next: u64,
    /// The stores that are whole: name, number of the root's record (0 for none), root.
    done: Vec<(String, u64, Hash)>,
    current: Option<(StoreName, Importer)>,
}

impl Restore {
    /// A restore of `height` into a database without one.
    pub(crate) fn new(disk: Arc<Disk>, stores: Vec<StoreName>, height: u64) -> Self {
        let import = Import { disk, stores, height, next: 1, done: Vec::new(), current: None };
        Self { height, decoder: ZlibDecoder::new(Vec::new()), import, fed: 0 }
    }

    /// The height that it restores.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where its bytes cannot be part of a snapshot of this program's stores: it is to be given up then.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        // A handle of its own, so that the batch does not hold the import.
        let disk = self.import.disk.clone();
        let mut batch = disk.batch();
        for piece in chunk.chunks(PIECE_BYTES) {
            self.decoder.write_all(piece).map_err(|error| refused(format!("it does not unpack: {error}")))?;
            self.fed = self.fed.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            self.check_length()?;
            self.take_items(&mut batch)?;
        }
        batch.write(false)
    }

    /// Refuses what unpacks to more than what came so far may.
    fn check_length(&self) -> Result<(), Error> {
        let (unpacked, fed) = (self.decoder.total_out(), self.fed);
        let most = fed.saturating_mul(MAX_EXPANSION).saturating_add(FREE_BYTES);
        if unpacked <= most {
            return Ok(());
        }
        Err(refused(format!("its first {fed} bytes unpack to {unpacked}, more than {most}")))
    }

    /// Takes the items that are whole, and leaves the rest for the next piece: it is moved only where an item before it was taken, so that
    /// a long item is not copied with every piece.
    fn take_items(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let mut taken = 0usize;
        while let Some(rest) = self.decoder.get_ref().get(taken..) {
            let Some((item, after)) = split_item(rest)? else { break };
            let next = taken.saturating_add(rest.len().saturating_sub(after.len()));
            let item = Item::decode(item).map_err(|error| refused(format!("an item cannot be read: {error}")))?;
            self.import.take(item, batch)?;
            taken = next;
            if batch.bytes() > BATCH_BYTES {
                batch.write(false)?;
            }
        }
        if taken > 0 {
            self.decoder.get_mut().drain(..taken);
        }
        Ok(())
    }

    /// Ends the snapshot, compares its app hash with `expected`, and makes the height the store's, in one write. The caller opens it.
    pub(crate) fn finish(mut self, expected: Option<&[u8]>) -> Result<(), Error> {
        self.decoder.try_finish().map_err(|error| refused(format!("it does not unpack: {error}")))?;
        let disk = self.import.disk.clone();
        let mut batch = disk.batch();
        self.take_items(&mut batch)?;
        if !self.decoder.get_ref().is_empty() {
            return Err(refused("it ends within an item"));
        }
        self.import.end_store()?;
        batch.write(false)?;
        self.import.commit(expected)
    }
}

/// An item, and what follows it.
type Split<'a> = (&'a [u8], &'a [u8]);

/// The first item behind its length; `None` where it is not whole yet.
fn split_item(bytes: &[u8]) -> Result<Option<Split<'_>>, Error> {
    let mut reader = Reader(bytes);
    let Ok(len) = reader.uvarint() else {
        // Ten bytes hold any length.
        return if bytes.len() < 10 { Ok(None) } else { Err(refused("an item has no length")) };
    };
    match usize::try_from(len) {
        Ok(len) if len <= MAX_ITEM_BYTES => Ok(reader.0.split_at_checked(len)),
        _ => Err(refused(format!("an item has {len} bytes, more than {MAX_ITEM_BYTES}"))),
    }
}

impl Import {
    fn take(&mut self, item: Item, batch: &mut Batch) -> Result<(), Error> {
        match item.kind {
            Some(Kind::Store(store)) => {
                self.end_store()?;
                self.begin_store(&store.name)
            }
            Some(Kind::Iavl(node)) => self.node(node, batch),
            Some(Kind::Extension(_) | Kind::ExtensionPayload(_)) => {
                Err(refused("it has an extension, and this chain has none"))
            }
            None => Err(refused("an item is of an unknown kind")),
        }
    }

    fn begin_store(&mut self, name: &str) -> Result<(), Error> {
        let known = self.stores.iter().find(|known| **known == name);
        let known =
            known.ok_or_else(|| refused(format!("it has a store {name:?}, which this program does not have")))?;
        if self.done.last().is_some_and(|(before, ..)| before.as_str() >= name) {
            return Err(refused(format!("store {name:?} is out of order")));
        }
        self.current = Some((known, Importer::new(self.height)));
        Ok(())
    }

    fn node(&mut self, node: IavlItem, batch: &mut Batch) -> Result<(), Error> {
        let Some((store, importer)) = &mut self.current else { return Err(refused("a node comes before its store")) };
        let wrong = |why: Flaw| refused(format!("store {store:?}: {why}"));
        let height = u8::try_from(node.height).map_err(|_| wrong("a node's height is beyond 255"))?;
        let version = u64::try_from(node.version).map_err(|_| wrong("a node's version is negative"))?;
        let is_leaf = height == 0;
        if is_leaf {
            batch.put(Family::State, &state_key(store, &node.key), &node.value)?;
        } else if !node.value.is_empty() {
            return Err(wrong("an inner node has a value"));
        }
        let value = is_leaf.then(|| node.value.into());
        let record = importer.add(ExportNode { key: node.key.into(), value, version, height }, self.next);
        batch.put(Family::Nodes, &self.next.to_be_bytes(), &record.map_err(wrong)?)?;
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn end_store(&mut self) -> Result<(), Error> {
        let Some((store, importer)) = self.current.take() else { return Ok(()) };
        let root = importer.finish().map_err(|why| refused(format!("store {store:?}: {why}")))?;
        let (number, hash) = root.unwrap_or_else(|| (0, empty_root()));
        self.done.push((store.into(), number, hash));
        Ok(())
    }

    fn commit(self, expected: Option<&[u8]>) -> Result<(), Error> {
        let Self { disk, height, next, done, .. } = self;
        let info = CommitInfo::new(height, done.iter().map(|(name, _, root)| (name.clone(), *root)));
        let found = info.app_hash();
        if let Some(expected) = expected.filter(|expected| found != **expected) {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
            return Err(refused(format!("its app hash is {}, and {} is trusted", hex(&found), hex(expected))));
        }
        let mut batch = disk.batch();
        let roots = done.iter().map(|(name, number, _)| (name.as_str(), *number));
        put_head(&mut batch, Checkpoint { height, next }, roots, &[])?;
        batch.put(Family::Meta, &height_key(COMMIT_INFO, height), &info.encode_to_vec())?;
        batch.put(Family::Meta, FIRST_KEY, &height.to_be_bytes())?;
        batch.put(Family::Meta, RESTORED_KEY, &height.to_be_bytes())?;
        batch.put(Family::Meta, LATEST_KEY, &height.to_be_bytes())?;
        batch.write(true)
    }
}
