//! A program of this workspace as a process with a log of its own; killed with the value that stands for it.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Result};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;

use crate::node::PATIENCE;

/// How many lines of a log a failing test shows.
const TAIL: usize = 40;

/// A running program.
pub struct Process {
    child: Child,
    /// What it is, for who reads why a test failed.
    what: &'static str,
    log: PathBuf,
}

impl Process {
    /// Starts a program whose standard error, and standard output where it is not `piped`, are added to this log.
    pub(crate) fn spawn(what: &'static str, mut command: Command, log: &Path, piped: bool) -> Result<Self> {
        let out = std::fs::File::options().create(true).append(true).open(log)?;
        let stdout = if piped { Stdio::piped() } else { out.try_clone()?.into() };
        let child = command.stdin(Stdio::null()).stdout(stdout).stderr(out).spawn()?;
        Ok(Self { child, what, log: log.into() })
    }

    /// Its standard output, once, where it is piped.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The ids of its children.
    pub fn children(&self) -> Result<Vec<u32>> {
        let id = self.id();
        let mut children = Vec::new();
        for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
            // A thread may have ended meanwhile.
            let list = std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
            children.extend(list.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        Ok(children)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(self.id().try_into()?), signal)?)
    }

    /// Fails where it has ended.
    pub(crate) fn check_running(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the {} ended with {status}:\n{}", self.what, self.log_tail());
        }
        Ok(())
    }

    /// Waits for its end.
    pub fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the {} did not end within {patience:?}:\n{}", self.what, self.log_tail())
    }

    /// Asks it to end (SIGTERM) and waits until it has, well.
    pub fn stop(&mut self) -> Result<()> {
        self.signal(Signal::SIGTERM)?;
        let status = self.wait(PATIENCE)?;
        ensure!(status.success(), "the {} ended with {status}:\n{}", self.what, self.log_tail());
        Ok(())
    }

    /// Kills it as a power cut would.
    pub fn cut(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What it logged, with its children's.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last lines of that.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A node's CometBFT dies with it.
        let _ = self.cut();
    }
}
