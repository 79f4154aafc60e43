//! One call over gRPC, of any method by its path: bytes in, bytes out.

use anyhow::{bail, Context, Result};
use bytes::Bytes;
use tonic::transport::Endpoint;
use tonic::Request;

use crate::doors::grpc::Raw;
use crate::doors::HEIGHT_HEADER;

/// Calls a method; height 0 is the latest.
pub async fn ask(address: &str, path: &str, request: Vec<u8>, height: u64) -> Result<Vec<u8>> {
    let address = address.trim_start_matches("tcp://").trim_start_matches("http://");
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .with_context(|| format!("--grpc-addr {address:?}: write HOST:PORT"))?;
    let channel = endpoint.connect().await.with_context(|| format!("connecting to the gRPC server at {address}"))?;
    let mut client = tonic::client::Grpc::new(channel).max_decoding_message_size(usize::MAX);
    client.ready().await.with_context(|| format!("the gRPC server at {address}"))?;
    let mut request = Request::new(Bytes::from(request));
    if height > 0 {
        request.metadata_mut().insert(HEIGHT_HEADER, height.into());
    }
    match client.unary(request, path.parse()?, Raw).await {
        Ok(response) => Ok(response.into_inner().into()),
        Err(status) => bail!("rpc error: code = {:?} desc = {}", status.code(), status.message()),
    }
}
