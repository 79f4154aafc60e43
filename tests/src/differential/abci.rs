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
        Response::decode(bytes.as_slice())?.value.context("an empty answer")
    }
}
