//! A thousand idle and slow clients, requests of 100 MB, pages without end: refused or bounded, and the chain goes on.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
#![allow(clippy::disallowed_types, reason = "tests have clocks")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::*;
use http_body::Frame;
use openledger_app::doors::grpc::{self, Raw};
use openledger_app::doors::Desk;
use openledger_app::node::run::raise_file_limit;
use openledger_net::Listener;
use openledger_proto::cosmos::auth::v1beta1::{QueryAccountsRequest, QueryAccountsResponse};
use openledger_proto::cosmos::bank::v1beta1::QueryBalanceRequest;
use openledger_proto::cosmos::base::query::v1beta1::PageRequest;
use openledger_proto::Message;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tower::Service;

const BALANCE: &str = "/cosmos.bank.v1beta1.Query/Balance";
/// HTTP/2's preface and an empty SETTINGS frame.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

async fn call(channel: &Channel, path: &'static str, request: impl Into<Bytes>) -> Result<Bytes, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(usize::MAX);
    client.ready().await.unwrap();
    let request = Request::new(request.into());
    Ok(client.unary(request, http::uri::PathAndQuery::from_static(path), Raw).await?.into_inner())
}

fn balance() -> Vec<u8> {
    QueryBalanceRequest { address: person(0).address().to_string(), denom: "aopen".into() }.encode_to_vec()
}

async fn door(net: &Net) -> (Listener, Channel) {
    let door = grpc::open(Desk::new(net.app.chain().clone()), "127.0.0.1:0").await.unwrap();
    let channel = Channel::from_shared(format!("http://{}", door.address())).unwrap().connect().await.unwrap();
    (door, channel)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_and_slow_clients_disturb_neither_others_nor_the_chain() {
    raise_file_limit().unwrap();
    let net = net();
    let (door, channel) = door(&net).await;
    let address = door.address();
    let before = resident();
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients: Vec<TcpStream> = (0..1_000).map(|_| TcpStream::connect(address).unwrap()).collect();
    // A third says nothing; a third says hello and idles; a third begins a request and sends a byte of it now and then.
    for (index, client) in clients.iter_mut().enumerate() {
        match index % 3 {
            0 => {}
            1 => client.write_all(HELLO).unwrap(),
            _ => {
                client.write_all(HELLO).unwrap();
                client.write_all(&begin(1)).unwrap();
            }
        }
    }
    let stopping = stop.clone();
    let dripping = std::thread::spawn(move || {
        while !stopping.load(Ordering::SeqCst) {
            for client in clients.iter_mut().skip(2).step_by(3) {
                // A DATA frame of one byte.
                let _ = client.write_all(b"\x00\x00\x01\x00\x00\x00\x00\x00\x01\x00");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        clients
    });
    for height in 2..12 {
        let start = Instant::now();
        net.block(vec![draft(vec![person(1).send(&person(2), 1)], &[(&person(1), height - 2)]).sign()]);
        call(&channel, BALANCE, balance()).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(10), "a block and a query took {:?}", start.elapsed());
    }
    assert_eq!(net.height(), 11);
    let held = resident().saturating_sub(before);
    assert!(held < 200 << 20, "a thousand clients hold {held} bytes");
    stop.store(true, Ordering::SeqCst);
    drop(dripping.join().unwrap());
    call(&channel, BALANCE, balance()).await.unwrap();
    door.close().await;
}

/// HEADERS of a gRPC request on a stream, in HPACK without compression, and the length of a message that is yet to come.
fn begin(stream: u8) -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in
        [(":path", BALANCE), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")]
    {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
    };
    // END_HEADERS; then gRPC's prefix of a message of 9 MiB.
    let prefix = [&[0], (9u32 << 20).to_be_bytes().as_slice()].concat();
    [frame(1, 4, &block), frame(0, 0, &prefix)].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_are_closed() {
    let net = net();
    let (door, channel) = door(&net).await;
    let mut silent = TcpStream::connect(door.address()).unwrap();
    silent.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let start = Instant::now();
    // The server says its own hello, waits, and leaves.
    let _ = silent.read_to_end(&mut Vec::new()).unwrap();
    assert!(start.elapsed() >= Duration::from_secs(5), "{:?}", start.elapsed());
    call(&channel, BALANCE, balance()).await.unwrap();
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_a_hundred_megabytes_are_refused_and_cost_no_memory() {
    let net = net();
    let (door, channel) = door(&net).await;
    let before = resident();
    let large = Bytes::from(vec![0u8; 100 << 20]);
    let own = 100 << 20;
    for _ in 0..5 {
        let refused = call(&channel, BALANCE, large.clone()).await.unwrap_err();
        assert!(matches!(refused.code(), Code::OutOfRange | Code::ResourceExhausted), "{refused}");
    }
    let held = resident().saturating_sub(before + own);
    // The client's own copies in flight count here too.
    assert!(held < 450 << 20, "{held} bytes");
    call(&channel, BALANCE, balance()).await.unwrap();
    door.close().await;
}

/// A body that lacks its last byte for ever.
struct Stuck(Option<Bytes>);

impl http_body::Body for Stuck {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(Frame::data(bytes)))))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_bytes_than_a_door_holds_are_refused_until_some_are_free() {
    let net = net();
    let (door, channel) = door(&net).await;
    let message = [&[0], (9u32 << 20).to_be_bytes().as_slice(), &vec![0; (9 << 20) - 1]].concat();
    let message = Bytes::from(message);
    let count = openledger_app::doors::intake::MAX_BYTES / message.len() + 4;
    let stuck = (0..count).map(|_| {
        let (mut channel, message) = (channel.clone(), message.clone());
        tokio::spawn(async move {
            let request = http::Request::post(format!("http://x{BALANCE}"));
            let request = request.header("content-type", "application/grpc").header("te", "trailers");
            let request = request.body(tonic::body::boxed(Stuck(Some(message)))).unwrap();
            std::future::poll_fn(|cx| channel.poll_ready(cx)).await.unwrap();
            let answer = channel.call(request).await.unwrap();
            answer.headers().get("grpc-status").unwrap().to_str().unwrap().to_string()
        })
    });
    let stuck: Vec<_> = stuck.collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !stuck.iter().any(|task| task.is_finished()) {
        assert!(Instant::now() < deadline, "all of {count} requests are held");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (done, held): (Vec<_>, Vec<_>) = stuck.into_iter().partition(|task| task.is_finished());
    assert!(held.len() > count / 2, "only {} are held", held.len());
    for task in done {
        assert_eq!(task.await.unwrap(), (Code::ResourceExhausted as i32).to_string());
    }
    net.block(vec![]);
    held.iter().for_each(|task| task.abort());
    while call(&channel, BALANCE, balance()).await.is_err() {
        assert!(Instant::now() < deadline, "nothing becomes free");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_end_are_cut() {
    let net = net();
    let (door, channel) = door(&net).await;
    let endless = PageRequest { limit: u64::MAX, count_total: true, ..PageRequest::default() };
    let request = QueryAccountsRequest { pagination: Some(endless) };
    let answer = call(&channel, "/cosmos.auth.v1beta1.Query/Accounts", request.encode_to_vec()).await.unwrap();
    let answer = QueryAccountsResponse::decode(answer).unwrap();
    assert!((ACCOUNTS..=1_000).contains(&answer.accounts.len()));
    let beyond = PageRequest { offset: u64::MAX, limit: u64::MAX, ..PageRequest::default() };
    let request = QueryAccountsRequest { pagination: Some(beyond) };
    let answer = call(&channel, "/cosmos.auth.v1beta1.Query/Accounts", request.encode_to_vec()).await.unwrap();
    assert!(QueryAccountsResponse::decode(answer).unwrap().accounts.is_empty());
    // What a query may cost is bounded beside: without gas there is no answer.
    let poor = net_with(|config| config.query_gas_limit = 1_000);
    let (other, channel) = self::door(&poor).await;
    let refused = call(&channel, BALANCE, balance()).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    other.close().await;
    door.close().await;
}
