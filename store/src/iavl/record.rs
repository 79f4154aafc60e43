//! A node as a record on disk. An inner node's record has all that its parent's hash and balance need of its children, so that a child
//! is read only where the way leads through it.
//!
//! ```text
//! leaf:  0, uvarint version, bytes key, bytes value
//! inner: 1, uvarint version, bytes key, left, right
//!        left, right: uvarint number − child's number, height (1 byte), uvarint size, hash (32 bytes)
//! ```

use super::node::{Hash, Kind, Node};
use crate::codec::{put_bytes, put_uvarint, Flaw, Reader};
use crate::error::Error;
use std::sync::Arc;

const LEAF: u8 = 0;
const INNER: u8 = 1;

/// Where the records of cold nodes are read from.
pub trait NodeSource: Send + Sync {
    /// The record of this number.
    ///
    /// # Errors
    /// [`Error::DamagedNode`] if it is missing or not as it was written.
    fn read(&self, number: u64) -> Result<Vec<u8>, Error>;
}

/// The record of node `number`, which is hashed and in memory; `children` are the numbers of its children.
pub(crate) fn encode(node: &Node, number: u64, children: [u64; 2]) -> Vec<u8> {
    let mut record = Vec::with_capacity(128);
    match &node.kind {
        Kind::Leaf { key, value } => {
            record.push(LEAF);
            put_uvarint(&mut record, node.version);
            put_bytes(&mut record, key);
            put_bytes(&mut record, value);
        }
        Kind::Inner(inner) => {
            record.push(INNER);
            put_uvarint(&mut record, node.version);
            put_bytes(&mut record, &inner.key);
            for (child, at) in [&inner.left, &inner.right].into_iter().zip(children) {
                put_uvarint(&mut record, number.saturating_sub(at));
                record.push(child.height());
                put_uvarint(&mut record, child.size());
                record.extend_from_slice(child.hash().unwrap_or(&[0; 32]));
            }
        }
        Kind::Cold(_) => {}
    }
    record
}

/// Reads and hashes the node of a record.
pub(crate) fn read_node(source: Option<&dyn NodeSource>, number: u64) -> Result<Node, Error> {
    let source = source.ok_or(Error::DamagedNode { number, why: "this tree has no database" })?;
    decode(number, &source.read(number)?).map_err(|why| Error::DamagedNode { number, why })
}

fn decode(number: u64, record: &[u8]) -> Result<Node, Flaw> {
    let mut reader = Reader(record);
    let kind = reader.byte()?;
    let version = reader.uvarint()?;
    let key = reader.bytes()?.into();
    let mut node = match kind {
        LEAF => Node::leaf(version, key, reader.bytes()?.into()),
        INNER => {
            let (left, right) = (child(number, &mut reader)?, child(number, &mut reader)?);
            if left.height().abs_diff(right.height()) > 1 {
                return Err("it is not balanced");
            }
            Node::inner(version, key, left, right)
        }
        _ => return Err("unknown kind of node"),
    };
    reader.end()?;
    node.set_record(number);
    node.set_hash(&mut Vec::with_capacity(128));
    Ok(node)
}

fn child(parent: u64, reader: &mut Reader) -> Result<Arc<Node>, Flaw> {
    let number = parent.checked_sub(reader.uvarint()?).filter(|number| (1..parent).contains(number));
    let number = number.ok_or("a child's number is not below its own")?;
    let (height, size) = (reader.byte()?, reader.uvarint()?);
    let hash: Hash = reader.array()?;
    Ok(Arc::new(Node::cold(number, hash, height, size)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_node_reads_back_with_its_hash() {
        let mut leaf = Arc::new(Node::leaf(3, b"k".as_slice().into(), b"v".as_slice().into()));
        let hash = Node::hash_subtree(&mut leaf, &mut Vec::new());
        assert_eq!(decode(7, &encode(&leaf, 7, [0; 2])).unwrap().hash(), Some(&hash));
        let mut inner = Arc::new(Node::inner(4, b"k".as_slice().into(), leaf.clone(), leaf));
        let hash = Node::hash_subtree(&mut inner, &mut Vec::new());
        let back = decode(9, &encode(&inner, 9, [7, 8])).unwrap();
        assert_eq!((back.hash(), back.height(), back.size(), back.record()), (Some(&hash), 1, 2, 9));
        assert_eq!(back.as_inner().map(|inner| [inner.left.record(), inner.right.record()]), Some([7, 8]));
    }

    proptest! {
        #[test]
        fn bad_bytes_are_refused_and_never_panic(number: u64, bytes: Vec<u8>) {
            let _ = decode(number, &bytes);
            let _ = decode(number, &[&[INNER][..], &bytes].concat());
        }
    }
}
