//! State sync by ABCI's calls: a node that makes snapshots, and an empty one that takes them in.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::*;
use openledger_app::execution::Config;
use openledger_proto::tendermint::abci::response_apply_snapshot_chunk::Result as Applied;
use openledger_proto::tendermint::abci::response_offer_snapshot::Result as Offered;
use openledger_proto::tendermint::abci::{
    RequestApplySnapshotChunk, RequestInitChain, RequestLoadSnapshotChunk, RequestOfferSnapshot,
    ResponseApplySnapshotChunk, Snapshot,
};
use openledger_proto::tendermint::types::{BlockParams, ConsensusParams, EvidenceParams, ValidatorParams};
use openledger_proto::Message as _;
use openledger_store::snapshots::ChunkHashes;
use sha2::{Digest as _, Sha256};
use tendermint_abci::Application as _;

/// Every how many heights the provider makes one.
const INTERVAL: u64 = 4;

fn keeping(folder: &Path) -> impl FnOnce(&mut Config) + '_ {
    |config| (config.snapshot_folder, config.snapshot_interval) = (Some(folder.into()), INTERVAL)
}

/// A block with a payment that depends on the height.
fn advance(net: &Net) {
    let (ann, bob) = (person(0), person(1));
    let sequence = net.sequence(&ann);
    net.block(vec![draft(vec![ann.send(&bob, 10 + net.height() as u128)], &[(&ann, sequence)]).sign()]);
    net.app.finish_snapshot();
}

/// A chain at `height` whose app hashes are the second value, from height 0.
fn provider(folder: &Path, height: i64) -> (Net, Vec<Vec<u8>>) {
    let net = net_with(keeping(folder));
    let mut hashes = vec![Vec::new(), net.app_hash()];
    while net.height() < height {
        advance(&net);
        hashes.push(net.app_hash());
    }
    (net, hashes)
}

fn list(net: &Net) -> Vec<Snapshot> {
    net.app.list_snapshots().snapshots
}

fn offer(net: &Net, snapshot: &Snapshot, app_hash: &[u8]) -> Offered {
    let request = RequestOfferSnapshot { snapshot: Some(snapshot.clone()), app_hash: app_hash.to_vec().into() };
    Offered::try_from(net.app.offer_snapshot(request).result).unwrap()
}

fn chunk(net: &Net, snapshot: &Snapshot, index: u32) -> Vec<u8> {
    let Snapshot { height, format, .. } = *snapshot;
    net.app.load_snapshot_chunk(RequestLoadSnapshotChunk { height, format, chunk: index }).chunk.to_vec()
}

fn apply(net: &Net, index: u32, chunk: Vec<u8>) -> (Applied, ResponseApplySnapshotChunk) {
    let request = RequestApplySnapshotChunk { index, chunk: chunk.into(), sender: "peer".into() };
    let response = net.app.apply_snapshot_chunk(request);
    (Applied::try_from(response.result).unwrap(), response)
}

#[test]
fn a_node_that_took_a_snapshot_in_goes_on_with_the_same_hashes_and_answers_queries_with_proofs() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, hashes) = provider(theirs.path(), 13);
    let offered = list(&source);
    // The last two of 4, 8 and 12.
    assert_eq!(offered.iter().map(|snapshot| snapshot.height).collect::<Vec<_>>(), [12, 8]);
    let node = unborn(keeping(ours.path()));
    assert_eq!(offer(&node, &offered[0], &hashes[12]), Offered::Accept);
    assert_eq!(node.height(), 0);
    assert_eq!(apply(&node, 0, chunk(&source, &offered[0], 0)).0, Applied::Accept);
    assert_eq!((node.height(), node.app_hash()), (12, hashes[12].clone()));
    node.app.check_invariants().unwrap();
    let key = b"last_block";
    let proof = node.query("store/consensus/key", key.as_slice(), 12, true);
    assert_eq!(proof.proof_ops, source.query("store/consensus/key", key.as_slice(), 12, true).proof_ops);
    assert!(proof.proof_ops.is_some());
    advance(&node);
    assert_eq!(node.app_hash(), hashes[13]);
    // It offers what it took in, also after a restart, and goes on after that.
    let node = node.restart();
    assert_eq!(list(&node), offered[..1]);
    advance(&node);
    advance(&source);
    assert_eq!((node.height(), node.app_hash()), (14, source.app_hash()));
    assert_eq!(node.balance(&person(1).address()), source.balance(&person(1).address()));
    let metrics = node.app.metrics().unwrap();
    assert!(metrics.contains("openledger_block_height 14"));
    let metrics = source.app.metrics().unwrap();
    assert!(metrics.contains("openledger_background_seconds_count{work=\"snapshot\"} 3"), "{metrics}");
    assert!(metrics.contains("openledger_snapshot_height 12"));
}

#[test]
fn a_chunk_with_another_hash_is_fetched_again_from_somebody_else() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, hashes) = provider(theirs.path(), 9);
    let snapshot = &list(&source)[0];
    let node = unborn(keeping(ours.path()));
    assert_eq!(offer(&node, snapshot, &hashes[8]), Offered::Accept);
    let good = chunk(&source, snapshot, 0);
    let mut bad = good.clone();
    bad[100] ^= 1;
    let (result, response) = apply(&node, 0, bad);
    assert_eq!(result, Applied::Retry);
    assert_eq!((response.refetch_chunks, response.reject_senders), (vec![0], vec!["peer".to_string()]));
    assert_eq!(apply(&node, 0, good).0, Applied::Accept);
    assert_eq!(node.app_hash(), hashes[8]);
}

#[test]
fn a_snapshot_of_another_state_is_refused_and_the_next_one_is_taken() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, hashes) = provider(theirs.path(), 13);
    let offered = list(&source);
    let node = unborn(keeping(ours.path()));
    // Its own hashes fit; it is the state of another height.
    let lying = Snapshot { height: 12, ..offered[1].clone() };
    assert_eq!(offer(&node, &lying, &hashes[12]), Offered::Accept);
    assert_eq!(apply(&node, 0, chunk(&source, &offered[1], 0)).0, Applied::RejectSnapshot);
    assert_eq!((node.height(), node.app_hash()), (0, Vec::new()));
    // Nothing is in progress any more.
    assert_eq!(apply(&node, 0, chunk(&source, &offered[1], 0)).0, Applied::RejectSnapshot);
    assert!(list(&node).is_empty());
    assert_eq!(offer(&node, &offered[1], &hashes[8]), Offered::Accept);
    assert_eq!(apply(&node, 1, chunk(&source, &offered[1], 0)).0, Applied::RejectSnapshot);
    assert_eq!(offer(&node, &offered[1], &hashes[8]), Offered::Accept);
    // CometBFT may give one up in between, for lack of chunks, and offer another.
    assert_eq!(offer(&node, &offered[0], &hashes[12]), Offered::Accept);
    assert_eq!(apply(&node, 0, chunk(&source, &offered[0], 0)).0, Applied::Accept);
    assert_eq!(node.app_hash(), hashes[12]);
}

#[test]
fn what_cannot_be_restored_here_is_refused_in_the_sdk_s_words() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, hashes) = provider(theirs.path(), 5);
    let good = list(&source).remove(0);
    let node = unborn(keeping(ours.path()));
    let refused = |change: fn(&mut Snapshot)| {
        let mut snapshot = good.clone();
        change(&mut snapshot);
        offer(&node, &snapshot, &hashes[4])
    };
    assert_eq!(refused(|snapshot| snapshot.format = 2), Offered::RejectFormat);
    assert_eq!(refused(|snapshot| snapshot.chunks = 2), Offered::Reject);
    assert_eq!(refused(|snapshot| snapshot.chunks = 0), Offered::Reject);
    assert_eq!(refused(|snapshot| snapshot.metadata = vec![10, 200].into()), Offered::Reject);
    assert_eq!(refused(|snapshot| snapshot.height = 0), Offered::Reject);
    assert_eq!(offer(&node, &good, &[1, 2, 3]), Offered::Reject);
    let nothing = node.app.offer_snapshot(RequestOfferSnapshot::default());
    assert_eq!(nothing.result, Offered::Reject as i32);
    // A node with blocks of its own, and one that keeps no snapshots.
    assert_eq!(offer(&source, &good, &hashes[4]), Offered::Abort);
    assert_eq!(source.height(), 5);
    assert_eq!(offer(&unborn(|_| {}), &good, &hashes[4]), Offered::Abort);
    assert!(list(&net()).is_empty());
    assert!(chunk(&source, &good, 9).is_empty());
}

#[test]
fn a_node_that_dies_before_the_last_chunk_or_before_cometbft_knows_begins_anew() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, hashes) = provider(theirs.path(), 13);
    let offered = list(&source);
    let node = unborn(keeping(ours.path()));
    assert_eq!(offer(&node, &offered[0], &hashes[12]), Offered::Accept);
    let node = node.restart();
    assert_eq!(node.height(), 0);
    assert_eq!(offer(&node, &offered[0], &hashes[12]), Offered::Accept);
    assert_eq!(apply(&node, 0, chunk(&source, &offered[0], 0)).0, Applied::Accept);
    let node = node.restart();
    assert_eq!(node.height(), 12);
    // CometBFT offers only where it has nothing itself: the height that was restored is given up, and another one taken.
    assert_eq!(offer(&node, &offered[1], &hashes[8]), Offered::Accept);
    assert_eq!(node.height(), 0);
    assert_eq!(apply(&node, 0, chunk(&source, &offered[1], 0)).0, Applied::Accept);
    assert_eq!((node.height(), node.app_hash()), (8, hashes[8].clone()));
    (9..=12).for_each(|_| advance(&node));
    assert_eq!(node.app_hash(), hashes[12]);
    assert_eq!(offer(&node, &offered[0], &hashes[12]), Offered::Abort);
}

#[test]
fn blocks_since_the_oldest_snapshot_are_kept_for_who_restores_it() {
    let folder = tempfile::tempdir().unwrap();
    let net = unborn(|config| {
        keeping(folder.path())(config);
        (config.min_retain_blocks, config.snapshot_keep_recent) = (1, 3);
    });
    let evidence = EvidenceParams {
        max_age_num_blocks: 2,
        max_age_duration: Some(openledger_proto::Duration { seconds: 1, nanos: 0 }),
        max_bytes: 0,
    };
    let consensus_params = Some(ConsensusParams {
        block: Some(BlockParams { max_bytes: 4 << 20, max_gas: -1 }),
        evidence: Some(evidence),
        validator: Some(ValidatorParams { pub_key_types: vec!["ed25519".into()] }),
        ..Default::default()
    });
    net.app.init_chain(RequestInitChain { consensus_params, ..genesis() });
    net.block(vec![]);
    (0..18).for_each(|_| advance(&net));
    net.app.finalize_block(net.request(vec![]));
    // Height 20, less the greatest of evidence's age (2), 3 snapshots 4 apart, and min-retain-blocks (1).
    assert_eq!(net.app.commit().retain_height, 8);
}

#[test]
fn a_chain_that_begins_at_its_genesis_has_nothing_of_a_snapshot_that_came_half() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = net_with(keeping(theirs.path()));
    let (ann, newcomer) = (person(0), person(ACCOUNTS + 1));
    source.deliver(draft(vec![ann.send(&newcomer, 77)], &[(&ann, source.sequence(&ann))]).sign());
    while source.height() < 5 {
        advance(&source);
    }
    assert_eq!(source.balance(&newcomer.address()), 77);
    let whole = &list(&source)[0];
    let bytes = chunk(&source, whole, 0);
    let (first, second) = bytes.split_at(bytes.len() * 9 / 10);
    let chunk_hashes = [first, second].map(|part| Sha256::digest(part).to_vec()).into();
    let metadata = ChunkHashes { chunk_hashes }.encode_to_vec().into();
    let halved = Snapshot { chunks: 2, metadata, ..whole.clone() };
    let node = unborn(keeping(ours.path()));
    assert_eq!(offer(&node, &halved, &[1; 32]), Offered::Accept);
    assert_eq!(apply(&node, 0, first.to_vec()).0, Applied::Accept);
    // CometBFT gives up without a word, and starts with its genesis.
    node.app.init_chain(genesis());
    node.block(vec![]);
    assert_eq!(node.balance(&newcomer.address()), 0);
    assert_eq!(node.app_hash(), net().app_hash());
    assert_eq!(apply(&node, 1, second.to_vec()).0, Applied::Abort);
    assert_eq!(node.restart().balance(&newcomer.address()), 0);
}
