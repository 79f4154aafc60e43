//! A node's whole life beside its chain: the services, the doors, the figures and ABCI are opened in order, and closed in order when
//! [`run`] ends. Whatever does not end by itself is cut off.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::run::{run, Plan};
use super::threads::answer_promptly;
use super::{telemetry, AppConfig};
use crate::doors::{Desk, Doors};
use crate::execution::{Application, Chain};
use crate::services::{self, Comet};

/// What remains of the five seconds that an operator is promised for a stop, once CometBFT and ABCI have ended (`run.rs`).
pub(super) const LEFT: Duration = Duration::from_millis(500);

/// Serves `chain` until [`run`] ends, and closes it; CometBFT's RPC listens at `rpc_laddr`, where there is one. To be called on the main
/// thread, which CometBFT's life is tied to.
pub fn serve(chain: Arc<Chain>, plan: Plan, config: &AppConfig, rpc_laddr: Option<&str>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_start(answer_promptly).build()?;
    let end = runtime.block_on(async {
        let settings = services::node::Settings {
            pruning_keep_recent: config.pruning_keep_recent,
            pruning_interval: config.pruning_interval,
        };
        services::open(&chain, rpc_laddr.map_or_else(Comet::absent, Comet::listening), settings);
        // Before blocks are made, so that whoever sees the first can ask about it.
        let telemetry = match config.metrics_address() {
            Some(address) => Some(telemetry::open(chain.clone(), address).await?),
            None => None,
        };
        let desk = Desk::new(chain.clone()).with_metrics(config.metrics_address().is_some());
        let doors = Doors::open(desk, &config.api, &config.grpc, config.grpc_web).await?;
        let end = run(plan, Application::new(chain.clone())).await;
        exit_within(LEFT, end.is_ok());
        doors.close().await;
        if let Some(telemetry) = telemetry {
            telemetry.close().await;
        }
        end
    });
    // Waits for queries that are still answered.
    drop(runtime);
    close(chain);
    end
}

/// Closes the database in this thread, once nobody else holds the chain: RocksDB does not bear to be closed by another one while the
/// process ends.
fn close(chain: Arc<Chain>) {
    while Arc::strong_count(&chain) > 1 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Ends the process after `limit`, where it has not ended by then: a query that is answered for nobody any more, or work that can be done
/// again, a checkpoint say. The exit code is that of an orderly end, where it was one: what is committed is on disk.
fn exit_within(limit: Duration, ok: bool) {
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        tracing::warn!("work in the background is cut off; the next start does it again");
        std::process::exit(i32::from(!ok));
    });
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::super::run::{ABCI_GRACE, COMET_GRACE};
    use super::*;
    use crate::abci::{Address, Options};
    use crate::doors::grpc::Raw;
    use crate::execution::Config;
    use crate::runtime::Runtime;
    use bytes::Bytes;
    use nix::sys::signal::{raise, Signal};
    use openledger_core::Status;
    use openledger_proto::tendermint::abci::{request, Request, RequestQuery};
    use openledger_proto::Message as _;
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::sync::mpsc::channel;
    use std::time::Instant;

    /// A query that is registered for these tests.
    const NEVER: &str = "/test.Never/Ends";
    /// Where the child keeps its chain; who runs it says so.
    const FOLDER: &str = "OPENLEDGER_TEST_NEVER_ENDS";
    /// What a machine with much else to do may need.
    const PATIENCE: Duration = Duration::from_secs(120);

    /// Asks through gRPC, and never gets an answer.
    fn ask_by_grpc(port: u16) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let endpoint = tonic::transport::Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
            let channel = loop {
                match endpoint.connect().await {
                    Ok(channel) => break channel,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            };
            let mut client = tonic::client::Grpc::new(channel);
            client.ready().await.unwrap();
            let _ = client.unary(tonic::Request::new(Bytes::new()), NEVER.parse().unwrap(), Raw).await;
        });
    }

    /// Asks through ABCI, and never gets an answer.
    fn ask_by_abci(socket: &Path) {
        let mut stream = loop {
            match UnixStream::connect(socket) {
                Ok(stream) => break stream,
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let query = RequestQuery { path: NEVER.into(), ..RequestQuery::default() };
        let request = Request { value: Some(request::Value::Query(query)) };
        stream.write_all(&request.encode_length_delimited_to_vec()).unwrap();
        let _ = stream.read(&mut [0; 1]);
    }

    #[test]
    #[ignore = "run by the test below, in a process of its own"]
    fn a_node_with_queries_that_never_end() {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        let folder = Path::new(&folder).to_path_buf();
        crate::node::log::begin(None, crate::node::log::Style { json: false, colour: false }).unwrap();
        let (entered, calls) = channel();
        let chain = Chain::open(&folder.join("db"), Runtime::default(), Config::new("test-1")).unwrap();
        let never = move |_: &[u8], _: u64| -> Result<Vec<u8>, Status> {
            entered.send(()).unwrap();
            loop {
                std::thread::sleep(PATIENCE);
            }
        };
        chain.add_service(NEVER, Arc::new(never));
        let (port, socket) = (openledger_client::ports::free_port().unwrap(), folder.join("abci.sock"));
        let mut config = AppConfig::default();
        config.grpc.address = format!("127.0.0.1:{port}");
        let plan = Plan { address: Address::Unix(socket.clone()), options: Options::default(), comet: None };
        std::thread::spawn(move || ask_by_grpc(port));
        std::thread::spawn(move || ask_by_abci(&socket));
        std::thread::spawn(move || {
            // One call through each door.
            calls.iter().take(2).for_each(drop);
            raise(Signal::SIGTERM).unwrap();
        });
        serve(Arc::new(chain), plan, &config, None).unwrap();
        println!("ended by itself");
    }

    #[test]
    fn queries_that_never_end_keep_no_node_from_stopping_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{}::a_node_with_queries_that_never_end", module_path!().split_once("::").unwrap().1);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([name.as_str(), "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let output = child.wait_with_output().unwrap();
        let log = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{log}");
        assert!(log.contains("stopping") && log.contains("work in the background is cut off"), "{log}");
        assert!(!log.contains("ended by itself"), "{log}");
    }

    #[test]
    fn a_stop_takes_five_seconds_at_most() {
        assert!(COMET_GRACE + ABCI_GRACE + LEFT <= Duration::from_secs(5));
    }
}
