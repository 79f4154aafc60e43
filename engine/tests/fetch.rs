//! Hosts of contents that lie, stall, or send too much.

#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use axum::Router;
use openledger_client::Rpc;
use openledger_engine::sync::{Contents, FetchSettings, Fetcher};
use openledger_proto::openledger::datanet::v1::{Contribution, Reveal};
use openledger_provenance::content::Commitment;

const TEXT: &[u8] = b"what the author wrote, and nothing else";

/// A host that keeps the content under `/good` and does worse elsewhere.
async fn host() -> String {
    let router = Router::new()
        .route("/good", get(|| async { TEXT }))
        .route("/other", get(|| async { "what the author wrote, and something" }))
        .route("/same-length", get(|| async { [b'x'; 39] }))
        .route(
            "/endless",
            get(|| async {
                Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![7u8; 4096])))
            }),
        )
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_secs(600)).await;
                TEXT
            }),
        )
        .route("/moved", get(|| async { Redirect::temporary("/good") }))
        .route("/gone", get(|| async { StatusCode::GONE.into_response() }))
        .route(&format!("/mirror/{}", hex::encode(Commitment::of(TEXT).root)), get(|| async { TEXT }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn contribution(location: String) -> Contribution {
    let commitment = Commitment::of(TEXT);
    let reveal = Reveal { root: commitment.root.to_vec(), length: commitment.length, location, ..Default::default() };
    Contribution { seq: 5, reveal: Some(reveal), ..Default::default() }
}

fn fetcher(folder: &std::path::Path, settings: FetchSettings) -> Fetcher {
    let settings = FetchSettings { timeout_seconds: 1, attempts: 2, ..settings };
    Fetcher::new(Contents::new(folder), Rpc::new("http://127.0.0.1:1"), settings).unwrap()
}

#[tokio::test]
async fn a_lying_content_host_is_refused_whatever_it_sends() {
    let (host, folder) = (host().await, tempfile::tempdir().unwrap());
    let fetcher = fetcher(folder.path(), FetchSettings { private_hosts: true, ..Default::default() });
    let begun = Instant::now();
    for (path, why) in [
        ("other", "not the commitment's"),
        ("same-length", "not the commitment's"),
        ("endless", "sends more than"),
        ("slow", "too slow|timed out|error sending"),
        ("moved", "answers 307"),
        ("gone", "answers 410"),
    ] {
        let error = fetcher.obtain(&contribution(format!("{host}/{path}"))).await.unwrap_err().to_string();
        assert!(why.split('|').any(|why| error.contains(why)), "{path}: {error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{path} left something");
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(fetcher.obtain(&contribution(format!("{host}/good"))).await.unwrap(), TEXT);
    // Now it is kept, and no host is asked.
    assert_eq!(fetcher.obtain(&contribution("http://127.0.0.1:1/".into())).await.unwrap(), TEXT);
}

#[tokio::test]
async fn a_mirror_has_what_the_named_host_has_not_and_damage_on_disk_is_healed() {
    let (host, folder) = (host().await, tempfile::tempdir().unwrap());
    let mirrors = vec!["/nowhere".into(), format!("{host}/mirror/")];
    let fetcher = fetcher(folder.path(), FetchSettings { private_hosts: true, mirrors, ..Default::default() });
    let lying = contribution(format!("{host}/other"));
    assert_eq!(fetcher.obtain(&lying).await.unwrap(), TEXT);
    let file = folder.path().join(hex::encode(Commitment::of(TEXT).root));
    std::fs::write(&file, [b'y'; 39]).unwrap();
    assert_eq!(fetcher.obtain(&lying).await.unwrap(), TEXT);
    assert_eq!(std::fs::read(&file).unwrap(), TEXT);
}

#[tokio::test]
async fn a_location_leads_neither_into_the_private_network_nor_to_files_that_are_not_shared() {
    let (host, folder, shared) = (host().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let named = |path: &std::path::Path| contribution(format!("file://{}", path.display()));
    let inside = shared.path().join("content");
    std::fs::write(&inside, TEXT).unwrap();
    let closed = fetcher(folder.path(), FetchSettings::default());
    for location in [format!("{host}/good"), host.replace("127.0.0.1", "localhost") + "/good"] {
        let error = closed.obtain(&contribution(location)).await.unwrap_err().to_string();
        assert!(error.contains("public") || error.contains("error sending"), "{error}");
    }
    let error = closed.obtain(&named(&inside)).await.unwrap_err().to_string();
    assert!(error.contains("not in a folder of sync.file_folders"), "{error}");
    let folders = vec![shared.path().to_path_buf()];
    let open = fetcher(folder.path(), FetchSettings { file_folders: folders, ..Default::default() });
    let escape = contribution(format!("file://{}/../{}", shared.path().display(), "etc/hostname"));
    assert!(open.obtain(&escape).await.is_err());
    assert!(open.obtain(&named(std::path::Path::new("/dev/zero"))).await.is_err());
    assert_eq!(open.obtain(&named(&inside)).await.unwrap(), TEXT);
}
