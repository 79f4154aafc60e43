//! Snapshots: what a node exports, another one takes in and goes on from; what is damaged, lies or is interrupted leaves nothing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod common;

use common::heavily::heavily;
use common::reference::{block, commit, folder, Reference, STORES};
use common::{options as plain, Block};
use openledger_store::snapshots::{ChunkHashes, SnapshotMeta, Snapshots, FORMAT};
use openledger_store::{Error, Fuse, Multistore, MultistoreOptions, Pruning};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

fn options() -> MultistoreOptions {
    MultistoreOptions {
        sync: false,
        keep_versions: 4,
        checkpoint_changes: 30,
        // Nodes go cold as soon as they may.
        memory_limit: 4_096,
        pruning: Pruning::EVERYTHING,
        ..MultistoreOptions::new(STORES)
    }
}

fn open(path: &Path) -> Multistore {
    Multistore::open(path, options()).unwrap()
}

/// A store of so many blocks.
fn build(path: &Path, heights: u64) -> Multistore {
    let store = open(path);
    (1..=heights).for_each(|height| commit(&store, block(height)).unwrap());
    store
}

fn chunks(snapshots: &Snapshots, meta: &SnapshotMeta) -> Vec<Vec<u8>> {
    (0..meta.chunks).map(|index| snapshots.chunk(meta.height, meta.format, index).unwrap()).collect()
}

/// The snapshot of a store's height as chunks, and its app hash.
fn exported(store: &Multistore, height: u64) -> (Vec<Vec<u8>>, [u8; 32]) {
    let to = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::open(to.path()).unwrap();
    let frozen = store.freeze(height).unwrap();
    let meta = snapshots.create(&frozen, &|| true).unwrap();
    (chunks(&snapshots, &meta), frozen.app_hash())
}

fn restore(store: &Multistore, height: u64, chunks: &[Vec<u8>], app_hash: &[u8]) -> Result<(), Error> {
    let mut restore = store.restore(height)?;
    chunks.iter().try_for_each(|chunk| restore.feed(chunk))?;
    store.finish_restore(restore, Some(app_hash))
}

fn is_empty(store: &Multistore) -> bool {
    store.height() == 0 && STORES.iter().all(|name| store.snapshot().range(name, None, None, false).next().is_none())
}

fn unpacked(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(chunks.concat().as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn packed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(7));
    zlib.write_all(bytes).unwrap();
    vec![zlib.finish().unwrap()]
}

#[test]
fn a_restored_store_has_the_same_hashes_and_goes_on_prunes_rolls_back_and_restarts_as_the_first_one() {
    heavily(6, &(2u64..60, 1u64..140), |(at, more)| {
        let (first, second) = (folder(), folder());
        let source = build(first.path(), at);
        let (chunks, app_hash) = exported(&source, 0);
        let store = open(second.path());
        restore(&store, at, &chunks, &app_hash).unwrap();
        let mut reference = Reference::at(at);
        assert_eq!((store.height(), store.app_hash()), (at, reference.app_hash(at)));
        assert_eq!(store.kept(), (at, at));
        reference.check_at(&store, at).unwrap();
        for height in at + 1..=at + more {
            reference.apply(&block(height));
            commit(&store, block(height)).unwrap();
            assert_eq!(store.app_hash(), reference.app_hash(height));
            if height % 7 == 0 {
                store.finish_upkeep().unwrap();
            }
        }
        let latest = at + more;
        (latest.saturating_sub(2).max(at)..=latest).try_for_each(|height| reference.check_at(&store, height)).unwrap();
        drop(store);
        let store = open(second.path());
        assert_eq!(store.app_hash(), reference.app_hash(latest));
        drop(store);
        // As far as any store can go back, and not before the snapshot.
        let least = at.max(latest.saturating_sub(100));
        let store = Multistore::roll_back(second.path(), options(), least).unwrap();
        assert_eq!((store.height(), store.app_hash()), (least, reference.app_hash(least)));
        reference.check_queries(&store, least).unwrap();
        drop(store);
        if at == least {
            let refused = Multistore::roll_back(second.path(), options(), at - 1).map(drop).unwrap_err();
            assert!(matches!(refused, Error::Rollback { lowest, .. } if lowest == at), "{refused}");
        }
        let store = open(second.path());
        for height in least + 1..=latest {
            commit(&store, block(height)).unwrap();
            assert_eq!(store.app_hash(), reference.app_hash(height));
        }
        // And a snapshot of it is the one that the first node would make.
        (at + 1..=latest).for_each(|height| commit(&source, block(height)).unwrap());
        assert_eq!(exported(&store, 0), exported(&source, 0));
        Ok(())
    });
}

#[test]
fn a_frozen_height_is_exported_as_it_was_while_the_chain_goes_on_and_prunes() {
    let at = folder();
    let store = build(at.path(), 40);
    let (now, _) = exported(&store, 0);
    let frozen = store.freeze(0).unwrap();
    for height in 41..=400 {
        commit(&store, block(height)).unwrap();
        store.finish_upkeep().unwrap();
    }
    let to = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::open(to.path()).unwrap();
    let meta = snapshots.create(&frozen, &|| true).unwrap();
    assert_eq!((meta.height, chunks(&snapshots, &meta)), (40, now));
    assert!(matches!(store.freeze(40), Err(Error::HeightNotAvailable { .. })));
}

#[test]
fn a_past_height_that_is_kept_is_exported_too() {
    let at = folder();
    let store = Multistore::open(at.path(), MultistoreOptions { pruning: Pruning::NOTHING, ..options() }).unwrap();
    let mut then = Vec::new();
    for height in 1..=60 {
        commit(&store, block(height)).unwrap();
        then.push(exported(&store, 0));
    }
    for height in [1, 7, 30, 55, 60] {
        assert_eq!(exported(&store, height), then[height as usize - 1], "{height}");
    }
}

#[test]
fn the_sdk_s_snapshot_is_taken_in_and_ours_has_the_same_items_byte_for_byte() {
    let blocks: Vec<Block> = serde_json::from_str(include_str!("vectors/multistore.json")).unwrap();
    let sdk: serde_json::Value = serde_json::from_str(include_str!("vectors/snapshot.json")).unwrap();
    let (from, to) = (folder(), folder());
    let last = blocks.last().unwrap();
    let mut names = Vec::new();
    let mut store = None;
    for block in &blocks {
        if block.stores != names {
            drop(store.take());
            names.clone_from(&block.stores);
        }
        let store = store.get_or_insert_with(|| Multistore::open(from.path(), plain(&names)).unwrap());
        commit_at(store, block);
    }
    let (ours, app_hash) = exported(&store.unwrap(), 0);
    let theirs: Vec<Vec<u8>> =
        sdk["chunks"].as_array().unwrap().iter().map(|chunk| hex::decode(chunk.as_str().unwrap()).unwrap()).collect();
    assert_eq!((sdk["height"].as_u64().unwrap(), sdk["format"].as_u64().unwrap()), (last.height, u64::from(FORMAT)));
    assert_eq!(unpacked(&ours), unpacked(&theirs));
    let restored = Multistore::open(to.path(), plain(&names)).unwrap();
    restore(&restored, last.height, &theirs, &app_hash).unwrap();
    assert_eq!(hex::encode(restored.app_hash()), last.app_hash);
    for query in &last.queries {
        let answer = restored.query(&query.store, &hex::decode(&query.key).unwrap(), last.height, true).unwrap();
        let ours: Vec<_> = answer.proof.iter().map(|op| hex::encode(&op.data)).collect();
        assert_eq!(ours, query.ops.iter().map(|op| op.data.clone()).collect::<Vec<_>>());
    }
}

fn commit_at(store: &Multistore, block: &Block) {
    let prepared = store.prepare(block.height, block.changes()).unwrap();
    store.commit(prepared).unwrap();
}

#[test]
fn a_restore_that_dies_at_any_write_leaves_an_empty_store_or_a_whole_one_and_can_be_begun_again() {
    let first = folder();
    let (chunks, app_hash) = exported(&build(first.path(), 50), 0);
    // Small pieces, so that there are many writes.
    let pieces: Vec<Vec<u8>> = chunks.concat().chunks(64).map(<[u8]>::to_vec).collect();
    let mut outcomes = [0, 0];
    for writes in 0.. {
        let at = folder();
        let fuse = Fuse::new(writes);
        let died = {
            let store = Multistore::open(at.path(), MultistoreOptions { fuse: Some(fuse), ..options() }).unwrap();
            restore(&store, 50, &pieces, &app_hash)
        };
        let store = open(at.path());
        let whole = store.height() == 50;
        outcomes[usize::from(whole)] += 1;
        if whole {
            Reference::at(50).check(&store);
            died.unwrap();
            break;
        }
        assert!(matches!(died, Err(Error::Fuse)), "{died:?}");
        assert!(is_empty(&store));
        restore(&store, 50, &pieces, &app_hash).unwrap();
        Reference::at(50).check(&store);
    }
    assert!(outcomes[0] > 10 && outcomes[1] == 1, "{outcomes:?}");
}

#[test]
fn another_app_hash_is_refused_and_a_good_snapshot_is_taken_after_it() {
    let first = folder();
    let source = build(first.path(), 50);
    let (good, app_hash) = exported(&source, 0);
    let at = folder();
    let store = open(at.path());
    let error = restore(&store, 50, &good, &[7; 32]).unwrap_err();
    assert!(error.to_string().contains("is trusted"), "{error}");
    store.clear().unwrap();
    assert!(is_empty(&store));
    restore(&store, 50, &good, &app_hash).unwrap();
    // CometBFT may have died before it noted what it has: it begins anew, and so may the store, as long as nothing came after.
    let (other, other_hash) = exported(&build(folder().path(), 30), 0);
    restore(&store, 30, &other, &other_hash).unwrap();
    Reference::at(30).check(&store);
    restore(&store, 50, &good, &app_hash).unwrap();
    drop(store);
    let store = open(at.path());
    restore(&store, 50, &good, &app_hash).unwrap();
    commit(&store, block(51)).unwrap();
    assert!(matches!(store.restore(50), Err(Error::NotEmpty(51))));
    assert!(matches!(store.clear(), Err(Error::NotEmpty(51))));
    Reference::at(51).check(&store);
}

#[test]
fn no_change_of_the_items_is_taken_for_the_snapshot() {
    let first = folder();
    let (good, app_hash) = exported(&build(first.path(), 20), 0);
    let bytes = unpacked(&good);
    heavily(
        150,
        &(any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1u8..=255, 0u8..4),
        |(at, to, bit, how)| {
            let mut changed = bytes.clone();
            let (at, to) = (at.index(changed.len()), to.index(changed.len()));
            match how {
                0 => changed[at] ^= bit,
                1 => changed.truncate(at),
                2 => drop(changed.drain(at.min(to)..at.max(to))),
                _ => changed.extend_from_slice(&bytes[at..]),
            }
            prop_assume!(changed != bytes);
            let at = folder();
            let store = open(at.path());
            let refused = restore(&store, 20, &packed(&changed), &app_hash);
            // An unknown field of an item changes nothing that it says; whatever is taken has the app hash, and the keys of the trees.
            if refused.is_ok() {
                Reference::at(20).check(&store);
                return Ok(());
            }
            store.clear().unwrap();
            prop_assert!(is_empty(&store));
            restore(&store, 20, &good, &app_hash).unwrap();
            Ok(())
        },
    );
}

#[test]
fn what_is_no_snapshot_is_refused_with_the_reason() {
    let item = |bytes: &[u8]| [&[bytes.len() as u8], bytes].concat();
    let store_item = |name: &str| item(&[&[10, name.len() as u8 + 2, 10, name.len() as u8], name.as_bytes()].concat());
    let at = folder();
    let store = open(at.path());
    let refused = |bytes: &[u8], why: &str| {
        let error = restore(&store, 5, &packed(bytes), &[0; 32]).unwrap_err().to_string();
        assert!(error.contains(why), "{error} is not {why}");
        store.clear().unwrap();
    };
    refused(&store_item("other"), "a store \"other\", which this program does not have");
    refused(&[store_item("model"), store_item("bank")].concat(), "store \"bank\" is out of order");
    refused(&[store_item("bank"), store_item("bank")].concat(), "store \"bank\" is out of order");
    refused(&item(&[18, 5, 10, 1, 7, 24, 1]), "a node comes before its store");
    refused(&[store_item("bank"), item(&[18, 5, 10, 1, 7, 24, 9])].concat(), "of no version up to the snapshot's");
    refused(&item(&[26, 0]), "it has an extension");
    refused(&item(&[]), "an item is of an unknown kind");
    refused(&item(&[10, 9]), "an item cannot be read");
    refused(&[0xff; 10], "an item has no length");
    refused(&[0xff, 0xff, 0xff, 0xff, 0x7f], "more than 64000000");
    refused(&[9, 1], "it ends within an item");
    refused(&store_item("bank"), "is trusted");
    let error = restore(&store, 5, &[b"no zlib".to_vec()], &[0; 32]).unwrap_err().to_string();
    assert!(error.contains("it does not unpack"), "{error}");
    assert!(is_empty(&store));
}

/// An item of a snapshot behind its length; one of a leaf has key, value and version 1.
fn long_item(key: u8, value: &[u8]) -> Vec<u8> {
    let varint = |mut number: usize| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let node = [&[10, 1, key, 18][..], &varint(value.len()), value, &[24, 1]].concat();
    let item = [&[18][..], &varint(node.len()), &node].concat();
    [varint(item.len()), item].concat()
}

#[test]
fn a_snapshot_that_unpacks_to_far_more_than_it_brings_is_refused_before_it_fills_the_disk() {
    let bank = [8, 10, 6, 10, 4, b'b', b'a', b'n', b'k'];
    let zeros = vec![0; 40_000_000];
    let bomb = packed(&[&bank[..], &long_item(1, &zeros), &long_item(2, &zeros)].concat());
    assert!(bomb[0].len() < 200_000, "{}", bomb[0].len());
    let at = folder();
    let store = open(at.path());
    let error = restore(&store, 5, &bomb, &[0; 32]).unwrap_err().to_string();
    assert!(error.contains("unpack to") && error.contains("more than"), "{error}");
    store.clear().unwrap();
    assert!(is_empty(&store));
    // One alone is an item like any other.
    let error = restore(&store, 5, &packed(&[&bank[..], &long_item(1, &zeros)].concat()), &[0; 32]).unwrap_err();
    assert!(error.to_string().contains("is trusted"), "{error}");
}

#[test]
fn a_state_that_packs_to_nothing_is_exported_so_that_others_take_it_in() {
    let first = folder();
    let store = open(first.path());
    let values = (0..20u8).map(|key| (vec![key], Some(vec![0; 5_000_000])));
    commit(&store, [("bank", values.collect())].into()).unwrap();
    let (chunks, app_hash) = exported(&store, 0);
    let items = unpacked(&chunks);
    let folders = [folder(), folder()];
    let [dense, taken] = folders.each_ref().map(|at| open(at.path()));
    // As dense as zlib makes it, it would be taken for an attack.
    let error = restore(&dense, 1, &packed(&items), &app_hash).unwrap_err().to_string();
    assert!(items.len() > 100_000_000 && error.contains("unpack to"), "{error}");
    restore(&taken, 1, &chunks, &app_hash).unwrap();
    assert_eq!(taken.app_hash(), app_hash);
    // All of its beginnings are within the bound, and it is not much longer than the bound asks for.
    let packed = chunks.concat().len();
    assert!(packed > 300_000 && packed < 4_000_000, "{packed}");
}

#[test]
fn an_item_that_is_longer_than_many_pieces_is_taken_in_whole() {
    let first = folder();
    let store = open(first.path());
    let mut seed = 1u64;
    let noise = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 56) as u8
    };
    let long: Vec<u8> = (0..700_000).map(noise).collect();
    let values = [(vec![1], Some(vec![1; 9])), (vec![2], Some(long.clone())), (vec![3], Some(vec![3; 9]))];
    commit(&store, [("bank", values.into_iter().collect())].into()).unwrap();
    let (chunks, app_hash) = exported(&store, 0);
    let second = folder();
    let store = open(second.path());
    // Cut anywhere.
    let pieces: Vec<Vec<u8>> = chunks.concat().chunks(99_991).map(<[u8]>::to_vec).collect();
    restore(&store, 1, &pieces, &app_hash).unwrap();
    assert_eq!(store.snapshot().get("bank", &[2]), Some(long));
}

/// Three snapshots of a chain in a folder.
fn three(path: &Path) -> Arc<Snapshots> {
    let at = folder();
    let store = open(at.path());
    let snapshots = Snapshots::open(path).unwrap();
    for height in 1..=30 {
        commit(&store, block(height)).unwrap();
        if height % 10 == 0 {
            snapshots.create(&store.freeze(0).unwrap(), &|| true).unwrap();
        }
    }
    Arc::new(snapshots)
}

fn heights(snapshots: &Snapshots) -> Vec<u64> {
    snapshots.list().unwrap().iter().map(|meta| meta.height).collect()
}

#[test]
fn snapshots_are_listed_latest_first_vouched_for_pruned_and_deleted() {
    let at = tempfile::tempdir().unwrap();
    let snapshots = three(at.path());
    assert_eq!(heights(&snapshots), [30, 20, 10]);
    let meta = snapshots.get(20, FORMAT).unwrap();
    let whole: [u8; 32] = Sha256::digest(chunks(&snapshots, &meta).concat()).into();
    assert_eq!((meta.chunks, meta.hash.as_slice()), (1, whole.as_slice()));
    assert_eq!(snapshots.chunk(20, FORMAT, 1), None);
    assert_eq!(snapshots.chunk(21, FORMAT, 0), None);
    assert_eq!(snapshots.prune(2).unwrap(), 1);
    assert_eq!(heights(&snapshots), [30, 20]);
    assert!(snapshots.delete(20, FORMAT).unwrap() && !snapshots.delete(20, FORMAT).unwrap());
    assert_eq!(heights(&snapshots), [30]);
    assert_eq!(std::fs::read_dir(at.path()).unwrap().count(), 1);
}

#[test]
fn a_damaged_snapshot_is_not_offered_and_one_that_becomes_so_is_offered_no_longer() {
    let at = tempfile::tempdir().unwrap();
    let snapshots = three(at.path());
    let damage = |height: u64| {
        let path = at.path().join(format!("{height}/{FORMAT}/0"));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    damage(30);
    // It was vouched for when it was made; the one who asks for the chunk gets nothing.
    assert_eq!(heights(&snapshots), [30, 20, 10]);
    assert_eq!(snapshots.chunk(30, FORMAT, 0), None);
    assert_eq!(heights(&snapshots), [20, 10]);
    damage(20);
    std::fs::create_dir_all(at.path().join("25/3")).unwrap();
    std::fs::create_dir_all(at.path().join(".making-40-3")).unwrap();
    let again = Snapshots::open(at.path()).unwrap();
    assert_eq!(heights(&again), [10]);
    assert!(!at.path().join(".making-40-3").exists());
    // Damaged ones do not keep good ones from being kept.
    assert_eq!(again.prune(1).unwrap(), 3);
    assert_eq!(heights(&again), [10]);
}

#[test]
fn a_snapshot_that_is_not_finished_leaves_nothing_behind() {
    let (at, to) = (folder(), tempfile::tempdir().unwrap());
    let store = open(at.path());
    let many = (0..5_000u32).map(|key| (key.to_be_bytes().to_vec(), Some(vec![1; 8]))).collect();
    commit(&store, [("bank", many)].into()).unwrap();
    let snapshots = Snapshots::open(to.path()).unwrap();
    let error = snapshots.create(&store.freeze(0).unwrap(), &|| false).map(drop).unwrap_err();
    assert!(matches!(error, Error::Closing), "{error}");
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0);
    snapshots.create(&store.freeze(0).unwrap(), &|| true).unwrap();
    let error = snapshots.create(&store.freeze(0).unwrap(), &|| true).map(drop).unwrap_err();
    assert!(error.to_string().contains("snapshot already exists for height 1 format 3"), "{error}");
}

#[test]
fn a_snapshot_from_elsewhere_is_kept_once_all_its_chunks_have_come_with_their_hashes() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = three(from.path());
    let meta = source.get(20, FORMAT).unwrap();
    let chunk = chunks(&source, &meta).remove(0);
    let snapshots = Arc::new(Snapshots::open(to.path()).unwrap());
    let receiving = snapshots.receive((*meta).clone()).unwrap();
    assert!(matches!(receiving.put(0, b"other"), Err(Error::ChunkHash { index: 0 })));
    assert!(receiving.put(1, &chunk).is_err());
    assert!(receiving.keep().map(drop).unwrap_err().to_string().contains("chunk 0 is missing"));
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0);
    let receiving = snapshots.receive((*meta).clone()).unwrap();
    receiving.put(0, &chunk).unwrap();
    receiving.keep().unwrap();
    assert_eq!(heights(&Snapshots::open(to.path()).unwrap()), [20]);
    assert!(snapshots.receive((*meta).clone()).map(drop).unwrap_err().to_string().contains("already exists"));
}

#[test]
fn what_says_of_itself_what_cannot_be_is_refused() {
    let to = tempfile::tempdir().unwrap();
    let snapshots = Arc::new(Snapshots::open(to.path()).unwrap());
    let good = SnapshotMeta {
        height: 5,
        format: FORMAT,
        chunks: 1,
        hash: vec![0; 32],
        metadata: Some(ChunkHashes { chunk_hashes: vec![vec![0; 32]] }),
    };
    drop(snapshots.receive(good.clone()).unwrap());
    let refused = |change: fn(&mut SnapshotMeta), why: &str| {
        let mut meta = good.clone();
        change(&mut meta);
        let error = snapshots.receive(meta).map(drop).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    refused(|meta| meta.format = 2, "unknown snapshot format: 2");
    refused(|meta| meta.chunks = 0, "no chunks");
    refused(|meta| meta.chunks = 2, "2 chunks and 1 chunk hashes");
    refused(|meta| meta.metadata = None, "1 chunks and 0 chunk hashes");
    refused(|meta| meta.metadata = Some(ChunkHashes { chunk_hashes: vec![vec![0; 31]] }), "32 bytes");
    refused(|meta| meta.height = 0, "no height 0");
    refused(|meta| meta.height = 1 << 63, "no height 9223372036854775808");
}
