//! One call over gRPC, of any method by its path: bytes in, bytes out.

use anyhow::{bail, Context, Result};
use bytes::{Buf, BufMut};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Endpoint;
use tonic::{Request, Status};

/// Calls a method; height 0 is the latest.
pub async fn ask(address: &str, path: &str, request: Vec<u8>, height: u64) -> Result<Vec<u8>> {
    let address = address.trim_start_matches("tcp://").trim_start_matches("http://");
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .with_context(|| format!("--grpc-addr {address:?}: write HOST:PORT"))?;
    let channel = endpoint.connect().await.with_context(|| format!("connecting to the gRPC server at {address}"))?;
    let mut client = tonic::client::Grpc::new(channel).max_decoding_message_size(usize::MAX);
    client.ready().await.with_context(|| format!("the gRPC server at {address}"))?;
    let mut request = Request::new(request);
    if height > 0 {
        request.metadata_mut().insert("x-cosmos-block-height", height.into());
    }
    match client.unary(request, path.parse()?, Bytes).await {
        Ok(response) => Ok(response.into_inner()),
        Err(status) => bail!("rpc error: code = {:?} desc = {}", status.code(), status.message()),
    }
}

/// Messages as they are on the wire.
#[derive(Clone, Copy, Default)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}
