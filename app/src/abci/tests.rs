//! The server as a client sees it, over both transports.

use std::io::{Read, Write};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;

use proptest::prelude::*;
use prost::Message;
use tendermint_abci::Application;
use tendermint_proto::v0_38::abci::{request, response, *};

use super::super::MAX_CHECK_TX_BATCH;
use super::*;

/// Answers each method with something of the request, and counts the batches it was given.
#[derive(Clone, Default)]
struct Dummy {
    batches: Arc<Mutex<Vec<usize>>>,
    slow: Arc<AtomicUsize>,
}

impl Application for Dummy {
    fn info(&self, request: RequestInfo) -> ResponseInfo {
        ResponseInfo { data: request.abci_version, ..Default::default() }
    }

    fn init_chain(&self, request: RequestInitChain) -> ResponseInitChain {
        ResponseInitChain { app_hash: request.app_state_bytes, ..Default::default() }
    }

    fn query(&self, request: RequestQuery) -> ResponseQuery {
        if request.path == "panic" {
            panic!("as asked");
        }
        if request.path == "slow" {
            self.slow.fetch_add(1, Ordering::SeqCst);
            while self.slow.load(Ordering::SeqCst) > 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        ResponseQuery { value: request.data, ..Default::default() }
    }

    fn check_tx(&self, request: RequestCheckTx) -> ResponseCheckTx {
        ResponseCheckTx { data: request.tx, ..Default::default() }
    }

    fn commit(&self) -> ResponseCommit {
        ResponseCommit { retain_height: 7 }
    }

    fn list_snapshots(&self) -> ResponseListSnapshots {
        ResponseListSnapshots { snapshots: vec![Snapshot { height: 3, ..Default::default() }] }
    }

    fn load_snapshot_chunk(&self, request: RequestLoadSnapshotChunk) -> ResponseLoadSnapshotChunk {
        ResponseLoadSnapshotChunk { chunk: vec![request.chunk as u8; 300_000].into() }
    }

    fn extend_vote(&self, request: RequestExtendVote) -> ResponseExtendVote {
        ResponseExtendVote { vote_extension: request.hash }
    }

    fn finalize_block(&self, request: RequestFinalizeBlock) -> ResponseFinalizeBlock {
        ResponseFinalizeBlock { app_hash: request.hash, ..Default::default() }
    }
}

impl AbciApplication for Dummy {
    fn check_tx_batch(&self, requests: Vec<RequestCheckTx>) -> Vec<ResponseCheckTx> {
        self.batches.lock().unwrap().push(requests.len());
        requests.into_iter().map(|request| self.check_tx(request)).collect()
    }

    fn try_finalize_block(&self, request: RequestFinalizeBlock) -> Result<ResponseFinalizeBlock, String> {
        if request.height == 13 {
            Err("height 13 is out of luck".into())
        } else {
            Ok(self.finalize_block(request))
        }
    }
}

struct Harness {
    server: Server,
    app: Dummy,
    fatal: mpsc::Receiver<String>,
    _home: tempfile::TempDir,
}

fn harness(tcp: bool, options: Options) -> Harness {
    let home = tempfile::tempdir().unwrap();
    let address =
        if tcp { Address::Tcp("127.0.0.1:0".into()) } else { Address::Unix(home.path().join("run/abci.sock")) };
    let app = Dummy::default();
    let (sender, fatal) = mpsc::channel();
    let server = Server::start(app.clone(), &address, options, move |reason| sender.send(reason).unwrap()).unwrap();
    Harness { server, app, fatal, _home: home }
}

fn unix() -> Harness {
    harness(false, Options::default())
}

fn encode(requests: &[request::Value]) -> Vec<u8> {
    requests.iter().flat_map(|value| Request { value: Some(value.clone()) }.encode_length_delimited_to_vec()).collect()
}

/// Reads `count` answers; fewer where the server closes the connection.
fn answers(stream: &Stream, count: usize) -> Vec<response::Value> {
    let mut reader = super::super::FrameReader::new(stream, 128 << 20);
    let mut answers = Vec::new();
    while answers.len() < count {
        match reader.next_frame().unwrap() {
            Some(frame) => answers.push(Response::decode(frame).unwrap().value.unwrap()),
            None if reader.fill().unwrap_or(false) => {}
            None => break,
        }
    }
    answers
}

fn ask(harness: &Harness, requests: &[request::Value]) -> Vec<response::Value> {
    let stream = Stream::connect(harness.server.address()).unwrap();
    // A server that refuses closes the connection before all is written.
    let _ = (&stream).write_all(&encode(requests));
    answers(&stream, requests.len())
}

fn echo(text: &str) -> request::Value {
    request::Value::Echo(RequestEcho { message: text.into() })
}

fn check(tx: &[u8]) -> request::Value {
    request::Value::CheckTx(RequestCheckTx { tx: tx.to_vec().into(), ..Default::default() })
}

const FLUSH: request::Value = request::Value::Flush(RequestFlush {});

#[test]
fn every_method_of_abci_0_38_is_answered_over_both_transports() {
    use request::Value as Ask;
    use response::Value as Answer;
    let cases: Vec<(Ask, Answer)> = vec![
        (echo("hello"), Answer::Echo(ResponseEcho { message: "hello".into() })),
        (FLUSH, Answer::Flush(ResponseFlush {})),
        (
            Ask::Info(RequestInfo { abci_version: "2.0.0".into(), ..Default::default() }),
            Answer::Info(ResponseInfo { data: "2.0.0".into(), ..Default::default() }),
        ),
        (
            Ask::InitChain(RequestInitChain { app_state_bytes: "{}".into(), ..Default::default() }),
            Answer::InitChain(ResponseInitChain { app_hash: "{}".into(), ..Default::default() }),
        ),
        (
            Ask::Query(RequestQuery { data: "key".into(), ..Default::default() }),
            Answer::Query(ResponseQuery { value: "key".into(), ..Default::default() }),
        ),
        (check(b"tx"), Answer::CheckTx(ResponseCheckTx { data: "tx".into(), ..Default::default() })),
        (Ask::Commit(RequestCommit {}), Answer::Commit(ResponseCommit { retain_height: 7 })),
        (
            Ask::ListSnapshots(RequestListSnapshots {}),
            Answer::ListSnapshots(ResponseListSnapshots {
                snapshots: vec![Snapshot { height: 3, ..Default::default() }],
            }),
        ),
        (Ask::OfferSnapshot(RequestOfferSnapshot::default()), Answer::OfferSnapshot(ResponseOfferSnapshot::default())),
        (
            Ask::LoadSnapshotChunk(RequestLoadSnapshotChunk { height: 3, format: 1, chunk: 9 }),
            Answer::LoadSnapshotChunk(ResponseLoadSnapshotChunk { chunk: vec![9; 300_000].into() }),
        ),
        (
            Ask::ApplySnapshotChunk(RequestApplySnapshotChunk::default()),
            Answer::ApplySnapshotChunk(ResponseApplySnapshotChunk::default()),
        ),
        (
            Ask::PrepareProposal(RequestPrepareProposal {
                txs: vec!["a".into()],
                max_tx_bytes: 10,
                ..Default::default()
            }),
            Answer::PrepareProposal(ResponsePrepareProposal { txs: vec!["a".into()] }),
        ),
        (
            Ask::ProcessProposal(RequestProcessProposal::default()),
            Answer::ProcessProposal(ResponseProcessProposal { status: 1 }),
        ),
        (
            Ask::ExtendVote(RequestExtendVote { hash: "h".into(), ..Default::default() }),
            Answer::ExtendVote(ResponseExtendVote { vote_extension: "h".into() }),
        ),
        (
            Ask::VerifyVoteExtension(RequestVerifyVoteExtension::default()),
            Answer::VerifyVoteExtension(ResponseVerifyVoteExtension { status: 1 }),
        ),
        (
            Ask::FinalizeBlock(RequestFinalizeBlock { hash: "h".into(), ..Default::default() }),
            Answer::FinalizeBlock(ResponseFinalizeBlock { app_hash: "h".into(), ..Default::default() }),
        ),
    ];
    for tcp in [false, true] {
        let harness = harness(tcp, Options::default());
        let (requests, expected): (Vec<_>, Vec<_>) = cases.iter().cloned().unzip();
        // Together on one connection, and each on its own with the Flush that CometBFT appends.
        assert_eq!(ask(&harness, &requests), expected);
        for (request, answer) in &cases {
            let got = ask(&harness, &[request.clone(), FLUSH]);
            assert_eq!(got, [answer.clone(), Answer::Flush(ResponseFlush {})]);
        }
    }
}

#[test]
fn pipelined_check_txs_come_back_in_order_and_are_checked_in_batches() {
    let harness = unix();
    let txs: Vec<_> = (0..5_000u32).map(|n| check(&[n.to_be_bytes().as_slice(), &[0; 200]].concat())).collect();
    let stream = Stream::connect(harness.server.address()).unwrap();
    let bytes = [encode(&txs), encode(&[FLUSH])].concat();
    let got = thread::scope(|scope| {
        scope.spawn(|| (&stream).write_all(&bytes).unwrap());
        answers(&stream, txs.len() + 1)
    });
    for (n, answer) in got[..txs.len()].iter().enumerate() {
        let response::Value::CheckTx(answer) = answer else { panic!("{answer:?}") };
        assert_eq!(answer.data[..4], (n as u32).to_be_bytes());
    }
    assert_eq!(got[txs.len()], response::Value::Flush(ResponseFlush {}));
    let batches = harness.app.batches.lock().unwrap().clone();
    assert_eq!(batches.iter().sum::<usize>(), txs.len());
    assert!(batches.iter().all(|size| *size <= MAX_CHECK_TX_BATCH));
    assert!(batches.len() < 1_000, "{} batches: nothing was read ahead", batches.len());
}

#[test]
fn a_request_that_arrives_byte_by_byte_is_answered_once_it_is_whole() {
    for tcp in [false, true] {
        let harness = harness(tcp, Options::default());
        let stream = Stream::connect(harness.server.address()).unwrap();
        for byte in encode(&[echo("slowly")]) {
            (&stream).write_all(&[byte]).unwrap();
        }
        assert_eq!(answers(&stream, 1), [response::Value::Echo(ResponseEcho { message: "slowly".into() })]);
    }
}

#[test]
fn an_oversized_message_closes_its_connection_and_no_other() {
    let harness = harness(false, Options { max_message_bytes: 1_000, ..Options::default() });
    let other = Stream::connect(harness.server.address()).unwrap();
    assert!(ask(&harness, &[echo(&"x".repeat(2_000))]).is_empty());
    (&other).write_all(&encode(&[echo("still here")])).unwrap();
    assert_eq!(answers(&other, 1).len(), 1);
    assert_eq!(ask(&harness, &[echo(&"x".repeat(900))]).len(), 1);
}

#[test]
fn a_request_of_an_unknown_kind_is_answered_with_an_exception() {
    let harness = unix();
    let stream = Stream::connect(harness.server.address()).unwrap();
    // Field 4 was SetOption until ABCI 0.34.
    (&stream).write_all(&[2, 0x22, 0]).unwrap();
    let got = answers(&stream, 2);
    assert!(matches!(got.as_slice(), [response::Value::Exception(_)]), "{got:?}");
    assert!(harness.fatal.try_recv().is_err());
}

#[test]
fn a_panic_and_a_failed_block_are_told_to_the_peer_and_end_the_process() {
    let harness = unix();
    let panics = request::Value::Query(RequestQuery { path: "panic".into(), ..Default::default() });
    let fails = request::Value::FinalizeBlock(RequestFinalizeBlock { height: 13, ..Default::default() });
    for (request, reason) in
        [(panics, "Query panicked: as asked"), (fails, "FinalizeBlock failed: height 13 is out of luck")]
    {
        let got = ask(&harness, &[echo("before"), request, echo("after")]);
        assert_eq!(got.len(), 2, "{got:?}");
        let exception = ResponseException { error: reason.into() };
        assert_eq!(got[1], response::Value::Exception(exception));
        assert_eq!(harness.fatal.recv_timeout(Duration::from_secs(5)).unwrap(), reason);
    }
}

#[test]
fn a_slow_query_keeps_no_other_connection_waiting() {
    let harness = unix();
    let slow = Stream::connect(harness.server.address()).unwrap();
    let query = request::Value::Query(RequestQuery { path: "slow".into(), data: "v".into(), ..Default::default() });
    (&slow).write_all(&encode(&[query])).unwrap();
    while harness.app.slow.load(Ordering::SeqCst) == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(ask(&harness, &[request::Value::Commit(RequestCommit {})]).len(), 1);
    harness.app.slow.store(0, Ordering::SeqCst);
    assert_eq!(answers(&slow, 1).len(), 1);
}

#[test]
fn a_thousand_idle_connections_are_held_and_one_too_many_is_refused() {
    crate::node::run::raise_file_limit().unwrap();
    let harness = harness(false, Options { max_connections: 1_000, ..Options::default() });
    let mut open: Vec<_> = (0..1_000).map(|_| Stream::connect(harness.server.address()).unwrap()).collect();
    for stream in &mut open {
        (&*stream).write_all(&encode(&[echo("hello")])).unwrap();
    }
    for stream in &open {
        assert_eq!(answers(stream, 1).len(), 1);
    }
    assert_eq!(harness.server.connections(), 1_000);
    assert!(ask(&harness, &[echo("too many")]).is_empty());
}

#[test]
fn stopping_answers_what_is_in_progress_and_frees_the_socket() {
    let harness = unix();
    let Address::Unix(path) = harness.server.address().clone() else { panic!() };
    let slow = Stream::connect(harness.server.address()).unwrap();
    let query = request::Value::Query(RequestQuery { path: "slow".into(), data: "v".into(), ..Default::default() });
    (&slow).write_all(&encode(&[query])).unwrap();
    while harness.app.slow.load(Ordering::SeqCst) == 0 {
        thread::sleep(Duration::from_millis(1));
    }
    let release = harness.app.slow.clone();
    let releasing = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        release.store(0, Ordering::SeqCst);
    });
    harness.server.stop(Duration::from_secs(5));
    releasing.join().unwrap();
    assert_eq!(answers(&slow, 1).len(), 1);
    assert!(!path.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn garbage_ends_its_connection_and_the_server_goes_on(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
        let harness = harness(false, Options { max_message_bytes: 1 << 16, ..Options::default() });
        let stream = Stream::connect(harness.server.address()).unwrap();
        // The server may close before all of it is written.
        let _ = (&stream).write_all(&bytes);
        stream.shutdown(Shutdown::Write);
        let _ = (&stream).read_to_end(&mut Vec::new());
        prop_assert_eq!(ask(&harness, &[echo("alive")]).len(), 1);
        prop_assert!(harness.fatal.try_recv().is_err());
    }
}
