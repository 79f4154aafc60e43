//! The HTTP door of an [`Agency`]: the same calls as a server's.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::agency::held::HeldAgent;
use crate::agency::wire::SaidByAgent;
use crate::agency::Agency;
use crate::model::Sampling;
use crate::serve::answer::{Listener, Question, Told};
use crate::serve::card::Card;
use crate::serve::door;
use crate::serve::gateway::{answer, token};
use crate::serve::openai::{self, read, Front};
use crate::serve::refusal::Refusal;
use crate::serve::settings::ServeSettings;
use crate::wire::{Ask, Hello, Signed};

/// Serves until `stop` is done and what was asked is answered.
pub async fn serve(
    agency: Arc<Agency>,
    listener: TcpListener,
    stop: impl std::future::Future<Output = ()> + Send + 'static,
) {
    let limits = agency.serve.limits();
    let router = Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/v1/models", get(openai::models::<Agency>))
        .route("/v1/models/*id", get(openai::model::<Agency>))
        .route("/v1/completions", post(openai::completions::<Agency>))
        .route("/v1/chat/completions", post(openai::chat::<Agency>))
        .route("/v1/sessions", post(hello))
        .route("/v1/sessions/:session", get(standing))
        .route("/v1/sessions/:session/completions", post(completions))
        .route("/v1/sessions/:session/voucher", post(voucher))
        .route("/v1/sessions/:session/credits", get(credits))
        .fallback(|| async { Refusal::not_found("there is no such call; GET /v1/models is one") })
        .layer(DefaultBodyLimit::disable());
    let router = door::bounded(router, limits).with_state(agency.clone());
    door::serve(listener, router, limits, stop).await;
    agency.stop().await;
}

async fn hello(State(agency): State<Arc<Agency>>, body: Result<Bytes, BytesRejection>) -> Response {
    match read::<Hello>(body) {
        Ok(hello) => answer(agency.hello(hello).await),
        Err(refusal) => refusal.into_response(),
    }
}

async fn standing(State(agency): State<Arc<Agency>>, Path(session): Path<u64>, headers: HeaderMap) -> Response {
    answer(agency.standing(session, token(&headers)).await)
}

async fn credits(State(agency): State<Arc<Agency>>, Path(session): Path<u64>, headers: HeaderMap) -> Response {
    answer(agency.credits(session, token(&headers)).await)
}

async fn voucher(
    State(agency): State<Arc<Agency>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match read::<Signed>(body) {
        Ok(signed) => answer(agency.voucher(session, token(&headers), signed).await),
        Err(refusal) => refusal.into_response(),
    }
}

async fn completions(
    State(agency): State<Arc<Agency>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(complete(agency, session, headers, body).await)
}

async fn complete(
    agency: Arc<Agency>,
    session: u64,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<SaidByAgent, Refusal> {
    let held = agency.sessions.of(session, token(&headers)).await?;
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
    Ok(SaidByAgent::of(&agency.answer(held, question, listener).await?))
}

impl Front for Agency {
    type Held = Arc<Mutex<HeldAgent>>;

    fn card(&self) -> &Card {
        &self.card
    }

    fn settings(&self) -> &ServeSettings {
        &self.serve
    }

    async fn of_token(&self, token: &str) -> Result<Self::Held, Refusal> {
        self.sessions.by_token(token).await
    }

    async fn tell(self: Arc<Self>, held: Self::Held, question: Question, listener: Listener) -> Result<Told, Refusal> {
        let asked = question.sampling.max_bytes;
        let answered = self.answer(held.clone(), question, listener).await?;
        let held = held.lock().await;
        let voucher = held.tally.voucher();
        let session = json!({
            "session": held.tally.terms.session,
            "receipts": voucher.count,
            "cumulative_fee": held.tally.cumulative_fee(),
            "deposit": held.tally.terms.deposit,
            "receipts_root": hex::encode(voucher.receipts_root),
        });
        Ok(self.told(&session, answered, asked))
    }
}
