//! A connection that ends where its client stands still.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{ready, Context as TaskContext, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep, Instant, Sleep};

use crate::Limits;

/// See the file's head.
pub(crate) struct Timed {
    stream: TcpStream,
    limits: Limits,
    /// When the silence becomes too long; there while it may.
    silence: Option<Pin<Box<Sleep>>>,
    /// When an answer has waited too long; there while one waits.
    write: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    pub(crate) fn new(stream: TcpStream, limits: Limits) -> Self {
        // Nobody knows yet which HTTP it is, so nobody else times the first byte.
        let first = limits.header.into_iter().chain(limits.silence).min();
        Self { stream, limits, silence: first.map(|first| Box::pin(sleep(first))), write: None }
    }

    fn moved(&mut self) {
        // What is too far away to be counted to is no limit.
        let end = self.limits.silence.and_then(|silence| Instant::now().checked_add(silence));
        match (&mut self.silence, end) {
            (Some(timer), Some(end)) => timer.as_mut().reset(end),
            (timer, _) => *timer = None,
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
        let Some(timer) = &mut self.silence else { return Poll::Pending };
        ready!(timer.as_mut().poll(ctx));
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
