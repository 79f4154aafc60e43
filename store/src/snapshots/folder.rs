//! Snapshots on disk. Each is a folder that is made beside its place and renamed into it, so a crash leaves it whole or not at all:
//!
//! ```text
//! <height>/<format>/metadata   cosmos.store.snapshots.v1.Snapshot
//! <height>/<format>/<index>    a chunk
//! .<what>-<height>-<format>/   in the making, received or deleted: removed at the next start
//! ```
//!
//! A snapshot is offered to others only after each of its chunks was seen to have its hash, and a chunk that has it no longer takes its
//! snapshot off the list: whoever asks for it would otherwise take this node for a liar.

use super::frozen::Frozen;
use super::{refused, ChunkHashes, SnapshotMeta, CHUNK_BYTES, FORMAT};
use crate::error::Error;
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const METADATA: &str = "metadata";
/// More than the metadata of any snapshot that fits a message of CometBFT's.
const MAX_METADATA_BYTES: usize = 16 << 20;

/// A height and a format.
type Id = (u64, u32);

/// The snapshots in a folder.
pub struct Snapshots {
    folder: PathBuf,
    /// Those that were looked at; `None` for one that is damaged.
    known: Mutex<BTreeMap<Id, Option<Arc<SnapshotMeta>>>>,
    /// Held while a snapshot is made.
    making: Mutex<()>,
}

/// A snapshot that arrives.
pub struct Receiving {
    snapshots: Arc<Snapshots>,
    meta: SnapshotMeta,
    folder: PathBuf,
}

impl Snapshots {
    /// The snapshots in `folder`, which is made where it is missing. What a former process left unfinished is removed.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self { folder, known: Mutex::default(), making: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Id, Option<Arc<SnapshotMeta>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, (height, format): Id) -> PathBuf {
        self.folder.join(height.to_string()).join(format.to_string())
    }

    fn aside(&self, what: &str, (height, format): Id) -> PathBuf {
        self.folder.join(format!(".{what}-{height}-{format}"))
    }

    /// Those that are whole, the latest first. Each is read once, to vouch for it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list(&self) -> Result<Vec<Arc<SnapshotMeta>>, Error> {
        let mut found = Vec::new();
        for height in numbers::<u64>(&self.folder)? {
            for format in numbers::<u32>(&self.folder.join(height.to_string()))? {
                found.push((height, format));
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        self.known().retain(|id, _| found.contains(id));
        Ok(found.into_iter().filter_map(|id| self.look(id)).collect())
    }

    /// The snapshot of a height and format, where it is there and whole.
    pub fn get(&self, height: u64, format: u32) -> Option<Arc<SnapshotMeta>> {
        self.look((height, format))
    }

    fn look(&self, id: Id) -> Option<Arc<SnapshotMeta>> {
        if let Some(known) = self.known().get(&id) {
            return known.clone();
        }
        let place = self.place(id);
        if !place.is_dir() {
            return None;
        }
        let meta = vouch(&place, id).map(Arc::new);
        if let Err(error) = &meta {
            tracing::error!(height = id.0, format = id.1, %error, "a snapshot is damaged and not offered; delete it");
        }
        let meta = meta.ok();
        self.known().insert(id, meta.clone());
        meta
    }

    /// A chunk of a snapshot that is whole; `None` where there is none.
    pub fn chunk(&self, height: u64, format: u32, index: u32) -> Option<Vec<u8>> {
        let id = (height, format);
        let meta = self.look(id)?;
        let hash = meta.chunk_hashes().get(usize::try_from(index).ok()?)?;
        match read_chunk(&self.place(id), index, hash) {
            Ok(chunk) => Some(chunk),
            Err(error) => {
                tracing::error!(height, format, index, %error, "a snapshot has become damaged and is offered no longer");
                self.known().insert(id, None);
                None
            }
        }
    }

    /// Makes the snapshot of a height; ends early, with [`Error::Closing`], once `go_on` says no.
    ///
    /// # Errors
    /// Another one that is being made, one that is there already, and those of the disk.
    pub fn create(&self, frozen: &Frozen, go_on: &dyn Fn() -> bool) -> Result<Arc<SnapshotMeta>, Error> {
        let busy = || refused("another snapshot is being made");
        let _making = self.making.try_lock().map_err(|_| busy())?;
        let id = (frozen.height(), FORMAT);
        if self.place(id).exists() {
            return Err(refused(format!("snapshot already exists for height {} format {FORMAT}", frozen.height())));
        }
        let aside = self.aside("making", id);
        let made = write_chunks(&aside, frozen, go_on).and_then(|meta| self.settle(&aside, meta));
        if made.is_err() {
            // What remains of it is removed at the next start.
            let _ = fs::remove_dir_all(&aside);
        }
        made
    }

    /// Puts a folder with its chunks in its place.
    fn settle(&self, aside: &Path, meta: SnapshotMeta) -> Result<Arc<SnapshotMeta>, Error> {
        let id = (meta.height, meta.format);
        write_file(&aside.join(METADATA), &meta.encode_to_vec())?;
        File::open(aside)?.sync_all()?;
        let place = self.place(id);
        let height = place.parent().unwrap_or(&self.folder);
        fs::create_dir_all(height)?;
        fs::rename(aside, &place)?;
        File::open(height)?.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        let meta = Arc::new(meta);
        self.known().insert(id, Some(meta.clone()));
        Ok(meta)
    }

    /// Begins to take a snapshot in from elsewhere, once it says of itself what can be true.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for one that cannot be, or that is there already; those of the disk.
    pub fn receive(self: &Arc<Self>, meta: SnapshotMeta) -> Result<Receiving, Error> {
        check(&meta)?;
        let id = (meta.height, meta.format);
        if self.place(id).exists() {
            return Err(refused(format!("snapshot already exists for height {} format {}", id.0, id.1)));
        }
        let folder = self.aside("receiving", id);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Receiving { snapshots: self.clone(), meta, folder })
    }

    /// Deletes a snapshot, whole or damaged; whether it was there.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn delete(&self, height: u64, format: u32) -> Result<bool, Error> {
        let id = (height, format);
        let (place, aside) = (self.place(id), self.aside("deleting", id));
        if !place.is_dir() {
            return Ok(false);
        }
        fs::rename(&place, &aside)?;
        self.known().remove(&id);
        fs::remove_dir_all(&aside)?;
        // Not empty where another format is there.
        let _ = fs::remove_dir(self.folder.join(height.to_string()));
        Ok(true)
    }

    /// Deletes all but the latest `keep` heights; how many were deleted. Damaged ones go too, and count for nothing.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn prune(&self, keep: u32) -> Result<u64, Error> {
        let mut heights: Vec<u64> = self.list()?.iter().map(|meta| meta.height).collect();
        heights.dedup();
        heights.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        let mut deleted = 0u64;
        for height in numbers::<u64>(&self.folder)?.into_iter().filter(|height| !heights.contains(height)) {
            for format in numbers::<u32>(&self.folder.join(height.to_string()))? {
                deleted = deleted.saturating_add(u64::from(self.delete(height, format)?));
            }
        }
        Ok(deleted)
    }
}

impl Receiving {
    /// Keeps a chunk, which must have its hash; the caller sees to it that each comes once.
    ///
    /// # Errors
    /// [`Error::ChunkHash`] for other bytes; those of the disk.
    pub fn put(&self, index: u32, chunk: &[u8]) -> Result<(), Error> {
        check_chunk(&self.meta, index, chunk)?;
        write_file(&self.folder.join(index.to_string()), chunk)
    }

    /// Puts it with the others: all of its chunks have come.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where one has not; those of the disk.
    pub fn keep(self) -> Result<Arc<SnapshotMeta>, Error> {
        let missing = (0..self.meta.chunks).find(|index| !self.folder.join(index.to_string()).is_file());
        if let Some(index) = missing {
            return Err(refused(format!("its chunk {index} is missing")));
        }
        self.snapshots.settle(&self.folder, self.meta.clone())
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        // It is not there any more once it was kept.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether what a snapshot says of itself can be true.
///
/// # Errors
/// [`Error::SnapshotFormat`] for another format, [`Error::Snapshot`] for anything else.
pub fn check(meta: &SnapshotMeta) -> Result<(), Error> {
    let hashes = meta.chunk_hashes();
    if meta.format != FORMAT {
        return Err(Error::SnapshotFormat(meta.format));
    }
    if meta.chunks == 0 {
        return Err(refused("it has no chunks"));
    }
    if u32::try_from(hashes.len()) != Ok(meta.chunks) {
        return Err(refused(format!("it has {} chunks and {} chunk hashes", meta.chunks, hashes.len())));
    }
    if hashes.iter().any(|hash| hash.len() != 32) {
        return Err(refused("a chunk hash does not have 32 bytes"));
    }
    if meta.height == 0 || i64::try_from(meta.height).is_err() {
        return Err(refused(format!("there is no height {}", meta.height)));
    }
    Ok(())
}

/// Whether a chunk has its hash.
///
/// # Errors
/// [`Error::ChunkHash`] where it has not, [`Error::Snapshot`] for a chunk that there is none of.
pub fn check_chunk(meta: &SnapshotMeta, index: u32, chunk: &[u8]) -> Result<(), Error> {
    let expected = usize::try_from(index).ok().and_then(|at| meta.chunk_hashes().get(at));
    let expected = expected.ok_or_else(|| refused(format!("it has no chunk {index}")))?;
    if *Sha256::digest(chunk) != **expected {
        return Err(Error::ChunkHash { index });
    }
    Ok(())
}

/// The numbers that name folders in a folder.
fn numbers<T: std::str::FromStr + ToString>(folder: &Path) -> Result<Vec<T>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        numbers.extend(name.parse::<T>().ok().filter(|number| number.to_string() == name));
    }
    Ok(numbers)
}

/// Reads a snapshot whole; what it says of itself must be true.
fn vouch(place: &Path, (height, format): Id) -> Result<SnapshotMeta, Error> {
    let bytes = read_file(&place.join(METADATA), MAX_METADATA_BYTES)?;
    let meta = SnapshotMeta::decode(bytes.as_slice()).map_err(|error| refused(format!("its metadata: {error}")))?;
    check(&meta)?;
    if (meta.height, meta.format) != (height, format) {
        return Err(refused(format!("it is of height {} and format {}", meta.height, meta.format)));
    }
    for (index, hash) in (0..).zip(meta.chunk_hashes()) {
        read_chunk(place, index, hash)?;
    }
    Ok(meta)
}

fn read_chunk(place: &Path, index: u32, hash: &[u8]) -> Result<Vec<u8>, Error> {
    let chunk = read_file(&place.join(index.to_string()), CHUNK_BYTES)?;
    if *Sha256::digest(&chunk) != *hash {
        return Err(Error::ChunkHash { index });
    }
    Ok(chunk)
}

fn read_file(path: &Path, most: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(refused(format!("{} has more than {most} bytes", path.display())));
    }
    Ok(bytes)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

fn write_chunks(folder: &Path, frozen: &Frozen, go_on: &dyn Fn() -> bool) -> Result<SnapshotMeta, Error> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let writer = Chunks { folder, buffer: Vec::new(), whole: Sha256::new(), hashes: Vec::new() };
    let mut writer = frozen.write(writer, go_on)?;
    writer.end_chunk()?;
    Ok(SnapshotMeta {
        height: frozen.height(),
        format: FORMAT,
        chunks: u32::try_from(writer.hashes.len()).map_err(|_| refused("it has too many chunks"))?,
        hash: writer.whole.finalize().to_vec(),
        metadata: Some(ChunkHashes { chunk_hashes: writer.hashes }),
    })
}

/// Cuts what is written into chunks.
struct Chunks<'a> {
    folder: &'a Path,
    buffer: Vec<u8>,
    whole: Sha256,
    hashes: Vec<Vec<u8>>,
}

impl Chunks<'_> {
    fn end_chunk(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut file = File::create(self.folder.join(self.hashes.len().to_string()))?;
        file.write_all(&self.buffer)?;
        file.sync_all()?;
        self.whole.update(&self.buffer);
        self.hashes.push(Sha256::digest(&self.buffer).to_vec());
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() >= CHUNK_BYTES {
            self.end_chunk()?;
        }
        let room = CHUNK_BYTES.saturating_sub(self.buffer.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.buffer.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
