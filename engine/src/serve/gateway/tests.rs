//! The door before somebody who answers with the prompt reversed, asked through a payer's line and by hand.

use anyhow::{ensure, Result};
use openledger_client::Key;
use openledger_provenance::voucher::Voucher;
use serde_json::Value;

use super::*;
use crate::line::{Keys, Line};
use crate::metrics::Metrics;
use crate::serve::answer::{Listener, Told};
use crate::serve::card::Card;
use crate::serve::queue::Queue;
use crate::serve::sessions::{is_further, token_of, Sessions};
use crate::serve::settings::ServeSettings;
use crate::wire::bearer;

/// Sessions from this number on are not open on chain.
const UNKNOWN: u64 = 100;

struct Mirror {
    card: Card,
    settings: ServeSettings,
    sessions: Sessions<Kept>,
    folder: tempfile::TempDir,
    queue: Arc<Queue>,
    metrics: Arc<Metrics>,
}

struct Kept {
    session: u64,
    token: [u8; 32],
    said: Vec<(Vec<u8>, String)>,
    vouchers: Vec<Signed>,
}

impl Kept {
    fn vouchered(&self) -> u64 {
        self.vouchers.last().map_or(0, |last| last.count)
    }
}

impl Session for Kept {
    type Said = String;

    fn token(&self) -> [u8; 32] {
        self.token
    }

    fn standing(&self) -> Standing {
        Standing {
            answers: self.said.len() as u64,
            cumulative_fee: Default::default(),
            vouchered: self.vouchered(),
            settled: 0,
            settlement: None,
            settle_error: None,
        }
    }

    fn vouch(&mut self, signed: Signed) -> Result<(), Refusal> {
        let known = (self.session, self.vouchered(), self.said.len() as u64);
        if is_further(&signed, self.vouchers.last(), known)? {
            self.vouchers.push(signed);
        }
        Ok(())
    }

    fn recall(&self, index: u64) -> Result<Recalled<String>, Refusal> {
        let found = self.said.get(index as usize - 1);
        let (prompt, said) = found.cloned().ok_or_else(|| Refusal::not_found("no such answer"))?;
        Ok(Recalled { prompt, said })
    }
}

impl Front for Mirror {
    type Held = Kept;

    fn card(&self) -> &Card {
        &self.card
    }

    fn settings(&self) -> &ServeSettings {
        &self.settings
    }

    fn sessions(&self) -> &Sessions<Kept> {
        &self.sessions
    }

    fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn queue(&self) -> &Queue {
        &self.queue
    }

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    async fn greet(&self, hello: &Hello) -> Result<Kept> {
        ensure!(hello.session < UNKNOWN, "session {} is not open", hello.session);
        let token = token_of(&hello.secret);
        Ok(Kept { session: hello.session, token, said: Vec::new(), vouchers: Vec::new() })
    }

    async fn tell(self: Arc<Self>, _: HeldBy<Self>, _: Question, _: Listener) -> Result<Told, Refusal> {
        Err(Refusal::unavailable("it is not told here"))
    }

    async fn say(self: Arc<Self>, held: HeldBy<Self>, question: Question) -> Result<String, Refusal> {
        let said: String = String::from_utf8_lossy(&question.prompt).chars().rev().collect();
        let said = format!("{said} {}", question.key.map_or(0, |key| key.len()));
        held.lock().await.said.push((question.prompt, said.clone()));
        Ok(said)
    }
}

/// The door's address, and who is behind it.
async fn door() -> (String, Arc<Mirror>) {
    let mirror = Arc::new(Mirror {
        card: Card { id: "mirror".into(), entry: Value::Null },
        settings: ServeSettings::default(),
        sessions: Sessions::default(),
        folder: tempfile::tempdir().unwrap(),
        queue: Queue::new(1),
        metrics: Metrics::new().unwrap(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(serve(mirror.clone(), listener, std::future::pending()));
    (address, mirror)
}

fn voucher(count: u64) -> Voucher<'static> {
    Voucher { chain_id: "test-1", session: 1, deployment: 2, count, cumulative_fee: [0; 32], receipts_root: [0; 32] }
}

#[tokio::test]
async fn a_session_is_greeted_asked_recalled_vouchered_and_credited_whoever_answers() {
    let (address, mirror) = door().await;
    let keys = Keys::generate().unwrap();
    let (line, standing) = Line::greet(&address, 1, &keys).await.unwrap();
    assert_eq!(standing.answers, 0);
    // 32 is the length of a line's key.
    assert_eq!(line.ask::<String>(&Ask::new(b"live", 9, 1)).await.unwrap(), "evil 32");
    let recalled = line.recall::<String>(1).await.unwrap();
    assert_eq!((recalled.prompt.as_slice(), recalled.said.as_str()), (&b"live"[..], "evil 32"));
    assert!(line.recall::<String>(2).await.unwrap_err().to_string().contains("404"));
    assert_eq!(line.pay(&voucher(1)).await.unwrap().vouchered, 1);
    let error = line.pay(&voucher(2)).await.unwrap_err().to_string();
    assert!(error.contains("the last was over 1, there are 1"), "{error}");
    // Greeted again it goes on where it was.
    let (line, standing) = Line::greet(address.trim_end_matches('/'), 1, &keys).await.unwrap();
    assert_eq!((standing.answers, standing.vouchered), (1, 1));
    assert_eq!(line.standing().await.unwrap().answers, 1);
    let note = Note::sign(&Key::generate().unwrap().0, "test-1", (1, 2), 1, 5u64.into()).unwrap();
    CreditBook::new(mirror.folder.path()).lay(&note).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let credits = http.get(format!("{address}v1/sessions/1/credits")).bearer_auth(bearer(&keys.secret));
    assert_eq!(credits.send().await.unwrap().json::<Vec<Note>>().await.unwrap(), [note]);
    let counted = String::from_utf8(mirror.metrics.text().unwrap()).unwrap();
    let line = r#"openledger_engine_requests_total{route="/v1/sessions/:session/answers/:index",status="404"} 1"#;
    assert!(counted.contains(line), "{counted}");
}

#[tokio::test]
async fn a_stranger_is_told_nothing_of_the_request_and_another_secret_opens_no_session() {
    let (address, mirror) = door().await;
    let (ours, theirs) = (Keys::generate().unwrap(), Keys::generate().unwrap());
    Line::greet(&address, 1, &ours).await.unwrap();
    Line::greet(&address, 2, &theirs).await.unwrap();
    let refused = |error: anyhow::Error, code: &str| assert!(error.to_string().contains(code), "{error}");
    refused(Line::greet(&address, 1, &theirs).await.err().unwrap(), "invalid_api_key");
    refused(Line::greet(&address, UNKNOWN, &ours).await.err().unwrap(), "is not open");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |path: &str, body: Option<&str>, keys: &Keys| {
        let url = format!("{address}v1/sessions/{path}");
        let call = body.map_or_else(|| http.get(&url), |body| http.post(&url).body(body.to_string()));
        call.bearer_auth(bearer(&keys.secret)).send().await.unwrap().status().as_u16()
    };
    let broken = Some("{");
    for (path, body) in
        [("1", None), ("1/credits", None), ("1/answers/1", None), ("1/completions", broken), ("1/voucher", broken)]
    {
        assert_eq!(status(path, body, &theirs).await, 401, "{path}");
    }
    for path in ["1/completions", "1/voucher"] {
        assert_eq!(status(path, broken, &ours).await, 400, "{path}");
    }
    let hot = r#"{"prompt": "00", "max_bytes": 1, "seed": 1, "temperature": 3}"#;
    assert_eq!(status("1/completions", Some(hot), &ours).await, 400);
    assert_eq!(status("1/elsewhere", None, &ours).await, 404);
    assert!(mirror.sessions.get(1).await.unwrap().lock().await.said.is_empty());
}
