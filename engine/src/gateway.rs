//! The HTTP door of a [`Server`]: the calls of [`crate::wire`], errors as `{"error": text}` with status 400.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

use crate::server::Server;
use crate::wire::{Ask, Hello, Signed};

/// The largest request: a prompt in hexadecimal and its wrapping.
const MAX_BODY: usize = 64 * 1024;

/// Serves until the listener fails or the process ends.
pub async fn serve(server: Arc<Server>, listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new()
        .route("/v1/sessions", post(hello))
        .route("/v1/sessions/:session", get(standing))
        .route("/v1/sessions/:session/completions", post(completions))
        .route("/v1/sessions/:session/voucher", post(voucher))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server);
    axum::serve(listener, router).await
}

async fn hello(State(server): State<Arc<Server>>, Json(hello): Json<Hello>) -> Response {
    answer(server.hello(hello).await)
}

async fn standing(State(server): State<Arc<Server>>, Path(session): Path<u64>, headers: HeaderMap) -> Response {
    answer(server.standing(session, token(&headers)).await)
}

async fn completions(
    State(server): State<Arc<Server>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    Json(ask): Json<Ask>,
) -> Response {
    answer(server.complete(session, token(&headers), ask).await)
}

async fn voucher(
    State(server): State<Arc<Server>>,
    Path(session): Path<u64>,
    headers: HeaderMap,
    Json(signed): Json<Signed>,
) -> Response {
    let standing = server.voucher(session, token(&headers), signed).await;
    if standing.is_ok() {
        // The payer need not wait for the chain; its standing tells how the settlement went.
        tokio::spawn(async move { server.settle(session).await });
    }
    answer(standing)
}

fn token(headers: &HeaderMap) -> &str {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

fn answer<T: serde::Serialize>(result: anyhow::Result<T>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": format!("{error:#}")}))).into_response(),
    }
}
