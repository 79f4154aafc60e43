//! A request's body that has to arrive in time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{sleep, Sleep};
use tonic::Status;

/// A body that ends with an error once it has taken too long altogether.
pub struct Hasty<B> {
    body: Pin<Box<B>>,
    end: Pin<Box<Sleep>>,
    limit: Duration,
}

impl<B> Hasty<B> {
    /// `body`, which from now on has `limit` to arrive.
    pub fn new(body: B, limit: Duration) -> Self {
        Self { body: Box::pin(body), end: Box::pin(sleep(limit)), limit }
    }
}

impl<B: Body<Data = Bytes, Error = Status>> Body for Hasty<B> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let ready @ Poll::Ready(_) = self.body.as_mut().poll_frame(ctx) {
            return ready;
        }
        match self.end.as_mut().poll(ctx) {
            Poll::Ready(()) => {
                let why = format!("the request did not arrive within {} s", self.limit.as_secs());
                Poll::Ready(Some(Err(Status::deadline_exceeded(why))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
