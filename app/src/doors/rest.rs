//! The REST server: the routes of the protos' HTTP annotations, answered by the same queries as every other door.
//!
//! Relies on [`Bindings`] for what a request means, on [`Desk`] for its answer, on the walker for its JSON, and on [`Listener`] for the
//! bounds. Shows itself as grpc-gateway v1 in the SDK v0.50 (`server/api/server.go`): paths, parameters, statuses, the headers of the
//! height. A HEAD is answered as its GET. Where the settings say so: gRPC-web, CORS for any origin, and `/swagger/`.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use openledger_core::query::Code;
use openledger_core::Status;
use openledger_net::{Limits, Listener};
use openledger_proto::http::{fill, Bindings, Match};
use openledger_proto::walker;
use tonic::body::BoxBody;
use tonic::service::Routes;
use tonic_web::GrpcWebService;
use tower::Service;

use super::settings::Api;
use super::{grpc, openapi, parse_height, reply, Desk, HEIGHT_HEADER};
use crate::node::telemetry;

/// Beyond what a query may take, so that nobody is cut off who waits for an answer.
const SILENCE: Duration = Duration::from_secs(45);
/// grpc-gateway's word for what is not there.
const NOT_IMPLEMENTED: &str = "Not Implemented";
const FORM: &str = "application/x-www-form-urlencoded";
const PAGE: &str = include_str!("swagger.html");

/// Opens the door. `web` answers gRPC-web.
pub async fn open(desk: Desk, settings: &Api, web: Option<GrpcWebService<Routes>>) -> Result<Listener> {
    let limits = Limits {
        connections: settings.max_open_connections,
        header: settings.read_timeout(),
        write: settings.write_timeout(),
        silence: Some(SILENCE.saturating_add(settings.read_timeout().unwrap_or_default())),
        // As in the SDK. HTTP/1.1 answers one request after the other, so what a connection holds is one answer.
        http2: false,
    };
    let bindings = Bindings::new(|path| desk.has(path));
    let inner = Inner { desk, bindings, settings: settings.clone(), web, openapi: OnceLock::new() };
    Listener::open("REST", &settings.address, limits, Rest(Arc::new(inner))).await
}

#[derive(Clone)]
struct Rest(Arc<Inner>);

struct Inner {
    desk: Desk,
    bindings: Bindings,
    settings: Api,
    web: Option<GrpcWebService<Routes>>,
    openapi: OnceLock<Bytes>,
}

impl<B> Service<Request<B>> for Rest
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
{
    type Response = Response<BoxBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let inner = self.0.clone();
        Box::pin(async move { Ok(inner.answer(request.map(tonic::body::boxed)).await) })
    }
}

impl Inner {
    async fn answer(&self, request: Request<BoxBody>) -> Response<BoxBody> {
        let from_page = self.settings.enabled_unsafe_cors && request.headers().contains_key(header::ORIGIN);
        if from_page && request.method() == Method::OPTIONS {
            return preflight(request.headers());
        }
        let mut response = match &self.web {
            Some(web) if is_grpc_web(request.headers()) => grpc::ask(web.clone(), request).await,
            _ if self.desk.has_metrics() && request.uri().path() == "/metrics" => self.metrics(request.uri()).await,
            _ => match self.page(request.uri().path()) {
                Some(page) => page,
                None => self.query(request).await.unwrap_or_else(|status| reply::error(&status)),
            },
        };
        if from_page {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        }
        response
    }

    /// The node's figures. The SDK has two formats more; Prometheus's is there for all that it knows.
    async fn metrics(&self, uri: &http::Uri) -> Response<BoxBody> {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let format = query.into_iter().find(|(key, _)| key == "format").map(|(_, value)| value.trim().to_string());
        let failed = |status, why: String| {
            let body = serde_json::json!({"error": format!("failed to gather metrics: {why}")});
            reply::whole(status, "application/json", reply::text(&body))
        };
        if let Some(unknown) = format.filter(|format| !matches!(format.as_str(), "" | "text" | "prometheus")) {
            return failed(StatusCode::BAD_REQUEST, format!("unsupported metrics format: {unknown}"));
        }
        match telemetry::text(self.desk.chain().clone()).await {
            Ok(text) => reply::whole(StatusCode::OK, telemetry::FORMAT, text),
            Err(error) => failed(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }

    /// The description of this server.
    fn page(&self, path: &str) -> Option<Response<BoxBody>> {
        if !self.settings.swagger {
            return None;
        }
        match path {
            "/swagger" => {
                let mut response = reply::whole(StatusCode::SEE_OTHER, "text/plain", "/swagger/");
                response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/swagger/"));
                Some(response)
            }
            "/swagger/" | "/swagger/index.html" => Some(reply::whole(StatusCode::OK, "text/html; charset=utf-8", PAGE)),
            "/swagger/openapi.json" => {
                let made = self.openapi.get_or_init(|| openapi::document(&self.bindings).to_string().into());
                Some(reply::whole(StatusCode::OK, "application/json", made.clone()))
            }
            _ => None,
        }
    }

    async fn query(&self, request: Request<BoxBody>) -> Result<Response<BoxBody>, Status> {
        let (head, body) = request.into_parts();
        let path = percent_encoding::percent_decode_str(head.uri.path()).decode_utf8();
        let path = path.map_err(|_| Status::invalid_argument("the path is no UTF-8"))?;
        let is_form = head.method == Method::POST && has_type(&head.headers, FORM);
        let (found, form) = self.find(&head.method, &head.headers, &path, is_form)?;
        let height = height(&head.headers)?;
        let mut query: Vec<(String, String)> = pairs(head.uri.query().unwrap_or_default().as_bytes());
        let mut content = Bytes::new();
        if form || !found.binding.body.is_empty() {
            content = self.read(body).await?;
        }
        if form {
            query.extend(pairs(&content));
            content = Bytes::new();
        }
        let asked = fill::request(&found, &query, &content).map_err(Status::invalid_argument)?;
        let output = found.binding.output;
        let make = move |answer: Vec<u8>, height| {
            let json = walker::to_json(output, &answer);
            let json = json.map_err(|error| Status::internal(format!("the answer has no JSON: {error}")))?;
            Ok((reply::text(&json), height))
        };
        let method = found.binding.method.clone();
        let (text, height) = self.desk.ask_for(method, asked.into(), height, make).await?;
        Ok(reply::answer(text, height))
    }

    /// The binding, and whether its parameters are in a form in the body: grpc-gateway lets a form stand for any method, by
    /// `X-HTTP-Method-Override` or where its path has no POST.
    fn find(
        &self,
        method: &Method,
        headers: &HeaderMap,
        path: &str,
        is_form: bool,
    ) -> Result<(Match<'_>, bool), Status> {
        let overridden = headers.get("x-http-method-override").and_then(|value| value.to_str().ok());
        let verb = match (overridden, method) {
            (Some(verb), _) if is_form => Cow::Owned(verb.to_ascii_uppercase()),
            (_, &Method::HEAD) => Cow::Borrowed("GET"),
            (_, method) => Cow::Borrowed(method.as_str()),
        };
        if let Some(found) = self.bindings.find(&verb, path) {
            let form = is_form && found.binding.body.is_empty();
            return Ok((found, form));
        }
        let others = if is_form { &["GET", "PUT", "PATCH", "DELETE"][..] } else { &[] };
        let found = others.iter().find_map(|verb| self.bindings.find(verb, path));
        found.map(|found| (found, true)).ok_or_else(|| Status::unimplemented(NOT_IMPLEMENTED))
    }

    async fn read(&self, body: BoxBody) -> Result<Bytes, Status> {
        let most = self.settings.rpc_max_body_bytes;
        let collect = Limited::new(body, most).collect();
        let collected = match self.settings.read_timeout() {
            None => collect.await,
            Some(limit) => tokio::time::timeout(limit, collect).await.map_err(|_| {
                Status::new(Code::DeadlineExceeded, format!("the body did not arrive within {} s", limit.as_secs()))
            })?,
        };
        let whole = collected.map_err(|error| {
            Status::invalid_argument(match error.downcast_ref::<http_body_util::LengthLimitError>() {
                Some(_) => format!("http: request body too large: at most {most} bytes"),
                None => format!("the body: {error}"),
            })
        })?;
        Ok(whole.to_bytes())
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

fn is_grpc_web(headers: &HeaderMap) -> bool {
    let kinds = [
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "application/grpc-web-text+proto",
    ];
    kinds.iter().any(|kind| has_type(headers, kind))
}

/// The height a client asks about, by either name that the SDK takes.
fn height(headers: &HeaderMap) -> Result<u64, Status> {
    let value = headers.get(HEIGHT_HEADER).or_else(|| headers.get(reply::HEIGHT));
    match value {
        None => Ok(0),
        // What is no text is no number either.
        Some(value) => parse_height(value.to_str().unwrap_or("?")),
    }
}

/// What a browser asks before a page may send.
fn preflight(headers: &HeaderMap) -> Response<BoxBody> {
    let mut response = Response::new(tonic::body::empty_body());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let any = HeaderValue::from_static("*");
    let allowed: [(HeaderName, HeaderValue); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, any.clone()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(any)),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600")),
    ];
    response.headers_mut().extend(allowed);
    response
}
