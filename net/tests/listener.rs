//! What a listener lets its clients do. The engine's tests of its door, which reads bodies too, and those of the figures are others.

#![allow(clippy::arithmetic_side_effects, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use openledger_net::{Limits, Listener};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(60);
/// More than the buffers of two sockets hold.
const LARGE: usize = 64 * 1024 * 1024;

async fn door(write: Option<Duration>, silence: Duration) -> Listener {
    limited(Limits { connections: 100, header: None, write, silence: Some(silence), http2: true }).await
}

async fn limited(limits: Limits) -> Listener {
    let service = tower::service_fn(|_: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; LARGE]))))
    });
    Listener::open("test", "127.0.0.1:0", limits, service).await.unwrap()
}

async fn ask(door: &Listener) -> TcpStream {
    let mut client = TcpStream::connect(door.address()).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    client
}

/// How much comes before the other side ends the connection.
async fn rest_of(mut client: TcpStream) -> usize {
    let (mut buffer, mut sum) = (vec![0; 1 << 20], 0);
    loop {
        match tokio::time::timeout(LONG, client.read(&mut buffer)).await.unwrap() {
            Ok(0) | Err(_) => return sum,
            Ok(count) => sum += count,
        }
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_is_dropped() {
    let by_header =
        Limits { connections: 100, header: Some(SHORT), write: None, silence: Some(LONG * 10), http2: true };
    for door in [door(None, SHORT).await, limited(by_header).await] {
        let client = TcpStream::connect(door.address()).await.unwrap();
        assert_eq!(rest_of(client).await, 0);
    }
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_dropped_and_one_that_does_gets_all_of_it() {
    let door = door(Some(SHORT), SHORT * 2).await;
    let lazy = ask(&door).await;
    tokio::time::sleep(SHORT * 4).await;
    assert!(rest_of(lazy).await < LARGE);
    assert!(rest_of(ask(&door).await).await > LARGE);
}

#[tokio::test]
async fn without_limits_a_client_may_take_its_time() {
    let door = limited(Limits { connections: 0, header: None, write: None, silence: None, http2: false }).await;
    let mut client = TcpStream::connect(door.address()).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    tokio::time::sleep(SHORT * 2).await;
    client.write_all(b" x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest_of(client).await > LARGE);
}

#[tokio::test]
async fn many_idle_clients_keep_nobody_from_being_answered() {
    let door = door(None, LONG).await;
    let mut idle = Vec::new();
    for _ in 0..90 {
        idle.push(TcpStream::connect(door.address()).await.unwrap());
    }
    let mut client = ask(&door).await;
    let mut first = [0; 12];
    client.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}
