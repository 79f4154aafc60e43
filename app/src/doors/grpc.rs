//! The gRPC server: every query of the chain under its own path, reflection v1 and v1alpha, and gRPC-web for browsers.
//!
//! One service takes any `/package.Service/Method` and passes bytes on and back, so nothing is generated for a method and none is
//! forgotten. Relies on [`Desk`] and [`Listener`] for the bounds; messages are at most [`MAX_REQUEST`] in, and all of
//! them together hold at most a [`Budget`]. Reflection lists the services that have a query and finds any type of the committed descriptors.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::Result;
use bytes::{Buf, BufMut, Bytes};
use openledger_core::query::Code;
use openledger_net::{Limits, Listener};
use openledger_proto::walker::DESCRIPTORS;
use tonic::body::BoxBody;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};

use super::intake::{bounded, Budget, Held};
use super::{parse_height, Desk, HEIGHT_HEADER};

/// The longest request in bytes (SDK `DefaultGRPCMaxRecvMsgSize`).
const MAX_REQUEST: usize = 10 * 1024 * 1024;
/// What a client of this port may do. Clients keep connections open for long, and answer when they are asked whether they live.
const LIMITS: Limits = Limits {
    connections: 2_000,
    header: Some(Duration::from_secs(10)),
    write: Some(Duration::from_secs(30)),
    silence: Some(Duration::from_secs(90)),
    http2: true,
};
/// The services of reflection itself.
const REFLECTION: [&str; 2] = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/// Opens the door at `address`, e.g. `127.0.0.1:9090`. Services that are added to the chain later are answered but not listed.
pub async fn open(desk: Desk, address: &str) -> Result<Listener> {
    Listener::open("gRPC", address, LIMITS, Front(web(desk)?)).await
}

/// All methods and reflection, for gRPC and for gRPC-web. What is neither is refused with 400.
pub fn web(desk: Desk) -> Result<GrpcWebService<Routes>> {
    Ok(GrpcWebLayer::new().layer(routes(desk)?))
}

/// The services as a door asks them.
#[derive(Clone)]
struct Front(GrpcWebService<Routes>);

impl Service<http::Request<hyper::body::Incoming>> for Front {
    type Response = http::Response<BoxBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<hyper::body::Incoming>) -> Self::Future {
        let services = self.0.clone();
        Box::pin(async move { Ok(ask(services, request.map(tonic::body::boxed)).await) })
    }
}

/// One request's answer.
pub async fn ask(mut services: GrpcWebService<Routes>, request: http::Request<BoxBody>) -> http::Response<BoxBody> {
    // The routes are ready always, and have no errors but those that are answers.
    let answer = services.call(request).await;
    answer.unwrap_or_else(|error| tonic::Status::internal(error.to_string()).into_http())
}

fn routes(desk: Desk) -> Result<Routes> {
    let names = desk.service_names();
    let builder = || {
        let builder = tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(DESCRIPTORS);
        let names = names.iter().map(String::as_str).chain(REFLECTION);
        names.fold(builder, |builder, name| builder.with_service_name(name))
    };
    let wrong = |error| anyhow::anyhow!("the descriptors for reflection: {error}");
    let v1 = builder().build_v1().map_err(wrong)?;
    let v1alpha = builder().build_v1alpha().map_err(wrong)?;
    let reflection = Routes::new(v1).add_service(v1alpha);
    let router = reflection.into_axum_router().fallback_service(Methods { desk });
    Ok(Routes::from(router.layer(axum::middleware::from_fn_with_state(Budget::default(), bounded))))
}

/// Any method by its path.
#[derive(Clone)]
struct Methods {
    desk: Desk,
}

impl<B> Service<http::Request<B>> for Methods
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    type Response = http::Response<BoxBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let (desk, path) = (self.desk.clone(), request.uri().path().to_string());
        Box::pin(async move {
            let method = tower::service_fn(move |request| answer(desk.clone(), path.clone(), request));
            // What we answer is bounded by the query's gas.
            let mut grpc = Grpc::new(Raw).max_decoding_message_size(MAX_REQUEST).max_encoding_message_size(usize::MAX);
            Ok(grpc.unary(method, request).await)
        })
    }
}

async fn answer(
    desk: Desk,
    path: String,
    request: tonic::Request<Bytes>,
) -> Result<tonic::Response<Bytes>, tonic::Status> {
    let height = requested_height(request.metadata()).map_err(status)?;
    let held = request.extensions().get::<Held>().cloned();
    let (answer, height) = desk.ask(path, request.into_inner(), height).await.map_err(status)?;
    if let Some(held) = held {
        held.take(answer.len()).map_err(status)?;
    }
    let mut response = tonic::Response::new(Bytes::from(answer));
    response.metadata_mut().insert(HEIGHT_HEADER, height.into());
    Ok(response)
}

fn requested_height(metadata: &MetadataMap) -> Result<u64, openledger_core::Status> {
    match metadata.get(HEIGHT_HEADER) {
        None => Ok(0),
        // What is no text is no number either.
        Some(value) => parse_height(value.to_str().unwrap_or("?")),
    }
}

fn status(status: openledger_core::Status) -> tonic::Status {
    let code = match status.code {
        Code::Unknown => tonic::Code::Unknown,
        Code::InvalidArgument => tonic::Code::InvalidArgument,
        Code::DeadlineExceeded => tonic::Code::DeadlineExceeded,
        Code::NotFound => tonic::Code::NotFound,
        Code::AlreadyExists => tonic::Code::AlreadyExists,
        Code::PermissionDenied => tonic::Code::PermissionDenied,
        Code::ResourceExhausted => tonic::Code::ResourceExhausted,
        Code::FailedPrecondition => tonic::Code::FailedPrecondition,
        Code::OutOfRange => tonic::Code::OutOfRange,
        Code::Unimplemented => tonic::Code::Unimplemented,
        Code::Internal => tonic::Code::Internal,
        Code::Unavailable => tonic::Code::Unavailable,
    };
    tonic::Status::new(code, status.message)
}

/// Messages as the bytes that they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, tonic::Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
