//! CometBFT as our child: found, checked, started on our socket, ended with us.
//!
//! It dies with us even where we are killed (`PR_SET_PDEATHSIG`). Where it outlives us all the same (a debugger, a frozen disk), the
//! next start waits for the lock on its block store.

use std::ffi::OsString;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use sha2::{Digest, Sha256};
use tokio::process::{Child, Command};

use super::genesis::Source;
use super::home::{write_file, Home};
use crate::abci::Address;

/// The line of CometBFT that this chain is built for.
pub const LINE: &str = "0.38.";
/// The version that is tested.
pub const TESTED: &str = "v0.38.26";
/// How long a start waits for a former CometBFT on the same home to end, in seconds.
const ORPHAN_WAIT_S: u32 = 30;
/// `genesis_file` in `config.toml`.
const GENESIS_FILE: &str = "data/genesis.json";

/// What CometBFT is told beside its `config.toml`; `None` leaves the file's value.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Where the RPC listens.
    pub rpc_laddr: Option<String>,
    /// Where the profiler listens.
    pub pprof_laddr: Option<String>,
    /// Where peers connect.
    pub p2p_laddr: Option<String>,
    /// Peers to stay connected with, `id@host:port`, comma-separated.
    pub persistent_peers: Option<String>,
    /// What it logs.
    pub log_level: Option<String>,
    /// Whether it logs objects instead of text.
    pub log_json: bool,
}

/// The binary: the one that was named, else the first on the PATH, else Go's folder.
pub fn find(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named.filter(|path| !path.as_os_str().is_empty()) {
        ensure!(path.is_file(), "there is no cometbft at {}", path.display());
        return Ok(path.into());
    }
    let go = std::env::var_os("HOME").map(|home| Path::new(&home).join("go/bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).chain(go).map(|folder| folder.join("cometbft")).find(|file| file.is_file());
    found.with_context(|| {
        format!(
            "cometbft is neither on the PATH nor in $HOME/go/bin: install it with \
             `go install github.com/cometbft/cometbft/cmd/cometbft@{TESTED}`, or name it with --comet-bin"
        )
    })
}

/// The binary's version, e.g. `0.38.26`; refuses other lines than 0.38.
pub fn version(bin: &Path) -> Result<String> {
    let output = std::process::Command::new(bin).arg("version").output();
    let output = output.with_context(|| format!("running {} version", bin.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_string();
    ensure!(
        output.status.success() && text.starts_with(LINE),
        "{} is version {text:?}, and this chain needs {LINE}x ({TESTED} is tested)",
        bin.display()
    );
    Ok(text)
}

/// Writes CometBFT's own genesis, unless it was made from this one before, and points its `config.toml` at it.
pub fn prepare(home: &Home, genesis: &Source) -> Result<()> {
    let (path, origin) = (home.comet_genesis(), home.comet_genesis_origin());
    let of = |doc: &[u8]| format!("{} {}\n", genesis.digest(), hex::encode(Sha256::digest(doc)));
    let made = std::fs::read(&path).ok().map(|doc| of(&doc));
    if made.is_none() || made != std::fs::read_to_string(&origin).ok() {
        let wrong = || format!("the genesis {} is wrong", home.genesis().display());
        let doc = genesis.parse().with_context(wrong)?.to_comet()?;
        write_file(&path, &doc, 0o644)?;
        write_file(&origin, of(&doc).as_bytes(), 0o644)?;
    }
    let path = home.config("config.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    if let Some(text) = pointed_at_genesis(&text).with_context(|| format!("{} is wrong", path.display()))? {
        tracing::info!(file = %path.display(), "pointing genesis_file at {GENESIS_FILE}");
        write_file(&path, text.as_bytes(), 0o644)?;
    }
    Ok(())
}

/// `config.toml` with `genesis_file` set to ours, all else as it was; `None` where it is so already.
fn pointed_at_genesis(text: &str) -> Result<Option<String>> {
    let table: toml::Table = text.parse()?;
    let line = format!("genesis_file = \"{GENESIS_FILE}\"");
    let Some(current) = table.get("genesis_file") else { return Ok(Some(format!("{line}\n{text}"))) };
    if current.as_str() == Some(GENESIS_FILE) {
        return Ok(None);
    }
    let is_it = |old: &str| {
        old.trim_start().strip_prefix("genesis_file").is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let lines: Vec<&str> = text.lines().map(|old| if is_it(old) { line.as_str() } else { old }).collect();
    Ok(Some(lines.join("\n") + "\n"))
}

/// Waits until no other CometBFT holds the home's block store.
pub async fn await_orphan(home: &Home) -> Result<()> {
    let path = home.data("blockstore.db").join("LOCK");
    for waited_s in 0..=ORPHAN_WAIT_S {
        let Ok(file) = File::open(&path) else { return Ok(()) };
        if Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok() {
            return Ok(());
        }
        if waited_s == 0 {
            tracing::warn!(lock = %path.display(), "a former CometBFT still runs on this home; waiting for it up to {ORPHAN_WAIT_S} s");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    bail!("a CometBFT holds {} for more than {ORPHAN_WAIT_S} s: stop that process, then start again", path.display())
}

/// How many threads CometBFT may run Go code on, where the operator does not say: two a core. Its ABCI client arms a timer of 20 ns that
/// spins while the goroutine that writes waits for a thread; with one thread a core it waits behind that timer.
fn go_threads() -> usize {
    std::thread::available_parallelism().map_or(2, NonZeroUsize::get).saturating_mul(2)
}

/// A running CometBFT.
pub struct Comet {
    child: Child,
}

impl Comet {
    /// Starts it. To be called from the process's main thread: the child is told to die with the thread that made it.
    pub fn start(bin: &Path, home: &Home, socket: &Address, flags: &Flags) -> Result<Self> {
        let mut command = Command::new(bin);
        command
            .arg("start")
            .arg("--home")
            .arg(home.root())
            .arg("--proxy_app")
            .arg(socket.to_string())
            .args(flags.args());
        // Its log goes where ours goes. A group of its own, so that Ctrl-C reaches us alone and we end it in order.
        command.stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr())).stderr(Stdio::inherit()).process_group(0);
        if flags.log_json {
            // It has no flag for this; its variables win over `config.toml`.
            command.env("CMT_LOG_FORMAT", "json");
        }
        if std::env::var_os("GOMAXPROCS").is_none() {
            command.env("GOMAXPROCS", go_threads().to_string());
        }
        die_with_us(&mut command);
        let child = command.kill_on_drop(true).spawn().with_context(|| format!("starting {}", bin.display()))?;
        Ok(Self { child })
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// Ends it: politely, and by force after `grace`.
    pub async fn stop(mut self, grace: Duration) -> Result<()> {
        let Some(id) = self.child.id() else { return Ok(()) };
        // It may have ended in between, which is as good.
        let _ = kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM);
        if tokio::time::timeout(grace, self.child.wait()).await.is_err() {
            tracing::warn!("CometBFT did not end within {} ms and is killed", grace.as_millis());
            self.child.kill().await?;
        }
        Ok(())
    }
}

impl Flags {
    fn args(&self) -> Vec<OsString> {
        let flags = [
            ("--rpc.laddr", &self.rpc_laddr),
            ("--rpc.pprof_laddr", &self.pprof_laddr),
            ("--p2p.laddr", &self.p2p_laddr),
            ("--p2p.persistent_peers", &self.persistent_peers),
            ("--log_level", &self.log_level),
        ];
        let given =
            flags.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| [name.into(), value.into()]));
        given.flatten().collect()
    }
}

/// Has a child killed when the thread that starts it ends; to be called from the process's main thread.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub fn die_with_us(command: &mut Command) {
    let us = nix::unistd::getpid();
    let ask = move || {
        // Killed, not asked: it survives that by its write-ahead log, and asked it may wait for an application that is gone.
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
        if nix::unistd::getppid() == us {
            Ok(())
        } else {
            Err(std::io::Error::other("the parent died before its child began"))
        }
    };
    // SAFETY: between fork and exec only async-signal-safe functions may run: prctl and getppid are plain system calls, and
    // nothing here allocates unless the start fails, in which case the child ends at once.
    unsafe { command.pre_exec(ask) };
}

/// Does nothing here.
#[cfg(not(target_os = "linux"))]
pub fn die_with_us(_command: &mut Command) {
    // Other systems have no such request: `await_orphan` covers what may remain.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_toml_is_pointed_at_our_genesis_and_else_left_alone() {
        let template = include_str!("../../../cometbft-config/config.toml").replace("{{moniker}}", "\"m\"");
        assert_eq!(pointed_at_genesis(&template).unwrap(), None);
        let other = template.replace("\"data/genesis.json\"", "\"config/genesis.json\"");
        assert_eq!(pointed_at_genesis(&other).unwrap(), Some(template));
        let without = "moniker = \"m\"\n[rpc]\nladdr = \"tcp://127.0.0.1:1\"\n";
        let pointed = pointed_at_genesis(without).unwrap().unwrap();
        assert_eq!(pointed, format!("genesis_file = \"data/genesis.json\"\n{without}"));
        assert!(pointed_at_genesis("= nonsense").is_err());
    }

    #[test]
    fn cometbft_s_genesis_is_made_anew_where_either_file_changed_and_only_there() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().into())).unwrap();
        for folder in ["config", "data"] {
            std::fs::create_dir_all(home.root().join(folder)).unwrap();
        }
        std::fs::write(home.config("config.toml"), "").unwrap();
        let prepared = |chain_id: &str, consensus: &str| {
            let text = format!(
                r#"{{"genesis_time":"2026-01-31T12:00:00Z","chain_id":"{chain_id}","app_state":{{}},"consensus":{consensus}}}"#
            );
            std::fs::write(home.genesis(), text).unwrap();
            prepare(&home, &Source::read(&home.genesis()).unwrap())
        };
        let made = || std::fs::read_to_string(home.comet_genesis()).unwrap();
        prepared("one", "{}").unwrap();
        let first = made();
        prepared("two", "{}").unwrap();
        assert!(first.contains("\"one\"") && made().contains("\"two\""));
        std::fs::write(home.comet_genesis(), "{}").unwrap();
        prepared("two", "{}").unwrap();
        assert!(made().contains("\"two\""));
        assert!(prepared("two", "5").is_err(), "what changed is read and checked");
        let source = Source::read(&home.genesis()).unwrap();
        let origin = format!("{} {}\n", source.digest(), hex::encode(Sha256::digest(made())));
        std::fs::write(home.comet_genesis_origin(), origin).unwrap();
        assert!(prepared("two", "5").is_ok(), "what did not change is not read again");
    }

    #[test]
    fn a_binary_that_is_no_cometbft_0_38_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("cometbft");
        for (answer, good) in [("0.38.26", true), ("v0.38.1", true), ("0.37.9", false), ("1.0.1", false), ("", false)] {
            std::fs::write(&script, format!("#!/bin/sh\necho {answer}\n")).unwrap();
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&script, executable).unwrap();
            assert_eq!(version(&script).is_ok(), good, "{answer}");
        }
        assert!(find(Some(&folder.path().join("none"))).is_err());
        assert_eq!(find(Some(&script)).unwrap(), script);
    }

    #[test]
    fn only_flags_that_were_given_are_passed_on() {
        assert!(Flags::default().args().is_empty());
        let flags = Flags { rpc_laddr: Some("tcp://127.0.0.1:1".into()), ..Flags::default() };
        assert_eq!(flags.args(), ["--rpc.laddr", "tcp://127.0.0.1:1"]);
    }
}
