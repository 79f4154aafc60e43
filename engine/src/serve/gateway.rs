//! The HTTP door of a [`Front`], a deployment's server or an agent: the calls of [`crate::wire`] and OpenAI's, errors in OpenAI's shape.
//!
//! Who asks comes first: a stranger is told nothing of the request.

use std::future::Future;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Path, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::net::TcpListener;

use crate::credit::{CreditBook, Note};
use crate::serve::answer::Question;
use crate::serve::door;
use crate::serve::front::{Front, HeldBy, SaidBy};
use crate::serve::openai::{self, read};
use crate::serve::refusal::Refusal;
use crate::serve::sessions::Session;
use crate::wire::{Ask, Hello, Recalled, Signed, Standing};

/// The largest request: a prompt in hexadecimal, or in JSON with every byte escaped, and its wrapping.
pub const MAX_BODY: usize = 512 * 1024;
/// The longest `Idempotency-Key`, in characters; of a longer one the beginning counts.
const MAX_KEY: usize = 255;

/// What a call of the protocol answers.
type Answer<T> = Result<Json<T>, Refusal>;
/// A request's body as it came.
type Body = Result<Bytes, BytesRejection>;

/// Serves until `stop` is done and what was asked is answered.
pub async fn serve<F: Front>(front: Arc<F>, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) {
    let limits = front.settings().limits();
    let router = door::bounded(routes::<F>(), limits)
        .layer(middleware::from_fn_with_state(front.clone(), count::<F>))
        .with_state(front.clone());
    door::serve(listener, router, limits, stop).await;
    front.queue().stop().await;
}

fn routes<F: Front>() -> Router<Arc<F>> {
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/v1/models", get(openai::models::<F>))
        .route("/v1/models/*id", get(openai::model::<F>))
        .route("/v1/completions", post(openai::completions::<F>))
        .route("/v1/chat/completions", post(openai::chat::<F>))
        .route("/v1/sessions", post(hello::<F>))
        .route("/v1/sessions/:session", get(standing::<F>))
        .route("/v1/sessions/:session/completions", post(completions::<F>))
        .route("/v1/sessions/:session/answers/:index", get(recall::<F>))
        .route("/v1/sessions/:session/voucher", post(voucher::<F>))
        .route("/v1/sessions/:session/credits", get(credits::<F>))
        .fallback(|| async { Refusal::not_found("there is no such call; GET /v1/models is one") })
        .layer(DefaultBodyLimit::disable())
}

/// Counts requests by route and status.
async fn count<F: Front>(State(front): State<Arc<F>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none".into(), |path| path.as_str().to_string());
    let response = next.run(request).await;
    front.metrics().requests.with_label_values(&[route.as_str(), response.status().as_str()]).inc();
    response
}

async fn hello<F: Front>(State(front): State<Arc<F>>, body: Body) -> Answer<Standing> {
    let hello: Hello = read(body)?;
    front.sessions().hello(&hello, front.greet(&hello)).await.map(Json)
}

async fn standing<F: Front>(
    State(front): State<Arc<F>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
) -> Answer<Standing> {
    let held = held(&front, session, &headers).await?;
    let standing = held.lock().await.standing();
    Ok(Json(standing))
}

async fn recall<F: Front>(
    State(front): State<Arc<F>>,
    Path((session, index)): Path<(u64, u64)>,
    headers: HeaderMap,
) -> Answer<Recalled<SaidBy<F>>> {
    let held = held(&front, session, &headers).await?;
    let recalled = held.lock().await.recall(index);
    recalled.map(Json)
}

async fn completions<F: Front>(
    State(front): State<Arc<F>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Answer<SaidBy<F>> {
    let held = held(&front, session, &headers).await?;
    let ask: Ask = read(body)?;
    ask.check()?;
    front.say(held, Question::of(ask, idempotency_key(&headers))).await.map(Json)
}

/// The payer need not wait for the chain: it is settled in the background, and the standing tells how that went.
async fn voucher<F: Front>(
    State(front): State<Arc<F>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Standing> {
    let held = held(&front, session, &headers).await?;
    let signed: Signed = read(body)?;
    let mut held = held.lock().await;
    held.vouch(signed)?;
    Ok(Json(held.standing()))
}

/// What the operator gives back of a session's answers, for its payer to present.
async fn credits<F: Front>(
    State(front): State<Arc<F>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
) -> Answer<Vec<Note>> {
    held(&front, session, &headers).await?;
    let notes = CreditBook::new(front.folder()).of(session).map_err(|error| Refusal::fault(&error))?;
    Ok(Json(notes.into_values().collect()))
}

/// The session whose token a request carries, which must be this one.
async fn held<F: Front>(front: &Arc<F>, session: u64, headers: &HeaderMap) -> Result<HeldBy<F>, Refusal> {
    front.sessions().of(session, token(headers)).await
}

/// The bearer token of a request.
pub fn token(headers: &HeaderMap) -> &str {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

/// The key under which a request is answered once.
pub fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    key.map(|key| key.chars().take(MAX_KEY).collect())
}

#[cfg(test)]
mod tests;
