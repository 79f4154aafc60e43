//! What a door takes in at once: connections, and bytes of requests and answers, whoever sends them and however slowly.
//!
//! | bound | what happens beyond it |
//! | --- | --- |
//! | [`MAX_CONNECTIONS`] | a connection is closed at once |
//! | [`PREFACE_PATIENCE`] for the first [`PREFACE_BYTES`] | the connection is closed |
//! | [`MAX_BYTES`] of bodies and answers held | `ResourceExhausted` |
//! | [`BODY_PATIENCE`] for a body | `DeadlineExceeded` |
//!
//! So a thousand clients that idle, or send and read a byte a minute, cost a bounded amount of memory, and no thread.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{ready, Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use openledger_core::query::Code;
use openledger_core::Status;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tonic::codegen::tokio_stream::Stream;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// The most connections of a door.
pub const MAX_CONNECTIONS: usize = 2_048;
/// The most bytes of requests and answers that a door holds, in all connections together.
pub const MAX_BYTES: usize = 256 << 20;
/// What a client sends before anything else (HTTP/2's connection preface).
pub const PREFACE_BYTES: usize = 24;
/// How long it may take for that.
pub const PREFACE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a request's body may take.
pub const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// A door's budget of bytes; clones share it.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Semaphore>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_BYTES)))
    }
}

/// The bytes that one request holds, its answer's too; they are free again when the last clone is dropped.
#[derive(Clone)]
pub struct Held {
    budget: Budget,
    bytes: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Held {
    fn new(budget: Budget) -> Self {
        Self { budget, bytes: Arc::default() }
    }

    /// Holds more bytes.
    ///
    /// # Errors
    /// `ResourceExhausted` where the door holds too many already.
    pub fn take(&self, bytes: usize) -> Result<(), Status> {
        let full = || {
            let text = format!("this node holds {MAX_BYTES} bytes of requests already; try again later");
            Status::new(Code::ResourceExhausted, text)
        };
        let count = u32::try_from(bytes).map_err(|_| full())?;
        let more = self.budget.0.clone().try_acquire_many_owned(count).map_err(|_| full())?;
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }
}

/// Holds every request to the budget, from its first byte to its answer's last. To be laid around a router
/// (`axum::middleware::from_fn_with_state`).
pub async fn bounded(State(budget): State<Budget>, mut request: Request, next: Next) -> Response {
    let held = Held::new(budget);
    request.extensions_mut().insert(held.clone());
    let theirs = held.clone();
    let request = request.map(|body| {
        let patience = Box::pin(tokio::time::sleep(BODY_PATIENCE));
        Body::new(Bounded { body, held: theirs, patience: Some(patience) })
    });
    // An answer takes from the budget where it is made, as a whole.
    next.run(request).await.map(|body| Body::new(Bounded { body, held, patience: None }))
}

/// A body whose bytes are held; with `patience`, a request's: it is counted as it comes, and must come in time.
struct Bounded {
    body: Body,
    held: Held,
    patience: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                let late = self.patience.as_mut().is_some_and(|patience| patience.as_mut().poll(cx).is_ready());
                if !late {
                    return Poll::Pending;
                }
                let text = format!("the request did not arrive within {BODY_PATIENCE:?}");
                return Poll::Ready(Some(Err(tonic::Status::deadline_exceeded(text).into())));
            }
        };
        let Some(frame) = frame else { return Poll::Ready(None) };
        let frame = frame?;
        if self.patience.is_some() {
            let taken = self.held.take(frame.data_ref().map_or(0, Bytes::len));
            taken.map_err(|full| tonic::Status::resource_exhausted(full.message))?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Connections as they come, at most [`MAX_CONNECTIONS`] at once.
pub struct Limited<S> {
    incoming: S,
    room: Arc<Semaphore>,
}

impl<S> Limited<S> {
    /// Limits `incoming`.
    pub fn new(incoming: S, most: usize) -> Self {
        Self { incoming, room: Arc::new(Semaphore::new(most)) }
    }
}

impl<S: Stream<Item = Result<TcpStream, E>> + Unpin, E> Stream for Limited<S> {
    type Item = Result<Connection, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let stream = match ready!(Pin::new(&mut self.incoming).poll_next(cx)) {
                Some(Ok(stream)) => stream,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            match self.room.clone().try_acquire_owned() {
                Ok(place) => {
                    let patience = Box::pin(tokio::time::sleep(PREFACE_PATIENCE));
                    return Poll::Ready(Some(Ok(Connection { stream, preface: Some((0, patience)), _place: place })));
                }
                Err(_) => tracing::debug!("a connection too many was closed"),
            }
        }
    }
}

/// A connection in its place.
pub struct Connection {
    stream: TcpStream,
    /// How much of the preface has come, and until when it must have.
    preface: Option<(usize, Pin<Box<Sleep>>)>,
    _place: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let Some((came, patience)) = &mut self.preface else { return read };
        if read.is_pending() {
            return patience.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        *came = came.saturating_add(buffer.filled().len().saturating_sub(before));
        if *came >= PREFACE_BYTES {
            self.preface = None;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tonic::transport::server::TcpIncoming;

    struct Next<'a, S>(&'a mut S);

    impl<S: Stream + Unpin> Future for Next<'_, S> {
        type Output = Option<S::Item>;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
            Pin::new(&mut *self.0).poll_next(cx)
        }
    }

    #[tokio::test]
    async fn a_connection_too_many_is_closed_and_a_place_that_is_left_is_given_again() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut limited = Limited::new(TcpIncoming::from_listener(listener, true, None).unwrap(), 2);
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let first = Next(&mut limited).await.unwrap().unwrap();
        let _second = Next(&mut limited).await.unwrap().unwrap();
        let third = tokio::time::timeout(Duration::from_millis(100), Next(&mut limited)).await;
        assert!(third.is_err(), "there is no room for a third");
        assert_eq!(clients[2].read(&mut [0; 8]).await.unwrap(), 0);
        drop(first);
        let _fourth = TcpStream::connect(address).await.unwrap();
        assert!(Next(&mut limited).await.unwrap().is_ok());
    }

    #[test]
    fn bytes_are_held_until_the_last_clone_is_gone() {
        let budget = Budget(Arc::new(Semaphore::new(10)));
        let held = Held::new(budget.clone());
        held.take(6).unwrap();
        let clone = held.clone();
        clone.take(4).unwrap();
        drop(held);
        let other = Held::new(budget);
        assert_eq!(other.take(1).unwrap_err().code, Code::ResourceExhausted);
        drop(clone);
        other.take(10).unwrap();
    }
}
