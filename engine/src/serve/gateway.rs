//! The HTTP door of a [`Server`]: the calls of [`crate::wire`] and OpenAI's, errors in OpenAI's shape.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Path, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::model::Sampling;
use crate::serve::answer::{Listener, Question, Told};
use crate::serve::card::Card;
use crate::serve::door;
use crate::serve::held::Held;
use crate::serve::openai::{self, read, Front};
use crate::serve::refusal::Refusal;
use crate::serve::settings::ServeSettings;
use crate::serve::Server;
use crate::wire::{Ask, Hello, Said, Signed};

/// The largest request: a prompt in hexadecimal, or in JSON with every byte escaped, and its wrapping.
pub const MAX_BODY: usize = 512 * 1024;

/// Serves until `stop` is done and what was asked is answered.
pub async fn serve(
    server: Arc<Server>,
    listener: TcpListener,
    stop: impl std::future::Future<Output = ()> + Send + 'static,
) {
    let limits = server.settings.limits();
    let router = Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/v1/models", get(openai::models::<Server>))
        .route("/v1/models/*id", get(openai::model::<Server>))
        .route("/v1/completions", post(openai::completions::<Server>))
        .route("/v1/chat/completions", post(openai::chat::<Server>))
        .route("/v1/sessions", post(hello))
        .route("/v1/sessions/:session", get(standing))
        .route("/v1/sessions/:session/completions", post(completions))
        .route("/v1/sessions/:session/answers/:index", get(recall))
        .route("/v1/sessions/:session/voucher", post(voucher))
        .route("/v1/sessions/:session/credits", get(credits))
        .fallback(|| async { Refusal::not_found("there is no such call; GET /v1/models is one") })
        .layer(DefaultBodyLimit::disable());
    let router = door::bounded(router, limits)
        .layer(middleware::from_fn_with_state(server.clone(), count))
        .with_state(server.clone());
    door::serve(listener, router, limits, stop).await;
    server.stop().await;
}

/// Counts requests by route and status.
async fn count(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none".into(), |path| path.as_str().to_string());
    let response = next.run(request).await;
    server.metrics.requests.with_label_values(&[route.as_str(), response.status().as_str()]).inc();
    response
}

async fn hello(State(server): State<Arc<Server>>, body: Result<Bytes, BytesRejection>) -> Response {
    match read::<Hello>(body) {
        Ok(hello) => answer(server.hello(hello).await),
        Err(refusal) => refusal.into_response(),
    }
}

async fn standing(State(server): State<Arc<Server>>, Path(session): Path<u64>, headers: HeaderMap) -> Response {
    answer(server.standing(session, token(&headers)).await)
}

async fn recall(
    State(server): State<Arc<Server>>,
    Path((session, index)): Path<(u64, u64)>,
    headers: HeaderMap,
) -> Response {
    answer(server.recall(session, token(&headers), index).await)
}

async fn completions(
    State(server): State<Arc<Server>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(complete(server, session, headers, body).await)
}

async fn complete(
    server: Arc<Server>,
    session: u64,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Said, Refusal> {
    let held = server.held(session, token(&headers)).await?;
    let ask: Ask = read(body)?;
    ask.check()?;
    let question = Question {
        context: ask.prompt.clone(),
        prompt: ask.prompt,
        sampling: Sampling {
            seed: ask.seed,
            max_bytes: ask.max_bytes,
            temperature: ask.temperature.unwrap_or(1.0),
            top_p: ask.top_p.unwrap_or(1.0),
        },
        stops: ask.stops.into_iter().map(String::into_bytes).collect(),
        key: headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(String::from),
    };
    let (listener, _heard) = tokio::sync::mpsc::unbounded_channel();
    let reply = server.answer(held, question, listener).await?;
    Ok(Said::of(&reply.answer))
}

async fn voucher(
    State(server): State<Arc<Server>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match read::<Signed>(body) {
        // The payer need not wait for the chain: it is settled by `Server::tend`, and the standing tells how that went.
        Ok(signed) => answer(server.voucher(session, token(&headers), signed).await),
        Err(refusal) => refusal.into_response(),
    }
}

async fn credits(State(server): State<Arc<Server>>, Path(session): Path<u64>, headers: HeaderMap) -> Response {
    answer(server.credits(session, token(&headers)).await)
}

impl Front for Server {
    type Held = Arc<Mutex<Held>>;

    fn card(&self) -> &Card {
        &self.card
    }

    fn settings(&self) -> &ServeSettings {
        &self.settings
    }

    async fn of_token(&self, token: &str) -> Result<Self::Held, Refusal> {
        self.by_token(token).await
    }

    async fn tell(self: Arc<Self>, held: Self::Held, question: Question, listener: Listener) -> Result<Told, Refusal> {
        self.answer(held, question, listener).await.map(Told::from)
    }
}

/// The bearer token of a request.
pub fn token(headers: &HeaderMap) -> &str {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

/// An answer of the protocol's own calls.
pub(crate) fn answer<T: serde::Serialize>(result: Result<T, Refusal>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
