//! `openledgerd` as a process.

use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use openledger_client::{free_port, Rpc};
use tempfile::TempDir;

use crate::process::Process;

/// How long a node may take for what takes a second on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The binary under test: `$OPENLEDGERD`, or the one that cargo builds beside this test.
pub fn openledgerd() -> &'static Path {
    static BIN: OnceLock<PathBuf> = OnceLock::new();
    BIN.get_or_init(|| match std::env::var_os("OPENLEDGERD") {
        Some(path) => path.into(),
        None => build("openledgerd").expect("openledgerd builds"),
    })
}

/// Builds a binary of the workspace; where it is.
pub fn build(name: &str) -> Result<PathBuf> {
    Ok(build_a("--bin", name)?.join(name))
}

/// Builds an example of the workspace; where it is.
pub fn build_example(name: &str) -> Result<PathBuf> {
    Ok(build_a("--example", name)?.join("examples").join(name))
}

/// The folder `<target>/<profile>`, with the binary or example in it. Built with the whole workspace's features, as the gate has done.
fn build_a(kind: &str, name: &str) -> Result<PathBuf> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let built = command.args(["build", "--quiet", "--workspace", kind, name]).status()?;
    ensure!(built.success(), "cargo build: {built}");
    // A test is <target>/<profile>/deps/<name>, an example <target>/<profile>/examples/<name>.
    let test = std::env::current_exe()?;
    Ok(test.parent().and_then(Path::parent).context("a test has a folder")?.into())
}

/// The home folder of a node; removed with this value, unless it belongs to another ([`Home::at`]).
pub struct Home {
    path: PathBuf,
    _folder: Option<TempDir>,
}

impl Home {
    /// An empty folder.
    pub fn empty() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("openledger-test-").tempdir()?;
        Ok(Self { path: folder.path().into(), _folder: Some(folder) })
    }

    /// A folder that somebody else removes.
    pub fn at(path: PathBuf) -> Self {
        Self { path, _folder: None }
    }

    /// A folder after `init`, with blocks a few times a second.
    pub fn init(chain_id: &str) -> Result<Self> {
        let home = Self::empty()?;
        home.succeed(&["init", "test", "--chain-id", chain_id])?;
        let path = home.path().join("config/config.toml");
        let config = std::fs::read_to_string(&path)?.replace("timeout_commit = \"1s\"", "timeout_commit = \"200ms\"");
        std::fs::write(&path, config)?;
        Ok(home)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a verb of `openledgerd` on this home.
    pub fn run(&self, args: &[&str]) -> Result<Output> {
        Ok(Command::new(openledgerd()).args(args).arg("--home").arg(self.path()).stdin(Stdio::null()).output()?)
    }

    /// Runs a verb with this on its standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Result<Output> {
        self.command_with(args, input, |command| command)
    }

    /// The same, where the command is changed before it runs.
    pub fn command_with(
        &self,
        args: &[&str],
        input: &str,
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<Output> {
        let mut command = Command::new(openledgerd());
        change(command.args(args).arg("--home").arg(self.path()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(input.as_bytes()) {
                // It may end before it has read everything.
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
                _ => {}
            }
        }
        Ok(child.wait_with_output()?)
    }

    /// Runs a verb that has to succeed; its standard output.
    pub fn succeed(&self, args: &[&str]) -> Result<String> {
        succeeded(args, self.run(args)?)
    }

    /// Runs a verb that has to succeed, with this on its standard input; its standard output.
    pub fn succeed_with(&self, args: &[&str], input: &str) -> Result<String> {
        succeeded(args, self.run_with(args, input)?)
    }

    /// Runs a verb that has to fail; what it says.
    pub fn fail(&self, args: &[&str]) -> Result<String> {
        failed(args, self.run(args)?)
    }

    /// Runs a verb that has to fail, with this on its standard input; what it says.
    pub fn fail_with(&self, args: &[&str], input: &str) -> Result<String> {
        failed(args, self.run_with(args, input)?)
    }
}

fn succeeded(args: &[&str], output: Output) -> Result<String> {
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "openledgerd {args:?}: {}: {error}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

fn failed(args: &[&str], output: Output) -> Result<String> {
    ensure!(!output.status.success(), "openledgerd {args:?} should fail");
    Ok(String::from_utf8(output.stderr)?)
}

/// A running node; its log has CometBFT's in it.
pub struct Node {
    process: Process,
    /// Its RPC.
    pub rpc: Rpc,
    /// Where its RPC listens, `tcp://127.0.0.1:…`.
    pub rpc_address: String,
    /// Where peers connect, `127.0.0.1:…`; empty where they do not.
    pub p2p_address: String,
    /// Where its gRPC listens, `127.0.0.1:…`; empty where it does not.
    pub grpc_address: String,
}

impl Node {
    /// Starts the whole node on ports of its own, with more flags; its log goes to `<home>/node.log`.
    pub fn start(home: &Home, flags: &[&str]) -> Result<Self> {
        Self::start_binary(openledgerd(), home, flags)
    }

    /// The same, of another release.
    pub fn start_binary(binary: &Path, home: &Home, flags: &[&str]) -> Result<Self> {
        let rpc_address = format!("tcp://127.0.0.1:{}", free_port()?);
        let p2p = format!("127.0.0.1:{}", free_port()?);
        let p2p_address = format!("tcp://{p2p}");
        let grpc_address = format!("127.0.0.1:{}", free_port()?);
        let own = ["--rpc.laddr", &rpc_address, "--p2p.laddr", &p2p_address, "--grpc.address", &grpc_address];
        let mut node = Self::run(Command::new(binary), home, &[&own, flags].concat(), rpc_address.clone())?;
        (node.grpc_address, node.p2p_address) = (grpc_address, p2p);
        Ok(node)
    }

    /// Starts the application alone.
    pub fn start_alone(home: &Home, address: &str) -> Result<Self> {
        let flags = ["--with-comet=false", "--transport", "socket", "--address", address, "--grpc.enable=false"];
        Self::spawn(home, &flags, "tcp://127.0.0.1:1".into())
    }

    /// Starts a node with these flags alone, its RPC at `rpc_address`.
    pub fn spawn(home: &Home, flags: &[&str], rpc_address: String) -> Result<Self> {
        Self::spawn_in(home, None, flags, rpc_address)
    }

    /// The same, within a network namespace.
    pub fn spawn_in(home: &Home, namespace: Option<&str>, flags: &[&str], rpc_address: String) -> Result<Self> {
        let command = match namespace {
            // `ip` becomes the node, so that its id is the node's.
            Some(name) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", name]).arg(openledgerd());
                command
            }
            None => Command::new(openledgerd()),
        };
        Self::run(command, home, flags, rpc_address)
    }

    fn run(mut command: Command, home: &Home, flags: &[&str], rpc_address: String) -> Result<Self> {
        let log = home.path().join("node.log");
        command.arg("start").arg("--home").arg(home.path()).args(flags);
        let process = Process::spawn("node", command, &log, false)?;
        let rpc = Rpc::new(&rpc_address);
        Ok(Self { process, rpc, rpc_address, p2p_address: String::new(), grpc_address: String::new() })
    }

    /// Waits until the chain is at `height`; the height it is at then.
    pub async fn reach(&mut self, height: u64) -> Result<u64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.rpc.chain().await {
                Ok((_, at)) if at >= height => return Ok(at),
                _ => {}
            }
            self.process.check_running()?;
            ensure!(Instant::now() < deadline, "height {height} is not reached:\n{}", self.log_tail());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The app hash in the header of a block: of the state before it.
    pub async fn app_hash(&self, height: u64) -> Result<String> {
        let block = self.rpc.call("block", serde_json::json!({"height": height.to_string()})).await?;
        Ok(block["block"]["header"]["app_hash"].as_str().context("a header has an app hash")?.into())
    }

    /// The hash of a block.
    pub async fn block_hash(&self, height: u64) -> Result<String> {
        let block = self.rpc.call("block", serde_json::json!({"height": height.to_string()})).await?;
        Ok(block["block_id"]["hash"].as_str().context("a block has a hash")?.into())
    }
}

impl Deref for Node {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Node {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Whether a process exists and is no zombie.
pub fn is_alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The state follows the name, which is in parentheses and may hold anything.
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// Waits until `done`.
pub fn eventually(what: &str, done: impl Fn() -> bool) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        ensure!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
