//! OpenAI's API over a session: `/v1/models`, `/v1/completions`, `/v1/chat/completions`, streamed or whole.
//!
//! The API key is the session's bearer token ([`crate::wire::bearer`]). Bytes are the tokens of `max_tokens` and `usage`. The prompt that is
//! attributed is what the payer wrote: of a completion the prompt, of a chat the contents of its `user` messages in order, with nothing
//! between them; the model continues the contents of *all* messages, parted by a blank line. Each answer has one more field,
//! `openledger`: receipt, citations, price and estimated split; in a stream it is in the last chunk before `[DONE]`.

mod reply;
mod request;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::Json;
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use tokio::sync::mpsc;

use crate::serve::answer::{Question, Told};
use crate::serve::front::Front;
use crate::serve::gateway::{idempotency_key, token};
use crate::serve::refusal::Refusal;
use reply::Form;
use request::{Chat, Completion};

/// `GET /v1/models`.
pub async fn models<F: Front>(State(front): State<Arc<F>>) -> Response {
    Json(json!({"object": "list", "data": [front.card().entry]})).into_response()
}

/// `GET /v1/models/{id}`.
pub async fn model<F: Front>(State(front): State<Arc<F>>, Path(id): Path<String>) -> Response {
    if front.card().is(&id) {
        return Json(front.card().entry.clone()).into_response();
    }
    Refusal::model(&id, &front.card().id).into_response()
}

/// `POST /v1/completions`.
pub async fn completions<F: Front>(
    State(front): State<Arc<F>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let asked = read::<Completion>(body).and_then(|request| request.read(front.card(), front.settings()));
    respond(front, headers, asked, false).await
}

/// `POST /v1/chat/completions`.
pub async fn chat<F: Front>(
    State(front): State<Arc<F>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let asked = read::<Chat>(body).and_then(|request| request.read(front.card(), front.settings()));
    respond(front, headers, asked, true).await
}

/// Reads a body.
pub fn read<T: serde::de::DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Refusal> {
    let body = body.map_err(|error| match error.status().as_u16() {
        413 => Refusal::too_long("the body is too large"),
        _ => Refusal::malformed(error),
    })?;
    serde_json::from_slice(&body).map_err(|error| Refusal::malformed(format!("the body: {error}")))
}

async fn respond<F: Front>(
    front: Arc<F>,
    headers: HeaderMap,
    asked: Result<request::Asked, Refusal>,
    chat: bool,
) -> Response {
    // Who asks comes first: a stranger is told nothing of his request.
    let held = match front.sessions().by_token(token(&headers)).await {
        Ok(held) => held,
        Err(refusal) => return refusal.into_response(),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    let question = Question { key: idempotency_key(&headers), ..asked.question };
    let form = Form::new(chat, front.card().id.clone(), asked.usage_chunk);
    let (listener, heard) = mpsc::unbounded_channel();
    let work = tokio::spawn(async move { front.tell(held, question, listener).await });
    if asked.stream {
        return stream(form, heard, work).await;
    }
    // Dropped with this future where the client goes.
    let _heard = heard;
    match joined(work.await) {
        Ok(reply) => Json(form.whole(&reply)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn joined(reply: Result<Result<Told, Refusal>, tokio::task::JoinError>) -> Result<Told, Refusal> {
    reply.unwrap_or_else(|error| Err(Refusal::fault(&error.into())))
}

type Work = tokio::task::JoinHandle<Result<Told, Refusal>>;

/// Streams pieces as they come. Refusals before the first piece are answered with their status.
async fn stream(form: Form, mut heard: mpsc::UnboundedReceiver<Vec<u8>>, work: Work) -> Response {
    let Some(first) = heard.recv().await else {
        // Nothing was said: refused, or an empty answer.
        return match joined(work.await) {
            Ok(reply) => events(stream::iter(form.last(&reply))).into_response(),
            Err(refusal) => refusal.into_response(),
        };
    };
    let begin = form.first();
    let pieces = stream::unfold((form, Some(first), heard, Some(work)), |(form, first, mut heard, work)| async move {
        let piece = match first {
            Some(piece) => Some(piece),
            None => heard.recv().await,
        };
        if let Some(piece) = piece {
            return Some((form.piece(&piece), (form, None, heard, work)));
        }
        let last = match joined(work?.await) {
            Ok(reply) => form.last(&reply),
            Err(refusal) => vec![refusal.body().to_string()],
        };
        Some((last, (form, None, heard, None)))
    });
    events(stream::iter(begin).chain(pieces.flat_map(stream::iter))).into_response()
}

fn events(data: impl stream::Stream<Item = String> + Send + 'static) -> impl IntoResponse {
    let events =
        data.chain(stream::iter(["[DONE]".to_string()])).map(|data| Ok::<_, Infallible>(Event::default().data(data)));
    Sse::new(events).keep_alive(KeepAlive::default())
}
