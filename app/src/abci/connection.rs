//! One connection: reads ahead, hands CheckTx over in batches, answers in order.
//!
//! Answers gather in a buffer that goes out on Flush, when the input runs dry, and when it has grown: a client that writes one
//! request and a Flush gets both answers in one packet, one that pipelines thousands gets them in large ones.

use std::io::Write;

use prost::Message;
use tendermint_proto::v0_38::abci::{request, response, Request, RequestCheckTx, Response, ResponseException};

use super::address::Stream;
use super::dispatch::{dispatch, dispatch_check_txs, AbciApplication, Fault};
use super::frame::{FrameError, FrameReader};

/// The most CheckTx requests that are handed to the application at once.
pub const MAX_CHECK_TX_BATCH: usize = 256;
/// Answers are written once so many bytes have gathered.
const OUTPUT_BYTES: usize = 64 * 1024;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// The peer left between two messages, or the server stops.
    Done,
    /// The peer sent what is no ABCI, or its socket failed: this connection alone is over.
    Bad(String),
    /// The application cannot go on: the process has to end.
    Fatal(String),
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        Self::Bad(error.to_string())
    }
}

/// Serves `stream` until it ends.
pub(super) fn serve<A: AbciApplication>(app: &A, stream: &Stream, max_message_bytes: usize) -> End {
    let reader = FrameReader::new(stream, max_message_bytes);
    let mut connection = Connection { app, reader, stream, output: Vec::new(), check_txs: Vec::new() };
    match connection.run() {
        Ok(()) => End::Done,
        Err(end) => end,
    }
}

struct Connection<'a, A> {
    app: &'a A,
    reader: FrameReader<&'a Stream>,
    stream: &'a Stream,
    output: Vec<u8>,
    check_txs: Vec<RequestCheckTx>,
}

impl<A: AbciApplication> Connection<'_, A> {
    fn run(&mut self) -> Result<(), End> {
        loop {
            let Some(frame) = self.reader.next_frame()? else {
                self.answer_check_txs()?;
                self.flush()?;
                if !self.reader.fill()? {
                    return Ok(());
                }
                continue;
            };
            let request =
                Request::decode(frame).map_err(|error| End::Bad(format!("a message is no ABCI request: {error}")))?;
            match request.value {
                Some(request::Value::CheckTx(request)) => {
                    self.check_txs.push(request);
                    if self.check_txs.len() >= MAX_CHECK_TX_BATCH {
                        self.answer_check_txs()?;
                    }
                }
                Some(request) => self.answer(request)?,
                None => {
                    self.answer_check_txs()?;
                    self.except("unknown request: this is ABCI 0.38")?;
                    return Err(End::Bad("a request of an unknown kind".into()));
                }
            }
        }
    }

    fn answer(&mut self, request: request::Value) -> Result<(), End> {
        self.answer_check_txs()?;
        let flush = matches!(request, request::Value::Flush(_));
        match dispatch(self.app, request) {
            Ok(response) => self.put(response)?,
            Err(fault) => return Err(self.fail(fault)),
        }
        if flush {
            self.flush()?;
        }
        Ok(())
    }

    fn answer_check_txs(&mut self) -> Result<(), End> {
        if self.check_txs.is_empty() {
            return Ok(());
        }
        match dispatch_check_txs(self.app, std::mem::take(&mut self.check_txs)) {
            Ok(responses) => {
                responses.into_iter().try_for_each(|response| self.put(response::Value::CheckTx(response)))
            }
            Err(fault) => Err(self.fail(fault)),
        }
    }

    /// Tells the peer, who would wait for ever otherwise, and says that the process has to end.
    fn fail(&mut self, fault: Fault) -> End {
        // A peer that is gone needs no telling; the fault counts either way.
        let _ = self.except(&fault.0);
        End::Fatal(fault.0)
    }

    fn except(&mut self, error: &str) -> Result<(), End> {
        self.put(response::Value::Exception(ResponseException { error: error.into() }))?;
        self.flush()
    }

    fn put(&mut self, response: response::Value) -> Result<(), End> {
        let encoded = Response { value: Some(response) }.encode_length_delimited(&mut self.output);
        encoded.map_err(|error| End::Bad(format!("an answer that cannot be encoded: {error}")))?;
        if self.output.len() >= OUTPUT_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), End> {
        if self.output.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.output).map_err(|error| End::Bad(error.to_string()))?;
        self.output.clear();
        // A large answer (a snapshot's chunk) does not hold its memory for good.
        self.output.shrink_to(OUTPUT_BYTES.saturating_mul(2));
        Ok(())
    }
}
