//! What the REST server answers with: the SDK's JSON, and errors as grpc-gateway v1 shows them (`runtime/errors.go`,
//! `runtime/proto_errors.go`).

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue, CONTENT_TYPE};
use http::{Response, StatusCode};
use http_body_util::Full;
use openledger_core::query::Code;
use openledger_core::Status;
use serde_json::{json, Value};
use tonic::body::BoxBody;

/// The height that was read.
pub const HEIGHT: HeaderName = HeaderName::from_static("grpc-metadata-x-cosmos-block-height");
/// What grpc-gateway passes on of the gRPC answer behind it, which clients see from `simd`.
const BEHIND: HeaderName = HeaderName::from_static("grpc-metadata-content-type");

/// A whole body of a type.
pub fn whole(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<BoxBody> {
    let mut response = Response::new(tonic::body::boxed(Full::new(body.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An answer in JSON, read at a height.
pub fn answer(text: String, height: u64) -> Response<BoxBody> {
    let mut response = whole(StatusCode::OK, "application/json", text);
    response.headers_mut().insert(BEHIND, HeaderValue::from_static("application/grpc"));
    response.headers_mut().insert(HEIGHT, HeaderValue::from(height));
    response
}

/// An error.
pub fn error(status: &Status) -> Response<BoxBody> {
    let body = json!({"code": status.code as u32, "message": status.message, "details": []});
    whole(http_status(status.code), "application/json", text(&body))
}

/// JSON as Go writes it: what has a meaning in HTML is escaped, so that nobody takes an answer for a page.
pub fn text(value: &Value) -> String {
    let plain = value.to_string();
    let mut out = String::with_capacity(plain.len());
    for letter in plain.chars() {
        // Outside of strings JSON has none of these.
        match letter {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

/// grpc-gateway's `HTTPStatusFromCode`.
fn http_status(code: Code) -> StatusCode {
    match code {
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unknown | Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn an_error_is_grpc_gateway_s() {
        let response = error(&Status::unimplemented("Not Implemented"));
        assert_eq!(response.status(), 501);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&body[..], br#"{"code":12,"message":"Not Implemented","details":[]}"#);
        assert_eq!(error(&Status::not_found("")).status(), 404);
        assert_eq!(error(&Status::invalid_argument("")).status(), 400);
        assert_eq!(error(&Status::new(Code::Unknown, "")).status(), 500);
    }

    #[test]
    fn nothing_in_an_answer_is_html() {
        assert_eq!(text(&json!({"memo": "<a & b>\u{2028}"})), "{\"memo\":\"\\u003ca \\u0026 b\\u003e\\u2028\"}");
    }
}
