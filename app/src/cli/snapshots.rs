//! `snapshots`: the snapshots for state sync that this node keeps in `data/snapshots` (SDK v0.50 `client/snapshot`).
//!
//! The node must be stopped. An archive is the SDK's: a gzipped tar of `_snapshot` (the metadata in protobuf) and the chunks by number.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{ensure, Context, Result};
use clap::{Args, Subcommand};
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flate2::Compression;
use openledger_proto::Message as _;
use openledger_store::snapshots::{SnapshotMeta, Snapshots as Folder, CHUNK_BYTES};
use openledger_store::Multistore;

use super::{start, Global};
use crate::execution::Chain;
use crate::node::{AppConfig, Home, Source};
use crate::runtime::Runtime;

/// The metadata's name in an archive.
const METADATA: &str = "_snapshot";
/// More than any metadata, in bytes.
const MAX_METADATA_BYTES: u64 = 16 << 20;

/// See the file's head.
#[derive(Subcommand)]
#[command(after_help = "\
Stop the node first.

Examples:
  openledgerd snapshots list
  openledgerd snapshots export
  openledgerd snapshots dump 1000 3 --output 1000-3.tar.gz
  openledgerd snapshots load 1000-3.tar.gz && openledgerd snapshots restore 1000 3")]
pub enum Snapshots {
    /// List the snapshots of this node, the latest first; damaged ones are left out
    #[command(after_help = "Example:\n  openledgerd snapshots list")]
    List,
    /// Make a snapshot of a height
    #[command(after_help = "Example:\n  openledgerd snapshots export --height 1000")]
    Export(Export),
    /// Restore the application's state, which must be empty, from a snapshot of this node
    #[command(after_help = "Example:\n  openledgerd snapshots restore 1000 3")]
    Restore(Named),
    /// Delete a snapshot
    #[command(after_help = "Example:\n  openledgerd snapshots delete 1000 3")]
    Delete(Named),
    /// Write a snapshot to an archive
    #[command(after_help = "Example:\n  openledgerd snapshots dump 1000 3 --output 1000-3.tar.gz")]
    Dump(Dump),
    /// Take a snapshot from an archive
    #[command(after_help = "Example:\n  openledgerd snapshots load 1000-3.tar.gz")]
    Load(Load),
}

/// `snapshots export`.
#[derive(Args)]
pub struct Export {
    /// The height; 0: the last
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    height: u64,
}

/// Which snapshot.
#[derive(Args)]
pub struct Named {
    /// Its height
    height: u64,
    /// Its format; this program's is 3
    format: u32,
}

/// `snapshots dump`.
#[derive(Args)]
pub struct Dump {
    #[command(flatten)]
    named: Named,
    /// The archive [default: HEIGHT-FORMAT.tar.gz]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// `snapshots load`.
#[derive(Args)]
pub struct Load {
    /// The archive
    archive: PathBuf,
}

impl Snapshots {
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let home = global.home()?;
        home.require()?;
        let _lock = home.lock()?;
        let folder = Arc::new(Folder::open(home.snapshots())?);
        match self {
            Self::List => list(&folder),
            Self::Export(verb) => verb.run(&home, &folder),
            Self::Restore(named) => restore(&home, &folder, &named),
            Self::Delete(named) => delete(&folder, &named),
            Self::Dump(verb) => verb.run(&folder),
            Self::Load(verb) => verb.run(&folder),
        }
    }
}

fn list(folder: &Folder) -> Result<()> {
    for SnapshotMeta { height, format, chunks, .. } in folder.list()?.iter().map(AsRef::as_ref) {
        println!("height: {height} format: {format} chunks: {chunks}");
    }
    Ok(())
}

/// The application's store.
fn store(home: &Home) -> Result<Multistore> {
    let settings = start::settings(&Source::read(&home.genesis())?.chain_id, &AppConfig::read(home)?)?;
    let path = home.application_db();
    let options = Chain::store_options(&Runtime::default(), &settings);
    Multistore::open(&path, options).with_context(|| format!("opening {}", path.display()))
}

impl Export {
    fn run(self, home: &Home, folder: &Folder) -> Result<()> {
        ensure!(home.application_db().exists(), "no block was committed here, so there is no state");
        let frozen = store(home)?.freeze(self.height)?;
        println!("Exporting snapshot for height {}", frozen.height());
        let meta = folder.create(&frozen, &|| true)?;
        let SnapshotMeta { height, format, chunks, .. } = meta.as_ref();
        println!("Snapshot created at height {height}, format {format}, chunks {chunks}");
        Ok(())
    }
}

impl Named {
    fn get(&self, folder: &Folder) -> Result<Arc<SnapshotMeta>> {
        let Self { height, format } = self;
        let found = folder.get(*height, *format);
        found.with_context(|| format!("snapshot doesn't exist, or is damaged, height: {height}, format: {format}"))
    }

    fn chunk(&self, folder: &Folder, index: u32) -> Result<Vec<u8>> {
        let chunk = folder.chunk(self.height, self.format, index);
        chunk.with_context(|| format!("chunk {index} of the snapshot of height {} cannot be read", self.height))
    }
}

fn restore(home: &Home, folder: &Folder, named: &Named) -> Result<()> {
    let meta = named.get(folder)?;
    let store = store(home)?;
    let mut restore = store.restore(meta.height)?;
    let all = (0..meta.chunks).try_for_each(|index| Ok(restore.feed(&named.chunk(folder, index)?)?));
    let done: Result<()> = all.and_then(|()| Ok(store.finish_restore(restore, None)?));
    if let Err(error) = done {
        store.clear()?;
        return Err(error.context("the snapshot is not restored, and nothing of it stays"));
    }
    let app_hash: String = store.app_hash().iter().map(|byte| format!("{byte:02X}")).collect();
    println!("Restored the state of height {} with the app hash {app_hash}", store.height());
    eprintln!(
        "Compare it with the app_hash in the header of block {} of a node that you trust. CometBFT needs its own data of this height \
         as well; `start` with [statesync] in config.toml fetches both.",
        store.height().saturating_add(1)
    );
    Ok(())
}

fn delete(folder: &Folder, named: &Named) -> Result<()> {
    let Named { height, format } = named;
    ensure!(folder.delete(*height, *format)?, "snapshot doesn't exist, height: {height}, format: {format}");
    Ok(())
}

impl Dump {
    fn run(self, folder: &Folder) -> Result<()> {
        let Self { named, output } = self;
        let meta = named.get(folder)?;
        let path = output.unwrap_or_else(|| format!("{}-{}.tar.gz", meta.height, meta.format).into());
        let file = File::create_new(&path).with_context(|| format!("making {}", path.display()))?;
        // The chunks are compressed already.
        let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
        append(&mut archive, METADATA, &meta.encode_to_vec())?;
        for index in 0..meta.chunks {
            append(&mut archive, &index.to_string(), &named.chunk(folder, index)?)?;
        }
        archive.into_inner()?.finish()?.sync_all()?;
        Ok(())
    }
}

fn append(archive: &mut tar::Builder<impl std::io::Write>, name: &str, bytes: &[u8]) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(bytes.len())?);
    header.set_mode(0o644);
    Ok(archive.append_data(&mut header, name, bytes)?)
}

impl Load {
    fn run(self, folder: &Arc<Folder>) -> Result<()> {
        let path = self.archive;
        let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        let mut entries = archive.entries()?;
        let wrong = || format!("{} is no archive of a snapshot", path.display());
        let first = entries.next().with_context(wrong)?.with_context(wrong)?;
        ensure!(first.path()?.as_os_str() == METADATA, "{}: it does not begin with {METADATA}", wrong());
        let meta = SnapshotMeta::decode(content(first, MAX_METADATA_BYTES)?.as_slice()).with_context(wrong)?;
        let receiving = folder.receive(meta.clone())?;
        for index in 0..meta.chunks {
            let entry = entries.next().with_context(|| format!("{}: chunk {index} is missing", wrong()))??;
            ensure!(entry.path()?.as_os_str() == index.to_string().as_str(), "{}: chunk {index} is missing", wrong());
            receiving.put(index, &content(entry, CHUNK_BYTES as u64)?)?;
        }
        receiving.keep()?;
        Ok(())
    }
}

/// An entry's bytes, of which there are at most `most`.
fn content(entry: impl Read, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= most, "an entry of the archive has more than {most} bytes");
    Ok(bytes)
}
