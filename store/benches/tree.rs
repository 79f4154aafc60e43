//! What a changed key costs: `cargo bench -p openledger-store`. Prints microseconds a changed key: set and hash on the tree alone,
//! then prepare and commit of the multistore, and what a block's reads cost. Arguments: the number of keys (200000), changes a block
//! (6000), blocks (20), the memory limit in MiB (1024). One thread is measured in CPU time, so that other work on the machine counts
//! little, more threads by the clock.
//!
//! The multistore comes first, in memory that nothing else has used before, and gets its keys in heights of 100,000, so that what it shows
//! as resident is the store's: after its keys, at most in the whole run, and opened anew. `2000000 6000 20 1024` shows whether
//! 2,000,000 keys keep to a limit of 1 GiB (RocksDB's caches, at most 224 MiB, come on top).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_types, clippy::float_arithmetic)]
#![allow(clippy::arithmetic_side_effects, missing_docs)]

use openledger_store::iavl::{Change, Edit, Tree};
use openledger_store::{Changes, Multistore, MultistoreOptions, StoreName};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const BANK: StoreName = "bank";
/// How many keys are made at once: a checkpoint is not further apart than that.
const KEYS_A_HEIGHT: usize = 100_000;

/// xorshift64: the same blocks at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// A key of the form of a bank balance: prefix, length, address of 20 bytes, denomination.
fn key(number: u64) -> Vec<u8> {
    let mut address = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut key = vec![2, 20];
    (0..3).for_each(|_| key.extend_from_slice(&address.next().to_be_bytes()));
    key.truncate(22);
    key.extend_from_slice(b"aopen");
    key
}

fn block(random: &mut Random, keys: u64, changes: usize) -> Changes {
    let mut block = Changes::new();
    while block.len() < changes {
        block.insert(key(random.next() % keys), Some(random.next().to_string().into_bytes()));
    }
    block
}

/// The CPU time of this thread so far.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("a number"))
}

/// What of this process is in memory in MiB: now, and at most so far.
fn resident() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let size = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1_024
    };
    (size("VmRSS:"), size("VmHWM:"))
}

fn print_resident(when: &str) {
    let (now, most) = resident();
    println!("resident {when}: {now} MiB, at most so far {most} MiB");
}

fn micros(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let number = |at: usize, default| numbers.get(at).copied().unwrap_or(default);
    let (keys, changes, blocks) = (number(0, 200_000), number(1, 6_000) as usize, number(2, 20));
    println!("{keys} keys, {changes} changes a block, {blocks} blocks; microseconds a changed key");
    println!("one SHA-256 of 75 bytes: {:.2}", sha256_unit());
    multistore(keys, changes, blocks, number(3, 1_024));
    tree(keys, changes, blocks);
}

fn tree(keys: u64, changes: usize, blocks: u64) {
    let genesis: Changes = (0..keys).map(|number| (key(number), Some(b"1000000".to_vec()))).collect();
    let (mut tree, mut edit) = (Tree::default(), Edit::new(1));
    genesis.iter().for_each(|(key, value)| {
        tree.set(&mut edit, key, value.as_deref().unwrap()).unwrap();
    });
    tree.finish(&edit);
    for threads in [1, 0] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tree_blocks(tree.clone(), keys, changes, blocks));
    }
}

fn tree_blocks(mut tree: Tree, keys: u64, changes: usize, blocks: u64) {
    let (epoch, threads) = (Instant::now(), rayon::current_num_threads());
    let now = || if threads == 1 { cpu_time() } else { epoch.elapsed() };
    let mut random = Random(7);
    let (mut set, mut hash, mut dropped) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for version in 0..blocks {
        let block = block(&mut random, keys, changes);
        let before = tree.clone();
        let mut changes: Vec<_> = block.into_iter().map(|(key, value)| Change::new(key, value)).collect();
        let start = now();
        let mut edit = Edit::new(version + 2);
        tree.apply(&mut edit, &mut changes).unwrap();
        let applied = now();
        tree.finish(&edit);
        let hashed = now();
        drop(before);
        set += applied - start;
        hash += hashed - applied;
        dropped += now() - hashed;
    }
    let count = changes * blocks as usize;
    let (set, hash, dropped) = (micros(set, count), micros(hash, count), micros(dropped, count));
    println!(
        "tree, {threads} threads: set {set:.2} + hash {hash:.2} = {:.2}; old version freed {dropped:.2}",
        set + hash
    );
}

/// What one hash of an inner node's size costs here and now, to compare machines by.
fn sha256_unit() -> f64 {
    let (mut message, count) = ([7u8; 75], 100_000);
    let start = cpu_time();
    for _ in 0..count {
        let hash = Sha256::digest(message);
        message.first_chunk_mut::<32>().expect("75 bytes").copy_from_slice(&hash);
    }
    micros(cpu_time() - start, count)
}

fn multistore(keys: u64, changes: usize, blocks: u64, memory_limit_mb: u64) {
    let folder = tempfile::tempdir().unwrap();
    let options = MultistoreOptions {
        sync: false,
        keep_versions: 2,
        memory_limit: memory_limit_mb << 20,
        ..MultistoreOptions::new([BANK])
    };
    let store = Multistore::open(folder.path(), options.clone()).unwrap();
    print_resident("without keys");
    let mut first = 1;
    for start in (0..keys).step_by(KEYS_A_HEIGHT) {
        let end = keys.min(start + KEYS_A_HEIGHT as u64);
        let part: Changes = (start..end).map(|number| (key(number), Some(b"1000000".to_vec()))).collect();
        store.commit(store.prepare(first, BTreeMap::from([(BANK, part)])).unwrap()).unwrap();
        store.finish_upkeep().unwrap();
        first += 1;
    }
    print_resident("with all keys");
    let mut random = Random(7);
    let (mut prepare, mut commit) = (Duration::ZERO, Duration::ZERO);
    let (mut flat, mut walk) = (Duration::ZERO, Duration::ZERO);
    for height in 0..blocks {
        let block = block(&mut random, keys, changes);
        let state = store.snapshot();
        let start = cpu_time();
        assert!(block.keys().all(|key| state.get(BANK, key).is_some()));
        let between = cpu_time();
        assert!(block.keys().all(|key| store.query(BANK, key, 0, false).unwrap().value.is_some()));
        flat += between - start;
        walk += cpu_time() - between;
        let start = Instant::now();
        let prepared = store.prepare(first + height, BTreeMap::from([(BANK, block)])).unwrap();
        let hashed = Instant::now();
        let cpu = cpu_time();
        store.commit(prepared).unwrap();
        prepare += hashed - start;
        commit += cpu_time() - cpu;
    }
    let count = changes * blocks as usize;
    println!("multistore: prepare {:.2} by the clock, commit {:.2}", micros(prepare, count), micros(commit, count));
    println!("one read: flat {:.2}, from the tree {:.2}", micros(flat, count), micros(walk, count));
    // The first proof of a height that has left the memory, and the next one of the same height.
    let (oldest, middle) = (first, first + blocks / 2);
    let mut times = Vec::new();
    for height in [oldest, oldest, middle, middle] {
        let start = Instant::now();
        store.query(BANK, &key(7), height, true).unwrap();
        times.push(start.elapsed().as_micros());
    }
    println!("proofs at heights {oldest} and {middle}, first and again: {times:?} us by the clock");
    print_resident("after the blocks");
    drop(store);
    let start = Instant::now();
    let store = Multistore::open(folder.path(), options).unwrap();
    println!("start at height {}: {} ms by the clock", store.height(), start.elapsed().as_millis());
    print_resident("opened anew");
}
