//! The process's life: ABCI served, CometBFT beside it, until a signal, a fault or CometBFT's end; then both end in order.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{anyhow, Context, Result};
use nix::sys::resource::{getrlimit, setrlimit, Resource};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::mpsc;

use super::comet::{self, Comet};
use super::home::Home;
use crate::abci::{AbciApplication, Address, Options, Server};
use crate::execution::HALT;

/// How long CometBFT may take to end, of the five seconds that an operator is promised.
pub(super) const COMET_GRACE: Duration = Duration::from_millis(3_500);
/// How long answers in progress may take after that.
pub(super) const ABCI_GRACE: Duration = Duration::from_secs(1);

/// Lets this process open as many files as the system allows it: a database and its clients need more than the usual 1,024.
pub fn raise_file_limit() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}

/// What is to run.
pub struct Plan {
    /// Where ABCI is served.
    pub address: Address,
    /// The server's limits.
    pub options: Options,
    /// CometBFT as a child; `None` serves ABCI alone.
    pub comet: Option<CometPlan>,
}

/// How CometBFT is to run.
pub struct CometPlan {
    /// Its binary.
    pub bin: PathBuf,
    /// Its home, prepared by [`comet::prepare`].
    pub home: Home,
    /// What it is told.
    pub flags: comet::Flags,
}

/// Serves `app` until SIGINT, SIGTERM or the halt that its operator has set; any other end is an error. To be awaited on the main thread (see [`Comet::start`]).
pub async fn run<A: AbciApplication>(plan: Plan, app: A) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (fault, mut faults) = mpsc::unbounded_channel();
    // Nobody listens only once we are ending anyway.
    let on_fatal = move |reason| drop(fault.send(reason));
    if let Some(comet) = &plan.comet {
        comet::await_orphan(&comet.home).await?;
    }
    let server = Server::start(app, &plan.address, plan.options, on_fatal)?;
    tracing::info!(address = %server.address(), "serving ABCI");
    let mut comet = None;
    if let Some(plan) = &plan.comet {
        comet = Some(Comet::start(&plan.bin, &plan.home, server.address(), &plan.flags)?);
    }

    let end = tokio::select! {
        // Where both happen at once, the fault is why CometBFT ended.
        biased;
        reason = faults.recv() => match reason.unwrap_or_default() {
            // As the operator asked: no fault, and exit code 0.
            reason if reason.contains(HALT) => {
                tracing::info!("{reason}");
                Ok("halt")
            }
            reason => Err(anyhow!(reason).context("the application cannot go on")),
        },
        _ = interrupt.recv() => Ok("SIGINT"),
        _ = terminate.recv() => Ok("SIGTERM"),
        status = ended(&mut comet) => Err(status.map_or_else(|error| error, |status| anyhow!("CometBFT ended: {status}"))),
    };
    match &end {
        Ok(signal) => tracing::info!(signal, "stopping"),
        Err(error) => tracing::error!("stopping: {error:#}"),
    }
    if let Some(comet) = comet {
        comet.stop(COMET_GRACE).await.context("stopping CometBFT")?;
    }
    tokio::task::spawn_blocking(move || server.stop(ABCI_GRACE)).await?;
    end.map(|_| ())
}

async fn ended(comet: &mut Option<Comet>) -> Result<std::process::ExitStatus> {
    match comet {
        Some(comet) => comet.ended().await,
        None => std::future::pending().await,
    }
}
