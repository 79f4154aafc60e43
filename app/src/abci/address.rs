//! Where the server listens, and how it gets there: Unix sockets in private folders, TCP without Nagle's delay.
//!
//! Whoever connects may call Commit, so a folder that has to be made is made for its owner alone (0700) and the socket is
//! writable by its owner alone (0600).

use std::fmt;
use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tempfile::TempDir;

/// The longest socket path in bytes: the system's own limit is 108 on Linux and 104 elsewhere.
pub const MAX_SOCKET_PATH: usize = 100;

/// An address as CometBFT's `proxy_app` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `unix://PATH`.
    Unix(PathBuf),
    /// `tcp://HOST:PORT`.
    Tcp(String),
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no ABCI address: write unix:///path/to/app.sock or tcp://127.0.0.1:26658");
        if let Some(path) = text.strip_prefix("unix://") {
            return if path.is_empty() { Err(wrong()) } else { Ok(Self::Unix(path.into())) };
        }
        let host_port = text.strip_prefix("tcp://").unwrap_or(text);
        let (host, port) = host_port.rsplit_once(':').ok_or_else(wrong)?;
        if host.is_empty() || host.contains('/') || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        Ok(Self::Tcp(host_port.into()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(host_port) => write!(f, "tcp://{host_port}"),
        }
    }
}

/// A bound listener, with the folder made for it alone where its path had to move.
pub(super) struct Listener {
    socket: Socket,
    _private_folder: Option<TempDir>,
}

enum Socket {
    Unix(UnixListener, PathBuf),
    Tcp(TcpListener),
}

impl Listener {
    /// Binds `address`; also says where it is really bound (a chosen port, a moved path).
    pub(super) fn bind(address: &Address) -> io::Result<(Self, Address)> {
        match address {
            Address::Tcp(host_port) => {
                let listener =
                    TcpListener::bind(host_port).map_err(|error| led(error, &format!("listening on {address}")))?;
                let bound = Address::Tcp(listener.local_addr()?.to_string());
                Ok((Self { socket: Socket::Tcp(listener), _private_folder: None }, bound))
            }
            Address::Unix(path) if path.as_os_str().len() > MAX_SOCKET_PATH => {
                let folder = tempfile::Builder::new()
                    .prefix("openledger-")
                    .permissions(Permissions::from_mode(0o700))
                    .tempdir()?;
                let short = folder.path().join("abci.sock");
                tracing::warn!(wanted = %path.display(), used = %short.display(), "the socket's path exceeds {MAX_SOCKET_PATH} bytes and moves");
                let listener = bind_unix(&short)?;
                Ok((
                    Self { socket: Socket::Unix(listener, short.clone()), _private_folder: Some(folder) },
                    Address::Unix(short),
                ))
            }
            Address::Unix(path) => {
                let listener = bind_unix(path)?;
                Ok((Self { socket: Socket::Unix(listener, path.clone()), _private_folder: None }, address.clone()))
            }
        }
    }

    pub(super) fn accept(&self) -> io::Result<Stream> {
        match &self.socket {
            Socket::Unix(listener, _) => Ok(Stream::Unix(listener.accept()?.0)),
            Socket::Tcp(listener) => {
                let stream = listener.accept()?.0;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Socket::Unix(_, path) = &self.socket {
            // Gone already or not ours to remove: either way the next start finds out whether somebody listens there.
            let _ = fs::remove_file(path);
        }
    }
}

fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| led(error, &format!("making the socket's folder {}", folder.display())))?;
    }
    remove_stale(path)?;
    let listener =
        UnixListener::bind(path).map_err(|error| led(error, &format!("listening on unix://{}", path.display())))?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Removes a socket file that a dead process left; refuses where somebody listens or the file is no socket.
fn remove_stale(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(led(error, &path.display().to_string())),
    };
    if !kind.is_socket() {
        let text = format!("{} exists and is no socket: name another path or remove it", path.display());
        return Err(io::Error::new(ErrorKind::AlreadyExists, text));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(led(error, &format!("asking whether somebody listens on {}", path.display()))),
        Ok(_) => {
            let text = format!("another process listens on unix://{}: stop it or name another path", path.display());
            Err(io::Error::new(ErrorKind::AddrInUse, text))
        }
    }
}

fn led(error: io::Error, context: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{context}: {error}"))
}

/// One connection over either transport.
#[derive(Debug)]
pub(super) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Stream {
    pub(super) fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Unix(path) => UnixStream::connect(path).map(Self::Unix),
            Address::Tcp(host_port) => TcpStream::connect(host_port).map(Self::Tcp),
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) {
        // A connection that the peer has closed already needs no shutting down.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(how),
            Self::Tcp(stream) => stream.shutdown(how),
        };
    }
}

/// Readable and writable through a shared reference, as sockets are: one descriptor a connection.
impl Read for &Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => (&*stream).read(buffer),
            Stream::Tcp(stream) => (&*stream).read(buffer),
        }
    }
}

impl Write for &Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => (&*stream).write(bytes),
            Stream::Tcp(stream) => (&*stream).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_what_they_read_and_nonsense_is_refused() {
        for text in ["unix:///run/app.sock", "tcp://127.0.0.1:26658", "tcp://[::1]:0"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("0.0.0.0:26658".parse::<Address>().unwrap(), Address::Tcp("0.0.0.0:26658".into()));
        for text in
            ["", "unix://", "tcp://", "tcp://:1", "tcp://host", "tcp://host:70000", "http://host:1", "/run/app.sock"]
        {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_folder_made_for_a_socket_is_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run/app.sock");
        let (_listener, bound) = Listener::bind(&Address::Unix(path.clone())).unwrap();
        assert_eq!(bound, Address::Unix(path.clone()));
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_stale_socket_is_replaced_a_living_one_and_a_file_are_not() {
        let home = tempfile::tempdir().unwrap();
        let stale = home.path().join("stale.sock");
        drop(UnixListener::bind(&stale).unwrap());
        assert!(stale.exists());
        let (living, _) = Listener::bind(&Address::Unix(stale.clone())).unwrap();
        let error = Listener::bind(&Address::Unix(stale.clone())).err().unwrap();
        assert!(error.to_string().contains("another process listens"), "{error}");
        drop(living);
        assert!(!stale.exists());

        let file = home.path().join("notes.txt");
        fs::write(&file, "mine").unwrap();
        assert!(Listener::bind(&Address::Unix(file.clone())).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_path_that_is_too_long_moves_to_a_private_folder() {
        let home = tempfile::tempdir().unwrap();
        let long = home.path().join("x".repeat(MAX_SOCKET_PATH)).join("app.sock");
        let (listener, bound) = Listener::bind(&Address::Unix(long)).unwrap();
        let Address::Unix(short) = bound.clone() else { panic!("{bound}") };
        assert!(short.as_os_str().len() <= MAX_SOCKET_PATH);
        assert_eq!(fs::metadata(short.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(Stream::connect(&bound).is_ok());
        drop(listener);
        assert!(!short.parent().unwrap().exists());
    }
}
