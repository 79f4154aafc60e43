//! Takes connections, serves them, and ends.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{watch, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tower::Service;

use crate::timed::Timed;
use crate::{Limits, MAX_HEADER};

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
        let (stop, mut stopped) = watch::channel(false);
        // The sender lives as long as the door.
        let serving = tokio::spawn(serve(listener, limits, service, async move { drop(stopped.changed().await) }));
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

/// Serves until `stop` is done and what was asked is answered.
pub async fn serve<S, B>(listener: TcpListener, limits: Limits, service: S, stop: impl Future<Output = ()>)
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
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = room.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = stop.as_mut() => break,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Some((Ok((stream, _)), place)) => {
                let connection = connection(stream, limits, service.clone(), stopped.clone());
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
    // Nobody listens only where no connection is left.
    let _ = stopping.send(true);
    while connections.join_next().await.is_some() {}
}

async fn connection<S, B>(stream: TcpStream, limits: Limits, service: S, mut stopped: watch::Receiver<bool>)
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
