//! Accepts connections, counts them, and stops them.

use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::address::{Address, Listener, Stream};
use super::connection::{serve, End};
use super::dispatch::AbciApplication;

/// The server's limits.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The longest message, in bytes. CometBFT's blocks have at most 100 MiB, and a request holds one.
    pub max_message_bytes: usize,
    /// The most connections at once; CometBFT opens four.
    pub max_connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_message_bytes: 128 << 20, max_connections: 2_048 }
    }
}

/// A running server; [`Server::stop`] ends it.
pub struct Server {
    address: Address,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    options: Options,
    stopping: AtomicBool,
    connections: Mutex<BTreeMap<u64, Arc<Stream>>>,
    ended: Condvar,
    on_fatal: Box<dyn Fn(String) + Send + Sync>,
}

impl Shared {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Stream>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Listens on `address` and serves `app` in the background. `on_fatal` is called from a connection's thread when the
    /// application cannot go on; it should end the process soon.
    pub fn start<A: AbciApplication>(
        app: A,
        address: &Address,
        options: Options,
        on_fatal: impl Fn(String) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (listener, address) = Listener::bind(address)?;
        let shared = Arc::new(Shared {
            options,
            stopping: AtomicBool::new(false),
            connections: Mutex::default(),
            ended: Condvar::new(),
            on_fatal: Box::new(on_fatal),
        });
        let accepting = shared.clone();
        let acceptor =
            thread::Builder::new().name("abci-accept".into()).spawn(move || accept(&listener, &app, &accepting))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where it listens: the port that was chosen for port 0, the path that a too long one moved to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.connections().len()
    }

    /// Takes no more connections or requests, lets those in progress be answered, and waits for that up to `grace`.
    pub fn stop(mut self, grace: Duration) {
        self.close(grace);
    }

    fn close(&mut self, grace: Duration) {
        let Some(acceptor) = self.acceptor.take() else { return };
        self.shared.stopping.store(true, Ordering::SeqCst);
        // accept() returns for a connection only: this one wakes it.
        if Stream::connect(&self.address).is_ok() && acceptor.join().is_err() {
            tracing::error!("the ABCI acceptor panicked");
        }
        let connections = self.shared.connections();
        connections.values().for_each(|stream| stream.shutdown(Shutdown::Read));
        let waited = self.shared.ended.wait_timeout_while(connections, grace, |open| !open.is_empty());
        let (connections, _) = waited.unwrap_or_else(PoisonError::into_inner);
        connections.values().for_each(|stream| stream.shutdown(Shutdown::Both));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

fn accept<A: AbciApplication>(listener: &Listener, app: &A, shared: &Arc<Shared>) {
    let mut next = 0u64;
    loop {
        let stream = listener.accept();
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let started = stream.and_then(|stream| {
            next = next.wrapping_add(1);
            begin(next, stream, app.clone(), shared)
        });
        if let Err(error) = started {
            tracing::warn!(%error, "an ABCI connection was not taken");
            // Out of file descriptors or threads, most likely: leave those that run a moment to end.
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn begin<A: AbciApplication>(id: u64, stream: Stream, app: A, shared: &Arc<Shared>) -> io::Result<()> {
    let mut connections = shared.connections();
    if connections.len() >= shared.options.max_connections {
        return Err(io::Error::other(format!("there are {} connections already", connections.len())));
    }
    let stream = Arc::new(stream);
    let handle = stream.clone();
    let owned = shared.clone();
    thread::Builder::new().name(format!("abci-{id}")).spawn(move || {
        let end = serve(&app, &stream, owned.options.max_message_bytes);
        // Before the server takes this connection for ended: it is told so that the state can be closed.
        drop(app);
        owned.connections().remove(&id);
        stream.shutdown(Shutdown::Both);
        owned.ended.notify_all();
        match end {
            End::Done => tracing::debug!(connection = id, "an ABCI connection ended"),
            // What a socket says while it is being closed is no news.
            End::Bad(_) if owned.stopping.load(Ordering::SeqCst) => {}
            End::Bad(reason) => tracing::error!(connection = id, reason, "an ABCI connection was closed"),
            End::Fatal(reason) => {
                tracing::error!(connection = id, reason, "the application cannot go on");
                (owned.on_fatal)(reason);
            }
        }
    })?;
    // The thread removes what is put here after it has started: it waits for this lock.
    connections.insert(id, handle);
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
