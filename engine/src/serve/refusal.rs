//! Why a server does not answer, in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.
//!
//! | status | code | when |
//! | --- | --- | --- |
//! | 400 | `invalid_value`, `unsupported_parameter`, … | the request cannot be honoured as it is written |
//! | 401 | `invalid_api_key`, `session_closed` | no session has this token, or the session is closing |
//! | 402 | `insufficient_quota`, `voucher_required` | the deposit does not cover the answer, or a voucher is due first |
//! | 404 | `model_not_found`, `not_found` | another model, or nothing there |
//! | 408 | `request_timeout` | the body did not come in time |
//! | 413 | `context_length_exceeded` | prompt or body too long |
//! | 429 | `server_busy` | the queue is full; `Retry-After` says when to ask again |
//! | 503 | `unavailable` | the server stops, or its node does not answer |

use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Json;
use serde_json::json;

/// A refusal.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// What was wrong, and what would be right.
    pub message: String,
    /// OpenAI's kind of error.
    pub kind: &'static str,
    /// The parameter that was wrong.
    pub param: Option<String>,
    /// The code that programs read.
    pub code: &'static str,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl ToString) -> Self {
        Self { status, message: message.to_string(), kind, param: None, code }
    }

    /// 400: a parameter that cannot be honoured.
    pub fn invalid(param: &str, message: impl ToString) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_value", message);
        Self { param: Some(param.into()), ..refusal }
    }

    /// 400: a request that cannot be read.
    pub fn malformed(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "malformed_request", message)
    }

    /// 400: a voucher or greeting that does not hold.
    pub fn not_held(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", "invalid_voucher", message)
    }

    /// 401: no session has this token.
    pub fn unknown_token() -> Self {
        let message = "no session has this bearer token: open one on chain and greet the server (POST /v1/sessions)";
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", "invalid_api_key", message)
    }

    /// 401: the session takes no more questions.
    pub fn closed(session: u64) -> Self {
        let message = format!("session {session} is closing or closed on chain: open another");
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", "session_closed", message)
    }

    /// 402: the deposit does not cover it.
    pub fn deposit(message: impl ToString) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "insufficient_quota", "insufficient_quota", message)
    }

    /// 402: a voucher over what was answered is due.
    pub fn voucher_due(message: impl ToString) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "insufficient_quota", "voucher_required", message)
    }

    /// 404: another model than the one that is served.
    pub fn model(asked: &str, served: &str) -> Self {
        let message = format!("the model {asked:?} is not served here; {served:?} is");
        let refusal = Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "model_not_found", message);
        Self { param: Some("model".into()), ..refusal }
    }

    /// 404: nothing there.
    pub fn not_found(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", message)
    }

    /// 408: the body did not come in time.
    pub fn too_slow(limit: std::time::Duration) -> Self {
        let message = format!("the body did not come within {} s", limit.as_secs_f64());
        Self::new(StatusCode::REQUEST_TIMEOUT, "invalid_request_error", "request_timeout", message)
    }

    /// 413: too long.
    pub fn too_long(message: impl ToString) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", "context_length_exceeded", message)
    }

    /// 429: the queue is full.
    pub fn busy() -> Self {
        let message = "as many questions wait as may; ask again in a moment";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "server_busy", message)
    }

    /// 503: not now.
    pub fn unavailable(message: impl ToString) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "server_error", "unavailable", message)
    }

    /// 500: our own fault.
    pub fn fault(error: &anyhow::Error) -> Self {
        tracing::error!("{error:#}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "internal_error", format!("{error:#}"))
    }

    /// The body.
    pub fn body(&self) -> serde_json::Value {
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}
