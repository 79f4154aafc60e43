//! A datanet that grows to 100,000 contributions: `cargo run -p openledger-datanet --example hundred_thousand`.
//!
//! Prints what the last thousand of each size cost: commit, reveal, review (which accepts), each alone; and at each size a freeze, an
//! inclusion proof from the middle, a page of a hundred, and who is paid. None may grow faster than the logarithm of the size, with
//! room for what a busy machine adds.

#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::float_arithmetic, reason = "it measures time")]

#[path = "../tests/datanet/chain.rs"]
mod chain;

use std::time::{Duration, Instant};

use chain::*;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::openledger::datanet::v1::*;
use openledger_provenance::content::Commitment;
use openledger_provenance::mmr::{Accepted, Inclusion, VersionRoot};

const SIZES: [u64; 3] = [1_000, 10_000, 100_000];
/// How much dearer each is allowed to be at 100,000 than at 1,000: the logarithm grows by 1.7.
const MOST_GROWTH: f64 = 5.0;

fn main() {
    // Everything happens in few blocks, so that the clone of a memory snapshot a block is not what is measured.
    let mut chain = Chain::new();
    chain.checks = false;
    let id = chain.datanet();
    let mut costs: Vec<[Duration; 7]> = Vec::new();
    println!("| contributions | commit | reveal | accept | freeze | inclusion | page of 100 | payees |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut done = 0u64;
    for size in SIZES {
        let mut row = [Duration::ZERO; 7];
        for batch in (done..size).step_by(1_000) {
            let commit = grow(&mut chain, id, batch..batch + 1_000);
            row[..3].copy_from_slice(&commit);
        }
        done = size;
        let (freeze, version) = timed(|| chain.freeze(id));
        row[3] = freeze;
        row[4] = fastest(20, |_| prove(&chain, id, version, size / 2));
        let pagination = Some(PageRequest { limit: 100, ..Default::default() });
        let request = QueryVersionContributionsRequest { datanet_id: id, version, pagination };
        row[5] = fastest(5, |_| {
            let page: QueryVersionContributionsResponse = chain.query("VersionContributions", &request).unwrap();
            assert_eq!(page.contributions.len(), 100);
        });
        let keeper = chain.keeper;
        row[6] = fastest(20, |i| assert_eq!(keeper.payees(&chain.ctx(), size / 2 + i).unwrap().len(), 1));
        let cells: Vec<String> = row.iter().map(|cost| format!("{:.1} µs", cost.as_secs_f64() * 1e6)).collect();
        println!("| {size} | {} |", cells.join(" | "));
        costs.push(row);
    }
    for (place, name) in ["commit", "reveal", "accept", "freeze", "inclusion", "page", "payees"].iter().enumerate() {
        let growth = costs[2][place].as_secs_f64() / costs[0][place].as_secs_f64();
        assert!(growth < MOST_GROWTH, "{name} costs {growth:.1} times as much at 100,000 as at 1,000");
    }
}

/// The cost of each of a thousand commits, reveals and reviews, on average.
fn grow(chain: &mut Chain, id: u64, seqs: std::ops::Range<u64>) -> [Duration; 3] {
    let contents: Vec<Vec<u8>> = seqs.clone().map(|n| format!("contribution {n}, of its own").into_bytes()).collect();
    let count = u32::try_from(contents.len()).unwrap();
    let (commits, ()) = timed(|| {
        for content in &contents {
            chain.commit(id, 2, content);
        }
    });
    chain.block.height += 1;
    let (reveals, ()) = timed(|| {
        for (seq, content) in seqs.clone().zip(&contents) {
            chain.deliver(&reveal(seq + 1, 2, content)).unwrap();
        }
    });
    let (reviews, ()) = timed(|| {
        for seq in seqs.clone() {
            chain.deliver(&review(seq + 1, 1, Some(SCORE))).unwrap();
        }
    });
    [commits / count, reveals / count, reviews / count]
}

fn prove(chain: &Chain, id: u64, version: u32, seq: u64) {
    let request = QueryVersionInclusionRequest { datanet_id: id, version, seq };
    let answer: QueryVersionInclusionResponse = chain.query("VersionInclusion", &request).unwrap();
    let frozen = answer.version.unwrap();
    let root = VersionRoot { count: frozen.count, root: frozen.root.try_into().unwrap() };
    let path = answer.path.into_iter().map(|hash| hash.try_into().unwrap()).collect();
    let content = format!("contribution {}, of its own", seq - 1);
    let accepted = Accepted { seq, commitment: Commitment::of(content.as_bytes()) };
    Inclusion { accept_index: answer.accept_index, path }.verify(&root, &accepted).unwrap();
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn fastest(times: u64, mut work: impl FnMut(u64)) -> Duration {
    (0..times).map(|i| timed(|| work(i)).0).min().unwrap_or_default()
}
