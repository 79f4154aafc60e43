//! What the engine's doors let their clients do: nobody holds a place, memory or a worker for longer than it takes to ask.
//!
//! | bound | what happens beyond it |
//! | --- | --- |
//! | [`Limits::connections`], header, [`Limits::write`] | as [`openledger_net`] says |
//! | [`Limits::read`], for a body | 408, whatever of it has come; the connection ends |
//! | [`Limits::body`] | 413 before anything of it is read, where the header says so; else once it is passed |
//!
//! HTTP/1.1 alone, without TLS: off one machine, a proxy in front speaks both.

use std::future::Future;
use std::time::Duration;

use axum::body::{to_bytes, Body};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH};
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::Router;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::serve::refusal::Refusal;

/// What a door lets its clients do.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most open connections.
    pub connections: usize,
    /// How long a header may take, and then a body.
    pub read: Duration,
    /// How long a client may refuse to take more of an answer.
    pub write: Duration,
    /// The longest body in bytes.
    pub body: usize,
}

/// Serves until `stop` is done and what was asked is answered. Answers may take long: who waits for one is not dropped.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let limits = openledger_net::Limits {
        connections: limits.connections.max(1),
        header: Some(limits.read),
        write: Some(limits.write),
        silence: None,
        http2: false,
    };
    openledger_net::serve(listener, limits, router, stop).await;
}

/// A router whose requests' bodies are read within their bounds before anybody is asked anything.
pub fn bounded<S: Clone + Send + Sync + 'static>(router: Router<S>, limits: Limits) -> Router<S> {
    router.layer(middleware::from_fn_with_state(limits, read_body))
}

async fn read_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH);
    let declared = length.and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<u64>().ok());
    let too_long = || Refusal::too_long(format!("a body has at most {} bytes", limits.body));
    if declared.is_some_and(|declared| declared > limits.body as u64) {
        return ended(too_long());
    }
    let (parts, body) = request.into_parts();
    match timeout(limits.read, to_bytes(body, limits.body)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        // Without a length it is found out on the way.
        Ok(Err(_)) if declared.is_none() => ended(too_long()),
        Ok(Err(error)) => ended(Refusal::malformed(format!("the body: {error}"))),
        Err(_) => ended(Refusal::too_slow(limits.read)),
    }
}

/// A refusal after which nothing more is read.
fn ended(refusal: Refusal) -> Response {
    let mut response = refusal.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Instant;

    use axum::body::Bytes;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::sleep;

    use super::*;

    const SHORT: Duration = Duration::from_millis(300);
    /// What a machine with much else to do may need for what takes no time.
    const PATIENCE: Duration = Duration::from_secs(30);
    /// More than the buffers of two sockets hold.
    const LARGE: usize = 64 * 1024 * 1024;
    const LIMITS: Limits = Limits { connections: 50, read: SHORT, write: SHORT, body: 1_000 };

    async fn door(limits: Limits) -> (SocketAddr, tokio::sync::oneshot::Sender<()>) {
        let router = Router::new()
            .route("/echo", post(|body: Bytes| async move { body.len().to_string() }))
            .route("/slow", get(|| async { sleep(SHORT * 3).await }))
            .route("/large", get(|| async { vec![b'x'; LARGE] }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let router = bounded(router, limits);
        tokio::spawn(serve(listener, router, limits, async move { drop(ended.await) }));
        (address, end)
    }

    async fn said(address: SocketAddr, text: &[u8]) -> TcpStream {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(text).await.unwrap();
        client
    }

    /// Everything that comes before the other side ends the connection.
    async fn rest_of(client: &mut TcpStream) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 1 << 20]);
        loop {
            match timeout(PATIENCE, client.read(&mut buffer)).await.expect("the connection stays") {
                Ok(0) | Err(_) => return all,
                Ok(count) => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn status(answer: &[u8]) -> &str {
        std::str::from_utf8(answer.get(9..12).unwrap_or_default()).unwrap()
    }

    #[tokio::test]
    async fn who_sends_a_header_byte_by_byte_or_nothing_is_dropped() {
        let (address, _end) = door(LIMITS).await;
        for start in [&b""[..], b"POST /echo HTTP/1.1\r\nhost: x\r\nx-never:"] {
            let mut client = said(address, start).await;
            let started = Instant::now();
            let (mut reader, mut writer) = client.split();
            let mut buffer = [0; 1024];
            // A byte now and then does not help.
            let drip = async {
                loop {
                    sleep(SHORT / 6).await;
                    if !start.is_empty() && writer.write_all(b"a").await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let end = async { while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
            let ended = timeout(PATIENCE, async {
                tokio::select! { () = drip => {}, () = end => {} }
            });
            ended.await.expect("the connection stays");
            assert!(started.elapsed() >= SHORT, "{:?}", started.elapsed());
        }
    }

    #[tokio::test]
    async fn who_sends_a_body_byte_by_byte_is_told_so_and_dropped() {
        let (address, _end) = door(LIMITS).await;
        let mut client = said(address, b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\nhalf").await;
        let answer = rest_of(&mut client).await;
        assert_eq!(status(&answer), "408", "{}", String::from_utf8_lossy(&answer));
        assert!(String::from_utf8_lossy(&answer).contains("request_timeout"));
    }

    #[tokio::test]
    async fn a_hundred_megabytes_are_refused_before_they_are_sent() {
        let (address, _end) = door(LIMITS).await;
        let mut client = said(address, b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n").await;
        assert_eq!(status(&rest_of(&mut client).await), "413");
        // Where no length is told, once there are too many.
        let mut client = said(address, b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 65_536], b"\r\n".to_vec()].concat();
        let (mut reader, mut writer) = client.split();
        let mut sent = 0;
        let send = async {
            while writer.write_all(&chunk).await.is_ok() && sent < 100 << 20 {
                sent += chunk.len();
            }
            std::future::pending::<()>().await;
        };
        let mut first = [0; 12];
        let read = async { reader.read_exact(&mut first).await.is_ok() };
        let told = timeout(PATIENCE, async {
            tokio::select! { () = send => false, told = read => told }
        });
        // The kernel may have thrown the answer away with the connection; then it has ended all the same.
        if told.await.expect("the connection stays") {
            assert_eq!(status(&first), "413");
        }
        assert!(sent < 50 << 20, "{sent} bytes were taken");
        // What fits is read.
        let mut client =
            said(address, b"POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\nhalf")
                .await;
        assert!(rest_of(&mut client).await.ends_with(b"\r\n\r\n4"));
    }

    #[tokio::test]
    async fn who_takes_no_answer_is_dropped_and_who_does_gets_all_of_it() {
        let (address, _end) = door(LIMITS).await;
        let ask = b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let mut lazy = said(address, ask).await;
        sleep(SHORT * 4).await;
        assert!(rest_of(&mut lazy).await.len() < LARGE);
        assert!(rest_of(&mut said(address, ask).await).await.len() > LARGE);
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_a_question_and_is_given_although_the_door_closes() {
        let (address, end) = door(LIMITS).await;
        let mut client = said(address, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
        sleep(SHORT).await;
        end.send(()).unwrap();
        assert_eq!(status(&rest_of(&mut client).await), "200");
    }

    #[tokio::test]
    async fn idle_clients_up_to_the_limit_keep_the_next_one_waiting_until_they_are_dropped() {
        let (address, _end) = door(Limits { connections: 3, ..LIMITS }).await;
        let mut idle = Vec::new();
        for _ in 0..6 {
            idle.push(TcpStream::connect(address).await.unwrap());
        }
        let ask = b"POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi";
        let mut client = said(address, ask).await;
        assert_eq!(status(&rest_of(&mut client).await), "200");
    }
}
