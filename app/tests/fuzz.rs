//! Every ABCI request and phase, the socket's framing, transactions, queries and JSON under random and mutated bytes: no panic, no two
//! chains that differ, bounded memory. The targets are those of `fuzz/`, which runs them for longer.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
#[path = "../../fuzz/src/targets.rs"]
mod targets;

use std::path::PathBuf;

use bytes::Bytes;
use common::heavily::heavily;
use common::samples::{sample, Cast};
use common::*;
use openledger_app::abci::AbciApplication;
use openledger_app::runtime::Runtime;
use openledger_proto::cosmos::authz::v1beta1::MsgExec;
use openledger_proto::tendermint::abci::*;
use openledger_proto::{walker, Any, Message};
use proptest::prelude::*;
use proptest::sample::Index;
use request::Value as Ask;
use targets::{JSON_TYPES, TARGETS};
use tendermint_abci::Application as _;

/// The most memory that the requests of [`any_requests_in_any_order_have_the_same_answers_on_two_chains`] may add, in bytes.
const MEMORY: usize = 400 << 20;

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Cut(Index),
    Repeat(Index, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => (any::<Index>(), 1u8..).prop_map(|(at, bits)| Edit::Flip(at, bits)),
        2 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        1 => (any::<Index>(), 1usize..20).prop_map(|(at, count)| Edit::Remove(at, count)),
        1 => any::<Index>().prop_map(Edit::Cut),
        1 => (any::<Index>(), 1usize..40).prop_map(|(at, count)| Edit::Repeat(at, count)),
    ];
    prop::collection::vec(edit, 0..6)
}

fn edit(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        let end = |at: usize, count: usize| (at + count).min(bytes.len());
        match edit {
            Edit::Flip(at, bits) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Edit::Insert(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Edit::Remove(at, count) => {
                let at = place(at);
                bytes.drain(at..end(at, *count));
            }
            Edit::Cut(at) => bytes.truncate(place(at)),
            Edit::Repeat(at, count) => {
                let at = place(at);
                let part = bytes[at..end(at, *count)].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

fn corpus(target: &str) -> PathBuf {
    PathBuf::from("../fuzz/corpus").join(target)
}

/// The inputs of a target, in the order of their names, and the [`samples`] of what is there now.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir(corpus(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no corpus");
    let written = paths.into_iter().map(|path| std::fs::read(path).unwrap());
    written.chain(samples(target).into_iter().map(|(_, bytes)| bytes)).collect()
}

fn fuzz(target: &str, gate: u32) {
    let run = TARGETS.iter().find(|(name, _)| *name == target).unwrap().1;
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| run(seed));
    let input = prop_oneof![
        8 => (any::<Index>(), edits()).prop_map(move |(pick, edits)| edit(pick.get(&seeds).clone(), &edits)),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ];
    heavily(gate, &input, |input| {
        run(&input);
        Ok(())
    });
}

#[test]
fn any_bytes_on_the_socket_are_cut_into_frames_alike_whatever_the_packets() {
    fuzz("abci_frame", 2_000);
}

#[test]
fn any_bytes_are_a_transaction_or_none() {
    fuzz("tx_decode", 2_000);
}

#[test]
fn any_block_has_a_result_and_two_chains_the_same() {
    fuzz("finalize_block", 300);
}

#[test]
fn any_query_has_an_answer_and_two_chains_the_same() {
    fuzz("query", 1_000);
}

#[test]
fn any_json_is_a_message_or_none() {
    fuzz("json_in", 1_000);
}

/// A request of each kind as CometBFT makes it, on a chain after its first block.
fn requests(net: &Net) -> Vec<Ask> {
    let tx = draft(vec![person(0).send(&person(1), 5)], &[(&person(0), 0)]).fee(1).sign();
    let block = RequestFinalizeBlock {
        decided_last_commit: Some(CommitInfo { round: 0, votes: vec![VoteInfo { validator: None, block_id_flag: 2 }] }),
        misbehavior: vec![Misbehavior { r#type: 1, height: 1, ..Misbehavior::default() }],
        ..net.request(vec![tx.clone()])
    };
    vec![
        Ask::Echo(RequestEcho { message: "hello".into() }),
        Ask::Flush(RequestFlush {}),
        Ask::Info(RequestInfo { version: "0.38.26".into(), ..RequestInfo::default() }),
        Ask::InitChain(genesis()),
        Ask::Query(RequestQuery { path: "store/bank/key".into(), data: "k".into(), height: 0, prove: true }),
        Ask::CheckTx(RequestCheckTx { tx: tx.clone(), r#type: 0 }),
        Ask::CheckTx(RequestCheckTx { tx: tx.clone(), r#type: 1 }),
        Ask::Commit(RequestCommit {}),
        Ask::ListSnapshots(RequestListSnapshots {}),
        Ask::OfferSnapshot(RequestOfferSnapshot { snapshot: Some(Snapshot::default()), app_hash: vec![1; 32].into() }),
        Ask::LoadSnapshotChunk(RequestLoadSnapshotChunk { height: 1, format: 1, chunk: 0 }),
        Ask::ApplySnapshotChunk(RequestApplySnapshotChunk { index: 0, chunk: vec![1; 9].into(), sender: "a".into() }),
        Ask::PrepareProposal(RequestPrepareProposal {
            txs: vec![tx.clone()],
            max_tx_bytes: 1_000,
            height: block.height,
            ..RequestPrepareProposal::default()
        }),
        Ask::ProcessProposal(RequestProcessProposal {
            txs: block.txs.clone(),
            height: block.height,
            time: block.time,
            hash: block.hash.clone(),
            ..RequestProcessProposal::default()
        }),
        Ask::ExtendVote(RequestExtendVote { height: 2, ..RequestExtendVote::default() }),
        Ask::VerifyVoteExtension(RequestVerifyVoteExtension { height: 2, ..RequestVerifyVoteExtension::default() }),
        Ask::FinalizeBlock(block),
    ]
}

/// What a chain answers; the error is one that ends the process, in words.
fn answer(net: &Net, ask: &Ask) -> Result<response::Value, String> {
    use response::Value as Answer;
    let app = &net.app;
    Ok(match ask.clone() {
        Ask::Echo(request) => Answer::Echo(app.echo(request)),
        Ask::Flush(_) => Answer::Flush(app.flush()),
        Ask::Info(request) => Answer::Info(app.info(request)),
        Ask::InitChain(request) => Answer::InitChain(app.try_init_chain(request)?),
        Ask::Query(request) => Answer::Query(app.query(request)),
        Ask::CheckTx(request) => Answer::CheckTx(app.check_tx_batch(vec![request]).remove(0)),
        Ask::Commit(_) => Answer::Commit(app.try_commit()?),
        Ask::ListSnapshots(_) => Answer::ListSnapshots(app.list_snapshots()),
        Ask::OfferSnapshot(request) => Answer::OfferSnapshot(app.offer_snapshot(request)),
        Ask::LoadSnapshotChunk(request) => Answer::LoadSnapshotChunk(app.load_snapshot_chunk(request)),
        Ask::ApplySnapshotChunk(request) => Answer::ApplySnapshotChunk(app.apply_snapshot_chunk(request)),
        Ask::PrepareProposal(request) => Answer::PrepareProposal(app.prepare_proposal(request)),
        Ask::ProcessProposal(request) => Answer::ProcessProposal(app.process_proposal(request)),
        Ask::ExtendVote(request) => Answer::ExtendVote(app.extend_vote(request)),
        Ask::VerifyVoteExtension(request) => Answer::VerifyVoteExtension(app.verify_vote_extension(request)),
        Ask::FinalizeBlock(request) => Answer::FinalizeBlock(app.try_finalize_block(request)?),
    })
}

#[test]
fn any_requests_in_any_order_have_the_same_answers_on_two_chains() {
    let chains = || {
        let one = net_of(Runtime::default, |config| {
            config.threads = 1;
            config.optimistic_execution = false;
        });
        [one, net_of(Runtime::default, |config| config.threads = 3)]
    };
    let before = resident();
    heavily(24, &prop::collection::vec((any::<Index>(), edits()), 1..40), |calls| {
        let [one, two] = chains();
        for (pick, edits) in calls {
            let ask = pick.get(&requests(&one)).clone();
            let bytes = edit(Request { value: Some(ask) }.encode_to_vec(), &edits);
            // Bytes that are no request end their connection, before any application sees them (`abci/connection.rs`).
            let Ok(Request { value: Some(ask) }) = Request::decode(bytes.as_slice()) else { continue };
            prop_assert_eq!(answer(&one, &ask), answer(&two, &ask));
        }
        // Whatever came, the next block is executed, and alike.
        let good = draft(vec![person(3).send(&person(4), 1)], &[(&person(3), one.sequence(&person(3)))]).sign();
        prop_assert_eq!(one.block(vec![good.clone()]), two.block(vec![good]));
        prop_assert_eq!(one.app_hash(), two.app_hash());
        Ok(())
    });
    let more = resident().saturating_sub(before);
    assert!(more < MEMORY, "{more} bytes more than before");
}

/// Whose samples they are: person 0's, of whom a fuzzed block's transactions are.
fn cast() -> Cast {
    Cast { signer: person(0).address(), other: person(1).address() }
}

/// A sample of every message that some module handles; an empty one where none can be made.
fn messages(net: &Net) -> Vec<Any> {
    let services = walker::services().iter().filter(|service| service.full_name.ends_with(".Msg"));
    let urls = services.flat_map(|service| &service.methods).map(|method| format!("/{}", method.input));
    let known = urls.filter(|url| net.app.router().msg_route(url).is_some());
    let sample = |url: String| Any { value: sample(&url, &cast()).unwrap_or_default(), type_url: url };
    known.map(sample).collect()
}

/// A sample of every query of the modules: the path, and the request, empty where no sample can be made.
fn queries(net: &Net) -> Vec<(String, Vec<u8>)> {
    let methods = walker::services().iter().flat_map(|service| {
        service.methods.iter().map(|method| (format!("/{}/{}", service.full_name, method.name), &method.input))
    });
    let known = methods.filter(|(path, _)| net.app.router().has_query(path));
    known.map(|(path, input)| (path.clone(), sample(input, &cast()).unwrap_or_default())).collect()
}

/// A name as a file can have it.
fn file_name(path: &str) -> String {
    path.trim_start_matches('/').replace(['/', '.'], "_")
}

/// Inputs of a target that are made of the descriptors: a sample of every message and query that is there now.
fn samples(target: &str) -> Vec<(String, Vec<u8>)> {
    let net = net_of(Runtime::default, |_| {});
    let ann = person(0);
    let shown = |message: &Any, name: String| {
        let draft = draft(vec![message.clone()], &[(&ann, 0)]);
        match target {
            "tx_decode" => (name, draft.fee(1).sign().to_vec()),
            _ => (name, [vec![1], draft.body.encode_to_vec()].concat()),
        }
    };
    match target {
        "tx_decode" | "finalize_block" => {
            let all = messages(&net);
            let exec = |msgs: Vec<Any>| pack(&MsgExec { grantee: ann.address().to_string(), msgs });
            let nested = shown(&exec(vec![exec(all.clone())]), "everything_nested".into());
            let each = all.iter().map(|message| shown(message, file_name(&message.type_url)));
            each.chain([nested]).collect()
        }
        "query" => {
            // By their paths, which stay those of the query whatever is registered later.
            let shown = |(path, request): (String, Vec<u8>)| {
                let query = RequestQuery { path: path.clone(), data: request.into(), height: 0, prove: false };
                (file_name(&path), [vec![0], query.encode_to_vec()].concat())
            };
            queries(&net).into_iter().map(shown).collect()
        }
        _ => Vec::new(),
    }
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    std::fs::create_dir_all(corpus(target)).unwrap();
    std::fs::write(corpus(target).join(name), bytes).unwrap();
}

#[test]
#[ignore = "writes the corpus; run by hand after a change of messages"]
fn seeds_are_written_anew() {
    let net = net_of(Runtime::default, |_| {});
    for (target, _) in TARGETS {
        for entry in std::fs::read_dir(corpus(target)).into_iter().flatten() {
            let path = entry.unwrap().path();
            // What a fuzzer has found stays.
            if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("found_")) {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    let all = requests(&net);
    let frames: Vec<u8> =
        all.iter().flat_map(|ask| Request { value: Some(ask.clone()) }.encode_length_delimited_to_vec()).collect();
    write("abci_frame", "every_request", &[vec![255], frames].concat());
    write("abci_frame", "large_claim", b"\x07\xff\xff\xff\xff\x0fx");

    let (ann, bob) = (person(0), person(1));
    let profile = openledger_proto::openledger::contributor::v1::MsgSetProfile {
        account: ann.address().to_string(),
        name: "Ann".into(),
        website: "https://example.org".into(),
        ..Default::default()
    };
    let datanet = openledger_proto::openledger::datanet::v1::MsgCreateDatanet {
        owner: ann.address().to_string(),
        title: "t".into(),
        modality: 1,
        licence: "CC0-1.0".into(),
        policy: Some(Default::default()),
        ..Default::default()
    };
    let bodies = [
        ("send", draft(vec![ann.send(&bob, 5)], &[(&ann, 0)])),
        ("two_signers", draft(vec![ann.send(&bob, 5), bob.send(&ann, 4)], &[(&ann, 0), (&bob, 0)])),
        ("profile", draft(vec![pack(&profile)], &[(&ann, 0)])),
        ("datanet", draft(vec![pack(&datanet)], &[(&ann, 0)])),
    ];
    for (name, draft) in &bodies {
        write("tx_decode", name, &draft.clone().fee(1).sign());
        let signers = u8::try_from(draft.signers.len()).unwrap();
        write("finalize_block", name, &[vec![signers], draft.body.encode_to_vec()].concat());
    }
    let txs: Vec<Bytes> = bodies.iter().map(|(_, draft)| draft.clone().fee(1).sign()).collect();
    write("finalize_block", "block", &[vec![0], net.request(txs).encode_to_vec()].concat());

    for (name, path, data) in
        [("key", "store/bank/key", "k"), ("simulate", "app/simulate", ""), ("version", "app/version", "")]
    {
        let query = RequestQuery { path: path.into(), data: data.into(), height: 1, prove: name == "key" };
        write("query", name, &[vec![0], query.encode_to_vec()].concat());
    }
    for (target, _) in TARGETS {
        samples(target).iter().for_each(|(name, bytes)| write(target, name, bytes));
    }

    let state = app_state();
    for (index, name) in JSON_TYPES.iter().enumerate() {
        let module = name.rsplit('.').nth(2).unwrap_or_default();
        let json = match (index, state.get(module)) {
            (0, _) => openledger_proto::walker::to_json(name, &txs_json(&bodies[0].1)).unwrap(),
            (_, Some(state)) => state.clone(),
            _ => serde_json::json!({"key": "AQ==", "offset": "1", "limit": "2", "count_total": true, "reverse": true}),
        };
        write("json_in", module, &[vec![index as u8], json.to_string().into_bytes()].concat());
    }
    write("json_in", "app_state", &[vec![255], serde_json::to_vec(&state).unwrap()].concat());
}

/// A transaction as `cosmos.tx.v1beta1.Tx`: the bytes on the wire are the same.
fn txs_json(draft: &Draft) -> Vec<u8> {
    draft.sign().to_vec()
}
