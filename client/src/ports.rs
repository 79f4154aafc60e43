//! Ports for nodes and engines on this machine.

use std::net::TcpListener;

use rand::Rng;

/// Ports that the system gives to nobody by itself: outgoing connections take theirs from above (`ip_local_port_range`).
const PORTS: std::ops::Range<u16> = 10_240..32_768;

/// A loopback port that nobody listens on at the moment. Drawn, so that several who ask at once get different ones.
///
/// # Errors
///
/// A hundred drawn ports that are all taken.
pub fn free_port() -> std::io::Result<u16> {
    let mut last = None;
    for _ in 0..100 {
        let port = rand::thread_rng().gen_range(PORTS);
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::Error::other("no port was tried")))
}
