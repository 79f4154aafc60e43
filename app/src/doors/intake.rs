//! What the gRPC door holds at once: bytes of requests and answers, whoever sends them and however slowly. Connections are bounded by
//! [`openledger_net`].
//!
//! | bound | what happens beyond it |
//! | --- | --- |
//! | [`MAX_BYTES`] of bodies and answers held | `ResourceExhausted` |
//! | [`BODY_PATIENCE`] for a body | `DeadlineExceeded` |
//!
//! So a thousand clients that send and read a byte a minute cost a bounded amount of memory, no thread, and no place of others.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use openledger_core::query::Code;
use openledger_core::Status;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

/// The most bytes of requests and answers that a door holds, in all connections together.
pub const MAX_BYTES: usize = 256 << 20;
/// The longest piece of an answer that is handed to HTTP/2 at once: it takes what it is given, whatever the client has room for.
const PIECE: usize = 16 * 1024;
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
        Body::new(Bounded { body, held: theirs, patience: Some(patience), rest: Bytes::new() })
    });
    // An answer takes from the budget where it is made, as a whole.
    next.run(request).await.map(|body| Body::new(Bounded { body, held, patience: None, rest: Bytes::new() }))
}

/// A body whose bytes are held; with `patience`, a request's: it is counted as it comes, and must come in time.
struct Bounded {
    body: Body,
    held: Held,
    patience: Option<Pin<Box<Sleep>>>,
    /// Of an answer, what its last piece left.
    rest: Bytes,
}

impl Bounded {
    /// The next piece of an answer.
    fn piece(&mut self, mut data: Bytes) -> Bytes {
        self.rest = if data.len() > PIECE { data.split_off(PIECE) } else { Bytes::new() };
        data
    }
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(Frame::data(self.piece(rest)))));
        }
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
            return Poll::Ready(Some(Ok(frame)));
        }
        let piece = match frame.into_data() {
            Ok(data) => Frame::data(self.piece(data)),
            Err(trailers) => trailers,
        };
        Poll::Ready(Some(Ok(piece)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_answer_leaves_in_pieces_and_is_held_until_the_last() {
        let budget = Budget(Arc::new(Semaphore::new(100_000)));
        let held = Held::new(budget.clone());
        held.take(50_000).unwrap();
        let answer: Vec<u8> = (0..50_000u32).map(|number| number.to_le_bytes()[0]).collect();
        let mut body = Bounded { body: Body::from(answer.clone()), held, patience: None, rest: Bytes::new() };
        let mut came = Vec::new();
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let data = frame.unwrap().into_data().unwrap();
            assert!(data.len() <= PIECE);
            came.extend_from_slice(&data);
            assert_eq!(body.is_end_stream(), came.len() == answer.len());
            assert_eq!(budget.0.available_permits(), 50_000);
        }
        assert_eq!(came, answer);
        drop(body);
        assert_eq!(budget.0.available_permits(), 100_000);
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
