//! ABCI 0.38 over a Unix socket: requests and responses are protobuf, each after its length.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use openledger_proto::tendermint::abci::request::Value as Ask;
use openledger_proto::tendermint::abci::response::Value as Answer;
use openledger_proto::tendermint::abci::{
    CommitInfo, Misbehavior, Request, RequestCommit, RequestFinalizeBlock, RequestFlush, RequestInitChain,
    RequestQuery, Response, ResponseFinalizeBlock, ResponseInitChain, ResponseQuery,
};
use openledger_proto::walker::wire::{Raw, Reader};
use openledger_proto::{Message, Timestamp};

/// The longest answer that is read.
const MOST_BYTES: u64 = 256 << 20;

/// What a block is made of.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its height.
    pub height: i64,
    /// Header time, seconds since 1970.
    pub time: i64,
    /// The proposer's consensus address.
    pub proposer: Vec<u8>,
    /// Who voted for the block before.
    pub commit: CommitInfo,
    /// Who misbehaved.
    pub misbehavior: Vec<Misbehavior>,
    /// Its transactions.
    pub txs: Vec<Vec<u8>>,
}

/// A connection.
pub struct Client(UnixStream);

impl Client {
    /// Connects to a socket.
    pub fn connect(path: &Path) -> Result<Self> {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self(stream))
    }

    /// InitChain.
    pub fn init_chain(&mut self, request: RequestInitChain) -> Result<ResponseInitChain> {
        match self.ask(Ask::InitChain(request))? {
            Answer::InitChain(answer) => Ok(answer),
            other => bail!("InitChain: {other:?}"),
        }
    }

    /// FinalizeBlock.
    pub fn finalize(&mut self, block: &Block) -> Result<ResponseFinalizeBlock> {
        // A hash is any 32 bytes that no other block has.
        let hash = [&block.height.to_be_bytes()[..], &[0; 24]].concat();
        let request = RequestFinalizeBlock {
            txs: block.txs.iter().cloned().map(Into::into).collect(),
            decided_last_commit: Some(block.commit.clone()),
            misbehavior: block.misbehavior.clone(),
            hash: hash.clone().into(),
            height: block.height,
            time: Some(Timestamp { seconds: block.time, nanos: 0 }),
            next_validators_hash: hash.into(),
            proposer_address: block.proposer.clone().into(),
        };
        match self.ask(Ask::FinalizeBlock(request))? {
            Answer::FinalizeBlock(answer) => Ok(answer),
            other => bail!("FinalizeBlock: {other:?}"),
        }
    }

    /// Commit.
    pub fn commit(&mut self) -> Result<()> {
        match self.ask(Ask::Commit(RequestCommit {}))? {
            Answer::Commit(_) => Ok(()),
            other => bail!("Commit: {other:?}"),
        }
    }

    /// Query, at the latest height.
    pub fn query(&mut self, path: &str, data: Vec<u8>) -> Result<ResponseQuery> {
        let request = RequestQuery { data: data.into(), path: path.into(), ..RequestQuery::default() };
        match self.ask(Ask::Query(request))? {
            Answer::Query(answer) => Ok(answer),
            other => bail!("Query: {other:?}"),
        }
    }

    fn ask(&mut self, value: Ask) -> Result<Answer> {
        let request = Request { value: Some(value) };
        let flush = Request { value: Some(Ask::Flush(RequestFlush {})) };
        let bytes = [request.encode_length_delimited_to_vec(), flush.encode_length_delimited_to_vec()].concat();
        self.0.write_all(&bytes)?;
        let answer = self.read()?;
        match self.read()? {
            Answer::Flush(_) => {}
            other => bail!("a flush was answered by {other:?}"),
        }
        match answer {
            Answer::Exception(exception) => bail!("exception: {}", exception.error),
            answer => Ok(answer),
        }
    }

    fn read(&mut self) -> Result<Answer> {
        let (mut length, mut shift, mut byte) = (0u64, 0u32, [0u8; 1]);
        loop {
            self.0.read_exact(&mut byte).context("the application closed the connection")?;
            length |= u64::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
            ensure!(shift < 64, "a length of more than 64 bits");
        }
        ensure!(length <= MOST_BYTES, "an answer of {length} bytes");
        let mut bytes = vec![0; length as usize];
        self.0.read_exact(&mut bytes)?;
        blank_logs(&mut bytes);
        Response::decode(bytes.as_slice())?.value.context("an empty answer")
    }
}

/// The fields from a `Response` down to the log of a transaction: `finalize_block`, `tx_results`, `log`.
const LOG_PATH: [u32; 3] = [21, 2, 3];

/// The SDK puts the bytes of addresses into some errors, which then are no text and would not decode: they become question marks.
fn blank_logs(answer: &mut [u8]) {
    let mut found: Vec<(usize, usize)> = vec![(0, answer.len())];
    let whole: &[u8] = answer;
    for number in LOG_PATH {
        let within = |(start, len): (usize, usize)| {
            let part = &whole[start..start + len];
            let mut reader = Reader::new(part);
            let fields = std::iter::from_fn(move || reader.next_field().ok().flatten());
            fields.filter_map(move |(field, raw)| match raw {
                Raw::Bytes(value) if field == number => {
                    Some((value.as_ptr().addr() - whole.as_ptr().addr(), value.len()))
                }
                _ => None,
            })
        };
        found = found.into_iter().flat_map(within).collect();
    }
    for (start, len) in found {
        let log = &mut answer[start..start + len];
        if std::str::from_utf8(log).is_err() {
            log.iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openledger_proto::tendermint::abci::ExecTxResult;

    #[test]
    fn logs_that_are_no_text_become_one_and_others_stay() {
        let result = |log: &str| ExecTxResult { code: 2, log: log.into(), ..ExecTxResult::default() };
        let block = ResponseFinalizeBlock { tx_results: vec![result("grüße"), result("abcd")], ..Default::default() };
        let mut bytes = Response { value: Some(Answer::FinalizeBlock(block.clone())) }.encode_to_vec();
        let mut same = bytes.clone();
        blank_logs(&mut same);
        assert_eq!(same, bytes);
        let at = bytes.windows(4).position(|window| window == b"abcd").unwrap();
        bytes[at + 1] = 0xff;
        assert!(Response::decode(bytes.as_slice()).is_err());
        blank_logs(&mut bytes);
        let Some(Answer::FinalizeBlock(read)) = Response::decode(bytes.as_slice()).unwrap().value else { panic!() };
        assert_eq!(read.tx_results, [result("grüße"), result("a?cd")]);
    }
}
