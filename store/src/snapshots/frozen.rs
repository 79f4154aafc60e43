//! The state of a height, held still: its trees, with cold nodes read from the database as it was. The chain goes on beside it, and may
//! prune what it likes.

use super::item::{IavlItem, Item, Kind, StoreItem};
use super::{refused, FREE_BYTES, LEVEL, MAX_EXPANSION};
use crate::commit_info::CommitInfo;
use crate::error::Error;
use crate::iavl::{ExportNode, Tree};
use flate2::write::ZlibEncoder;
use flate2::Compression;
use prost::Message;
use std::io::{self, Write};

/// After how many nodes it is asked whether to go on.
const ASK_AFTER: usize = 1_024;
/// How much is packed at once where nothing stands against it.
const STEP_BYTES: usize = 64 << 10;
/// How much is packed at once where too little came of what was: a flush writes five bytes at least, so no more than 52 for one.
const SPARSE_BYTES: usize = 256;

/// The state of a height, to be exported.
pub struct Frozen {
    pub(crate) height: u64,
    pub(crate) info: CommitInfo,
    /// By name, one for each store of the commitment.
    pub(crate) trees: Vec<(String, Tree)>,
}

impl Frozen {
    /// The height.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// The app hash.
    pub fn app_hash(&self) -> crate::Hash {
        self.info.app_hash()
    }

    /// Writes the compressed stream to `out`, which it returns. Ends early, with [`Error::Closing`], once `go_on` says no.
    pub(super) fn write<W: Write>(&self, out: W, go_on: &dyn Fn() -> bool) -> Result<W, Error> {
        let mut zlib = Paced(ZlibEncoder::new(out, Compression::new(LEVEL)));
        let mut buffer = Vec::with_capacity(1 << 16);
        let mut count = 0usize;
        for (name, tree) in &self.trees {
            put(&mut zlib, &mut buffer, Kind::Store(StoreItem { name: name.clone() }))?;
            for node in tree.export() {
                put(&mut zlib, &mut buffer, Kind::Iavl(item(node?)?))?;
                count = count.wrapping_add(1);
                if count.is_multiple_of(ASK_AFTER) && !go_on() {
                    return Err(Error::Closing);
                }
            }
        }
        Ok(zlib.0.finish()?)
    }
}

/// Packs so that no beginning of the stream unpacks to more than a restore takes. A stream is denser only where people have written
/// megabytes of one byte; from half the bound on it is flushed every few bytes, which any reader of zlib passes over.
struct Paced<W: Write>(ZlibEncoder<W>);

impl<W: Write> Write for Paced<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = self.0.total_out().saturating_mul(MAX_EXPANSION / 2).saturating_add(FREE_BYTES / 2);
        if self.0.total_in() <= most {
            return self.0.write(bytes.get(..STEP_BYTES).unwrap_or(bytes));
        }
        let few = bytes.get(..SPARSE_BYTES).unwrap_or(bytes);
        self.0.write_all(few)?;
        self.0.flush()?;
        Ok(few.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn put(out: &mut impl Write, buffer: &mut Vec<u8>, kind: Kind) -> Result<(), Error> {
    buffer.clear();
    Item { kind: Some(kind) }.encode_length_delimited(buffer).map_err(|error| refused(error.to_string()))?;
    Ok(out.write_all(buffer)?)
}

fn item(node: ExportNode) -> Result<IavlItem, Error> {
    Ok(IavlItem {
        key: node.key.to_vec(),
        value: node.value.map(|value| value.to_vec()).unwrap_or_default(),
        version: i64::try_from(node.version).map_err(|_| refused("a version is beyond 63 bits"))?,
        height: i32::from(node.height),
    })
}
