//! Contents in S3: a small server of its own on loopback that keeps objects by bucket and key and asks for a signature, and lies where it is
//! told to.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use openledger_client::Rpc;
use openledger_engine::sync::{Contents, FetchSettings, Fetcher};
use openledger_proto::openledger::datanet::v1::{Contribution, Reveal};
use openledger_provenance::content::Commitment;

const TEXT: &[u8] = b"what the author wrote, and put into a bucket";
const ACCESS_KEY: &str = "AKIDTEST";

/// Objects by `bucket/key`, and what was asked for.
#[derive(Clone, Default)]
struct Bucket {
    objects: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    signed: bool,
}

async fn object(
    State(bucket): State<Bucket>,
    method: Method,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    bucket.asked.lock().unwrap().push(path.clone());
    let signature = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scope = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/");
    let signed = signature.starts_with(&scope)
        && signature.contains("/eu-test-1/s3/aws4_request")
        && signature.contains("Signature=")
        && headers.contains_key("x-amz-date")
        && headers.contains_key("x-amz-content-sha256");
    if bucket.signed != signed {
        return (StatusCode::FORBIDDEN, "<Error><Code>AccessDenied</Code></Error>").into_response();
    }
    let Some(bytes) = bucket.objects.lock().unwrap().get(&path).cloned() else {
        return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
    };
    let response = Response::builder()
        .header("content-length", bytes.len())
        .header("etag", "\"one\"")
        .header("last-modified", "Sun, 22 Nov 2026 00:00:00 GMT");
    response.body(if method == Method::HEAD { Body::empty() } else { Body::from(bytes) }).unwrap()
}

/// Serves the objects, path-style; the endpoint.
async fn serve(bucket: Bucket) -> String {
    let router = Router::new().route("/*path", get(object).head(object)).with_state(bucket);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn bucket(signed: bool, objects: &[(&str, &[u8])]) -> Bucket {
    let objects = objects.iter().map(|(path, bytes)| (path.to_string(), bytes.to_vec())).collect();
    Bucket { objects: Arc::new(Mutex::new(objects)), signed, ..Bucket::default() }
}

fn contribution(location: &str) -> Contribution {
    let commitment = Commitment::of(TEXT);
    let (root, length) = (commitment.root.to_vec(), commitment.length);
    let reveal = Reveal { root, length, location: location.into(), ..Default::default() };
    Contribution { seq: 5, reveal: Some(reveal), ..Default::default() }
}

fn fetcher(folder: &std::path::Path, endpoint: &str, signed: bool, mirrors: &[String]) -> Fetcher {
    // The environment of this process alone; both tests set the same.
    std::env::set_var("AWS_ACCESS_KEY_ID", ACCESS_KEY);
    std::env::set_var("AWS_SECRET_ACCESS_KEY", "no secret");
    let settings = FetchSettings {
        timeout_seconds: 5,
        attempts: 2,
        s3_signed: signed,
        s3_endpoint: Some(endpoint.into()),
        s3_region: "eu-test-1".into(),
        mirrors: mirrors.to_vec(),
        ..Default::default()
    };
    Fetcher::new(Contents::new(folder), Rpc::new("http://127.0.0.1:1"), settings).unwrap()
}

#[tokio::test]
async fn a_content_is_fetched_from_a_bucket_signed_where_that_is_asked_for_and_not_else() {
    for signed in [true, false] {
        let kept = bucket(signed, &[("texts/by/author.txt", TEXT)]);
        let endpoint = serve(kept.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let named = contribution("s3://texts/by/author.txt");
        let wrong = fetcher(folder.path(), &endpoint, !signed, &[]).obtain(&named).await.unwrap_err().to_string();
        assert!(wrong.contains("s3://texts/by/author.txt"), "{wrong}");
        assert_eq!(std::fs::read_dir(folder.path()).map_or(0, Iterator::count), 0);
        let right = fetcher(folder.path(), &endpoint, signed, &[]);
        assert_eq!(right.obtain(&named).await.unwrap(), TEXT);
        let asked = kept.asked.lock().unwrap().len();
        assert_eq!(right.obtain(&named).await.unwrap(), TEXT, "kept");
        assert_eq!(kept.asked.lock().unwrap().len(), asked, "nobody is asked for what is kept");
    }
}

#[tokio::test]
async fn other_bytes_or_lengths_in_a_bucket_are_refused_and_what_is_missing_is_had_elsewhere() {
    let root = hex::encode(Commitment::of(TEXT).root);
    let mut lie = TEXT.to_vec();
    lie[7] ^= 1;
    let longer = [TEXT, b"!"].concat();
    let mirror = format!("mirror/contents/{root}");
    let kept = bucket(true, &[("texts/lie", &lie), ("texts/longer", &longer), ("texts/none", b""), (&mirror, TEXT)]);
    let endpoint = serve(kept.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let alone = fetcher(folder.path(), &endpoint, true, &[]);
    for (location, why) in [
        ("s3://texts/lie", "not the commitment's"),
        ("s3://texts/longer", "not the 44 committed to"),
        ("s3://texts/none", "not the 44 committed to"),
        ("s3://texts/missing", "not found"),
        ("s3://nowhere/at-all", "not found"),
    ] {
        let error = alone.obtain(&contribution(location)).await.unwrap_err().to_string();
        assert!(error.to_lowercase().contains(why), "{location}: {error}");
        assert_eq!(std::fs::read_dir(folder.path()).map_or(0, Iterator::count), 0, "{location} left something");
    }
    let asked = |path: &str| kept.asked.lock().unwrap().iter().filter(|asked| *asked == path).count();
    assert_eq!(asked("texts/lie"), 1, "who sends other bytes is not asked again");
    assert_eq!(asked("texts/missing"), 2, "what is missing may come");
    let mirrored = fetcher(folder.path(), &endpoint, true, &["s3://mirror/contents/".into()]);
    for location in ["s3://texts/lie", "s3://texts/missing"] {
        assert_eq!(mirrored.obtain(&contribution(location)).await.unwrap(), TEXT, "{location}");
        std::fs::remove_file(folder.path().join(&root)).unwrap();
    }
}
