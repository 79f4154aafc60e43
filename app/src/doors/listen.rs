//! A bounded HTTP listener, for HTTP/1.1 and, where it is wanted, HTTP/2, without TLS: what every door stands on.
//!
//! | bound | what happens beyond it |
//! | --- | --- |
//! | [`Limits::connections`] | a client waits in the kernel's queue until another one leaves |
//! | [`Limits::header`] | a client that has not sent its header, or anything, is dropped, also one that idles between two requests |
//! | [`Limits::write`] | a client that does not take its answer is dropped |
//! | [`Limits::silence`] | a client that sends and takes nothing at all is dropped |
//! | [`MAX_HEADER`], [`MAX_STREAMS`], the windows | refused, or made to wait, by HTTP itself |
//!
//! Bodies are bounded by the services, which know what they expect. A door that fails ends alone: the chain goes on.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{ready, Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::{Context, Result};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{watch, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, Instant, Sleep};
use tower::Service;

/// The longest header of an HTTP/1.1 request in bytes; HTTP/2's is half of it.
const MAX_HEADER: usize = 64 * 1024;
/// The most requests that one HTTP/2 connection may have open.
const MAX_STREAMS: u32 = 256;
/// What one HTTP/2 connection may send before anybody reads it, in bytes.
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// The same for one request.
const STREAM_WINDOW: u32 = 64 * 1024;
/// How often a silent HTTP/2 client is asked whether it is still there, and how long it may take to say so.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(20));
/// How long answers in progress may take once the node ends.
const GRACE: Duration = Duration::from_millis(300);
/// How long the listener rests where the system has no more connections to give.
const REST: Duration = Duration::from_millis(50);

/// What a door lets its clients do; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most open connections; 0 is no limit.
    pub connections: usize,
    /// How long an HTTP/1.1 header may take, counted from the end of the request before.
    pub header: Option<Duration>,
    /// How long a client may refuse to take more of an answer.
    pub write: Option<Duration>,
    /// How long neither side may send anything.
    pub silence: Duration,
    /// Whether HTTP/2 is spoken too.
    pub http2: bool,
}

/// An open door.
pub struct Listener {
    name: &'static str,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Listener {
    /// Serves at `address`, e.g. `tcp://127.0.0.1:1317`; port 0 takes a free one. `name` is for the log.
    pub async fn open<S, B>(name: &'static str, address: &str, limits: Limits, service: S) -> Result<Self>
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let address = address.strip_prefix("tcp://").unwrap_or(address);
        let listener =
            TcpListener::bind(address).await.with_context(|| format!("{name} cannot listen at {address:?}"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(accept(listener, limits, service, stopped));
        tracing::info!(%address, "serving {name}");
        Ok(Self { name, address, stop, serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, and ends once those in progress are answered, at the latest after [`GRACE`].
    pub async fn close(mut self) {
        // Nobody listens only where it has ended already.
        let _ = self.stop.send(true);
        if tokio::time::timeout(GRACE, &mut self.serving).await.is_err() {
            tracing::debug!(door = self.name, "answers in progress are cut off");
            self.serving.abort();
        }
    }
}

async fn accept<S, B>(listener: TcpListener, limits: Limits, service: S, mut stopped: watch::Receiver<bool>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let room = Arc::new(Semaphore::new(if limits.connections == 0 {
        Semaphore::MAX_PERMITS
    } else {
        limits.connections.min(Semaphore::MAX_PERMITS)
    }));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let next = async {
            let place = room.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            // The sender lives as long as the door.
            _ = stopped.changed() => break,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Some((Ok((stream, _)), place)) => {
                let connection = serve(stream, limits, service.clone(), stopped.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            // Out of file descriptors, say: others will leave.
            Some((Err(error), _)) => {
                tracing::debug!(%error, "a connection could not be taken");
                sleep(REST).await;
            }
            None => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve<S, B>(stream: TcpStream, limits: Limits, service: S, mut stopped: watch::Receiver<bool>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Without it, small answers wait for nothing; where it cannot be set they do, and no more.
    let _ = stream.set_nodelay(true);
    let mut http = auto::Builder::new(TokioExecutor::new());
    if !limits.http2 {
        http = http.http1_only();
    }
    http.http1().timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(MAX_HEADER);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_stream_window_size(STREAM_WINDOW)
        .max_header_list_size(u32::try_from(MAX_HEADER / 2).unwrap_or(u32::MAX))
        .keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1);
    let stream = TokioIo::new(Timed::new(stream, limits));
    let mut connection = pin!(http.serve_connection(stream, TowerToHyperService::new(service)));
    let end = tokio::select! {
        end = connection.as_mut() => end,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = end {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A connection that ends where its client stands still.
struct Timed {
    stream: TcpStream,
    limits: Limits,
    /// When the silence becomes too long.
    silence: Pin<Box<Sleep>>,
    /// When an answer has waited too long; there while one waits.
    write: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    fn new(stream: TcpStream, limits: Limits) -> Self {
        // Nobody knows yet which HTTP it is, so nobody else times the first byte.
        let first = limits.header.map_or(limits.silence, |header| header.min(limits.silence));
        Self { stream, limits, silence: Box::pin(sleep(first)), write: None }
    }

    fn moved(&mut self) {
        let now = Instant::now();
        // What is too far away to be counted to is no limit.
        if let Some(end) = now.checked_add(self.limits.silence) {
            self.silence.as_mut().reset(end);
        }
    }

    /// What a write came to: progress, or waiting that may have an end.
    fn judged<T>(&mut self, poll: Poll<io::Result<T>>, ctx: &mut TaskContext<'_>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.write = None;
            self.moved();
            return poll;
        }
        let Some(limit) = self.limits.write else { return Poll::Pending };
        let timer = self.write.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(timer.as_mut().poll(ctx));
        Poll::Ready(Err(too_slow("the client takes no answer")))
    }
}

fn too_slow(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, why)
}

impl AsyncRead for Timed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut TaskContext<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_read(ctx, buffer);
        if poll.is_ready() {
            self.moved();
            return poll;
        }
        ready!(self.silence.as_mut().poll(ctx));
        Poll::Ready(Err(too_slow("the client is silent")))
    }
}

impl AsyncWrite for Timed {
    fn poll_write(mut self: Pin<&mut Self>, ctx: &mut TaskContext<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(ctx, bytes);
        self.judged(poll, ctx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut TaskContext<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(ctx, parts);
        self.judged(poll, ctx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // A socket has nothing to flush, so this says nothing about progress.
    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut TaskContext<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http_body_util::Full;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(60);
    /// More than the buffers of two sockets hold.
    const LARGE: usize = 64 * 1024 * 1024;

    async fn door(write: Option<Duration>, silence: Duration) -> Listener {
        limited(Limits { connections: 100, header: None, write, silence, http2: true }).await
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
        let by_header = Limits { connections: 100, header: Some(SHORT), write: None, silence: LONG * 10, http2: true };
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
}
