//! Measures a synchronous ABCI call (a request and its Flush, as CometBFT writes them) and pipelined CheckTx, over both transports.
//!
//! Run with `cargo run --release --example abci_round_trip -p openledger-app`. A call should stay below 0.2 ms.
#![allow(clippy::disallowed_types, clippy::float_arithmetic, missing_docs)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::Context;
use openledger_app::abci::{AbciApplication, Address, FrameReader, Options, Server};
use prost::Message;
use tendermint_proto::v0_38::abci::{request::Value, Request, RequestCheckTx, RequestEcho, RequestFlush};

#[derive(Clone)]
struct Idle;
impl tendermint_abci::Application for Idle {}
impl AbciApplication for Idle {}

fn encode(value: Value) -> Vec<u8> {
    Request { value: Some(value) }.encode_length_delimited_to_vec()
}

fn await_answers<R: Read>(reader: &mut FrameReader<R>, count: u32) -> anyhow::Result<()> {
    let mut got = 0u32;
    while got < count {
        match reader.next_frame()? {
            Some(_) => got = got.saturating_add(1),
            None => anyhow::ensure!(reader.fill()?, "the server closed the connection"),
        }
    }
    Ok(())
}

fn measure<S: Read + Write>(name: &str, mut writer: S, reader: S) -> anyhow::Result<()> {
    const CALLS: u32 = 5_000;
    const PIPELINED: u32 = 200;
    let mut reader = FrameReader::new(reader, 1 << 20);
    let flush = encode(Value::Flush(RequestFlush {}));
    let tx = encode(Value::CheckTx(RequestCheckTx { tx: vec![7; 300].into(), ..Default::default() }));
    for (method, request) in
        [("echo", encode(Value::Echo(RequestEcho { message: "hello".into() }))), ("check_tx", tx.clone())]
    {
        let call = [request, flush.clone()].concat();
        let start = Instant::now();
        for _ in 0..CALLS {
            writer.write_all(&call)?;
            await_answers(&mut reader, 2)?;
        }
        println!("{name} {method}+flush_us {:.1}", micros(start.elapsed(), CALLS));
    }
    let burst = tx.repeat(usize::try_from(PIPELINED)?);
    let start = Instant::now();
    for _ in 0..PIPELINED {
        writer.write_all(&burst)?;
        await_answers(&mut reader, PIPELINED)?;
    }
    println!("{name} pipelined_check_tx_us {:.2}", micros(start.elapsed(), PIPELINED.saturating_mul(PIPELINED)));
    Ok(())
}

fn micros(elapsed: Duration, count: u32) -> f64 {
    elapsed.as_secs_f64() * 1e6 / f64::from(count)
}

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let fatal = |reason: String| eprintln!("fatal: {reason}");
    let path = folder.path().join("abci.sock");
    let unix = Server::start(Idle, &Address::Unix(path.clone()), Options::default(), fatal)?;
    let stream = UnixStream::connect(&path)?;
    measure("unix", stream.try_clone()?, stream)?;
    unix.stop(Duration::from_secs(1));

    let tcp = Server::start(Idle, &Address::Tcp("127.0.0.1:0".into()), Options::default(), fatal)?;
    let bound = tcp.address().to_string();
    let stream = TcpStream::connect(bound.strip_prefix("tcp://").context("a TCP address")?)?;
    stream.set_nodelay(true)?;
    measure("tcp", stream.try_clone()?, stream)?;
    tcp.stop(Duration::from_secs(1));
    Ok(())
}
