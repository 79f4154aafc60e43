//! A payer's line to whoever answers in a session, a deployment's server or an agent: the calls of [`crate::wire`].
//!
//! Where the way breaks a call is made again under the same key, so that it is answered and charged once, though whoever answers may have
//! been restarted meanwhile.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use cosmwasm_std::Uint256;
use openledger_client::{any, wallet, Key, Rpc, Wallet};
use openledger_core::Coin;
use openledger_proto::openledger::attribution::v1::{MsgOpenSession, MsgOpenSessionResponse};
use openledger_provenance::voucher::Voucher;
use rand::RngCore;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::credit::{self, Note};
use crate::wire::{bearer, Ask, Hello, Recalled, Signed, Standing};

/// Attempts at a call whose answer was lost on the way.
const ATTEMPTS: u32 = 5;

/// What a session is bought with: the secret that its opening commits to, and the key that signs its vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The secret.
    #[serde(with = "hex::serde")]
    pub secret: [u8; 32],
    /// The voucher key's secret.
    #[serde(with = "hex::serde")]
    pub voucher_secret: [u8; 32],
}

impl Keys {
    /// Fresh ones.
    pub fn generate() -> Result<Self> {
        let mut secret = [0; 32];
        rand::thread_rng().fill_bytes(&mut secret);
        Ok(Self { secret, voucher_secret: *Key::generate()?.0.secret() })
    }

    /// The key that signs vouchers.
    pub fn voucher(&self) -> Result<Key> {
        Ok(Key::from_secret(&self.voucher_secret)?)
    }

    /// What a session's opening commits to.
    pub fn commitment(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }

    /// Opens a session with these keys on chain, with whom and at which prices `open` says; its number.
    pub async fn open(&self, wallet: &mut Wallet, deposit: Uint256, open: MsgOpenSession, gas: u64) -> Result<u64> {
        let open = MsgOpenSession {
            payer: wallet.address(),
            deposit: Some(Coin::base(deposit).to_proto()),
            voucher_key: self.voucher()?.public_key(),
            secret_commitment: self.commitment(),
            ..open
        };
        let found = wallet.deliver(vec![any(&open)], gas).await?;
        let opened = wallet::responses::<MsgOpenSessionResponse>(&found)?;
        Ok(opened.first().context("the transaction opened no session")?.session)
    }
}

/// An open session's line.
pub struct Line {
    session: u64,
    key: Key,
    secret: [u8; 32],
    endpoint: String,
    http: reqwest::Client,
}

impl Line {
    /// Greets whoever answers in a session that is open on chain; where the session stands there.
    pub async fn greet(endpoint: &str, session: u64, keys: &Keys) -> Result<(Self, Standing)> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let (key, secret) = (keys.voucher()?, keys.secret);
        let line = Self { session, key, secret, endpoint: endpoint.trim_end_matches('/').into(), http };
        let standing = line.post("", &Hello { session, secret }).await?;
        Ok((line, standing))
    }

    /// Asks; the answer is the caller's to check.
    pub async fn ask<Said: DeserializeOwned>(&self, ask: &Ask) -> Result<Said> {
        self.post(&self.path("/completions"), ask).await
    }

    /// An answer that was given before.
    pub async fn recall<Said: DeserializeOwned>(&self, index: u64) -> Result<Recalled<Said>> {
        self.get(&self.path(&format!("/answers/{index}"))).await
    }

    /// Signs a voucher and hands it over.
    pub async fn pay(&self, voucher: &Voucher<'_>) -> Result<Standing> {
        let signature = self.key.sign(&voucher.sign_bytes()?)?;
        self.post(&self.path("/voucher"), &Signed { count: voucher.count, signature }).await
    }

    /// Where whoever answers says that the session stands.
    pub async fn standing(&self) -> Result<Standing> {
        self.get(&self.path("")).await
    }

    /// What the operator gives back of answers, each note checked against the account's key.
    pub async fn credits(&self, rpc: &Rpc) -> Result<Vec<Note>> {
        let notes: Vec<Note> = self.get(&self.path("/credits")).await?;
        for note in &notes {
            let (of, session) = (note.session, self.session);
            ensure!(of == session, "a note of session {of} where {session} was asked for");
            credit::check(rpc, note).await?;
        }
        Ok(notes)
    }

    /// What a client in another language needs to go on: where to ask, and with which key. Whoever has it can spend the session's deposit.
    pub fn handout(&self) -> serde_json::Value {
        json!({
            "session": self.session,
            "base_url": format!("{}/v1", self.endpoint),
            "api_key": bearer(&self.secret),
            "secret": hex::encode(self.secret),
            "voucher_secret": hex::encode(self.key.secret()),
        })
    }

    /// A call of this session, under `/v1/sessions`.
    fn path(&self, call: &str) -> String {
        format!("/{}{call}", self.session)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.call(Method::GET, path, None).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, request: &impl Serialize) -> Result<T> {
        self.call(Method::POST, path, Some(serde_json::to_vec(request)?)).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<T> {
        let url = format!("{}/v1/sessions{path}", self.endpoint);
        let key = hex::encode(rand::random::<[u8; 16]>());
        let mut attempt = 0;
        loop {
            let mut call = self.http.request(method.clone(), &url).bearer_auth(bearer(&self.secret));
            if let Some(body) = &body {
                let json = call.header("idempotency-key", &key).header("content-type", "application/json");
                call = json.body(body.clone());
            }
            attempt += 1;
            match call.send().await {
                Ok(response) => return answer_of(response).await,
                Err(error) if attempt >= ATTEMPTS => return Err(error).with_context(|| url),
                Err(_) => tokio::time::sleep(Duration::from_millis(200 << attempt)).await,
            }
        }
    }
}

async fn answer_of<T: DeserializeOwned>(response: reqwest::Response) -> Result<T> {
    let (status, body) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "the server answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("the server answered {body:?}"))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// A request's `idempotency-key`, and its body.
    async fn request(stream: &mut TcpStream) -> (String, String) {
        let mut text = String::new();
        loop {
            let mut part = [0; 4_096];
            let count = stream.read(&mut part).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&part[..count]));
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let field = |name: &str| {
                let line = head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name));
                line.map(|(_, value)| value.to_string())
            };
            if field("content-length").map_or(0, |length| length.parse().unwrap()) == body.len() {
                return (field("idempotency-key").unwrap(), body.to_string());
            }
        }
    }

    #[tokio::test]
    async fn a_call_whose_answer_is_lost_is_made_again_under_the_same_key() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answers = tokio::spawn(async move {
            let mut lost = Vec::new();
            for _ in 0..2 {
                let mut stream = listener.accept().await.unwrap().0;
                lost.push(request(&mut stream).await);
            }
            let mut stream = listener.accept().await.unwrap().0;
            lost.push(request(&mut stream).await);
            let standing = json!({"answers": 7, "cumulative_fee": "0", "vouchered": 0, "settled": 0}).to_string();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{standing}", standing.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
            lost
        });
        let (_, standing) = Line::greet(&endpoint, 3, &Keys::generate().unwrap()).await.unwrap();
        assert_eq!(standing.answers, 7);
        let asked = answers.await.unwrap();
        assert!(asked.iter().all(|again| *again == asked[0] && !again.0.is_empty()), "{asked:?}");
    }
}
